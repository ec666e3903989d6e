"""When may a message start?  Local hours, line budget and gap, and the plan with its finish date.  Pure.

Rules M6, M7, M12.  All times going in and out are aware; hours are judged in the zones given.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Chert's own limits for first touches of one line (contract §11).
MOST_A_DAY = 30
LEAST_GAP = 600

#: A stop is confirmed within this time of their words or not at all (M5).
CONFIRM_WITHIN = timedelta(minutes=5)

EARLIEST = time(8, 0)
LATEST = time(21, 0)


@dataclass(frozen=True)
class Hours:
    """From when to when, local time.  `end` 00:00 means midnight."""

    start: time
    end: time

    def holds(self, moment: time) -> bool:
        """Is this time of day inside?"""
        return self.start <= moment and (self.end == time(0) or moment < self.end)


class BadWindow(ValueError):
    """The hours given cannot be used; the text says why, in a sentence for people."""


@dataclass(frozen=True)
class Window:
    """The hours of each weekday, Monday first; None is a day without any."""

    days: tuple[Hours | None, ...]

    @classmethod
    def default(cls) -> "Window":
        """Monday to Saturday 9:00-20:00, Sunday 12:00-20:00 (policy §5)."""
        return cls((Hours(time(9), time(20)),) * 6 + (Hours(time(12), time(20)),))

    @classmethod
    def parse(cls, text: str, *, may_be_wide: bool = False) -> "Window":
        """Read "09:00-18:00", the same every day; empty gives the default.

        Raises `BadWindow` for anything else, for a window that never opens, and for one wider than 8:00-21:00 unless
        `may_be_wide` (only against the sandbox or another loopback address).
        """
        if not text:
            return cls.default()
        hours = _hours(text)
        if not may_be_wide and (hours.start < EARLIEST or hours.end > LATEST or hours.end == time(0)):
            raise BadWindow("Messages may go out between 8:00 and 21:00 only. Choose hours inside that.")
        return cls((hours,) * 7)

    def on(self, day: date) -> Hours | None:
        """The hours of that date."""
        return self.days[day.weekday()]


def _hours(text: str) -> Hours:
    try:
        start, end = (_time(part) for part in text.split("-"))
    except ValueError as problem:
        raise BadWindow("Write the hours like 09:00-18:00.") from problem
    if end != time(0) and end <= start:
        raise BadWindow("These hours never open: the end must be later than the start.")
    return Hours(start, end)


def _time(text: str) -> time:
    text = text.strip()
    return time(0) if text == "24:00" else time.fromisoformat(text)


def opens_at(now: datetime, window: Window, zones: Iterable[ZoneInfo]) -> datetime:
    """The first moment from `now` on at which the window is open in *every* zone (M7).

    Returns `now` itself when it is open.  Raises `BadWindow` when no such moment comes within 15 days.
    """
    zones = list(zones)
    moment = now
    for _ in range(15 * 24 * len(zones) + 1):
        later = max((_opens(moment, window, zone) for zone in zones), default=moment)
        if later == moment:
            return moment
        moment = later
    raise BadWindow("These hours never open in all the time zones this customer may be in.")


def _opens(now: datetime, window: Window, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    hours = window.on(local.date())
    if hours and hours.holds(local.time()):
        return now
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        hours = window.on(day)
        start = datetime.combine(day, hours.start, tzinfo=zone) if hours else None
        if start and start > local and start.astimezone(zone).date() == day:
            return max(start.astimezone(now.tzinfo), now + timedelta(microseconds=1))
    raise BadWindow("These hours never open.")


@dataclass(frozen=True)
class Pace:
    """What one line may do: first touches a day, seconds between two, and what it has done on `today` already."""

    budget: int
    gap: int
    used_today: int = 0
    free_at: datetime | None = None


def gap_with_jitter(gap: int, chance: random.Random) -> timedelta:
    """The gap to keep now: never shorter than `gap` seconds, up to a tenth longer (M12)."""
    return timedelta(seconds=gap * (1 + chance.random() / 10))


@dataclass
class Plan:
    """When each of the audience is expected to be asked."""

    times: list[datetime] = field(default_factory=list)

    @property
    def finishes_at(self) -> datetime | None:
        """The moment of the last one; None for nobody."""
        return self.times[-1] if self.times else None

    def by_day(self, zone: ZoneInfo) -> list[tuple[date, int]]:
        """How many on each date of the business, in order."""
        days = Counter(moment.astimezone(zone).date() for moment in self.times)
        return sorted(days.items())


def plan(now: datetime, count: int, lines: Sequence[Pace], window: Window, zone: ZoneInfo) -> Plan:
    """Lay `count` first touches over the lines, inside the business's hours.

    An expectation for people to read: the moment of sending asks again.  Raises `BadWindow` when it can never finish.
    """
    if count and not any(line.budget > 0 for line in lines):
        raise BadWindow("No line may send a first message: every daily budget is 0.")
    slots = sorted(moment for line in lines for moment in _first(_slots(now, line, window, zone), count))
    return Plan(slots[:count])


def _first(moments: Iterator[datetime], count: int) -> list[datetime]:
    return [moment for moment, _ in zip(moments, range(count), strict=False)]


def _slots(now: datetime, line: Pace, window: Window, zone: ZoneInfo) -> Iterator[datetime]:
    if line.budget <= 0:
        return
    moment, used, day = max(now, line.free_at or now), line.used_today, now.astimezone(zone).date()
    while True:
        moment = opens_at(moment, window, [zone])
        local = moment.astimezone(zone)
        if local.date() != day:
            day, used = local.date(), 0
        if used >= line.budget:
            moment = datetime.combine(day + timedelta(days=1), time(0), tzinfo=zone).astimezone(now.tzinfo)
            continue
        yield moment
        used += 1
        moment += timedelta(seconds=line.gap)
