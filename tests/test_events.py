"""What Chert told us: stored first, understood once, read from the log to its end, and first of all after a silence."""

import logging
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import httpx
import pytest
from django.db import OperationalError, connection

from campaigns import events, launch, tasks
from campaigns.chert.events import event_from_json
from campaigns.models import ChertEvent, Customer, Message, Organization
from tests.cast import (
    at_once,
    give_secret,
    kinds,
    ledger,
    listen,
    make_campaign,
    make_customer,
    only_delivery,
    reply,
    turn,
    work,
)


def received(number, **said):
    """An event as the log has it."""
    message = {"id": f"guid-{number}", "direction": "inbound", "parts": [{"type": "text", "value": "Hi"}]} | said
    return {"event": "message.received", "event_id": f"chert:msg:guid-{number}", "data": {"message": message}}


def test_an_event_is_kept_once_however_often_it_comes(ada, clock):
    event = event_from_json(received(1))
    news = [events.store(ada.organization, event, "webhook", clock()) for _ in range(100)]
    assert (news.count(True), ChertEvent.objects.count()) == (1, 1)


def test_the_same_id_at_another_organization_is_another_event(ada, rival, clock):
    """F-48."""
    event = event_from_json(received(1))
    for who in (ada, rival):
        assert events.store(who.organization, event, "webhook", clock())


@pytest.mark.django_db(transaction=True)
def test_twenty_at_the_same_moment_are_kept_once(ada, clock):
    event = event_from_json(received(1))
    news = at_once([lambda: events.store(ada.organization, event, "webhook", clock())] * 20)
    assert (news.count(True), news.count(False)) == (1, 19)


@pytest.mark.django_db(transaction=True)
def test_two_processes_understand_an_event_once(campaign, sandbox, clock, grace):
    work(clock)
    reply(sandbox, grace, "Hello")
    clock.go(seconds=2)
    events.poll(clock)
    at_once([lambda: events.handle(clock)] * 4)
    assert Message.objects.filter(kind="inbound").count() == 1
    assert ChertEvent.objects.get().handled_at is not None


def test_what_is_odd_in_an_event_is_left_out_and_the_rest_kept(ada, clock):
    deep = []
    for _ in range(500):
        deep = [deep]
    odd = {"nul": "a\x00b", "half": "STOP \ud83d", "nan": float("nan"), "deep": deep, "fine": [1, True, None, 1.5, "é"]}
    events.store(ada.organization, event_from_json(received(1) | {"odd": odd}), "log", clock())
    kept = ChertEvent.objects.get().payload["odd"]
    assert (kept["nul"], kept["half"], kept["nan"]) == ("ab", "STOP \ufffd", None)
    assert kept["fine"] == [1, True, None, 1.5, "é"]


def test_an_unknown_kind_of_event_is_kept_and_harms_nobody(ada, clock):
    """F-29."""
    body = {"event": "line.melted", "event_id": "evt_1", "data": {"line": "+1"}, "new_field": {"a": 1}}
    events.store(ada.organization, event_from_json(body), "webhook", clock())
    assert events.handle(clock) == 1


def test_an_event_that_cannot_be_understood_does_not_hold_up_the_others(ada, grace, clock, monkeypatch, caplog):
    caplog.set_level(logging.CRITICAL)
    for number in (1, 2):
        sender = {"sender_handle": {"handle": grace.phone}}
        events.store(ada.organization, event_from_json(received(number, **sender)), "webhook", clock())
    real = events.replies.record
    trip = lambda event, *rest: 1 / 0 if event.message_id == "guid-1" else real(event, *rest)  # noqa: E731
    monkeypatch.setattr(events.replies, "record", trip)
    for _ in range(8):
        events.handle(clock)
    assert list(ChertEvent.objects.order_by("pk").values_list("failures", flat=True)) == [5, 0]
    assert Message.objects.filter(kind="inbound").count() == 1


def test_a_database_that_is_busy_is_not_the_events_fault(ada, grace, clock, caplog):
    caplog.set_level(logging.CRITICAL)
    events.store(ada.organization, event_from_json(received(1)), "webhook", clock())

    def locked(execute, sql, params, many, context):
        if sql.startswith("SELECT") and "campaigns_customer" in sql:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(locked):
        for _ in range(8):
            assert events.handle(clock) == 0
    assert events.handle(clock) == 1


def answers(sandbox, customer, count, clock):
    for number in range(count):
        reply(sandbox, customer, f"Word {number}")
        clock.go(seconds=0.01)


def test_of_two_hundred_events_each_is_understood_once_and_for_the_same_few_queries(ada, sandbox, clock):
    """F-50; how long ten thousand take says `manage.py bench log` and `bench events`."""
    people = [make_customer(ada.business, number) for number in range(10)]
    launch.launch(make_campaign(ada), ada.user, clock())
    work(clock)
    for customer in people:
        answers(sandbox, customer, 20, clock)
    clock.go(seconds=2)
    with counted() as statements:
        assert (events.poll(clock), next(statements) <= 200 * 8) == (200, True)
        assert [events.handle(clock) for _ in range(2)] == [200, 0]
        assert next(statements) <= 200 * 31  # three: whose group is it, does a program listen, is it still to be done
    assert Message.objects.filter(kind="inbound").count() == 200


@contextmanager
def counted():
    """Counts the statements of this connection."""
    statements = count()

    def counting(execute, *what):
        next(statements)
        return execute(*what)

    with connection.execute_wrapper(counting):
        yield statements


def test_the_log_is_read_page_by_page_to_its_end(campaign, sandbox, wire, clock, grace):
    work(clock)
    answers(sandbox, grace, 405, clock)
    listen(clock)
    assert Message.objects.filter(kind="inbound").count() == 405
    pages = [r for r in wire.requests if r.url.path.endswith("/events") and "cursor" in r.url.params]
    assert len(pages) == 2


def test_a_log_longer_than_any_number_of_pages_is_read_to_its_end_too(ada, wire, clock):
    """F-50: fifteen thousand events waited; the newest come first, the oldest must not be lost."""
    wire.before = lambda request: page(request, last=75) if request.url.path.endswith("/events") else None
    events.poll(clock)
    assert ChertEvent.objects.count() == 75


def page(request, last):
    number = int(request.url.params.get("cursor", "0"))
    row = {
        "id": f"evt_{number}",
        "event_id": f"e{number}",
        "type": "x",
        "payload": {},
        "created_at": "2026-03-02T17:00:00Z",
    }
    more = str(number + 1) if number + 1 < last else None
    return httpx.Response(200, json={"events": [row], "next_cursor": more, "count": 1})


def test_a_log_that_leads_in_circles_is_left(ada, wire, clock):
    circle = {"events": [], "next_cursor": "again", "count": 0}
    wire.before = lambda request: httpx.Response(200, json=circle)
    events.poll(clock)
    assert len(wire.requests) == 2


def test_reading_overlaps_so_that_nothing_slips_through_between_two_looks(campaign, sandbox, clock, grace):
    """F-51: `since` is strict and clocks differ: an event that shows up late, with an older moment, is still found."""
    work(clock)
    reply(sandbox, grace, "One")
    listen(clock)
    reply(sandbox, grace, "Two")
    sandbox.store.run("UPDATE events SET created_ms = created_ms - 30000 WHERE seq = (SELECT max(seq) FROM events)")
    listen(clock)
    assert Message.objects.filter(kind="inbound").count() == 2


def test_a_page_that_fails_loses_nothing(campaign, sandbox, wire, clock, grace):
    work(clock)
    answers(sandbox, grace, 205, clock)
    wire.before = lambda request: httpx.Response(502, text="no") if "cursor" in request.url.params else None
    listen(clock)
    wire.before = lambda request: None
    clock.go(minutes=1)
    listen(clock)
    assert Message.objects.filter(kind="inbound").count() == 205


def test_nothing_is_counted_twice_over_many_looks(campaign, sandbox, clock, grace):
    work(clock)
    for number in range(20):
        reply(sandbox, grace, f"Word {number}")
        listen(clock)
    assert Message.objects.filter(kind="inbound").count() == 20


def test_events_of_before_the_organization_was_entered_here_are_not_read(campaign, sandbox, clock, grace, ada):
    work(clock)
    reply(sandbox, grace, "Long ago")
    clock.go(days=1)
    Organization.objects.update(created_at=clock(), events_since=None)
    listen(clock)
    assert not Message.objects.filter(kind="inbound").exists()


def test_where_the_webhook_works_the_log_is_read_seldom(ada, wire, clock, settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    connect_by_hand(ada)
    for _ in range(60):
        clock.go(seconds=10)
        events.poll(clock)
    assert len(wire.requests) == 2  # at once, and after five minutes


def connect_by_hand(ada):
    url = events.connecting.webhook_url(ada.organization)
    give_secret(ada.organization, webhook_secret="s" * 64, webhook_url=url)


def test_where_there_is_no_webhook_the_log_is_read_often(ada, wire, clock, settings):
    settings.CHERT_API_BASE = "https://console.trychert.com/api/v1"
    wire.before = lambda request: httpx.Response(200, json={"events": [], "next_cursor": None})
    for _ in range(60):
        clock.go(seconds=1)
        events.poll(clock)
    assert len(wire.requests) == 4


def test_a_chert_that_is_away_is_not_hammered(ada, sandbox, wire, clock, settings):
    settings.CHERT_API_BASE = "https://console.trychert.com/api/v1"
    turn(sandbox, away=True)
    for _ in range(60):
        clock.go(seconds=1)
        events.poll(clock)
    assert len(wire.requests) == 4


def test_one_account_with_a_broken_secret_stops_nobody_elses_log(campaign, rival, sandbox, clock, grace):
    work(clock)
    give_secret(rival.organization, chert_secret="not a secret")
    reply(sandbox, grace, "STOP")
    Organization.objects.update(events_polled_at=None)
    listen(clock)
    assert Customer.objects.get().stopped_at is not None


@pytest.fixture
def one_thread(settings):
    """The worker's tick in the thread of the test, which alone sees its transaction."""
    settings.OUTBOX_THREADS = 0


def test_after_a_long_silence_the_log_is_read_before_anything_leaves(campaign, sandbox, clock, grace, one_thread):
    """The server was off; meanwhile she wrote STOP. The first tick of the new worker must know it."""
    work(clock)
    reply(sandbox, grace, "STOP")
    clock.go(hours=2)
    tasks.look()
    clock.go(minutes=5)
    tasks.look()
    assert kinds(sandbox) == [["text"]]
    assert only_delivery(campaign).status == "cancelled"


def test_an_account_that_goes_on_hears_first_what_was_said_meanwhile(campaign, sandbox, clock, grace, ada, one_thread):
    work(clock)
    ada.organization.pause("payment", "The card has run out.", clock())
    reply(sandbox, grace, "STOP")
    clock.go(hours=1)
    ada.organization.resume()
    tasks.look()
    assert kinds(sandbox) == [["text"]]


def test_a_silence_of_minutes_costs_the_outbox_no_call(campaign, wire, clock):
    events.poll(clock)
    before = len(wire.requests)
    events.catch_up(clock)
    clock.go(minutes=5)
    events.catch_up(clock)
    assert len(wire.requests) == before


def test_a_chert_that_is_away_at_the_start_does_not_stop_the_worker(campaign, sandbox, clock, one_thread):
    turn(sandbox, away=True)
    tasks.look()
    turn(sandbox, away=False)
    for _ in range(5):
        work(clock, minutes=5)
    assert len(ledger(sandbox, "message")) == 2


def test_a_stop_whose_delivery_got_lost_is_found_in_the_log(campaign, sandbox, clock, grace, ada, settings):
    """G12: within five minutes, though the webhook is connected."""
    settings.SITE_URL = "http://127.0.0.1:8000"
    work(clock)
    connect_by_hand(ada)
    reply(sandbox, grace, "STOP")
    clock.go(minutes=5)
    events.poll(clock)
    events.handle(clock)
    assert Customer.objects.get().stopped_at - clock() <= timedelta(minutes=5)


def test_the_log_of_one_organization_is_not_anothers(ada, rival, sandbox, clock):
    for who in (ada, rival):
        make_customer(who.business)
        launch.launch(make_campaign(who), who.user, clock())
    work(clock)
    reply(sandbox, ada.business.customers.get(), "For Ada")
    listen(clock)
    assert [m.organization for m in Message.objects.filter(kind="inbound")] == [ada.organization]


def test_a_key_that_reads_no_log_pauses_the_account_instead_of_knocking_for_ever(ada, sandbox, clock):
    turn(sandbox, key_refused=True)
    events.poll(clock)
    ada.organization.refresh_from_db()
    assert ada.organization.paused_reason == "key"


def test_a_stop_is_understood_before_the_thousand_words_that_wait(campaign, sandbox, ada, clock, grace):
    """F-52, G12: two seconds, whatever has piled up meanwhile; and an older START does not undo it."""
    work(clock)
    for number in range(600):
        events.store(ada.organization, event_from_json(received(number)), "webhook", clock())
    reply(sandbox, grace, "START")
    clock.go(seconds=2)
    reply(sandbox, grace, "STOP")
    clock.go(seconds=2)
    events.poll(clock)
    assert ChertEvent.objects.filter(handled_at=None).count() > 500
    assert Customer.objects.get(pk=grace.pk).stopped_at
    while events.handle(clock):
        pass
    assert Customer.objects.get(pk=grace.pk).stopped_at
