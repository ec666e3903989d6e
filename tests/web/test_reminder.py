"""The reminder and the undo on the pages: written, previewed, seen to come, taken back."""

import pytest
from django.urls import reverse

from campaigns import invitations, launch, links, steering
from campaigns.models import Campaign, Customer, Membership, Message
from tests.cast import kinds, ledger, make_campaign, only_delivery, walk_to_the_end, work


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def words(ada):
    return {
        "name": "Autumn",
        "card": ada.card.pk,
        "flow": "greeting_first",
        "greeting": invitations.GREETING,
        "ask": invitations.ASK,
        "remind_after": "3",
        "reminder": invitations.REMINDER,
    }


@pytest.fixture
def asked(ada, grace, sandbox, clock):
    """Grace has been asked; her reminder is to come."""
    made = make_campaign(ada, remind_after=3, reminder=invitations.REMINDER)
    launch.launch(made, ada.user, clock())
    walk_to_the_end(clock)
    made.refresh_from_db()
    return made


def page(client, campaign, **query):
    return text(client.get(reverse("campaign", args=[campaign.pk]), query))


def story(client, campaign):
    row = only_delivery(campaign)
    return text(client.get(reverse("delivery_row", args=[row.pk]), {"open": row.pk}))


# --- written --------------------------------------------------------------------------------------------------------


def test_a_new_campaign_reminds_after_three_days_in_sound_words_and_shows_it_on_the_phone(desk, grace):
    answer = text(desk.get(reverse("campaign_new")))
    assert '<option value="3" selected>3 days later</option>' in answer
    assert "3 days later, if the link stays unopened" in answer
    assert "Hi Grace, Ada from Ada&#x27;s Bakery once more." in answer


def test_it_is_kept_with_the_draft(desk, words):
    desk.post(reverse("campaign_new"), words)
    assert Campaign.objects.values_list("remind_after", "reminder").get() == (3, invitations.REMINDER)


def test_none_may_be_chosen_and_is_not_on_the_phone(desk, words):
    desk.post(reverse("campaign_new"), words | {"remind_after": "", "reminder": ""})
    made = Campaign.objects.get()
    assert made.remind_after is None
    assert "if the link stays unopened" not in text(desk.get(reverse("campaign_edit", args=[made.pk])))


@pytest.mark.parametrize(
    "wrong",
    [
        {"remind_after": "0"},
        {"remind_after": "15"},
        {"remind_after": "soon"},
        {"remind_after": "3\x00"},
        {"reminder": ""},
        {"reminder": "x" * 2001},
        {"reminder": "Review us and get 10% off!"},
        {"reminder": "Hello {firstname}"},
    ],
)
def test_what_may_not_be_sent_is_refused_here_too(desk, words, wrong):
    answer = desk.post(reverse("campaign_new"), words | wrong)
    assert (answer.status_code, Campaign.objects.count()) == (422, 0)


def test_no_reminder_is_not_held_to_its_words(desk, words):
    desk.post(reverse("campaign_new"), words | {"remind_after": "", "reminder": "10% off!"})
    assert Campaign.objects.count() == 1


def test_the_check_says_that_it_reminds(desk, ada, grace):
    draft = make_campaign(ada, remind_after=1, reminder="Once more?")
    assert "Reminds once, the next day," in text(desk.get(reverse("campaign_check", args=[draft.pk])))


def test_a_reminder_without_words_does_not_start(desk, ada, grace):
    draft = make_campaign(ada, remind_after=1, reminder=" ")
    assert "The reminder has no words yet." in text(desk.post(reverse("campaign_start", args=[draft.pk])))


# --- seen -----------------------------------------------------------------------------------------------------------


def test_the_campaign_says_how_many_are_to_come_and_until_when(desk, asked):
    answer = page(desk, asked)
    assert "Everybody has been asked. One reminder to come, Thursday 5 March." in answer
    assert "Adds up to <strong>1</strong>" in answer
    assert "1 reminder to come" in answer


def test_each_number_is_a_list(desk, asked, sandbox, clock):
    assert "Grace" in page(desk, asked, show="remind")
    assert "Grace" not in page(desk, asked, show="reminded")
    work(clock, minutes=3 * 24 * 60)
    assert "Grace" in page(desk, asked, show="reminded")


def test_a_paused_campaign_says_what_waits(desk, ada, asked):
    steering.pause(asked, ada.user)
    assert "Paused. One reminder waits and nothing goes out" in page(desk, asked)


def test_the_story_tells_that_it_is_planned_and_what_ended_it(desk, asked, clock):
    assert "Reminder planned" in story(desk, asked)
    links.open_link(only_delivery(asked).token, agent="Safari", robot=False, now=clock())
    assert "Reminder planned" not in story(desk, asked)
    assert "No reminder needed" in story(desk, asked)


def test_the_story_and_the_phone_show_the_reminder_that_went(desk, asked, sandbox, clock):
    work(clock, minutes=3 * 24 * 60)
    told = story(desk, asked)
    assert "Reminder sent" in told
    assert told.count("Write a Google review") == 2
    assert "once more" in text(desk.get(reverse("customer", args=[only_delivery(asked).customer_id])))


def test_the_file_has_a_column_for_it(desk, asked, sandbox, clock):
    work(clock, minutes=3 * 24 * 60)
    rows = b"".join(desk.get(reverse("campaign_csv", args=[asked.pk])).streaming_content).decode()
    assert "Reminded" in rows
    assert "2026-03-05 12:0" in rows


# --- taken back -----------------------------------------------------------------------------------------------------


def test_one_button_reminds_nobody_and_ends_the_campaign(desk, asked, sandbox, clock):
    desk.post(reverse("campaign_no_reminders", args=[asked.pk]))
    work(clock, minutes=3 * 24 * 60)
    asked.refresh_from_db()
    assert (asked.state, len(kinds(sandbox))) == ("finished", 2)


def test_pressed_before_anybody_was_asked_it_plans_none(desk, ada, grace, sandbox, clock):
    campaign = make_campaign(ada, remind_after=3, reminder="Once more?")
    launch.launch(campaign, ada.user, clock())
    desk.post(reverse("campaign_no_reminders", args=[campaign.pk]))
    walk_to_the_end(clock)
    assert not Message.objects.filter(kind="reminder").exists()


def test_a_campaign_that_has_ended_says_so(desk, campaign, ada, clock):
    steering.cancel(campaign, ada.user, clock())
    answer = desk.post(reverse("campaign_no_reminders", args=[campaign.pk]), follow=True)
    assert "reminds nobody any more" in text(answer)


def test_already_reviewed_is_one_click_on_the_row_and_takes_the_reminder_back(desk, asked, grace):
    row = only_delivery(asked)
    answer = desk.post(reverse("customer_reviewed", args=[grace.pk]), {"reviewed": "yes", "delivery": row.pk})
    assert answer.url.endswith(f"#delivery-{row.pk}")
    assert Message.objects.get(kind="reminder").reason == "Has reviewed already"
    assert only_delivery(asked).reviewed_at
    assert "Not reviewed after all" in story(desk, asked)


def test_two_people_who_press_it_at_once_do_not_undo_each_other(desk, asked, grace):
    for _ in range(2):
        desk.post(reverse("customer_reviewed", args=[grace.pk]), {"reviewed": "yes"})
    assert Customer.objects.get().reviewed_at
    desk.post(reverse("customer_reviewed", args=[grace.pk]), {"reviewed": "no"})
    assert (Customer.objects.get().reviewed_at, only_delivery(asked).reviewed_at) == (None, None)


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 30, "-1"])
def test_a_row_that_is_not_there_leads_to_the_customer(desk, asked, grace, number):
    answer = desk.post(reverse("customer_reviewed", args=[grace.pk]), {"reviewed": "yes", "delivery": number})
    assert answer.url == reverse("customer", args=[grace.pk])


# --- undo -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def started(desk, ada, grace, sandbox, clock):
    made = make_campaign(ada)
    desk.post(reverse("campaign_start", args=[made.pk]))
    made.refresh_from_db()
    return made


def undo(client, campaign, **more):
    return client.post(reverse("campaign_undo", args=[campaign.pk]), **more)


def test_after_the_start_a_strip_counts_down_with_a_plain_button(desk, started, clock):
    assert "Starts in 10 seconds." in page(desk, started)
    clock.go(seconds=4)
    assert "Starts in 6 seconds." in page(desk, started)
    assert f'action="{reverse("campaign_undo", args=[started.pk])}"' in page(desk, started)


def test_it_counts_down_while_one_looks(desk, started, clock):
    assert "counting=yes" in page(desk, started)
    live = reverse("campaign_live", args=[started.pk])
    clock.go(seconds=2)
    assert "Starts in 8 seconds." in text(desk.get(live, {"seen": started.version, "counting": "yes"}))


def test_undo_leads_back_to_the_check_and_nothing_reached_anybody(desk, started, sandbox, clock):
    assert undo(desk, started).url == reverse("campaign_check", args=[started.pk])
    walk_to_the_end(clock)
    started.refresh_from_db()
    assert (started.state, ledger(sandbox)) == ("draft", [])


def test_once_it_has_begun_the_strip_is_gone_and_undo_says_so(desk, started, clock):
    work(clock, minutes=1)
    assert 'id="undo"' not in page(desk, started)
    assert "Too late to undo" in text(undo(desk, started, follow=True))


def test_the_second_of_two_is_told(desk, started):
    undo(desk, started)
    assert "undone already" in text(undo(desk, started, follow=True))


def test_whoever_else_is_looking_is_led_to_the_draft(desk, started):
    undo(desk, started)
    answer = desk.get(reverse("campaign_live", args=[started.pk]), {"seen": 1})
    assert answer["HX-Redirect"] == reverse("campaign_edit", args=[started.pk])


@pytest.mark.parametrize("name", ["campaign_undo", "campaign_no_reminders"])
def test_the_rival_finds_nothing_there_and_looking_changes_nothing(client, desk, started, rival, name):
    assert desk.get(reverse(name, args=[started.pk])).status_code == 405
    client.force_login(rival.user)
    assert client.post(reverse(name, args=[started.pk])).status_code == 404


@pytest.mark.parametrize("name", ["campaign_undo", "campaign_no_reminders"])
def test_a_viewer_may_not(desk, started, name):
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert desk.post(reverse(name, args=[started.pk])).status_code == 403
    assert 'id="undo"' not in page(desk, started)
