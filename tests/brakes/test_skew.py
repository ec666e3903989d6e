"""Hosts whose clocks differ: whoever is not of the database's time takes nothing up (F-61)."""

import logging
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns import outbox
from campaigns.brakes import skew
from campaigns.models import Message
from campaigns.outbox import leases
from tests.cast import kinds, walk_to_the_end

FIVE = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def nobody_has_told():
    caches[skew.CACHE].delete(skew.TOLD)
    yield
    caches[skew.CACHE].delete(skew.TOLD)


@pytest.fixture
def host(clock, monkeypatch):
    """Let our host's clock be so far ahead of the database's."""

    def differ(ahead):
        monkeypatch.setattr(skew, "database_time", lambda: clock() - ahead)

    return differ


@pytest.mark.parametrize("ahead", [FIVE, -FIVE, timedelta(seconds=2.1), -timedelta(seconds=2.1)])
def test_a_host_of_another_time_sends_nothing(campaign, sandbox, clock, host, ahead):
    host(ahead)
    outbox.run(hands=0)
    assert (kinds(sandbox), Message.objects.exclude(lease_token="").count()) == ([], 0)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=2), -timedelta(seconds=2)])
def test_two_seconds_are_no_difference(campaign, sandbox, clock, host, ahead):
    host(ahead)
    walk_to_the_end(clock)
    assert len(kinds(sandbox)) == 2


def test_when_the_clocks_agree_again_it_goes_on(campaign, sandbox, clock, host):
    host(FIVE)
    outbox.run(hands=0)
    host(timedelta(0))
    walk_to_the_end(clock)
    assert len(kinds(sandbox)) == 2


def test_two_hosts_five_minutes_apart_do_not_call_at_once(campaign, sandbox, wire, clock, host):
    """F-61: The one is calling; the other, for whom the lease has long run out, wants its turn."""

    def the_other_host(request):
        clock.go(minutes=5)
        host(FIVE)
        leases_taken.append(outbox.run.__globals__["_take"]())
        clock.go(minutes=-5)
        host(timedelta(0))

    leases_taken = []
    wire.before = the_other_host
    outbox.run(hands=0)
    assert leases_taken
    assert not any(leases_taken)


def test_a_call_begins_only_while_the_lease_outlives_it_by_everybodys_clock(campaign, sandbox, clock, settings):
    """We may be two seconds behind the database, and the other host two seconds ahead of it."""
    [message] = leases.claim(clock(), 1)
    message.lease_until = clock() + timedelta(seconds=settings.CALL_SECONDS + 4)
    assert leases.lasts(message, settings.CALL_SECONDS, clock())
    clock.go(seconds=0.1)
    assert not leases.lasts(message, settings.CALL_SECONDS, clock())


def test_the_log_says_so_once_a_minute(campaign, sandbox, clock, host, caplog):
    host(-FIVE)
    for _ in range(3):
        outbox.run(hands=0)
    [record] = [each for each in caplog.records if each.name == "campaigns.brakes.skew"]
    assert (record.levelno, "5 minutes behind the database’s" in record.message) == (logging.ERROR, True)


def test_readyz_and_the_page_say_what_to_do(client, ada, campaign, sandbox, clock, host):
    """Runbook: The clock is wrong."""
    client.force_login(ada.user)
    host(FIVE)
    outbox.run(hands=0)
    said = client.get("/readyz").json()["checks"]["clock"]
    assert said == (
        "The clock of a server that sends is 5 minutes ahead of the database’s. "
        "It sends nothing until they agree: set both clocks by the network (NTP)."
    )
    assert said in client.get(reverse("campaign", args=[campaign.pk])).content.decode()


def test_a_server_of_pages_alone_hears_what_the_sender_found(client, campaign, sandbox, clock, host):
    host(FIVE)
    outbox.run(hands=0)
    host(timedelta(0))
    assert "5 minutes ahead" in client.get("/readyz").json()["checks"]["clock"]
    caches[skew.CACHE].delete(skew.TOLD)  # as after a minute in which nobody found anything
    assert client.get("/readyz").json()["checks"]["clock"] == "ok"


@pytest.mark.parametrize(("ahead", "said"), [(3, "3 seconds ahead of"), (-90, "90 seconds behind"), (7200, "120 min")])
def test_the_difference_in_words(ahead, said):
    assert said in skew.sentence(ahead)


def test_a_slow_answer_is_no_difference(monkeypatch):
    """The database's moment lies between asking and hearing."""
    times = iter([timezone.now(), timezone.now() + timedelta(seconds=9)])
    monkeypatch.setattr(skew, "database_time", lambda now=timezone.now: now() + timedelta(seconds=4))
    monkeypatch.setattr(skew.timezone, "now", lambda: next(times))
    assert skew.seconds() == 0


@pytest.mark.django_db
def test_the_database_of_this_machine_has_its_time():
    assert abs(skew.seconds()) < 1


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no clock but ours")
def test_the_databases_own_clock_is_asked(time_machine):
    there = skew.database_time()
    time_machine.move_to(there + FIVE)
    assert 299 < skew.seconds() < 310
