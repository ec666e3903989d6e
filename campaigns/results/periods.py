"""A stretch of days in a business's time zone, and its weeks.  (pure)

Everything is [from, to): a day begins at its first local midnight, whatever the clocks do that night, and belongs to
one period only.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Days of the longest period; a week is a bar, and more bars than these nobody can read.
MOST_DAYS = 732
#: The first day that is taken for one.
EARLIEST = date(2000, 1, 1)


class BadPeriod(Exception):
    """These two days are no period; the text says why, and what to choose."""


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both whole."""

    first: date
    last: date
    zone: ZoneInfo

    @classmethod
    def of_days(cls, days: int, today: date, zone: ZoneInfo) -> "Period":
        """So many days up to and with today."""
        return cls(today - timedelta(days=days - 1), today, zone)

    @classmethod
    def between(cls, first: date, last: date, zone: ZoneInfo) -> "Period":
        """Two days somebody chose.  Raises `BadPeriod`."""
        if first > last:
            raise BadPeriod("The first day is after the last one. Swap them.")
        if first < EARLIEST or last.year > 9000:
            raise BadPeriod("Choose days of this century.")
        if (last - first).days >= MOST_DAYS:
            raise BadPeriod("Two years are the most that is shown at once. Choose days nearer to each other.")
        return cls(first, last, zone)

    @property
    def begins(self) -> datetime:
        """The moment the first day begins."""
        return _midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The moment the day after the last begins; no part of it."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def weeks(self) -> list["Period"]:
        """Its weeks from Monday to Sunday; the first and the last may be cut short."""
        found, first = [], self.first
        while first <= self.last:
            sunday = first + timedelta(days=6 - first.weekday())
            found.append(Period(first, min(sunday, self.last), self.zone))
            first = sunday + timedelta(days=1)
        return found

    def each_day(self) -> list["Period"]:
        """Its days, each a period of its own."""
        days = (self.first + timedelta(days=n) for n in range(self.days))
        return [Period(day, day, self.zone) for day in days]

    def __str__(self) -> str:
        """ "2 March 2026 to 8 March 2026"."""
        return f"{self.first.day} {self.first:%B %Y} to {self.last.day} {self.last:%B %Y}"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """In UTC: two moments of one zone are compared by the clock on the wall."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
