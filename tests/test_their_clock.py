"""Chert's time is taken from its answers, remembered seldom, and harms nobody."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from campaigns import outbox, their_clock
from tests.cast import only_delivery, walk_to_the_end


@pytest.fixture(autouse=True)
def nobody_has_called():
    their_clock.forget()
    yield
    their_clock.forget()


@pytest.fixture
def chert_is_behind(wire, clock):
    """Chert dates each answer a minute and a half before our time."""

    def date(request, response):
        response.headers["date"] = format_datetime(clock() - timedelta(seconds=91), usegmt=True)

    wire.after = date


@pytest.fixture
def notes(monkeypatch):
    """What is written into the cache."""
    written = []
    monkeypatch.setattr(their_clock.cache, "set", lambda *what: written.append(what[1][0]))
    return written


def test_sending_finds_out_what_time_it_is_there(campaign, chert_is_behind, clock):
    walk_to_the_end(clock)
    found = their_clock.found()
    assert (found.ahead, found.is_too_much) == (90, True)
    assert only_delivery(campaign).status == "read"


def test_a_thousand_answers_are_one_note(notes):
    for _ in range(1000):
        their_clock.notice(0.0)
    assert notes == [0.0]


def test_a_finding_that_turns_is_noted_at_once(notes):
    for ahead in (0.0, 1.0, 90.0, 91.0, 0.5):
        their_clock.notice(ahead)
    assert notes == [0.0, 90.0, 0.5]


def test_a_cache_that_is_away_costs_no_call(campaign, chert_is_behind, clock, monkeypatch, caplog):
    def gone(*_):
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(their_clock.cache, "set", gone)
    outbox.run(hands=0)
    assert only_delivery(campaign).status == "greeted"
    assert "could not be noted" in caplog.text


def test_what_was_seen_long_ago_is_not_believed(clock):
    their_clock.notice(90.0)
    assert their_clock.found()
    clock.go(minutes=16)
    assert their_clock.found() is None
