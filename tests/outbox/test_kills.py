"""A worker dies at every point there is, and each customer still gets each message exactly once (G4, F-01 to F-05)."""

import random
from importlib import import_module
from itertools import count

import httpx
import pytest
from django.db import OperationalError, connection

from campaigns import chert, launch, outbox, status
from campaigns.models import Attempt, Message
from campaigns.outbox import leases
from campaigns.sandbox import SandboxTransport
from tests.cast import (
    Killed,
    die,
    is_send,
    kinds,
    ledger,
    make_campaign,
    make_customer,
    turn,
    walk_to_the_end,
    work,
)

walk = import_module("campaigns.outbox.walk")  # the package calls its only function so too


def asked(ada, clock, number):
    """A campaign for one new customer, at any hour."""
    ada.business.window = "00:00-24:00"
    ada.business.save()
    customer = make_customer(ada.business, number)
    campaign = make_campaign(ada, name=f"Campaign {number}")
    launch.launch(campaign, ada.user, clock())
    return customer


def walk_again(clock):
    """The process is dead; another one comes, frees what it held and goes on."""
    die()
    outbox.sweep(clock())
    for _ in range(3):
        walk_to_the_end(clock)


def got(sandbox, customer):
    return [[p["type"] for p in e["parts"]] for e in ledger(sandbox, "message") if e["phone"] == customer.phone]


BOTH = [["text"], ["media", "text", "rich_link"]]


def test_killed_at_the_nth_statement_for_every_n(ada, sandbox, clock):
    """F-01, F-03, F-05: every statement of a worker's whole way, one after the other, until none is left to die at."""
    for nth in count(1):
        customer = asked(ada, clock, nth)
        died = dies(nth, clock)
        walk_again(clock)
        assert got(sandbox, customer) == BOTH, f"killed at statement {nth}"
        if not died:
            break
    assert nth > 30
    assert not Message.objects.exclude(status=status.Message.READ).exists()


def dies(nth, clock):
    statements = count(1)

    def wrapper(execute, sql, params, many, context):
        if next(statements) == nth:
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        try:
            outbox.run(hands=0)
            clock.go(minutes=3)
            outbox.run(hands=0)
        except Killed:
            return True
    return False


@pytest.mark.parametrize("point", ["before", "after"])
def test_killed_at_the_nth_call_before_or_after_chert_took_it(ada, sandbox, wire, clock, point):
    """F-01, F-02, F-05."""
    for nth in count(1):
        customer, calls = asked(ada, clock, nth), count(1)
        setattr(wire, point, lambda *_, n=nth, c=calls: die_at(n, c))
        died = runs_into_death(clock)
        wire.before = wire.after = lambda *_: None
        walk_again(clock)
        assert got(sandbox, customer) == BOTH, f"killed {point} call {nth}"
        if not died:
            break
    assert nth == 5  # slot, upload, greeting, ask; then none


def die_at(nth, calls):
    if next(calls) == nth:
        raise Killed


def runs_into_death(clock):
    try:
        outbox.run(hands=0)
        clock.go(minutes=3)
        outbox.run(hands=0)
    except Killed:
        return True
    return False


@pytest.mark.parametrize("part", [0, 0.01, 0.5, 0.99, 1])
def test_killed_in_the_middle_of_an_upload(campaign, sandbox, wire, clock, grace, part):
    """F-04: a new slot, and no message refers to half a picture; whoever dies after the last byte has it there."""
    wire.before = lambda request: break_off(request, sandbox, part) if request.method == "PUT" else None
    assert runs_into_death(clock)
    wire.before = lambda request: None
    walk_again(clock)
    assert got(sandbox, grace) == BOTH
    assert len(ledger(sandbox, "upload")) == 1 + (part == 1)


def break_off(request, sandbox, part):
    """So much of the picture gets there, and then the process is no more."""
    content = request.content[: int(part * len(request.content))]
    cut = httpx.Request(request.method, request.url, headers=headers_of(request), content=content)
    SandboxTransport(sandbox).handle_request(cut)
    raise Killed


def headers_of(request):
    return {name: value for name, value in request.headers.items() if name != "content-length"}


def test_a_crash_after_chert_took_it_leaves_the_call_open_and_the_next_walk_closes_the_row(campaign, wire, clock):
    wire.after = lambda request, response: die_at(1, count(1)) if is_send(request) else None
    assert runs_into_death(clock)
    greeting = Message.objects.get(kind="greeting")
    assert (greeting.status, greeting.is_calling, Attempt.objects.last().outcome) == ("planned", True, "")
    wire.after = lambda *_: None
    walk_again(clock)
    greeting.refresh_from_db()
    assert (greeting.status, greeting.is_calling, greeting.is_unclear) == ("read", False, False)


def test_a_refusal_after_a_crash_in_the_call_is_doubt(campaign, sandbox, wire, clock):
    """The first try may have arrived: nobody may say "refused", and nobody may greet anew."""
    wire.after = lambda request, response: die_at(1, count(1)) if is_send(request) else None
    assert runs_into_death(clock)
    wire.after = lambda *_: None
    turn(sandbox, p500=1, p500_code=1003)
    die()
    outbox.sweep(clock())
    work(clock)
    assert Message.objects.get(kind="greeting").status == "in_doubt"


def test_a_dead_workers_messages_are_free_at_once_and_a_living_ones_are_not(campaign, sandbox, clock):
    [held] = leases.claim(clock(), 8)
    assert leases.free_the_dead() == 0
    die()
    assert leases.free_the_dead() == 1
    held.refresh_from_db()
    assert (held.lease_token, held.lease_until) == ("", None)


def test_another_sweep_that_was_quicker_is_no_trouble(campaign, clock, monkeypatch):
    leases.claim(clock(), 8)
    die()
    paths = list(leases._folder().iterdir())
    leases.free_the_dead()
    assert [leases._free_if_dead(path) for path in paths] == [0] * len(paths)


def test_a_lease_whose_worker_is_on_another_host_runs_out_by_itself(campaign, sandbox, clock):
    Message.objects.filter(kind="ask").update(lease_token="elsewhere:1", lease_until=clock())
    outbox.sweep(clock())
    work(clock)
    assert kinds(sandbox) == []
    clock.go(seconds=1)
    outbox.run(hands=0)
    assert kinds(sandbox) == [["text"]]


def test_a_database_that_fails_at_the_write_back_costs_no_answer(campaign, sandbox, wire, clock):
    """F-53: the commit is tried again, not the call."""
    failing = iter([True])

    def locked(execute, sql, params, many, context):
        if sql.startswith('UPDATE "campaigns_message"') and "sent" in params and next(failing, False):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(locked):
        outbox.run(hands=0)
    assert len(wire.sends()) == 1
    assert Message.objects.get(kind="greeting").status == "sent"


def test_one_message_that_cannot_be_walked_does_not_stop_the_others(ada, sandbox, clock, monkeypatch):
    for number in range(3):
        make_customer(ada.business, number)
    launch.launch(make_campaign(ada), ada.user, clock())
    Message.objects.filter(customer__phone="+15125551001").update(text="{no_such_field}")
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 4


def test_a_message_that_can_never_be_walked_ends_in_words(ada, sandbox, clock, grace):
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    Message.objects.filter(kind="greeting").update(text="{no_such_field}")
    for _ in range(10):
        work(clock, minutes=6)
    delivery = campaign.deliveries.get()
    assert (delivery.status, ledger(sandbox, "message")) == ("expired", [])
    assert "eight tries" in delivery.reason


def test_seeded_storms_of_kills_and_weather_leave_exactly_one_of_each(ada, sandbox, wire, clock):
    """Faults of six kinds in a fifth of all calls, and a death now and then; printed seed, fake clock."""
    seed = 20260302
    chance = random.Random(seed)
    customers = [asked(ada, clock, number) for number in range(12)]
    turn(sandbox, seed=seed, p429=0.04, p500=0.04, reset_before=0.04, reset_after=0.04, non_json=0.04, broken_json=0.04)
    wire.before = lambda request: die_by(chance)
    wire.after = lambda request, response: die_by(chance)
    for _ in range(60):
        runs_into_death(clock)
        die()
        outbox.sweep(clock())
        Message.objects.update(deaths=0)  # they come from outside, and no message is to blame
    wire.before = wire.after = lambda *_: None
    walk_again(clock)
    assert [got(sandbox, customer) for customer in customers] == [BOTH] * 12, f"seed {seed}"


def die_by(chance):
    if chance.random() < 0.05:
        raise Killed


def test_who_slept_over_the_lease_before_the_call_does_not_call(campaign, wire, clock, monkeypatch):
    """F-07, at the worst moment: everything was asked and allowed, and the call is not written down yet."""
    began = walk._begin
    monkeypatch.setattr(walk, "_begin", lambda *given: sleep(clock) or began(*given))
    outbox.run(hands=0)
    assert (wire.sends(), Message.objects.get(kind="greeting").is_calling) == ([], False)


def test_who_slept_after_the_call_was_written_down_does_not_call_either(campaign, sandbox, wire, clock, monkeypatch):
    """F-07, a moment later: another worker may have called meanwhile, and a Chert that heeds no key would say it twice.

    Looked for after a run of ten thousand, ten times frozen, had said one message twice.
    """
    began, slept = walk._begin, []

    def and_sleeps(*given):
        attempt, deadline = began(*given)
        sleep(clock)
        slept.append(attempt)
        return attempt, chert.Deadline(deadline.clock(), deadline.clock)

    monkeypatch.setattr(walk, "_begin", and_sleeps)
    outbox.run(hands=0)
    assert (len(slept), wire.sends()) == (1, [])
    slept[0].refresh_from_db()
    assert slept[0].outcome == Attempt.Outcome.NOT_SENT
    monkeypatch.setattr(walk, "_begin", began)
    walk_again(clock)
    assert kinds(sandbox) == BOTH


def sleep(clock):
    clock.go(seconds=90)
