"""The ground gives way: a lock that is held, a disk that is full, a database that is gone, a log that fails.

Nothing is called that was not written down before, nothing is said twice, and it goes on by itself.
"""

import errno
import logging
import os
import random
import shutil
import sys
from collections import namedtuple
from contextlib import suppress
from itertools import count

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, close_old_connections, connection
from django.urls import reverse
from django.utils import timezone

from campaigns import launch, outbox, receipts, status
from campaigns.brakes import absence
from campaigns.chert import webhooks as signing
from campaigns.models import Campaign, ChertEvent, Message
from campaigns.outbox import pictures
from campaigns.sandbox import ledger as book
from reviews.sqlite3 import base
from tests.cast import (
    give_secret,
    is_send,
    kinds,
    ledger,
    make_campaign,
    make_customer,
    only_delivery,
    turn,
    walk_to_the_end,
    work,
)

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = [["text"], ["media", "text", "rich_link"]]
LOCK = {
    "sqlite": ["BEGIN IMMEDIATE"],
    "postgresql": ["BEGIN", "LOCK TABLE campaigns_message, campaigns_campaign, campaigns_chertevent IN EXCLUSIVE MODE"],
}


@pytest.fixture
def impatient(monkeypatch):
    """Whoever waits for a lock gives up soon."""
    monkeypatch.setattr(base, "PATIENCE", 0.02)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20ms'")
    yield
    connection.close()


@pytest.fixture
def writer():
    """Somebody else who holds the lock: `take`, `let_go`."""
    made = Writer()
    yield made
    made.let_go()


class Writer:
    def __init__(self):
        self.other = connection.copy()

    def take(self):
        for statement in LOCK[connection.vendor]:
            self.other.cursor().execute(statement)

    def let_go(self):
        self.other.close()


def test_pages_are_read_while_somebody_holds_the_lock(campaign, client, ada, writer):
    """F-53."""
    client.force_login(ada.user)
    writer.take()
    for page in (reverse("campaign", args=[campaign.pk]), reverse("dashboard"), reverse("customers")):
        assert client.get(page).status_code == 200


def test_a_click_that_cannot_be_written_is_answered_calmly_and_works_afterwards(
    campaign, client, ada, impatient, writer, caplog
):
    """F-53."""
    client.force_login(ada.user)
    client.raise_request_exception = False
    pause = reverse("campaign_pause", args=[campaign.pk])
    writer.take()
    answer = client.post(pause)
    assert (answer.status_code, "away for a moment" in answer.text) == (503, True)
    writer.let_go()
    assert client.post(pause).status_code == 302
    assert Campaign.objects.get().state == status.Campaign.PAUSED


def test_an_event_that_comes_while_somebody_holds_the_lock_is_asked_for_again(ada, client, impatient, writer, caplog):
    """F-49: 503, for Chert repeats nothing after a 4xx; and the same event once more is taken."""
    give_secret(ada.organization, webhook_secret="ab" * 32)
    door, raw = reverse("chert_webhook", args=[ada.organization.webhook_path]), b'{"event": "x", "event_id": "e1"}'
    signed = signing.headers_for("ab" * 32, int(timezone.now().timestamp()), raw)
    knock = lambda: client.post(door, raw, content_type="application/json", headers=signed).status_code  # noqa: E731
    writer.take()
    assert knock() == 503
    writer.let_go()
    assert (knock(), ChertEvent.objects.count()) == (200, 1)


def test_a_lock_held_over_the_answer_costs_no_second_greeting(campaign, sandbox, wire, clock, impatient, writer):
    """F-53: the commit is tried again, not the call; then the row is left to its lease, and the key makes it one."""
    wire.after = lambda request, response: writer.take() if is_send(request) else None
    with suppress(DatabaseError):
        outbox.run(hands=0)
    wire.after = lambda request, response: None
    writer.let_go()
    outbox.run(hands=0)
    assert (len(wire.sends()), Message.objects.get(kind="greeting").is_calling) == (1, True)
    clock.go(minutes=1)
    walk_to_the_end(clock)
    assert (kinds(sandbox), len({request.content for request in wire.sends()})) == (BOTH, 2)


def test_a_disk_that_is_full_from_any_write_on(ada, sandbox, wire, clock, monkeypatch):
    """F-56: no call that is not written down, and when there is room again it goes on by itself."""
    monkeypatch.setattr(pictures.cards, "render", lambda design, words: b"a picture")  # there are many
    for nth in count(1, 3):
        make_customer(ada.business, nth)
        launch.launch(make_campaign(ada, name=f"Campaign {nth}"), ada.user, clock())
        was_full = full_from(nth, clock)
        assert all(Message.objects.filter(body=request.content).exists() for request in wire.sends()), nth
        clock.go(minutes=4)  # the leases of whoever could not even give them back
        walk_to_the_end(clock)
        if not was_full:
            break
    assert nth > 10
    assert not Message.objects.exclude(status=status.Message.READ).exists()
    everybody = ada.business.customers.count()
    assert (len(ledger(sandbox, "message")), book.counts(sandbox.store)["duplicates"]) == (2 * everybody, 0)


def full_from(nth, clock):
    """The way of the greeting and its picture, on a disk that takes so many writes less one; True if it wanted more."""
    writes = count(1)

    def full(execute, sql, *rest):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and next(writes) >= nth:
            raise OperationalError("database or disk is full")
        return execute(sql, *rest)

    with connection.execute_wrapper(full):
        for minutes in (0, 3):
            clock.go(minutes=minutes)
            with suppress(OperationalError):
                outbox.run(hands=0)
    return next(writes) > nth


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a PostgreSQL that is full stops by itself")
def test_a_database_that_really_cannot_grow_is_whole_afterwards(ada, sandbox, clock, caplog):
    """F-56: with SQLite's own limit."""
    for number in range(12):
        make_customer(ada.business, number)
    launch.launch(make_campaign(ada), ada.user, clock())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # what is free inside would do for a while
    fill_up(clock)
    assert ("disk is full" in caplog.text, pragma("integrity_check")) == (True, "ok")
    clock.go(minutes=4)
    for _ in range(2):
        walk_to_the_end(clock)
    assert (len(ledger(sandbox, "message")), book.counts(sandbox.store)["duplicates"]) == (24, 0)


def pragma(words):
    with connection.cursor() as cursor:
        return cursor.execute(f"PRAGMA {words}").fetchone()[0]


def fill_up(clock):
    pragma(f"max_page_count = {pragma('page_count')}")
    try:
        for _ in range(4):
            with suppress(OperationalError):
                outbox.run(hands=0)
            clock.go(minutes=3)
    finally:
        pragma("max_page_count = 1000000")


def test_a_picture_that_finds_no_room_waits_for_some_and_is_not_refused(campaign, sandbox, clock, monkeypatch):
    """F-56: for as long as the disk is full, and without a try being counted. Runbook: The disk is full."""
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "_keep", no_room)
        for _ in range(20):
            work(clock, minutes=6)
    delivery = only_delivery(campaign)
    assert (delivery.status, "no room" in delivery.reason) == ("planned", True)
    for _ in range(2):
        walk_to_the_end(clock)
    assert kinds(sandbox) == BOTH


def no_room(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_beat_that_finds_no_room_leaves_nothing_half_behind(campaign, sandbox, clock, monkeypatch, settings):
    """F-56: file by file they would fill what is freed next."""
    with monkeypatch.context() as patch:
        patch.setattr(absence.os, "fsync", no_room)
        for _ in range(3):
            with suppress(OSError):
                work(clock, minutes=1)
    assert [path.name for path in settings.PULSE.parent.glob("pulse*")] == []
    walk_to_the_end(clock)
    assert kinds(sandbox) == BOTH


def test_a_disk_with_no_room_is_told(client, monkeypatch):
    """F-56."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**40, 2**40, 0))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["disk"]) == (503, "The disk is nearly full.")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that could go away")
@pytest.mark.parametrize("seed", range(3))
def test_connections_cut_in_mid_run_lose_nothing_and_double_nothing(ada, sandbox, wire, clock, seed):
    """F-59: a restart or a failover is, for us, every connection cut at once; at any call, again and again."""
    for number in range(12):
        make_customer(ada.business, number)
    campaign, chance = make_campaign(ada), random.Random(seed)
    launch.launch(campaign, ada.user, clock())
    wire.before = wire.after = lambda *_: cut_all() if chance.random() < 0.15 else None
    for _ in range(20):
        tick(clock)
    wire.before = wire.after = lambda *_: None
    for _ in range(3):
        tick(clock)
    assert campaign.counts() == {"read": 12}
    assert (len(ledger(sandbox, "message")), book.counts(sandbox.store)["duplicates"]) == (24, 0)


def cut_all():
    """Every connection to our database but this one."""
    values = connection.get_connection_params()
    names = {name: values[name] for name in ("host", "port", "user", "password", "dbname") if values.get(name)}
    with psycopg.connect(**names, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def tick(clock):
    """A worker's second: what the broker's task does around it is to leave dead connections."""
    clock.go(minutes=2)
    for act in (lambda: outbox.run(hands=2), lambda: receipts.look(clock), lambda: outbox.sweep(clock())):
        with suppress(DatabaseError):
            act()
        close_old_connections()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that could go away")
def test_a_page_asked_for_after_the_cut_is_there(campaign, client, ada):
    """F-59: an idle connection that was cut is asked before it is used. Runbook: PostgreSQL is away."""
    client.force_login(ada.user)
    page = reverse("campaign", args=[campaign.pk])
    assert client.get(page).status_code == 200
    cut_all()
    close_old_connections()  # as at the begin of every request
    assert client.get(page).status_code == 200


class FullDisk:
    """A log on a disk that is full."""

    def write(self, *_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    flush = write


def test_a_log_that_cannot_be_written_stops_nothing(campaign, sandbox, wire, clock, monkeypatch):
    """F-63: there is no e-mail and there are no metrics that could fail."""
    handler = logging.StreamHandler(FullDisk())
    monkeypatch.setattr(logging.getLogger("campaigns"), "handlers", [handler])
    monkeypatch.setattr(logging.getLogger("campaigns"), "level", logging.DEBUG)
    monkeypatch.setattr(sys, "stderr", FullDisk())
    turn(sandbox, p500=1)  # something to say
    work(clock)
    turn(sandbox, p500=0)
    for _ in range(3):
        walk_to_the_end(clock)
    assert kinds(sandbox) == BOTH
