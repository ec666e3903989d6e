"""The plan of a launch as a small calendar: weeks from Monday to Sunday, how many on which day, the last day marked."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from campaigns import launch, lines, pacing, plans
from campaigns.models import Business
from campaigns.templatetags.look import long_day
from campaigns.web.campaigns import words

#: Weeks drawn; a longer plan says the rest in a sentence.
WEEKS = 6
#: Names shown of each place; the rest are counted.
NAMED = 30


@dataclass(frozen=True)
class Square:
    """One day of the calendar."""

    date: date
    count: int = 0
    first_at: datetime | None = None
    is_today: bool = False
    is_last: bool = False


@dataclass(frozen=True)
class Place:
    """Those who wait for the same morning."""

    name: str
    people: list[plans.Waiting]

    @property
    def more(self) -> int:
        """How many are not named."""
        return max(0, len(self.people) - NAMED)


@dataclass(frozen=True)
class Calendar:
    """What the page draws and says of a plan."""

    squares: list[Square]
    pace: str
    said: str
    later: str
    mornings: str
    places: list[Place]
    ahead: int
    #: Which line takes how many on which day; empty where there is only one.
    shares: list["Share"]
    #: The line rests because too few answer; empty when none does.
    resting: str


def of(plan: launch.Plan, business: Business, now: datetime) -> Calendar | None:
    """The calendar of a plan; None where nobody is asked."""
    if not plan.days:
        return None
    squares = list(_squares(plan.days, now.astimezone(business.zone).date()))
    return Calendar(
        squares=squares,
        pace=_pace(plan, business, now),
        said=" ".join(_said(plan.days, business)),
        later=_later(plan.days, squares[-1].date, business),
        mornings=_mornings(plan.waiting),
        places=_places(plan.waiting),
        ahead=plan.ahead,
        shares=_shares(plan, business),
        resting=words.resting(business, now),
    )


@dataclass(frozen=True)
class Share:
    """One day of several lines: those that take somebody, and how many."""

    day: str
    counts: list[tuple[str, int]]


def _shares(plan: launch.Plan, business: Business) -> list[Share]:
    numbers = sorted({line.number for line in plan.lines.values()})
    if len(numbers) < 2:
        return []
    return [
        Share(long_day(_noon(day, business)), [(number, counts[number]) for number in numbers if counts[number]])
        for day, counts in plan.by_line(business.zone).items()
    ]


def _squares(days: list[pacing.Day], today: date) -> Iterator[Square]:
    by_date = {day.date: day for day in days}
    monday = today - timedelta(days=today.weekday())
    weeks = min(WEEKS, (days[-1].date - monday).days // 7 + 1)
    for offset in range(weeks * 7):
        at = monday + timedelta(days=offset)
        day = by_date.get(at)
        count, first_at = (day.count, day.first_at) if day else (0, None)
        yield Square(at, count, first_at, is_today=at == today, is_last=at == days[-1].date)


def _pace(plan: launch.Plan, business: Business, now: datetime) -> str:
    """ "30 a day on one line, ten minutes apart, first tomorrow at 9:00." """
    usable = lines.usable(business)
    begins = f"first {words.by_when(plan.days[0].first_at, now, with_time=True)}."
    if not usable or all(person.known_chat for person in plan.will_ask):
        return begins.capitalize()
    gap = min(lines.gap(line) for line in usable)
    apart = [f"{words.span(gap)} apart" if gap > 1 else "a second apart"] if gap else []
    budget = sum(lines.budget(line) for line in usable)
    on = "one line" if len(usable) == 1 else f"{words.spelled(len(usable))} lines"
    return ", ".join([f"{budget:,} a day on {on}", *apart, begins])


def _said(days: list[pacing.Day], business: Business) -> Iterator[str]:
    """The calendar for those who do not see it: days of the same number that follow each other in one sentence."""
    for count, run in groupby(days, key=lambda day: day.count):
        same = list(run)
        first, last = (long_day(_noon(day.date, business)) for day in (same[0], same[-1]))
        yield f"{first}: {count}." if len(same) == 1 else f"{first} to {last}: {count} a day."


def _later(days: list[pacing.Day], shown: date, business: Business) -> str:
    left = sum(day.count for day in days if day.date > shown)
    return f"And {left:,} more until {long_day(_noon(days[-1].date, business))}." if left else ""


def _noon(day: date, business: Business) -> datetime:
    return datetime.combine(day, time(12), tzinfo=business.zone)


def _mornings(waiting: list[plans.Waiting]) -> str:
    """ "Quiet until 9:00 their time: 7 Honolulu, 2 Anchorage." """
    if not waiting:
        return ""
    starts = Counter(f"{each.opens_at.astimezone(each.zones[0]):%-H:%M}" for each in waiting if len(each.zones) == 1)
    until = f"until {next(iter(starts))} their time" if len(starts) == 1 else "until their own hours begin"
    return f"Quiet {until}: {plans.where(waiting)}."


def _places(waiting: list[plans.Waiting]) -> list[Place]:
    ordered = sorted(waiting, key=lambda each: each.places)
    return [Place(name, list(people)) for name, people in groupby(ordered, key=lambda each: each.places)]
