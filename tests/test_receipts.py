"""Delivered, read, failed: asked for often at first and rarely later, never backwards, whatever comes in what order."""

import random
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import launch, outbox, receipts, status
from campaigns.chert.events import event_from_json
from campaigns.models import Message
from tests.cast import listen, make_campaign, make_customer, only_delivery, turn, walk_to_the_end, work

ORDER = ["sent", "delivered", "read"]


@pytest.fixture
def greeting(campaign, sandbox, clock):
    outbox.run(hands=0)
    return Message.objects.get(kind="greeting")


def learn(message, state, clock):
    fresh = Message.objects.select_related("delivery__campaign").get(pk=message.pk)
    at = clock()
    receipts.record(fresh, state, at if state != "in_flight" else None, at if state == "read" else None, at)
    message.refresh_from_db()
    return message.status


def test_delivered_and_read_are_written_with_their_moments(greeting, sandbox, clock):
    work(clock, minutes=0.1)
    work(clock, minutes=1)
    greeting.refresh_from_db()
    assert greeting.status == "read"
    assert greeting.sent_at <= greeting.delivered_at <= greeting.read_at <= clock()


@pytest.mark.parametrize("seed", range(30))
def test_shuffled_and_repeated_news_never_moves_back(greeting, clock, seed):
    """I8."""
    chance, seen = random.Random(seed), [greeting.status]
    news = ["in_flight", "delivered", "read", "delivered", "in_flight", "read"]
    chance.shuffle(news)
    for state in news:
        clock.go(seconds=1)
        seen.append(learn(greeting, state, clock))
    assert all(ORDER.index(a) <= ORDER.index(b) for a, b in pairwise(seen))
    assert seen[-1] == "read"


def test_read_before_delivered_sets_both_moments(greeting, clock):
    learn(greeting, "read", clock)
    assert greeting.delivered_at == greeting.read_at == clock()


def test_failed_on_the_way_is_a_refusal_with_a_sentence(campaign, greeting, clock):
    learn(greeting, "failed", clock)
    delivery = only_delivery(campaign)
    assert greeting.status == "refused"
    assert "may not be on iMessage" in greeting.reason
    assert delivery.greeted_at is not None


def test_a_greeting_that_failed_on_the_way_takes_its_ask_along(campaign, sandbox, clock):
    turn(sandbox, fails_suffix="1001", delivered_after=0.1)
    work(clock)
    work(clock, minutes=0.1)
    walk_to_the_end(clock)
    assert Message.objects.get(kind="ask").status == "cancelled"
    assert only_delivery(campaign).status == "refused"


def test_delivered_news_does_not_become_a_failure(greeting, clock):
    learn(greeting, "delivered", clock)
    assert learn(greeting, "failed", clock) == "delivered"


def test_the_looks_become_rare_with_age_and_end(greeting, sandbox, wire, clock):
    sandbox.store.run("UPDATE messages SET delivers_at = NULL, reads_at = NULL")
    Message.objects.filter(kind="ask").delete()
    looks = []
    for _ in range(4 * 24 * 12):
        clock.go(minutes=5)
        before = len(wire.requests)
        receipts.look(clock)
        looks += [clock()] * (len(wire.requests) > before)
    by_day = [sum(1 for look in looks if look - greeting.sent_at < timedelta(days=day)) for day in (1, 2, 3, 5)]
    assert 90 < by_day[0] < 130  # each time it may in the first hour, then each quarter of an hour
    assert (by_day[1] - by_day[0], by_day[2] - by_day[1]) == (12, 12)
    assert by_day[3] - by_day[2] <= 1


def test_the_cadence_slows_step_by_step():
    ages = [age for age, _ in receipts.CADENCE]
    waits = [wait for _, wait in receipts.CADENCE]
    assert (ages, waits) == (sorted(ages), sorted(waits))


def test_what_is_read_is_not_asked_about_again(campaign, sandbox, wire, clock):
    walk_to_the_end(clock)
    before = len(wire.requests)
    for _ in range(20):
        clock.go(hours=1)
        receipts.look(clock)
    assert len(wire.requests) == before


def test_somebody_without_imessage_stays_sent(ada, sandbox, clock):
    make_customer(ada.business, phone="+15125550199")
    campaign = launch_for(ada, clock)
    for _ in range(3):
        walk_to_the_end(clock)
    assert only_delivery(campaign).status == "sent"


def launch_for(ada, clock):
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    return campaign


@pytest.mark.parametrize("wrapped", [True, False])
def test_both_forms_of_the_answer_are_read(greeting, sandbox, clock, wrapped):
    turn(sandbox, wrap_message=wrapped)
    work(clock, minutes=1)
    greeting.refresh_from_db()
    assert greeting.status in ("delivered", "read")


def test_a_look_that_fails_is_made_again_later(greeting, sandbox, clock):
    turn(sandbox, away=True)
    clock.go(seconds=5)
    assert receipts.look(clock) == 1
    turn(sandbox, away=False)
    clock.go(seconds=receipts.AFTER_TROUBLE)
    receipts.look(clock)
    greeting.refresh_from_db()
    assert greeting.status in ("delivered", "read")


def test_a_message_chert_does_not_know_any_more_is_asked_about_ever_more_seldom(greeting, sandbox, wire, clock):
    sandbox.store.run("DELETE FROM messages")
    Message.objects.filter(kind="ask").delete()
    for _ in range(5 * 24 * 4):
        clock.go(minutes=15)
        receipts.look(clock)
    assert len(wire.requests) < 160
    greeting.refresh_from_db()
    assert (greeting.status, greeting.check_at) == ("sent", None)


def test_a_refused_key_at_a_look_pauses_the_account(greeting, sandbox, clock, ada):
    turn(sandbox, key_refused=True)
    clock.go(seconds=5)
    receipts.look(clock)
    ada.organization.refresh_from_db()
    assert ada.organization.paused_reason == "key"


def test_a_paused_account_is_not_asked_about(greeting, sandbox, wire, clock, ada):
    ada.organization.pause("payment", "The card has run out.", clock())
    before = len(wire.requests)
    clock.go(minutes=5)
    receipts.look(clock)
    assert len(wire.requests) == before


def test_one_look_at_a_time_though_two_processes_look(greeting, wire, clock):
    clock.go(seconds=5)
    stale = list(receipts._waiting(clock(), 10))
    assert receipts.look(clock) == 1
    assert [receipts._take(message, clock()) for message in stale] == [False]


def test_a_look_takes_about_as_long_as_it_may(campaign, wire, clock):
    outbox.run(hands=0)
    clock.go(seconds=5)
    wire.before = lambda request: clock.go(seconds=1)
    assert receipts.look(clock, seconds=0.5) == 1


def test_events_of_delivery_are_understood_where_chert_sends_them(greeting, campaign, ada, clock):
    for name in ("message.read", "message.delivered", "message.sent"):
        receipts.from_event(about(greeting, name), ada.organization.pk, clock())
    greeting.refresh_from_db()
    assert greeting.status == "read"


def about(message, name, **more):
    said = {"id": message.chert_id, "direction": "outbound"} | more
    row = {"event": name, "event_id": f"{name}:{message.pk}", "timestamp": "2026-03-02T18:00:05Z"}
    return event_from_json(row | {"data": {"message": said}})


def test_status_events_of_the_pretend_chert_arrive_through_the_log(campaign, sandbox, clock):
    turn(sandbox, status_events=True)
    outbox.run(hands=0)
    Message.objects.update(check_at=None)  # nobody looks; only the log tells
    clock.go(minutes=1)
    listen(clock)
    assert Message.objects.get(kind="greeting").status == "read"


def test_news_about_another_organizations_message_changes_nothing(greeting, rival, clock):
    receipts.from_event(about(greeting, "message.read"), rival.organization.pk, clock())
    greeting.refresh_from_db()
    assert greeting.status == "sent"


@pytest.mark.parametrize("name", ["reaction.added", "message.edited", "something.new", ""])
def test_events_of_other_kinds_change_nothing(greeting, ada, clock, name):
    receipts.from_event(about(greeting, name), ada.organization.pk, clock())
    greeting.refresh_from_db()
    assert greeting.status == "sent"


def test_news_about_a_message_that_is_not_written_down_yet_is_no_trouble(campaign, ada, clock):
    event = event_from_json({"event": "message.delivered", "event_id": "e", "data": {"message": {"id": "unknown"}}})
    receipts.from_event(event, ada.organization.pk, clock())
    assert only_delivery(campaign).status == "planned"


def test_a_message_that_somebody_says_arrived_can_still_be_read(campaign, sandbox, clock, ada):
    Message.objects.filter(kind="ask").update(status="in_doubt", chert_id="known-after-all")
    ask = Message.objects.get(kind="ask")
    receipts.from_event(about(ask, "message.read"), ada.organization.pk, clock())
    ask.refresh_from_db()
    assert ask.status == status.Message.READ


def test_a_few_are_read_at_a_time_and_all_get_their_turn(greeting, wire, clock):
    """A thousand may wait, and a moment is enough for a few."""
    like_it = {"organization": greeting.organization, "business": greeting.business, "customer": greeting.customer}
    gone = {"kind": "confirmation", "status": "sent", "check_at": clock(), "sent_at": clock(), "chert_id": "unknown"}
    Message.objects.bulk_create(Message(**like_it, **gone) for _ in range(19))
    clock.go(seconds=5)
    with CaptureQueriesContext(connection) as asked:
        assert next(receipts._waiting(clock(), 200)).pk
    [question] = asked
    assert f"LIMIT {receipts.FEW}" in question["sql"]
    assert receipts.look(clock) == 20
    assert receipts.look(clock) == 0
