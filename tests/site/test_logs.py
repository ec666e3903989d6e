"""What a log line shows and what it hides (S48, S49)."""

import json
import logging
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
import time_machine
from celery import beat

from reviews import logs
from reviews.celery import app


def line(message: str, *args: object, trace: BaseException | None = None) -> str:
    info = (type(trace), trace, trace.__traceback__) if trace else None
    return logs.OneLine().format(logging.LogRecord("campaigns", logging.INFO, "", 0, message, args, info))


def message(text: str) -> str:
    return json.loads(line("%s", text))["message"]


@pytest.mark.parametrize(
    "number",
    [
        "+15125550142",
        "%2B15125550142",
        "15125550142",
        "5125550142",
        "(512) 555-0142",
        "512-555-0142",
        "+1 512 555 0142",
        "1.512.555.0142",
    ],
)
def test_a_phone_number_is_masked_however_it_is_written(number):
    assert message(f"to {number}, from us") == "to +1•••••0142, from us"


def test_a_number_of_another_country_keeps_its_ends():
    assert message("+4915112345678") == "+4•••••5678"


@pytest.mark.parametrize(
    "text", ["id 20261122134529", "12 of 500 in 1795344000.25", "9f86d081-884c-4d63-a1b2-512555014200"]
)
def test_other_numbers_stay(text):
    assert message(text) == text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Authorization: Bearer 0123456789abcdef.acme", "Authorization: ••• •••"),
        ("sent Bearer 0123456789abcdef.acme", "sent Bearer •••"),
        ('{"signing_secret": "abc123"}', '{"signing_secret": "•••"}'),
        ("password=hunter2&next=/", "password=•••&next=/"),
        ("GET /sign-in/Zk3vQm8RtY1uWx5bN7cD9eF2gH4jK6pL/", "GET /sign-in/•••/"),
        ("postgres://goodword:hunter2@db/goodword", "postgres://•••@db/goodword"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "•••"),
        ("grace@example.com signed in", "•••@example.com signed in"),
    ],
)
def test_a_secret_is_masked(said, shown):
    assert message(said) == shown


@pytest.mark.parametrize(
    "text", ["a\r\nb", "a\x1b[31mb", 'a", "level": "INFO', "a\u2028b", "a\x85b", "a\u202eb", "a\x00b"]
)
def test_whatever_is_said_stays_one_line_and_comes_back_whole(text):
    written = line("%s", text)
    assert len(written.splitlines()) == 1
    assert written.isprintable()
    assert json.loads(written)["message"] == text


def test_a_trace_is_part_of_the_line_and_masked():
    try:
        raise ValueError("Key (phone)=(+15125550142) already exists")
    except ValueError as problem:
        written = line("failed", trace=problem)
    assert len(written.splitlines()) == 1
    assert "0142" in written
    assert "5125550142" not in written


def test_a_line_carries_the_id_of_its_request():
    token = logs.request_id.set("abcdef0123456789")
    assert json.loads(line("hello"))["request"] == "abcdef0123456789"
    logs.request_id.reset(token)


# --- a broker that refuses to be rung --------------------------------------------------------------------------------


class FullRedis(Exception):
    """As redis says it: OOM command not allowed when used memory > 'maxmemory'."""


def refused_rings(count, clock, seconds=1):
    """What the log takes of so many rings of Celery's own clock, each refused; the entries that are left."""
    scheduler = beat.Scheduler(app, lazy=True)
    entry = scheduler.Entry(name="look", task="campaigns.tasks.look", schedule=1, app=app)
    kept = []
    handler = logging.Handler()
    handler.emit = kept.append
    logger, seldom = logging.getLogger("celery.beat"), logs.Seldom()
    logger.addHandler(handler)
    logger.addFilter(seldom)
    try:
        for _ in range(count):
            with patch.object(scheduler, "apply_async", side_effect=FullRedis("OOM")):
                scheduler.apply_entry(entry)
            clock.shift(seconds)
    finally:
        logger.removeFilter(seldom)
        logger.removeHandler(handler)
    return kept


def test_a_broker_that_refuses_every_ring_is_said_once_a_minute_in_one_line():
    with time_machine.travel(datetime(2026, 3, 2, tzinfo=UTC), tick=False) as clock:
        said = refused_rings(150, clock)
    assert [record.getMessage() for record in said] == [
        "The broker refuses to be rung: OOM (and 0 times since it was last said)",
        "The broker refuses to be rung: OOM (and 59 times since it was last said)",
        "The broker refuses to be rung: OOM (and 59 times since it was last said)",
    ]
    assert all(record.exc_info is None for record in said)


def test_whatever_else_the_clock_says_is_said():
    record = logging.LogRecord("celery.beat", logging.ERROR, "", 1, "Cannot start", (), None)
    assert all(logs.Seldom().filter(record) for _ in range(3))
    assert logs.configuration("INFO")["loggers"]["celery.beat"]["filters"] == ["seldom"]
