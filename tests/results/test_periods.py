"""Days in the business's zone, whole, and each in one period."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from campaigns.results.periods import BadPeriod, Period

CHICAGO = ZoneInfo("America/Chicago")


def test_the_last_thirty_days_end_with_today():
    period = Period.of_days(30, date(2026, 3, 31), CHICAGO)
    assert (period.first, period.last, period.days) == (date(2026, 3, 2), date(2026, 3, 31), 30)
    assert period.begins == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert period.ends == datetime(2026, 4, 1, 5, tzinfo=UTC)  # summer time since the 8th


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Chicago", date(2026, 3, 8), 23),
        ("America/Chicago", date(2026, 11, 1), 25),
        ("America/Havana", date(2026, 3, 8), 23),  # the clocks leap at midnight
        ("America/Havana", date(2026, 11, 1), 25),  # one o'clock becomes midnight: the day began an hour before
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Pacific/Kiritimati", date(2026, 3, 8), 24),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(zone, day, hours):
    period = Period.of_days(1, day, ZoneInfo(zone))
    assert (period.ends - period.begins).total_seconds() == hours * 3600


@pytest.mark.parametrize("zone", ["America/Havana", "Africa/Cairo", "America/St_Johns", "Pacific/Apia"])
def test_each_moment_belongs_to_one_week(zone):
    weeks = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo(zone)).weeks()
    assert all(one.ends == next_one.begins for one, next_one in pairwise(weeks))


def test_weeks_begin_on_monday_and_the_ends_are_cut():
    weeks = Period(date(2026, 3, 4), date(2026, 3, 17), CHICAGO).weeks()
    assert [(week.first.day, week.last.day) for week in weeks] == [(4, 8), (9, 15), (16, 17)]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 3, 2), date(2026, 3, 1)),
        (date(1, 1, 1), date(2026, 3, 1)),
        (date(1, 1, 1), date(1, 1, 2)),
        (date(1999, 12, 31), date(2000, 1, 2)),
        (date(2024, 3, 1), date(2026, 3, 3)),  # one day more than two years
        (date(2020, 1, 1), date(2026, 3, 1)),
        (date(9999, 12, 31), date(9999, 12, 31)),
    ],
)
def test_days_that_are_no_period_are_refused_in_words(first, last):
    with pytest.raises(BadPeriod, match=r"\.$"):
        Period.between(first, last, CHICAGO)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), 1),
        (date(2000, 1, 1), date(2000, 1, 2), 2),
        (date(2024, 3, 1), date(2026, 3, 2), 732),
    ],
)
def test_a_single_day_and_two_whole_years_are_periods(first, last, days):
    assert Period.between(first, last, CHICAGO).days == days


def test_a_period_is_named_by_both_its_days():
    assert str(Period(date(2025, 12, 29), date(2026, 1, 4), CHICAGO)) == "29 December 2025 to 4 January 2026"
