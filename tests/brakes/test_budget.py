"""A budget of repeats: where too much fails, first tries go on and repeats are thinned out (reliability §8)."""

from datetime import timedelta

import pytest
from django.db import connection

from campaigns import chert, outbox
from campaigns.brakes import budget
from campaigns.models import Attempt, Message, Organization
from campaigns.outbox import outcomes, patience
from tests.cast import turn
from tests.outbox.test_breaker import asked, tried, written

pytestmark = pytest.mark.django_db

SILENT = {"outcome": "unknown", "http_status": None}
BUSY = {"outcome": "not_sent", "http_status": 429}
TAKEN = {"outcome": "sent", "http_status": 200}


def spent(owner, now):
    return budget.is_spent(Organization.objects.get(pk=owner.organization.pk), now)


@pytest.mark.parametrize(
    ("calls", "is_it"),
    [
        ([(BUSY, 100)], False),
        ([(BUSY, 101)], True),
        ([(SILENT, 50)], False),
        ([(SILENT, 51)], True),
        ([(SILENT, 300), (TAKEN, 500)], False),
        ([(SILENT, 301), (TAKEN, 500)], True),
        ([({"outcome": "refused", "http_status": 400}, 500)], False),
        ([({"outcome": "account", "http_status": 401}, 500)], False),
        ([({"outcome": "", "http_status": None}, 500)], False),
    ],
)
def test_what_a_minute_may_spend_beyond_what_it_earns(ada, clock, calls, is_it):
    message = written(ada, clock)
    for seen, count in calls:
        tried(message, clock() - timedelta(seconds=30), count=count, **seen)
    assert spent(ada, clock()) is is_it


def test_what_is_older_than_a_minute_is_forgotten(ada, clock):
    tried(written(ada, clock), clock() - timedelta(seconds=61), count=500, **BUSY)
    assert not spent(ada, clock())


def test_what_failed_before_chert_came_back_is_forgotten(ada, clock):
    tried(written(ada, clock), clock() - timedelta(seconds=30), count=500, **BUSY)
    Organization.objects.filter(pk=ada.organization.pk).update(back_at=clock() - timedelta(seconds=20))
    assert not spent(ada, clock())


def test_one_account_does_not_spend_the_budget_of_another(ada, rival, clock):
    tried(written(ada, clock), clock(), count=500, **BUSY)
    assert (spent(ada, clock()), spent(rival, clock())) == (True, False)


def test_who_finds_it_spent_waits_the_longest_wait_and_who_does_not_a_second(ada, clock):
    message = written(ada, clock)
    message.organization.refresh_from_db()
    wish = chert.NotSent("busy", http_status=429)
    assert patience.rest(message, wish, 1, clock()) <= timedelta(seconds=1)
    tried(message, clock(), count=101, **BUSY)
    assert timedelta(seconds=60) <= patience.rest(message, wish, 1, clock()) <= timedelta(seconds=300)
    assert timedelta(seconds=12) <= patience.rest(message, chert.Unknown("cut"), 1, clock()) <= timedelta(seconds=60)


def test_a_wish_of_chert_s_to_wait_longer_is_heeded_all_the_same(ada, clock):
    message = written(ada, clock)
    tried(message, clock(), count=101, **BUSY)
    wish = chert.NotSent("busy", http_status=429, retry_after=3000)
    assert patience.rest(message, wish, 1, clock()) == timedelta(seconds=3000)


def depth():
    return len(connection.savepoint_ids)


def send_cut(message, now):
    outcomes.failed(message, outcomes.begin(message, "send", now), chert.Unknown("cut"), now)


def upload_cut(message, now):
    outcomes.upload_failed(message, now, chert.Unknown("cut"), now)


def look_cut(message, now):
    outcomes.look_again(message, now, chert.Unknown("cut"), now)


@pytest.mark.parametrize("step", [send_cut, upload_cut, look_cut])
def test_nobody_waits_in_a_transaction_while_a_minute_is_counted(ada, clock, monkeypatch, step):
    """The outcome of a call holds SQLite's only lock."""
    message = written(ada, clock)
    message.lease_token, message.attempts = "held", 1
    message.save()
    seen = []
    monkeypatch.setattr(budget, "is_spent", lambda *_: seen.append(depth()) or False)
    outside = depth()
    step(message, clock())
    assert seen == [outside]


def test_where_most_is_asked_to_wait_first_tries_go_on_and_repeats_grow_rare(ada, sandbox, wire, clock):
    """Busy answers open no breaker; without a budget each of these rows would be asked for every few seconds."""
    asked(ada, clock, 30)
    tried(written(ada, clock, 1), clock(), count=200, **BUSY)
    turn(sandbox, only="POST /attachments", p429=1)
    outbox.run(hands=0)
    assert Attempt.objects.filter(step="upload").exists()
    rested = Message.objects.filter(tries__step="upload").distinct()
    assert all(message.due_at >= clock() + timedelta(seconds=60) for message in rested)
