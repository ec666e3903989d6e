"""Write, then act: what is committed before a byte leaves, and what a worker who lost its lease may still write."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from campaigns import chert, launch, outbox, status
from campaigns.models import Attempt, LeaseLost, Line, Message
from campaigns.outbox import leases, outcomes
from campaigns.outbox.walk import walk
from tests.cast import is_send, kinds, ledger, make_campaign, make_customer, only_delivery, turn, walk_to_the_end, work

M = status.Message


def elsewhere(query, *values):
    """One row as somebody on a connection of their own sees it: only what is committed."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchone()
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_key_body_and_attempt_are_committed_before_the_first_byte_leaves(campaign, wire, clock):
    """I5, seen from a second connection at the moment of each call."""
    seen = []

    def look(request):
        if is_send(request):
            key = json.loads(request.content)["message"]["idempotency_key"]
            row = elsewhere("SELECT id, body, is_calling FROM campaigns_message WHERE key = %s", key)
            tries = elsewhere("SELECT count(*) FROM campaigns_attempt WHERE message_id = %s AND outcome = ''", row[0])
            seen.append((bytes(row[1]) == request.content, bool(row[2]), tries[0]))

    wire.before = look
    walk_to_the_end(clock)
    assert seen == [(True, True, 1), (True, True, 1)]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_chert_is_called(campaign, wire, clock):
    """I6: for every call there is, uploads, look-ups and the log included."""
    open_ones = []
    wire.before = lambda request: open_ones.append(request.url.path) if connection.in_atomic_block else None
    walk_to_the_end(clock)
    assert (open_ones, len(wire.requests) > 6) == ([], True)


@pytest.mark.django_db(transaction=True)
def test_the_slot_of_a_line_is_committed_with_the_request(campaign, wire, clock):
    Line.objects.update(budget=5)
    used = []
    wire.before = lambda request: used.append(elsewhere("SELECT used FROM campaigns_line")[0])
    outbox.run(hands=0)
    assert used[-1] == 1  # the greeting; the uploads before it saw 0
    assert used[0] == 0


def test_a_repeat_is_the_same_bytes_with_the_same_key(campaign, sandbox, wire, clock):
    """I4 over six tries in bad weather of every kind."""
    for knobs in (
        {"reset_before": 1},
        {"reset_after": 1},
        {"p500": 1},
        {"broken_json": 1},
        {"p429": 1},
        {"non_json": 1},
    ):
        turn(sandbox, reset_before=0, reset_after=0, p500=0, broken_json=0, p429=0, non_json=0)
        turn(sandbox, only="POST /chats", **knobs)
        work(clock, minutes=6)
    bodies = {request.content for request in wire.sends()}
    assert (len(wire.sends()), len(bodies)) == (6, 1)


def test_the_campaign_may_change_between_two_tries_and_the_bytes_do_not(campaign, sandbox, wire, clock, ada, grace):
    turn(sandbox, reset_before=1, only="POST /chats")
    work(clock)
    Message.objects.update(text="Another text")
    type(grace).objects.update(first_name="Somebody")
    type(ada.business).objects.update(sender="Else")
    turn(sandbox, reset_before=0)
    work(clock, minutes=6)
    assert len({request.content for request in wire.sends()}) == 1


def test_each_message_has_a_key_of_its_own(ada, sandbox, wire, clock):
    for number in range(5):
        make_customer(ada.business, number)
    launch_and_walk(ada, clock)
    keys = [json.loads(r.content)["message"]["idempotency_key"] for r in wire.sends()]
    assert len(keys) == len(set(keys)) == 10


def launch_and_walk(ada, clock):
    launch.launch(make_campaign(ada), ada.user, clock())
    walk_to_the_end(clock)


def claimed(clock):
    """The greeting in the hands of a worker."""
    Message.objects.filter(kind=Message.Kind.ASK).update(due_at=None)
    Message.objects.filter(kind=Message.Kind.GREETING).update(due_at=clock())
    [message] = leases.claim(clock(), 1)
    return message


def test_a_stale_workers_write_back_changes_nothing(campaign, sandbox, clock):
    """I7: the sleeper wakes up after another worker has taken over."""
    sleeper = claimed(clock)
    clock.go(seconds=settings.LEASE_SECONDS + 1)
    [successor] = leases.claim(clock(), 1)
    with pytest.raises(LeaseLost):
        sleeper.move(M.SENT, token=sleeper.lease_token, sent_at=clock())
    successor.refresh_from_db()
    assert (successor.status, successor.sent_at) == (M.PLANNED, None)


def test_a_stale_workers_outcome_keeps_only_its_attempt(campaign, sandbox, clock):
    sleeper = claimed(clock)
    attempt = outcomes.begin(sleeper, "send", clock())
    clock.go(seconds=settings.LEASE_SECONDS + 1)
    leases.claim(clock(), 1)
    with pytest.raises(LeaseLost):
        outcomes.sent(sleeper, attempt, answer(), clock())
    assert Attempt.objects.get().outcome == "sent"
    assert Message.objects.get(kind="greeting").status == M.PLANNED


def answer():
    return chert.Sent(chert.ChatId("c"), chert.MessageId("m"), "sent", "t" * 128, 200)


def test_a_sleeper_who_wakes_up_after_the_lease_begins_no_call(campaign, wire, clock):
    sleeper = claimed(clock)
    clock.go(seconds=settings.LEASE_SECONDS - 10)
    walk(sleeper, clock)
    assert wire.sends() == []


def test_a_lease_that_ran_out_during_a_call_is_taken_over_and_the_bytes_are_the_same(campaign, sandbox, wire, clock):
    """F-07: stopped in mid-call for longer than the lease; the other worker repeats, and there is one greeting."""

    def sleep_in_the_call(request, response):
        if is_send(request):
            wire.after = lambda request, response: None
            clock.go(seconds=settings.LEASE_SECONDS + 1)
            [successor] = leases.claim(clock(), 8)
            walk(successor, clock)

    wire.after = sleep_in_the_call
    outbox.run(hands=0)
    assert (len(wire.sends()), len(ledger(sandbox, "message"))) == (2, 1)
    assert Message.objects.get(kind="greeting").status in status.WENT_OUT


def test_a_lease_that_ran_out_is_let_go_of_though_nobody_may_claim(campaign, ada, clock):
    """I2: while Chert is away, or has asked for an hour, nobody takes up what a sleeper dropped; nor may it hold it."""
    sleeper = claimed(clock)
    ada.organization.slow(clock() + timedelta(hours=1))
    clock.go(seconds=settings.LEASE_SECONDS + 1)
    outbox.sweep(clock())
    assert Message.objects.get(pk=sleeper.pk).lease_token  # its answer may be on its way into the row this moment
    clock.go(seconds=leases.LATE.total_seconds())
    assert leases.claim(clock(), 8) == []
    outbox.sweep(clock())
    assert Message.objects.exclude(lease_token="").count() == 0
    with pytest.raises(LeaseLost):
        sleeper.move(M.RENDERED, token=sleeper.lease_token)


def test_a_lease_that_lasts_is_not_let_go_of(campaign, clock):
    message = claimed(clock)
    clock.go(seconds=settings.LEASE_SECONDS - 1)
    outbox.sweep(clock())
    assert Message.objects.get(pk=message.pk).lease_token == message.lease_token


def test_the_word_may_only_follow_what_this_worker_read(campaign, clock):
    message = claimed(clock)
    Message.objects.filter(pk=message.pk).update(status=M.CANCELLED)
    with pytest.raises(LeaseLost):
        message.move(M.SENT, token=message.lease_token)


def test_no_lease_ends_during_a_call(settings):
    assert settings.LEASE_SECONDS >= settings.SHORTEST_LEASE >= 1.5 * settings.CALL_SECONDS
    assert settings.UPLOAD_LEASE_SECONDS >= 1.5 * settings.UPLOAD_SECONDS


def test_a_worker_that_is_about_to_end_takes_nothing_new(campaign, sandbox, clock):
    outbox.stop()
    try:
        work(clock)
    finally:
        outbox.run.__globals__["_stopping"].clear()
    assert kinds(sandbox) == []


def test_a_message_that_is_claimed_is_claimed_by_nobody_else(campaign, clock):
    assert len(leases.claim(clock(), 8)) == 1
    assert leases.claim(clock(), 8) == []


def test_the_lease_of_a_picture_to_come_is_longer_than_its_upload(campaign, clock):
    [ask] = leases.claim(clock(), 8)
    assert ask.lease_until - clock() >= timedelta(seconds=180)


def test_the_row_shows_nothing_while_nothing_has_happened(campaign, clock):
    leases.claim(clock(), 8)
    assert only_delivery(campaign).status == "planned"
