"""Test to myself: the real thing to one's own phone, and no number, list or clock of the business knows of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns import importing, invitations, launch, lines, links, outbox, plans, status, steering
from campaigns.asking import audience
from campaigns.models import (
    AuditEntry,
    Business,
    Campaign,
    Click,
    Customer,
    Delivery,
    Line,
    Message,
    Suppression,
    User,
)
from campaigns.results import reviews
from campaigns.steering import trial
from campaigns.web import dashboard
from campaigns.web.campaigns import summary
from tests.cast import (
    NOON,
    answer,
    at_once,
    introduce,
    kinds,
    ledger,
    make_campaign,
    make_customer,
    turn,
    walk_to_the_end,
    work,
    wrote,
)

MINE = "+15125559000"
ALL_AT_ONCE = {"flow": "all_at_once", "ask": f"{invitations.GREETING} {invitations.ASK}"}
FULL = [["text"], ["media", "text", "rich_link"]]


@pytest.fixture
def me(ada) -> User:
    """Ada, with her own phone."""
    trial.keep_number(ada.user, MINE, ada.business)
    return ada.user


@pytest.fixture
def draft(ada, grace) -> Campaign:
    return make_campaign(ada)


def stand(delivery: Delivery) -> Delivery:
    return Delivery.everything.select_related("customer", "campaign").get(pk=delivery.pk)


def texts(sandbox) -> list[str]:
    parts = [part for said in ledger(sandbox, "message") for part in said["parts"]]
    return [part["value"] for part in parts if part["type"] == "text"]


# --- the real thing ---------------------------------------------------------------------------------------------------


def test_a_test_of_a_draft_is_the_real_thing_and_goes_all_the_same(draft, me, sandbox, clock):
    made = trial.make(draft, me, clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == FULL
    assert stand(made).status in (status.Delivery.DELIVERED, status.Delivery.READ)
    draft.refresh_from_db()
    assert draft.state == status.Campaign.DRAFT


def test_it_goes_to_the_members_own_number_and_to_nobody_else(draft, me, sandbox, clock):
    trial.make(draft, me, clock())
    walk_to_the_end(clock)
    assert {said["phone"] for said in ledger(sandbox, "message")} == {MINE}


def test_by_default_it_calls_the_member_by_their_first_name(draft, me, sandbox, clock):
    trial.make(draft, me, clock())
    work(clock)
    assert texts(sandbox)[0].startswith("Hi Ada's")


def test_it_can_say_what_a_customer_would_read(draft, me, grace, sandbox, clock):
    trial.make(draft, me, clock(), like=grace)
    work(clock)
    assert texts(sandbox)[0].startswith("Hi Grace")


def test_all_at_once_is_tested_all_at_once(ada, me, sandbox, clock):
    turn(sandbox, triple_in_first=True)
    trial.make(make_campaign(ada, **ALL_AT_ONCE), me, clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["media", "text", "rich_link"]]


def test_a_line_that_takes_no_picture_at_first_changes_the_test_and_not_the_draft(ada, me, sandbox, clock):
    draft = make_campaign(ada, **ALL_AT_ONCE)
    trial.make(draft, me, clock())
    walk_to_the_end(clock)
    draft.refresh_from_db()
    assert (kinds(sandbox), draft.flow) == (FULL, "all_at_once")


def test_what_is_changed_in_the_draft_meanwhile_changes_no_test_under_way(draft, me, sandbox, clock):
    trial.make(draft, me, clock())
    Campaign.objects.filter(pk=draft.pk).update(ask="Other words", greeting="Other", card=None)
    walk_to_the_end(clock)
    assert (kinds(sandbox), [words for words in texts(sandbox) if "Other" in words]) == (FULL, [])


def test_the_second_test_writes_into_the_chat_of_the_first_and_says_all_of_it_again(draft, me, sandbox, clock):
    for _ in range(2):
        trial.make(draft, me, clock())
        walk_to_the_end(clock)
    assert kinds(sandbox) == FULL * 2
    assert Line.objects.get().used == 1


def test_a_chat_that_the_number_has_as_a_customer_is_used(ada, draft, me, sandbox, clock):
    mine = make_customer(ada.business, 2, phone=MINE)
    running = make_campaign(ada, name="Earlier")
    launch.launch(running, ada.user, clock())
    walk_to_the_end(clock)
    mine.refresh_from_db()
    made = trial.make(draft, me, clock())
    assert made.customer.chat_id == mine.chat_id != ""


@pytest.mark.parametrize("state", ["running", "paused", "held"])
def test_what_runs_or_rests_can_be_tested_too(draft, me, sandbox, clock, state):
    Campaign.objects.update(state=state)
    draft.refresh_from_db()
    trial.make(draft, me, clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == FULL


def test_no_reminder_follows_a_test(ada, me, sandbox, clock):
    trial.make(make_campaign(ada, remind_after=1, reminder="Once more"), me, clock())
    walk_to_the_end(clock)
    assert not Message.objects.filter(kind="reminder").exists()


def test_a_test_ends_by_itself(draft, me, sandbox, clock):
    trial.make(draft, me, clock())
    walk_to_the_end(clock)
    assert Campaign.everything.get(is_test=True).state == status.Campaign.FINISHED


# --- outside every number ---------------------------------------------------------------------------------------------


def numbers(ada, campaign, now) -> dict[str, object]:
    """Everything that a page, a plan or a rule counts."""
    business = Business.objects.select_related("organization").get(pk=ada.business.pk)
    campaign.refresh_from_db()
    people = list(business.customers.all())
    usable = lines.usable(business)
    plan = launch.check(campaign, now)
    return {
        "audience": [person.pk for person in audience.of(campaign, now)[0]],
        "left out": {pk: reason.sentence for pk, reason in audience.reasons(business, people, now).items()},
        "counts": campaign.counts(),
        "summary": [pile.count for pile in summary.of(campaign, now).piles],
        "campaigns": list(business.campaigns.values_list("pk", flat=True)),
        "customers": len(people),
        "deliveries": Delivery.objects.count(),
        "to come": plans.to_come(business, usable),
        "end": plans.expected_end(campaign, now),
        "asked": len(plan.will_ask),
        "rests": lines.resting(business.organization, usable, now),
        "chart": dashboard.chart(business, now),
        "said": [message.pk for message in dashboard._said(business)],
        "todos": [todo.title for todo in dashboard._todos(business)],
        "may have reviewed": list(reviews._people(business, now)),
        "to decide": reviews.to_decide(business),
        "undo": steering.begins_at(campaign),
    }


@pytest.mark.parametrize("scope", Business.CoolDown.values)
def test_a_test_with_its_answer_and_its_click_changes_no_number_anywhere(ada, draft, me, sandbox, clock, scope):
    """Also where the member's number is a customer's, and where the locations count together."""
    Business.objects.update(cool_down_scope=scope)
    make_customer(ada.business, 2, phone=MINE, first_name="Ada")
    clock.to(NOON)
    before = numbers(ada, draft, clock())
    made = trial.make(draft, me, clock(), like=draft.business.customers.get(first_name="Grace"))
    walk_to_the_end(clock)
    answer(sandbox, clock, made.customer, "Looks lovely!")
    links.open_link(made.token, agent="Safari", robot=False, now=clock())
    assert stand(made).replied_at
    assert stand(made).clicked_at
    clock.to(NOON)
    Line.objects.update(used=0, next_at=None)
    assert numbers(ada, draft, clock()) == before


def test_tests_do_not_judge_the_line(ada, draft, me, clock):
    wrote(ada, 19)
    made = trial.make(draft, me, clock())
    Message.objects.filter(delivery=made, kind="greeting").update(
        status="read", sent_at=NOON - timedelta(days=2), line=ada.line
    )
    assert lines.resting(ada.organization, [ada.line], clock()) == {}


def test_a_running_campaign_shows_and_ends_as_if_there_were_no_test(campaign, me, sandbox, clock):
    trial.make(campaign, me, clock())
    assert (campaign.deliveries.count(), sum(campaign.counts().values())) == (1, 1)
    walk_to_the_end(clock)
    campaign.refresh_from_db()
    assert campaign.state == status.Campaign.FINISHED


def test_the_ten_seconds_to_undo_are_not_disturbed(ada, draft, me, sandbox, clock):
    launch.launch(draft, me, clock(), begin_after=launch.TIME_TO_UNDO)
    trial.make(draft, me, clock())
    outbox.run(hands=0)
    assert kinds(sandbox) == [["text"]]
    assert steering.begins_at(draft)
    steering.undo(draft, me)
    assert draft.state == status.Campaign.DRAFT


def test_a_tested_draft_starts_and_asks_everybody(ada, draft, me, grace, sandbox, clock):
    trial.make(draft, me, clock())
    walk_to_the_end(clock)
    launch.launch(draft, me, clock())
    walk_to_the_end(clock)
    assert [said["phone"] for said in ledger(sandbox, "message")] == [MINE, MINE, grace.phone, grace.phone]


def test_the_members_number_may_come_with_a_list_afterwards(ada, draft, me, clock):
    trial.make(draft, me, clock())
    assert make_customer(ada.business, 2, phone=MINE).pk
    assert ada.business.customers.filter(phone=MINE).count() == 1


def test_a_list_with_the_members_number_adds_a_customer_and_changes_no_test(ada, draft, me, clock):
    made = trial.make(draft, me, clock())
    counted = []
    for name in ("Adelaide", "Addie"):
        file = f"First name,Phone\n{name},{MINE}\n".encode()
        done = importing.run(ada.business, file, "list.csv", consent="Asked at the counter", by=me)
        counted.append((done.counts["added"], done.counts["updated"]))
    assert (counted, stand(made).customer.first_name) == ([(1, 0), (0, 1)], me.first_name)
    assert ada.business.customers.get(phone=MINE).first_name == "Addie"


# --- what is thrown away or cancelled --------------------------------------------------------------------------------


def test_a_draft_that_is_thrown_away_takes_back_what_has_not_left_and_keeps_the_record(draft, me, sandbox, clock):
    made = trial.make(draft, me, clock())
    work(clock)
    assert steering.throw_away(draft, me, clock())
    walk_to_the_end(clock)
    kept = stand(made)
    assert (kinds(sandbox), kept.status, kept.reason) == ([["text"]], "cancelled", "The draft was thrown away")
    assert (kept.campaign.is_test, kept.campaign.test_of) == (True, None)
    assert Campaign.objects.count() == 0


def test_what_was_started_is_not_thrown_away_and_its_test_goes_on(campaign, me, sandbox, clock):
    trial.make(campaign, me, clock())
    with pytest.raises(launch.NotPossible, match="not thrown away"):
        steering.throw_away(campaign, me, clock())
    assert not AuditEntry.objects.filter(act="throw away draft").exists()
    assert Message.objects.filter(status=status.Message.CANCELLED).count() == 0


def test_cancelling_a_campaign_takes_its_tests_back_too(campaign, me, sandbox, clock):
    made = trial.make(campaign, me, clock())
    steering.cancel(campaign, me, clock())
    walk_to_the_end(clock)
    assert (stand(made).status, ledger(sandbox, "message")) == ("cancelled", [])


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda ada, draft: Campaign.objects.update(ask="Get 10% off for a review!"), "."),
        (lambda ada, draft: Campaign.objects.update(card=None), "Choose a card"),
        (lambda ada, draft: Campaign.objects.update(state="finished"), "has ended"),
        (lambda ada, draft: Business.objects.update(review_url=""), "no review address"),
        (lambda ada, draft: Line.objects.update(is_active=False), "No active line"),
        (lambda ada, draft: Line.objects.update(budget=0), "every daily budget is 0"),
        (lambda ada, draft: Suppression.add(ada.organization, MINE, "Wrote STOP"), "never to write again"),
        (lambda ada, draft: ada.organization.pause("key", "Chert does not know the key.", NOON), "does not know"),
        (lambda ada, draft: User.objects.update(phone=""), "Enter your own phone"),
    ],
)
def test_what_stops_a_campaign_stops_its_test(ada, draft, me, sandbox, clock, spoil, why):
    spoil(ada, draft)
    fresh = Campaign.objects.select_related("business__organization", "card").get()
    with pytest.raises(trial.Refused, match=why):
        trial.make(fresh, me, clock())
    assert Campaign.everything.filter(is_test=True).count() == Message.objects.count() == 0


def test_a_text_that_blocks_is_refused_in_the_words_of_the_rule(ada, me, clock):
    spoilt = make_campaign(ada, ask="Leave us five stars and get 10% off!")
    with pytest.raises(trial.Refused) as refused:
        trial.make(spoilt, me, clock())
    assert set(refused.value.sentences) == set(launch.check(spoilt, clock()).problems) - {
        sentence for sentence in launch.check(spoilt, clock()).problems if sentence.startswith("Nobody")
    }


def test_an_hour_holds_ten_tests_of_one_member_whatever_the_campaign(ada, draft, me, clock):
    other = make_campaign(ada, name="Other")
    for number in range(trial.MOST_AN_HOUR):
        trial.make((draft, other)[number % 2], me, clock())
        clock.go(seconds=20)
    with pytest.raises(trial.Refused, match=r"10 tests an hour are the most. The next one can go at 13:00"):
        trial.make(draft, me, clock())
    clock.go(hours=1)
    assert trial.make(draft, me, clock())


def test_two_clicks_make_one_test(draft, me, sandbox, clock):
    assert trial.make(draft, me, clock()) == trial.make(draft, me, clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == FULL


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_very_same_moment_make_one_test(draft, me, clock):
    done = at_once([lambda: trial.make(draft, me, clock()).pk] * 4)
    assert len(set(done)) == 1
    assert Campaign.everything.filter(is_test=True).count() == 1


def test_a_later_test_takes_the_place_of_what_has_not_left(draft, me, sandbox, clock):
    first = trial.make(draft, me, clock())
    work(clock)
    clock.go(seconds=30)
    trial.make(draft, me, clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], *FULL]
    assert stand(first).reason == "A newer test takes its place"


def test_one_members_test_leaves_a_colleagues_alone(ada, draft, me, sandbox, clock):
    bob = User.objects.create_user("bob@example.com", first_name="Bob", phone="+15125559001")
    trial.make(draft, me, clock())
    trial.make(draft, bob, clock())
    walk_to_the_end(clock)
    assert sorted(said["phone"] for said in ledger(sandbox, "message")) == [MINE, MINE, bob.phone, bob.phone]


def test_after_the_number_has_changed_no_test_goes_to_the_old_one(ada, draft, me, sandbox, clock):
    trial.make(draft, me, clock())
    walk_to_the_end(clock)
    trial.keep_number(me, "+15125559002", ada.business)
    trial.make(draft, me, clock())
    walk_to_the_end(clock)
    assert [said["phone"] for said in ledger(sandbox, "message")] == [MINE, MINE, me.phone, me.phone]


# --- hours and lines --------------------------------------------------------------------------------------------------


def test_on_a_sunday_morning_a_test_goes_though_customers_wait_until_noon(draft, me, sandbox, clock):
    clock.to(NOON - timedelta(days=1, hours=3, minutes=30))
    trial.make(draft, me, clock())
    work(clock)
    assert kinds(sandbox) == [["text"]]


@pytest.mark.parametrize("base", ["http://127.0.0.1:9/api/v1", "https://api.example.com/api/v1"])
def test_at_night_a_test_waits_until_eight_and_says_so(draft, me, clock, settings, sandbox, base):
    clock.to(NOON + timedelta(hours=9))
    settings.CHERT_API_BASE = base
    eight = NOON + timedelta(hours=20)
    assert trial.outlook(draft, me, clock()).goes_at == eight
    made = trial.make(draft, me, clock())
    outbox.run(hands=0)
    assert (ledger(sandbox), stand(made).reason) == ([], "Quiet until Tuesday 8:00 Chicago")


def test_wide_hours_count_against_the_sandbox_and_never_on_the_real_chert(ada, draft, me, clock, settings, sandbox):
    Business.objects.update(window="00:00-24:00")
    clock.to(NOON + timedelta(hours=12))
    fresh = Campaign.objects.select_related("business__organization", "card").get()
    assert trial.outlook(fresh, me, clock()).goes_at == clock()
    settings.CHERT_API_BASE = "https://api.example.com/api/v1"
    assert trial.outlook(fresh, me, clock()).goes_at == NOON + timedelta(hours=20)


def test_before_it_goes_it_says_what_it_takes_of_the_line(ada, draft, me, sandbox, clock):
    Line.objects.update(budget=30, gap=600, used=18, day=clock().date(), next_at=clock() + timedelta(minutes=7))
    seen = trial.outlook(draft, me, clock())
    assert (seen.is_first, seen.budget, seen.left) == (True, 30, 12)
    assert seen.goes_at == clock() + timedelta(minutes=7)


def test_with_a_chat_it_takes_none_and_goes_at_once(ada, draft, me, sandbox, clock):
    make_customer(ada.business, 2, phone=MINE, chat_id="chat_1")
    Line.objects.update(budget=30, used=30, day=clock().date())
    seen = trial.outlook(draft, me, clock())
    assert (seen.is_first, seen.goes_at) == (False, clock())


def test_in_a_busy_campaign_a_test_takes_the_next_slot(ada, me, sandbox, clock):
    Line.objects.update(budget=30, gap=600)
    introduce(sandbox, ada.organization)
    for number in range(6):
        make_customer(ada.business, number)
    running = make_campaign(ada)
    launch.launch(running, me, clock())
    Message.objects.filter(kind="ask").update(due_at=clock())  # they crowd at the door
    work(clock)
    trial.make(running, me, clock())
    for _ in range(12):
        work(clock, 1)
    firsts = [said["phone"] for said in ledger(sandbox, "message") if len(said["parts"]) == 1]
    assert firsts.index(MINE) == 1


# --- what comes back --------------------------------------------------------------------------------------------------


def test_a_stop_from_a_tester_is_a_stop_everywhere(ada, draft, me, sandbox, clock):
    twin = make_customer(ada.business, 2, phone=MINE)
    made = trial.make(draft, me, clock())
    work(clock)
    answer(sandbox, clock, made.customer, "STOP")
    walk_to_the_end(clock)
    twin.refresh_from_db()
    assert twin.stopped_at
    assert stand(made).stopped_at
    assert kinds(sandbox) == [["text"], ["text"]]  # the greeting and the confirmation
    with pytest.raises(trial.Refused, match="never to write again"):
        trial.make(draft, me, clock() + timedelta(minutes=1))


def test_start_lets_them_test_again(draft, me, sandbox, clock):
    made = trial.make(draft, me, clock())
    work(clock)
    answer(sandbox, clock, made.customer, "STOP")
    clock.go(minutes=1)
    answer(sandbox, clock, made.customer, "START")
    clock.go(minutes=1)
    assert trial.make(draft, me, clock())


def test_other_words_to_a_test_pause_no_customer_and_take_back_no_reminder(ada, draft, me, sandbox, clock):
    twin = make_customer(ada.business, 2, phone=MINE)
    made = trial.make(draft, me, clock())
    work(clock)
    answer(sandbox, clock, made.customer, "please leave me alone, no more texts")
    twin.refresh_from_db()
    assert twin.paused_at is None
    assert stand(made).status == "cancelled"


def test_an_answer_to_the_greeting_of_a_test_calls_its_picture(draft, me, sandbox, clock):
    made = trial.make(draft, me, clock())
    work(clock)
    answer(sandbox, clock, made.customer, "Hello!")
    work(clock)
    assert kinds(sandbox) == FULL


def test_a_customers_words_move_no_test(ada, draft, me, grace, campaign, sandbox, clock):
    made = trial.make(draft, me, clock())
    work(clock)
    answer(sandbox, clock, grace, "please leave me alone")
    walk_to_the_end(clock)
    assert stand(made).sent_at


def test_the_link_of_a_test_shows_the_real_way_and_counts_as_nothing(ada, draft, me, client, sandbox, clock):
    made = trial.make(draft, me, clock())
    walk_to_the_end(clock)
    opened = client.get(reverse("open_link", args=[made.token]), headers={"user-agent": "Safari on iPhone"})
    assert opened.url == ada.business.review_url
    assert not Click.objects.filter(delivery__in=Delivery.objects.all()).exists()


def test_a_test_cannot_be_sent_again_as_if_it_were_a_customer(draft, me, sandbox, clock):
    made = trial.make(draft, me, clock())
    walk_to_the_end(clock)
    assert made.pk not in Delivery.objects.values_list("pk", flat=True)
    assert made.customer_id not in Customer.objects.values_list("pk", flat=True)


def test_who_tested_is_on_record_without_the_number(draft, me, clock):
    trial.make(draft, me, clock())
    entry = AuditEntry.objects.get(act="test")
    assert (entry.by, entry.about, entry.words) == (me, f"campaign {draft.pk}", "To +1•••••9000")
