"""When may a message start?  Local hours, line budget and gap, and the plan with its finish date.  Pure.

Rules M6, M7, M12.  All times going in and out are aware; hours are judged in the zones given.
"""

import heapq
import zlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from campaigns import holidays

#: Chert's own limits for first touches of one line (contract §11).
MOST_A_DAY = 30
LEAST_GAP = 600

#: Over which days the answers on a line are counted, and how long people have before theirs is missed (M12).
REPLIES_OVER = timedelta(days=7)
TIME_TO_ANSWER = timedelta(days=1)

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
    """The hours of each weekday, Monday first; None is a day without any.  `closed_on` names the holidays kept."""

    days: tuple[Hours | None, ...]
    closed_on: str = ""

    @classmethod
    def default(cls) -> "Window":
        """Monday to Saturday 9:00-20:00, Sunday 12:00-20:00 (policy §5)."""
        return cls((Hours(time(9), time(20)),) * 6 + (Hours(time(12), time(20)),))

    @classmethod
    def widest(cls) -> "Window":
        """Every day 8:00-21:00, the hard limit (policy §5)."""
        return cls((Hours(EARLIEST, LATEST),) * 7)

    @property
    def is_wider_than_allowed(self) -> bool:
        """Does it reach beyond the hard limit on any day?  Possible only against the sandbox."""
        return any(day and (day.start < EARLIEST or day.end > LATEST or day.end == time(0)) for day in self.days)

    @classmethod
    def parse(cls, text: str, *, may_be_wide: bool = False) -> "Window":
        """Read "09:00-18:00", the same every day, or the name of a preset; empty gives the default.

        Raises `BadWindow` for anything else, for a window that never opens, and for one wider than 8:00-21:00 unless
        `may_be_wide` (only against the sandbox or another loopback address).
        """
        if not text:
            return cls.default()
        if text in PRESETS:
            return PRESETS[text].window
        hours = _hours(text)
        if not may_be_wide and (hours.start < EARLIEST or hours.end > LATEST or hours.end == time(0)):
            raise BadWindow("Messages may go out between 8:00 and 21:00 only. Choose hours inside that.")
        return cls((hours,) * 7)

    def on(self, day: date) -> Hours | None:
        """The hours of that date."""
        return None if holidays.is_holiday(day, self.closed_on) else self.days[day.weekday()]

    def without_holidays(self) -> "Window":
        """The same, closed on federal holidays; on more days where more are kept already."""
        return replace(self, closed_on=self.closed_on or holidays.FEDERAL)


@dataclass(frozen=True)
class Preset:
    """Hours that a state asks for, by name."""

    label: str
    window: Window


def _week(
    weekdays: tuple[int, int], saturday: tuple[int, int], sunday: tuple[int, int] | None
) -> tuple[Hours | None, ...]:
    ends = [*[weekdays] * 5, saturday, sunday]
    return tuple(Hours(time(pair[0]), time(pair[1])) if pair else None for pair in ends)


#: Stricter states as data (policy §5); one more is one more line.
PRESETS = {
    "florida": Preset("Florida, New Jersey, Maryland, Oklahoma: 8 to 20", Window(_week((8, 20), (8, 20), (8, 20)))),
    "connecticut": Preset("Connecticut: 9 to 20", Window(_week((9, 20), (9, 20), (9, 20)))),
    "texas": Preset("Texas: 9 to 21, Sunday from noon", Window(_week((9, 21), (9, 21), (12, 21)))),
    "rhodeisland": Preset(
        "Rhode Island: 9 to 18, Saturday 10 to 17, never on Sundays and holidays",
        Window(_week((9, 18), (10, 17), None), closed_on=holidays.RHODE_ISLAND),
    ),
}


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
    for ahead in range(15):  # Sundays and holidays may follow each other
        day = local.date() + timedelta(days=ahead)
        hours = window.on(day)
        starts = _starts(day, hours.start, zone) if hours else ()
        for start in starts:
            if start > now and hours and _shows(start, day, hours, zone):
                return start.astimezone(now.tzinfo)
    raise BadWindow("These hours never open.")


def _starts(day: date, start: time, zone: ZoneInfo) -> list[datetime]:
    """When the clock there shows this time on that date: twice in the night it goes back, and in the night it goes
    forward the moment in which it leaps over it."""
    wanted = datetime.combine(day, start, tzinfo=zone)
    early, late = sorted(wanted.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if early != late and early.astimezone(zone).time() != start:
        minutes = (early + timedelta(minutes=n) for n in range(1, 24 * 60))
        return [next(m for m in minutes if m.astimezone(zone).utcoffset() != early.astimezone(zone).utcoffset())]
    return [early, late]


def _shows(moment: datetime, day: date, hours: Hours, zone: ZoneInfo) -> bool:
    local = moment.astimezone(zone)
    return local.date() == day and hours.holds(local.time())


def open_span(now: datetime, window: Window, zones: Iterable[ZoneInfo]) -> tuple[datetime, datetime]:
    """From when and until when the window is open in every zone, the first such span from `now` on; see `opens_at`."""
    zones = list(zones)
    opens = opens_at(now, window, zones)
    closes = min((_closes(opens, window, zone) for zone in zones), default=opens + timedelta(days=1))
    return opens, max(closes, opens + timedelta(seconds=1))


def _closes(moment: datetime, window: Window, zone: ZoneInfo) -> datetime:
    day = moment.astimezone(zone).date()
    hours = window.on(day)
    end = hours.end if hours else time(0)
    last = day + timedelta(days=1) if end == time(0) else day
    ends = sorted(datetime.combine(last, end.replace(fold=fold), tzinfo=zone).astimezone(UTC) for fold in (0, 1))
    first = next((each for each in ends if each > moment), ends[-1])
    back = _goes_back(moment, first, zone)
    return back if back and hours and not _shows(back, day, hours, zone) else first


def _goes_back(moment: datetime, until: datetime, zone: ZoneInfo) -> datetime | None:
    """When the clock there is put back between the two; it may show a time before the window's start then."""
    before = moment.astimezone(zone).utcoffset() or timedelta()
    if (until.astimezone(zone).utcoffset() or timedelta()) >= before:
        return None
    minutes = (
        moment.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=n) for n in range(1, 24 * 60)
    )
    return next((each for each in minutes if each.astimezone(zone).utcoffset() != before), None)


@dataclass(frozen=True)
class Pace:
    """What one line may do: first touches a day, seconds between two, and what it has done on `today` already.

    `seed` names the line, so that a plan foresees the very jitter of the moment of sending.
    """

    budget: int
    gap: int
    used_today: int = 0
    free_at: datetime | None = None
    seed: str = ""


@dataclass(frozen=True)
class Brake:
    """A line rests when fewer than `least_replies` of 100 answered, of at least `enough` who had a day to (M12)."""

    least_replies: int = 15
    enough: int = 20

    def no_looser_than(self, other: "Brake") -> "Brake":
        """The stricter of the two in each part: rests sooner, and is judged by fewer."""
        return Brake(max(self.least_replies, other.least_replies), min(self.enough, other.enough))


#: The rule's own: an account may ask for more, and be judged by fewer.
BRAKE = Brake()
#: The strictest an account may be: half of all must answer, judged by five.
STRICTEST = Brake(50, 5)


def rests_until(touches: Sequence[tuple[datetime, bool]], now: datetime, brake: Brake = BRAKE) -> datetime | None:
    """Until when a line rests by its first touches (when, answered?) of the last days; None when it need not.

    It rests until too few are left to judge it by, and recovers sooner when answers come in.
    """
    sent = sorted(touch for touch in touches if touch[0] > now - REPLIES_OVER)
    judged = [answered for at, answered in sent if at <= now - TIME_TO_ANSWER]
    if len(judged) < brake.enough or sum(judged) * 100 >= brake.least_replies * len(judged):
        return None
    return sent[-brake.enough][0] + REPLIES_OVER


def gap_with_jitter(gap: int, seed: str, day: date, used: int) -> timedelta:
    """The gap to keep after the `used`-th first touch of that day: never shorter, up to a tenth longer (M12).

    The same line, day and number give the same gap, whoever asks.
    """
    chance = zlib.crc32(f"{seed}:{day.isoformat()}:{used}".encode()) / 2**32
    return timedelta(seconds=gap * (1 + chance / 10))


def longest_gap(gap: int) -> timedelta:
    """The most that `gap_with_jitter` makes of it."""
    return timedelta(seconds=gap * 1.1)


@dataclass(frozen=True)
class Day:
    """One date of a plan: how many are asked, the first of them when."""

    date: date
    count: int
    first_at: datetime


@dataclass
class Plan:
    """When each of the audience is expected to be asked, and on which of the lines: in the order of the people given.

    `lines` are places among the lines given.
    """

    times: list[datetime] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    @property
    def finishes_at(self) -> datetime | None:
        """The moment of the last one; None for nobody."""
        return max(self.times, default=None)

    def days(self, zone: ZoneInfo) -> list[Day]:
        """Each date of the business on which somebody is asked, in order."""
        found: dict[date, list[datetime]] = {}
        for moment in sorted(self.times):
            found.setdefault(moment.astimezone(zone).date(), []).append(moment)
        return [Day(date, len(times), times[0]) for date, times in found.items()]


#: The zones one customer may be in; only hours allowed in all of them count.
Zones = tuple[ZoneInfo, ...]


class Turn(NamedTuple):
    """Somebody to be placed in a plan: where they may be, and before when it is not their turn."""

    zones: Zones
    not_before: datetime | None = None

    def begins(self, now: datetime) -> datetime:
        """From when on they may be asked at all, hours aside."""
        return max(now, self.not_before or now)


def plan(now: datetime, people: Sequence[Turn], lines: Sequence[Pace], window: Window, zone: ZoneInfo) -> Plan:
    """Lay the first touches of these people, in this order, over the lines; `zone` tells the days of the budget.

    Whenever a line is free, the first in the order whose hours are open takes it; who has to wait for their morning is
    passed by.  An expectation for people to read: the moment of sending asks again.  Raises `BadWindow` when it can
    never finish.
    """
    if people and not any(line.budget > 0 for line in lines):
        raise BadWindow("No line may send a first message: every daily budget is 0.")
    queues = _queues(now, people, window)
    books = {place: _Book(line, now, zone) for place, line in enumerate(lines) if line.budget > 0}
    free = [(book.free_at, number) for number, book in books.items()]
    heapq.heapify(free)
    times, taken_by = [now] * len(people), [0] * len(people)
    while queues:
        moment, number = free[0]
        if (later := books[number].open_from(moment)) > moment:
            heapq.heapreplace(free, (later, number))
        elif (queue := _first_open(queues, moment)) is None:
            heapq.heapreplace(free, (min(queue.opens for queue in queues), number))
        else:
            person = queue.people.popleft()
            times[person], taken_by[person] = moment, number
            heapq.heapreplace(free, (books[number].take(moment), number))
            queues = queues if queue.people else [other for other in queues if other is not queue]
    return Plan(times, taken_by)


def first_free(slots: Sequence[datetime], theirs: Sequence[datetime]) -> datetime:
    """The first of these slots that is left over when each of `theirs`, in order, takes the next one after it came.

    Both in ascending order, and one slot more than there are others.
    """
    taken = 0
    for due in theirs:
        if due > slots[taken]:
            break
        taken += 1
    return slots[taken]


class _Queue:
    """People with the same turn, in order, and the span in which all of these are open next."""

    def __init__(self, turn: Turn, window: Window, now: datetime) -> None:
        self.people: deque[int] = deque()
        self._zones, self._window = turn.zones, window
        self.opens, self._closes = open_span(turn.begins(now), window, turn.zones)

    def is_open(self, moment: datetime) -> bool:
        """At this moment; the moments asked for never go back."""
        if moment >= self._closes:
            self.opens, self._closes = open_span(moment, self._window, self._zones)
        return self.opens <= moment


def _queues(now: datetime, people: Sequence[Turn], window: Window) -> list[_Queue]:
    queues: dict[Turn, _Queue] = {}
    for place, turn in enumerate(people):
        if turn not in queues:
            queues[turn] = _Queue(turn, window, now)
        queues[turn].people.append(place)
    return list(queues.values())


def _first_open(queues: list[_Queue], moment: datetime) -> _Queue | None:
    return min((queue for queue in queues if queue.is_open(moment)), key=lambda queue: queue.people[0], default=None)


class _Book:
    """The slot book of one line, foreseen."""

    def __init__(self, line: Pace, now: datetime, zone: ZoneInfo) -> None:
        self._line, self._zone = line, zone
        self._day, self._used = now.astimezone(zone).date(), line.used_today
        self.free_at = max(now, line.free_at or now).astimezone(UTC)

    def open_from(self, moment: datetime) -> datetime:
        """This moment, or the midnight after which there is budget again."""
        day = moment.astimezone(self._zone).date()
        if day > self._day:
            self._day, self._used = day, 0
        if self._used < self._line.budget:
            return moment
        return datetime.combine(self._day + timedelta(days=1), time(0), tzinfo=self._zone).astimezone(UTC)

    def take(self, moment: datetime) -> datetime:
        """Use one slot; returns when the next may be."""
        self._used += 1
        return moment + gap_with_jitter(self._line.gap, self._line.seed, self._day, self._used)
