"""Many hands at one queue: every message in one pair of hands at a time, and nothing twice (F-10, F-11)."""

import threading

import httpx
import pytest
from django.db import OperationalError

from campaigns import launch, outbox, replies, status, steering
from campaigns.models import Message
from campaigns.outbox import leases
from campaigns.sandbox import ledger as book
from tests.cast import at_once, is_send, kinds, ledger, make_campaign, make_customer, only_delivery, walk_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)

work_alone = outbox.run.__globals__["_work"]  # one hand, in this thread


def launched(ada, clock, count):
    for number in range(count):
        make_customer(ada.business, number)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    return campaign


def test_claims_at_the_same_moment_never_overlap(ada, clock):
    launched(ada, clock, 40)
    taken = at_once([lambda: [m.pk for m in leases.claim(clock(), 8)]] * 8)
    claimed = [pk for handful in taken for pk in handful]
    assert len(claimed) == len(set(claimed)) == 40


def test_eight_workers_send_everything_once(ada, sandbox, clock):
    """F-10."""
    campaign = launched(ada, clock, 24)
    for minutes in (0, 3, 3):
        clock.go(minutes=minutes)
        at_once([work_alone] * 8)
    walk_to_the_end(clock)
    assert campaign.counts() == {"read": 24}
    assert (len(ledger(sandbox, "message")), book.counts(sandbox.store)["duplicates"]) == (48, 0)


def test_the_hands_of_one_run_send_everything_once(ada, sandbox, clock):
    campaign = launched(ada, clock, 24)
    for minutes in (0, 3):
        clock.go(minutes=minutes)
        outbox.run(hands=8)
    assert campaign.counts() == {"sent": 24}
    assert book.counts(sandbox.store)["duplicates"] == 0


def test_a_second_run_in_the_same_process_does_nothing(ada, sandbox, clock, wire):
    launched(ada, clock, 1)
    again = []
    wire.before = lambda request: again.append(outbox.run(hands=0))
    assert outbox.run(hands=0) > 0
    assert set(again) == {0}


def test_the_counts_add_up_at_every_moment_of_a_run(ada, clock, wire):
    """I10, seen from another connection at each call."""
    campaign = launched(ada, clock, 12)
    sums = []
    wire.before = lambda request: sums.append(at_once([lambda: sum(campaign.counts().values())])[0])
    outbox.run(hands=2)
    assert set(sums) == {12}


def test_a_stop_on_another_connection_while_the_worker_is_at_it(ada, sandbox, clock, wire):
    """F-52: claimed, drawing, uploading, calling: wherever the stop strikes, no call begins after it."""
    launched(ada, clock, 1)
    [grace] = ada.business.customers.all()

    def stop(request):
        if request.method == "PUT":
            assert at_once([lambda: replies.stop(grace, "Wrote STOP", None, clock())]) == [None]

    wire.before = stop
    walk_to_the_end(clock)
    assert (wire.sends(), only_delivery(ada.business.campaigns.get()).status) == ([], "cancelled")


def test_a_stop_and_a_send_in_the_same_moment_leave_no_doubt_about_which_was_first(ada, sandbox, clock, wire):
    launched(ada, clock, 1)
    [grace] = ada.business.customers.all()
    at_the_gate, stopped = threading.Event(), threading.Event()

    def hold(request):
        if is_send(request):
            at_the_gate.set()
            assert stopped.wait(10)

    def stop():
        assert at_the_gate.wait(10)
        replies.stop(grace, "Wrote STOP", None, clock())
        stopped.set()

    wire.before = hold
    assert at_once([lambda: outbox.run(hands=1), stop])[1] is None
    wire.before = lambda request: None
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"]]  # the call was under way; the ask never leaves
    assert Message.objects.get(kind="ask").status == status.Message.CANCELLED


def test_a_campaign_that_pauses_while_many_hands_work_begins_nothing_more(ada, sandbox, clock, wire):
    campaign = launched(ada, clock, 24)
    first, begun = threading.Lock(), []

    def pause_at_the_third(request):
        if is_send(request) and len(wire.sends()) >= 3 and first.acquire(blocking=False):
            steering.pause(type(campaign).objects.get(), ada.user)
            begun.append(len(wire.sends()))

    unleash(clock)
    wire.before = pause_at_the_third
    outbox.run(hands=2)
    assert len(wire.sends()) - begun[0] <= 1  # the other hand may have been about to call
    assert len(wire.sends()) < 24


def test_what_comes_due_while_one_hand_waits_for_an_answer_is_taken_by_another(ada, clock, wire):
    """F-18, F-19: half a minute without an answer holds up one message, not the others."""
    launched(ada, clock, 2)
    unleash(clock)
    later = Message.objects.filter(kind="greeting").last()
    Message.objects.filter(pk=later.pk).update(due_at=None)
    answered, other_called = [], threading.Event()

    def wait_for_the_other(request):
        if is_send(request) and len(wire.sends()) == 1:
            Message.objects.filter(pk=later.pk).update(due_at=clock())
            answered.append(other_called.wait(20))
        elif is_send(request):
            other_called.set()

    wire.before = wait_for_the_other
    outbox.run(hands=2)
    assert answered == [True]


def test_a_database_that_is_away_for_a_moment_sends_no_hand_home(ada, clock, wire, monkeypatch):
    """F-59: the hand that met it looks again, as long as another one is still at work."""
    launched(ada, clock, 2)
    unleash(clock)
    claim, refused, looked_again = leases.claim, [], threading.Event()

    def sometimes(*args):
        if wire.sends() and not refused:
            refused.append(1)
            raise OperationalError("the database system is shutting down")
        if refused:
            looked_again.set()
        return claim(*args)

    monkeypatch.setattr(leases, "claim", sometimes)
    wire.before = lambda request: None if looked_again.wait(20) else httpx.Response(500)
    outbox.run(hands=2)
    assert looked_again.is_set()
    assert len(wire.sends()) == 2


def test_a_hundred_clicks_while_many_hands_work_and_then_it_is_cancelled(ada, sandbox, clock, wire):
    """F-14: after the cancel returns no call begins; what was under way ends by its own answer.

    People click in processes of their own: a hand stands in turn with its neighbours, and they do not.
    """
    campaign = launched(ada, clock, 60)
    unleash(clock)
    clicks, clicked, at_the_end, one_click_at_a_time = iter(range(50)), [], [], threading.Lock()

    def click():
        if next(clicks, None) is not None:
            steering.pause(type(campaign).objects.get(), ada.user)
            steering.resume(type(campaign).objects.get(), ada.user)
        elif not at_the_end:
            steering.cancel(type(campaign).objects.get(), ada.user, clock())
            at_the_end.extend([Message.objects.filter(is_calling=True).count(), len(wire.sends())])

    def meanwhile(request):
        with one_click_at_a_time:
            clicked.extend(at_once([click]))

    wire.before = meanwhile
    outbox.run(hands=3)
    under_way, begun = at_the_end
    assert set(clicked) == {None}
    assert begun <= len(wire.sends()) <= begun + under_way <= begun + 3
    assert 0 < len(ledger(sandbox, "message")) < 60
    assert book.counts(sandbox.store)["duplicates"] == 0


def unleash(clock):
    """Let the greetings be due without their pictures."""
    Message.objects.filter(kind="ask").update(due_at=None)
    Message.objects.filter(kind="greeting").update(due_at=clock())


def test_an_account_whose_key_is_refused_touches_at_most_one_row_per_hand(ada, sandbox, clock, wire):
    """G9: within as many calls as there are hands the account is paused, and nobody failed."""
    sandbox.store.turn(key_refused=True)
    campaign = launched(ada, clock, 24)
    outbox.run(hands=4)
    ada.organization.refresh_from_db()
    assert ada.organization.paused_reason == "key"
    assert len(wire.requests) <= 4
    assert campaign.counts()["planned"] >= 20
