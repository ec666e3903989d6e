"""Public holidays of the United States, by rule, for any year.  (pure)

A holiday on a Saturday is also kept on the Friday before, one on a Sunday also on the Monday after; here both days
count, so that no reading of "the holiday" is missed.
"""

from datetime import date, timedelta
from functools import lru_cache

FEDERAL, RHODE_ISLAND = "federal", "rhode_island"
MONDAY, THURSDAY = 0, 3
#: Month and day; since when the day is kept does not matter for years to come.
_FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
#: Month, weekday and which of them; -1 is the last of the month.
_FLOATING = ((1, MONDAY, 3), (2, MONDAY, 3), (5, MONDAY, -1), (9, MONDAY, 1), (10, MONDAY, 2), (11, THURSDAY, 4))
#: Victory Day, kept in Rhode Island alone.
_VICTORY = (8, MONDAY, 2)


def is_holiday(day: date, kept: str) -> bool:
    """Is this date free by that list ("" keeps none)?"""
    return bool(kept) and any(day in _of(year, kept) for year in (day.year, day.year + 1))


@lru_cache(maxsize=64)
def _of(year: int, kept: str) -> frozenset[date]:
    floating = (*_FLOATING, _VICTORY) if kept == RHODE_ISLAND else _FLOATING
    fixed = [date(year, month, day) for month, day in _FIXED]
    moved = [_observed(day) for day in fixed]
    return frozenset([*fixed, *moved, *(_nth(year, *rule) for rule in floating)])


def _observed(day: date) -> date:
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    if which < 0:
        last = date(year, month + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
