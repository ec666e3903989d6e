"""The page that closes an organization, and what its people see from then on."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import status
from campaigns.models import AuditEntry, Business, Membership, Organization, User
from tests.cast import make_customer

CLOSE, KEEP = reverse("close"), reverse("close_keep")


def text(answer):
    return " ".join(answer.content.decode().split())


def closed(desk):
    assert desk.post(CLOSE, {"name": "Ada's Bakery"}).status_code == 302
    return Organization.objects.get(slug="adas-bakery").closes_at


def member(ada, role="manager"):
    made = User.objects.create_user(f"{role}@example.com", "correct horse battery", first_name="Dana")
    Membership.objects.create(user=made, organization=ada.organization, role=role)
    browser = Client()
    browser.force_login(made)
    return browser


def test_the_page_says_what_goes_when_and_what_stays(desk, ada, campaign):
    make_customer(ada.business, 2)
    page = text(desk.get(CLOSE))
    assert "On Monday 9 March" in page
    assert "2 customers and 2 messages are erased" in page
    assert "The running campaign is paused" in page
    assert "Who must never be written to is forgotten, too" in page
    assert all(reverse(name) in page for name in ("customers_csv", "results_csv", "activity_csv"))


def test_the_settings_lead_there_for_owners_alone(desk, ada):
    assert CLOSE in text(desk.get(reverse("settings")))
    assert CLOSE not in text(member(ada).get(reverse("settings")))


@pytest.mark.parametrize("wrong", ["Ada's Cakery", "", "ada"])
def test_another_name_closes_nothing_and_is_kept(desk, ada, wrong):
    answer = desk.post(CLOSE, {"name": wrong})
    assert (answer.status_code, answer.context["form"]["name"].value()) == (422, wrong)
    assert not Organization.objects.exclude(closes_at=None).exists()


@pytest.mark.parametrize("name", ["Ada's Bakery", " ada’s  BAKERY "])
def test_its_name_closes_it_however_a_phone_writes_it(desk, ada, campaign, clock, name):
    answer = desk.post(CLOSE, {"name": name}, follow=True)
    assert "It closes on Monday 9 March at 13:00." in text(answer)
    campaign.refresh_from_db()
    assert campaign.state == status.Campaign.PAUSED
    assert AuditEntry.objects.get(act="close organization").by == ada.user


def test_owners_are_led_to_the_one_page_that_is_left(desk, ada):
    closed(desk)
    for path in ("/", "/customers/", reverse("settings")):
        assert desk.get(path).url == CLOSE
    assert desk.get(reverse("inbox_live"), headers={"HX-Request": "true"})["HX-Redirect"] == CLOSE
    assert desk.post(reverse("customer_new"), {"first_name": "Eve"}).url == CLOSE
    assert not ada.business.customers.exists()


def test_files_can_still_be_taken_out(desk, ada, grace):
    closed(desk)
    for name in ("customers_csv", "results_csv", "activity_csv"):
        assert desk.get(reverse(name)).status_code == 200


def test_the_others_see_that_it_is_being_closed_and_nothing_else(desk, ada, grace):
    dana = member(ada)
    closed(desk)
    for path in ("/", "/customers/", CLOSE):
        answer = dana.get(path)
        assert answer.status_code == 403
        assert "<bdi>Ada&#x27;s Bakery</bdi> is being closed." in text(answer)
        assert grace.first_name not in text(answer)
    assert dana.post(KEEP).status_code == 403


def test_who_belongs_elsewhere_too_goes_on_there(desk, ada, rival):
    dana = member(ada)
    Membership.objects.create(user=User.objects.get(first_name="Dana"), organization=rival.organization, role="viewer")
    dana.post(reverse("switch_business"), {"business": ada.business.pk}, follow=True)
    closed(desk)
    answer = dana.get("/")
    assert answer.context["request"].business == rival.business
    assert "Ada&#x27;s Bakery" not in text(answer)


def test_an_owner_of_two_can_go_to_the_other(desk, ada, rival):
    Membership.objects.create(user=ada.user, organization=rival.organization, role="owner")
    closed(desk)
    assert "Charlie&#x27;s Cakes" in text(desk.get(CLOSE))
    desk.post(reverse("switch_business"), {"business": rival.business.pk})
    assert desk.get("/").context["request"].business == rival.business


def test_who_has_chosen_nothing_begins_where_work_goes_on(desk, ada, rival):
    Membership.objects.create(user=ada.user, organization=rival.organization, role="owner")
    closed(desk)
    fresh = Client()
    fresh.force_login(ada.user)
    assert fresh.get("/").context["request"].business == rival.business


def test_keeping_it_brings_everything_back(desk, ada, campaign):
    """Runbook: An organization was closed."""
    dana = member(ada)
    closed(desk)
    answer = desk.post(KEEP, follow=True)
    assert "Ada&#x27;s Bakery stays. Campaigns that ran are paused" in text(answer)
    assert (dana.get("/").status_code, desk.get("/customers/").status_code) == (200, 200)
    assert AuditEntry.objects.filter(act="keep organization").count() == 1


def test_another_owner_can_keep_it(desk, ada):
    closed(desk)
    member(ada, "owner").post(KEEP)
    assert Organization.objects.get().closes_at is None


def test_keeping_what_is_not_being_closed_changes_nothing(desk, ada, campaign):
    answer = desk.post(KEEP, follow=True)
    assert "There is nothing to be kept" in text(answer)
    campaign.refresh_from_db()
    assert campaign.state == status.Campaign.RUNNING


def test_a_second_click_on_closing_changes_nothing(desk, ada, clock):
    day = closed(desk)
    clock.go(days=2)
    assert desk.post(CLOSE, {"name": "Ada's Bakery"}).status_code == 200
    assert Organization.objects.get().closes_at == day


def test_from_its_last_day_on_the_page_says_that_it_is_over(desk, ada, clock):
    closed(desk)
    clock.go(days=7)
    assert "everything is being erased now" in text(desk.get(CLOSE))
    assert "There is nothing to be kept any more" in text(desk.post(KEEP, follow=True))
    Business.objects.filter(organization=ada.organization).delete()
    assert desk.get("/").status_code == 403
