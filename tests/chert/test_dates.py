"""By how much our clock and Chert's differ, from the Date of its answers."""

from email.utils import formatdate

import httpx
import pytest

from campaigns.chert import ChertError

from .conftest import NOW, answer, connect


class Ticking:
    """Another reading at each look, the last one for ever."""

    def __init__(self, *readings):
        self.readings = list(readings)

    def __call__(self):
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]


def seen(*replies, clock=lambda: NOW):
    """What is told of these answers."""
    told = []
    client, _ = connect(*replies, clock=clock, on_skew=told.append)
    for _ in replies:
        try:
            client.phone_numbers()
        except ChertError:
            continue
    return told


def dated(offset, status=200, **more):
    return answer(status, {"phone_numbers": []}, date=formatdate(NOW + offset, usegmt=True), **more)


@pytest.mark.parametrize(
    ("theirs", "ahead"),
    [(0, 0), (-1, 0), (-45, 44), (90, -90), (-4000, 3999)],
    ids=["same", "second", "+", "-", "hour"],
)
def test_a_date_says_by_how_much_we_are_ahead_at_least(theirs, ahead):
    assert seen(dated(theirs)) == [ahead]


def test_an_answer_that_took_long_is_no_difference():
    """Chert wrote its date somewhere between our asking and our hearing."""
    assert seen(dated(20), clock=Ticking(NOW, NOW, NOW + 29)) == [0]


@pytest.mark.parametrize("status", [401, 429, 500, 302])
def test_an_answer_that_is_no_success_says_what_time_it_is_too(status):
    """A clock that is far off is met with 401."""
    assert seen(dated(-400, status)) == [399]


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 99 Foo 2026", "0", "\x00", "Thu, 01 Jan 99999 00:00:00 GMT", "9" * 400]
)
def test_a_date_that_is_none_says_nothing(date):
    raw = httpx.Response(200, json={"phone_numbers": []}, headers=[(b"date", date.encode())])
    assert seen(raw) == []


def test_what_lay_in_a_cache_says_nothing():
    assert seen(dated(-400, age="400")) == []


def test_an_answer_without_a_date_and_no_answer_say_nothing():
    assert seen(answer(200, {"phone_numbers": []}), httpx.ReadTimeout("silence")) == []


def test_nobody_need_listen():
    client, _ = connect(dated(-400))
    assert client.phone_numbers() == []
