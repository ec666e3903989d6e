"""When to come back, out of whatever Chert or a proxy writes there."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.chert.envelope import LONGEST_WAIT, Answer, Envelope, retry_after

from .conftest import NOW

SETTLED = settings(derandomize=True, deadline=None)


def wait(header=None, body=None):
    answer = Answer(429, {} if header is None else {"retry-after": header})
    return retry_after(answer, Envelope(1007, True, body, ""), NOW)


def date(seconds):
    return formatdate(NOW + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("1", 1),
        (" 12 ", 12),
        ("0", 0),
        ("2.5", 2.5),
        ("3600", 3600),
        ("999999", LONGEST_WAIT),
        ("9" * 50, None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1, 2", None),
        ("inf", None),
        ("nan", None),
        ("²", None),
        (None, None),
        (date(90), 90),
        (date(-90), None),
        (date(10**6), LONGEST_WAIT),
        ("Wed, 99 Foo 2026 99:99:99 GMT", None),
    ],
)
def test_the_header_is_read_in_all_its_forms(header, seconds):
    assert wait(header=header) == seconds


def test_a_date_without_a_zone_is_meant_in_utc():
    moment = datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=60)
    assert wait(header=format_datetime(moment.replace(tzinfo=None))) == 60


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (7, 7),
        (7.5, 7.5),
        ("8", 8),
        (-1, None),
        (True, None),
        (None, None),
        ([], None),
        (float("nan"), None),
        (1e300, 3600),
    ],
)
def test_the_body_is_read_in_all_its_forms(body, seconds):
    assert wait(body=body) == seconds


def test_the_larger_of_header_and_body_counts():
    assert wait(header="5", body=20) == 20
    assert wait(header="50", body=20) == 50
    assert wait(header="garbage", body=20) == 20


@SETTLED
@given(header=st.none() | st.text(), body=st.none() | st.text() | st.floats() | st.integers() | st.booleans())
def test_nothing_in_it_can_break_us(header, body):
    seconds = wait(header=header, body=body)
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT
