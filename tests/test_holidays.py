"""Public holidays by rule, against the calendars as they were published."""

from datetime import date, timedelta

import pytest

from campaigns.holidays import FEDERAL, RHODE_ISLAND, is_holiday


def kept_in(year, kept):
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return [f"{day:%m-%d}" for day in days if day.year == year and is_holiday(day, kept)]


def test_the_federal_holidays_of_2026_with_the_friday_before_the_fourth():
    assert " ".join(kept_in(2026, FEDERAL)) == (
        "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25"
    )


def test_new_year_on_a_saturday_is_kept_in_the_old_year_too():
    assert is_holiday(date(2027, 12, 31), FEDERAL)
    assert is_holiday(date(2028, 1, 1), FEDERAL)


def test_rhode_island_keeps_victory_day_as_well():
    assert set(kept_in(2026, RHODE_ISLAND)) - set(kept_in(2026, FEDERAL)) == {"08-10"}


@pytest.mark.parametrize("year", range(2026, 2060))
def test_there_are_eleven_and_those_that_are_moved(year):
    assert 11 <= len(kept_in(year, FEDERAL)) <= 16


def test_without_a_list_no_day_is_one():
    assert not is_holiday(date(2026, 12, 25), "")
