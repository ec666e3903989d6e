"""The button that sends a test to oneself: on every page of a campaign, to one's own number, told live."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import launch
from campaigns.models import AuditEntry, Business, Campaign, Delivery, Line, Membership, User
from campaigns.steering import trial
from tests.cast import NOON, answer, ledger, make_campaign, make_customer, walk_to_the_end, work

MINE = "+15125559000"
GIVEN = {"phone": "(512) 555-9000", "own": "on"}


@pytest.fixture
def draft(ada, grace, clock) -> Campaign:
    return make_campaign(ada)


@pytest.fixture
def known(ada) -> User:
    """Ada has entered her number before."""
    trial.keep_number(ada.user, MINE, ada.business)
    return ada.user


def text(answer) -> str:
    return answer.content.decode()


def at(campaign) -> str:
    return reverse("campaign_test", args=[campaign.pk])


def all_tests() -> list[Delivery]:
    return list(Delivery.everything.filter(is_test=True).select_related("customer"))


def words(draft, **more) -> dict:
    kept = {name: getattr(draft, name) for name in ("name", "greeting", "ask", "flow", "reminder")}
    return kept | {"card": draft.card_id, "remind_after": ""} | more


# --- the number -------------------------------------------------------------------------------------------------------


def test_the_first_time_it_asks_for_the_number_and_that_it_is_ones_own(desk, ada, draft):
    assert "This is my own phone" in text(desk.get(at(draft)))
    assert desk.post(at(draft), GIVEN).url == f"{at(draft)}#test"
    assert User.objects.get(pk=ada.user.pk).phone == MINE
    assert [made.customer.phone for made in all_tests()] == [MINE]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"phone": "(512) 555-9000"}, "Tick that it is your own phone"),
        ({"phone": "", "own": "on"}, "Enter the number of your phone"),
        ({"phone": "12", "own": "on"}, "12"),
        ({"phone": "'; drop table --\x00", "own": "on"}, "needs another look"),
        ({}, "Enter your own phone number first"),
    ],
)
def test_without_a_number_that_is_ones_own_nothing_goes(desk, draft, given, why):
    refused = desk.post(at(draft), given)
    assert refused.status_code in (409, 422)
    assert why in text(refused).replace("things need", "needs").replace("One thing", "one thing")
    assert all_tests() == []


def test_the_number_can_be_changed_and_what_was_typed_wrongly_is_kept(desk, known, draft):
    assert "your own first name" in text(desk.get(at(draft)))
    wrong = desk.post(at(draft), {"phone": "512 555", "own": "on"})
    assert 'value="512 555"' in text(wrong)
    desk.post(at(draft), {"phone": "512 555 9001", "own": "on"})
    assert [made.customer.phone for made in all_tests()] == ["+15125559001"]
    assert AuditEntry.objects.filter(act="own phone", by=known).count() == 2


def test_a_number_that_comes_with_the_click_of_somebody_who_has_one_needs_the_tick_too(desk, known, draft):
    desk.post(at(draft), {"phone": "+15125551001"})
    assert all_tests() == []
    assert User.objects.get(pk=known.pk).phone == MINE


def test_where_the_number_is_a_customers_it_says_whose(desk, known, ada, draft):
    assert "also the number of your customer" not in text(desk.get(at(draft)))
    make_customer(ada.business, 2, phone=MINE, first_name="Mia")
    shown = text(desk.get(at(draft)))
    assert "also the number of your customer" in shown
    assert "Mia Hopper" in shown


def test_it_takes_the_business_s_country(desk, ada, draft):
    Business.objects.update(country="DE")
    desk.post(at(draft), {"phone": "030 901820", "own": "on"})
    assert User.objects.get(pk=ada.user.pk).phone == "+4930901820"


# --- the button -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["campaign_edit", "campaign_check", "campaign_test"])
def test_it_says_honestly_what_it_takes(desk, known, draft, name, clock):
    Line.objects.update(budget=30, gap=600, used=18, day=clock().date(), next_at=clock() + timedelta(minutes=20))
    said = "Takes one of today’s 30 first messages: 12 left; goes out at 12:20."
    assert said in text(desk.get(reverse(name, args=[draft.pk])))


def test_at_night_it_says_when_it_will_go(desk, known, draft, clock):
    clock.to(NOON + timedelta(hours=9))
    assert "Takes one of that day’s 1,000 first messages; goes out tomorrow at 8:00." in text(desk.get(at(draft)))
    desk.post(at(draft))
    work(clock)
    assert "Quiet until Tuesday 8:00 Chicago." in text(desk.get(at(draft)))


def test_the_writing_desk_saves_the_words_and_tests_them_as_the_preview_shows(
    desk, known, draft, grace, sandbox, clock
):
    edit = reverse("campaign_edit", args=[draft.pk])
    sent = desk.post(edit, words(draft, ask="How was it? Tell others, please.") | {"go": "test", "as": grace.pk})
    assert sent.url == f"{edit}#test"
    walk_to_the_end(clock)
    said = [part.get("value", "") for each in ledger(sandbox, "message") for part in each["parts"]]
    assert any("Hi Grace" in value for value in said)
    assert "How was it? Tell others, please." in said


def test_new_words_can_be_tested_before_anything_else(desk, known, ada, draft):
    made = desk.post(reverse("campaign_new"), words(draft, name="Winter") | {"go": "test"})
    winter = Campaign.objects.get(name="Winter")
    assert made.url == reverse("campaign_edit", args=[winter.pk]) + "#test"
    assert len(all_tests()) == 1


def test_words_that_are_refused_are_not_tested_and_not_lost(desk, known, draft):
    edit = reverse("campaign_edit", args=[draft.pk])
    refused = desk.post(edit, words(draft, ask="Get 10% off for a review!") | {"go": "test"})
    assert refused.status_code == 422
    assert "Get 10% off for a review!" in text(refused)
    assert all_tests() == []


def test_who_has_no_number_yet_enters_it_and_comes_back(desk, draft, grace):
    onward = desk.post(reverse("campaign_edit", args=[draft.pk]), words(draft) | {"go": "test", "as": grace.pk})
    assert onward.url == f"{at(draft)}?back=edit&as={grace.pk}"
    assert f'value="{grace.pk}" selected' in text(desk.get(onward.url))
    done = desk.post(at(draft), GIVEN | {"back": "edit", "as": grace.pk})
    assert done.url == reverse("campaign_edit", args=[draft.pk]) + "#test"


def test_back_leads_only_to_our_own_pages(desk, known, draft):
    assert desk.post(at(draft), {"back": "https://evil.example"}).url == f"{at(draft)}#test"


def test_a_running_campaign_has_the_button_and_one_that_ended_has_not(desk, known, campaign):
    shown = reverse("campaign", args=[campaign.pk])
    assert at(campaign) in text(desk.get(shown))
    Campaign.objects.update(state="finished")
    assert at(campaign) not in text(desk.get(shown))
    assert "This campaign has ended" in text(desk.get(at(campaign)))
    assert desk.post(at(campaign)).status_code == 409


def test_somebody_else_s_customer_is_not_shown_on_a_picture(desk, known, draft, rival):
    foreign = make_customer(rival.business, 1, first_name="Stranger")
    desk.post(at(draft), {"as": foreign.pk})
    assert [made.customer.first_name for made in all_tests()] == [known.first_name]


def test_two_clicks_make_one_test(desk, known, draft):
    for _ in range(3):
        desk.post(at(draft))
    assert len(all_tests()) == 1


# --- what became of it ------------------------------------------------------------------------------------------------


def test_its_own_small_status_is_told_live_until_nothing_more_is_to_come(desk, known, draft, sandbox, clock):
    desk.post(at(draft))
    latest = reverse("campaign_test_latest", args=[draft.pk])
    assert "On its way." in text(desk.get(latest))
    work(clock)
    assert "Greeted 12:00. The picture follows." in text(desk.get(latest))
    assert 'hx-trigger="every 2s"' in text(desk.get(latest))
    for minutes in (3, 1, 1):
        work(clock, minutes)
    assert "Greeted 12:00, sent 12:03, delivered" in text(desk.get(latest))
    clock.go(minutes=20)
    assert "hx-trigger" not in text(desk.get(latest))


def test_a_colleague_does_not_see_it_beside_their_button(desk, known, ada, draft, client):
    desk.post(at(draft))
    bob = User.objects.create_user("bob@example.com", "pw", first_name="Bob")
    Membership.objects.create(user=bob, organization=ada.organization, role="sender")
    other = Client()
    other.force_login(bob)
    assert "Your test" not in text(other.get(reverse("campaign_test_latest", args=[draft.pk])))
    assert f"by {known.first_name}".replace("'", "&#x27;") in text(other.get(at(draft)))


def test_its_story_says_clearly_that_it_is_a_test(desk, known, draft, sandbox, clock):
    desk.post(at(draft))
    walk_to_the_end(clock)
    [made] = all_tests()
    answer(sandbox, clock, made.customer, "Lovely!")
    shown = text(desk.get(reverse("tested", args=[made.pk])))
    for word in ("Test of <bdi>Autumn</bdi>", "to their own phone (512) 555-9000", "Greeted", "Lovely!", "Read"):
        assert word in shown
    picture = desk.get(reverse("delivery_picture", args=[made.pk]))
    assert b"".join(picture.streaming_content).startswith(b"\xff\xd8")
    picture.close()


def test_the_story_of_a_test_outlives_its_draft(desk, known, draft, sandbox, clock):
    desk.post(at(draft))
    walk_to_the_end(clock)
    thrown = desk.post(reverse("campaign_throw_away", args=[draft.pk]), follow=True)
    assert "Only tests had been sent; they stay on record." in text(thrown)
    assert "The draft was thrown away." in text(desk.get(reverse("tested", args=[all_tests()[0].pk])))


def test_no_other_page_knows_the_test(desk, known, ada, draft, sandbox, clock):
    desk.post(at(draft))
    walk_to_the_end(clock)
    [made] = all_tests()
    for name, pk in [("campaign", made.campaign_id), ("delivery_row", made.pk), ("customer", made.customer_id)]:
        assert desk.get(reverse(name, args=[pk])).status_code == 404
    assert desk.post(reverse("delivery_resend", args=[made.pk])).status_code == 404
    assert text(desk.get(reverse("campaigns"))).count("Autumn") == 1
    assert MINE[-4:] not in text(desk.get(reverse("customers"))) + text(desk.get("/"))


def test_the_file_of_a_campaign_has_no_test_in_it(desk, known, campaign, sandbox, clock):
    desk.post(at(campaign))
    walk_to_the_end(clock)
    content = b"".join(desk.get(reverse("campaign_csv", args=[campaign.pk])).streaming_content)
    assert MINE.encode() not in content
    assert content.count(b"\n") == 2


# --- who may ----------------------------------------------------------------------------------------------------------


def test_another_tenant_finds_neither_button_nor_test(desk, known, draft, rival):
    desk.post(at(draft))
    other = Client()
    other.force_login(rival.user)
    places = [at(draft), reverse("campaign_test_latest", args=[draft.pk]), reverse("tested", args=[all_tests()[0].pk])]
    places.append(reverse("delivery_picture", args=[all_tests()[0].pk]))
    assert [other.get(place).status_code for place in places] == [404] * 4
    assert other.post(at(draft), GIVEN).status_code == 404
    assert User.objects.get(pk=rival.user.pk).phone == ""


def test_a_viewer_may_not_test(desk, known, draft):
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert desk.post(at(draft)).status_code == 403


def test_a_real_delivery_is_no_test(desk, campaign):
    real = Delivery.objects.get()
    assert desk.get(reverse("tested", args=[real.pk])).status_code == 404


def test_a_test_is_no_campaign_to_be_tested_steered_or_started(desk, known, draft):
    desk.post(at(draft))
    copy = Campaign.everything.get(is_test=True)
    for name in ("campaign_test", "campaign_start", "campaign_pause", "campaign_cancel", "campaign_throw_away"):
        assert desk.post(reverse(name, args=[copy.pk])).status_code == 404
    with pytest.raises(launch.NotPossible):
        launch.launch(copy, known, NOON)
