"""The overview, and the list of campaigns."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Business, Customer, Membership, Message, Organization
from campaigns.web import dashboard
from tests.cast import NOON, make_campaign, make_customer, only_delivery, walk_to_the_end


def text(answer) -> str:
    return answer.content.decode()


def test_the_first_visit_shows_three_steps(desk, ada):
    ada.business.cards.all().delete()
    answer = desk.get("/")
    assert [step.is_done for step in answer.context["steps"]] == [False, False, False]
    assert reverse("import_upload") in text(answer)


def test_the_steps_are_ticked_off_and_end_with_the_first_start(desk, ada, grace):
    assert [step.is_done for step in desk.get("/").context["steps"]] == [True, True, False]
    desk.post(reverse("campaign_start", args=[make_campaign(ada).pk]))
    assert desk.get("/").context["steps"] == []


@pytest.mark.parametrize(("hour", "words"), [(8, "Good morning"), (14, "Good afternoon"), (19, "Good evening")])
def test_it_greets_in_the_businesss_time(desk, clock, hour, words):
    clock.to(clock().astimezone(Business.objects.get().zone).replace(hour=hour))
    assert f"{words}, Ada&#x27;s." in text(desk.get("/"))


def test_a_running_campaign_stands_first_and_asks_again(desk, campaign):
    answer = text(desk.get("/"))
    assert "0 of 1 asked." in answer
    assert reverse("dashboard_running") in answer


def test_the_running_sheet_is_sent_when_something_moved_and_only_then(desk, campaign, clock):
    address = desk.get("/").context["running_url"]
    assert desk.get(address).status_code == 204
    only_delivery(campaign).note(clicked_at=clock())
    assert "Opened link" in text(desk.get(address))


def test_the_running_sheet_ends_with_the_campaign(desk, campaign, clock):
    address = desk.get("/").context["running_url"]
    walk_to_the_end(clock)
    assert "hx-trigger" not in text(desk.get(address))


def test_what_needs_a_look_is_listed_with_a_way_there(desk, ada, campaign, grace, clock):
    grace.pause("please leave me be", clock())
    campaign.deliveries.update(status="in_doubt")
    ada.organization.pause("key", "Chert does not accept our key.", clock())
    answer = text(desk.get("/"))
    for words in ("please leave me be", "One message may have been sent", "Chert does not accept our key."):
        assert words in answer


def test_a_chert_that_does_not_answer_is_said_calmly_and_a_halt_of_the_account_goes_before_it(desk, ada, rival, clock):
    Organization.objects.exclude(pk=ada.organization.pk).update(away_since=clock(), probe_at=clock())
    assert "does not answer" not in text(desk.get("/"))
    Organization.objects.update(away_since=clock(), probe_at=clock())
    assert "Chert does not answer just now, since 12:00." in text(desk.get("/"))
    ada.organization.pause("key", "Chert does not accept our key.", clock())
    assert "does not answer" not in text(desk.get("/"))


def test_people_are_quoted_as_words_and_those_who_stopped_are_not_quoted(desk, ada, grace, clock):
    said = {"organization": ada.organization, "business": ada.business, "customer": grace, "kind": "inbound"}
    Message.objects.create(**said, text="<b>Lovely</b> bread", chert_id="1")
    assert "&lt;b&gt;Lovely&lt;/b&gt; bread" in text(desk.get("/"))
    Customer.objects.update(stopped_at=clock())
    assert "Lovely" not in text(desk.get("/"))


def test_the_chart_counts_days_of_the_business_and_not_of_greenwich(ada, campaign, clock):
    late = clock().astimezone(ada.business.zone).replace(hour=23) - timedelta(days=1)
    campaign.deliveries.update(sent_at=late, replied_at=late)
    with timezone.override(ada.business.zone):
        bars = {bar.day: (bar.asked, bar.replied) for bar in dashboard.chart(ada.business, clock()) if bar.asked}
    assert bars == {late.date(): (1, 1)}


def test_the_list_shows_every_campaign_with_its_numbers(desk, ada, campaign, clock):
    make_campaign(ada, name="Next one")
    walk_to_the_end(clock)
    answer = text(desk.get(reverse("campaigns")))
    for words in ("Autumn", "1 of 1", "Finished", "Next one", "Draft"):
        assert words in answer


def test_an_empty_list_says_what_it_is_for(desk):
    assert "No campaign yet" in text(desk.get(reverse("campaigns")))


def test_the_list_costs_the_same_for_one_and_for_twenty(desk, ada, campaign, django_assert_max_num_queries):
    for number in range(20):
        make_campaign(ada, name=f"N{number}")
    with django_assert_max_num_queries(9):
        desk.get(reverse("campaigns"))


def test_a_row_of_the_overview_costs_few_queries(desk, campaign, django_assert_max_num_queries):
    with django_assert_max_num_queries(23):  # what is new in the inbox, and who is asked in a group, are one each
        desk.get("/")


def test_a_draft_that_could_start_says_whom_it_would_ask_and_whom_not(desk, ada, grace):
    make_customer(ada.business, 2, first_name="Ida", is_insider=True)
    draft = make_campaign(ada)
    make_campaign(ada, name="Long ago", state="finished", started_at=NOON)
    page = text(desk.get("/"))
    for words in ("Ready to ask 1.", "Employee or relative", f"/campaigns/{draft.pk}/check/"):
        assert words in page


def test_who_may_not_change_the_settings_is_told_what_is_wrong_without_a_button(desk, ada):
    ada.organization.pause("key", "Chert does not accept the key.", timezone.now())
    button = f'href="{reverse("settings")}"'
    assert button in text(desk.get("/"))
    Membership.objects.update(role="viewer")
    page = text(desk.get("/"))
    assert ("Chert does not accept the key." in page, button in page) == (True, False)
