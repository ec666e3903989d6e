"""A location's short link, for cards, codes and wherever else it is shown to everybody.

It never changes and leads to whatever the review link is just now, so a printed code lives as long as the business.
Everybody gets the same destination (R1).  What is counted is a number per day and way; nothing of who opened it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from campaigns import connection
from campaigns.models import Business, Opening, new_short_code

Way = Opening.Way
#: How the end of the address tells by which way it was come by: short, for a code with few modules.
ENDS: Final[Mapping[str, str]] = MappingProxyType({"": Way.LINK, "q": Way.CODE, "c": Way.CARD})
#: Days in the table.
DAYS: Final = 30


@dataclass
class Day:
    """The openings of one day: people by way, and robots of every way."""

    day: date
    people: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Way.values, 0))
    robots: int = 0


@dataclass(frozen=True)
class Openings:
    """The days on which something was opened, the newest first, and all of them together."""

    days: list[Day]
    total: Day

    @property
    def people(self) -> int:
        """By people, by whichever way."""
        return sum(self.total.people.values())

    @property
    def all(self) -> int:
        """By people and robots."""
        return self.people + self.total.robots


def opens_from_a_phone() -> bool:
    """Can a customer's phone reach our own address?  A code that cannot be opened must not be printed."""
    return settings.SITE_URL.startswith("https://") and not connection.is_loopback(settings.SITE_URL)


def address(business: Business, way: str = Way.LINK) -> str:
    """The short link of this location, as it stands on what it is come by."""
    end = next(end for end, each in ENDS.items() if each == way)
    return settings.SITE_URL + reverse("short_link", args=[code(business), *filter(None, [end])])


def code(business: Business) -> str:
    """Its code; given now to a row that the last release has made without one."""
    if business.short_code is None:
        Business.objects.filter(pk=business.pk, short_code=None).update(short_code=new_short_code())
        business.refresh_from_db(fields=["short_code"])
    assert business.short_code is not None
    return business.short_code


def open_link(code: str, end: str, *, robot: bool, now: datetime) -> str | None:
    """Count the opening and say where to go; None for a code nobody has, or one that leads nowhere yet."""
    way = ENDS.get(end.lower())
    if way is None or not code.isascii() or not code.isalnum():
        return None
    business = Business.objects.filter(short_code=code.lower()).first()
    if business is None or not business.review_url:
        return None
    _count(business, way, robot=robot, day=now.astimezone(business.zone).date())
    return business.review_url


def _count(business: Business, way: str, *, robot: bool, day: date) -> None:
    row, _ = Opening.objects.get_or_create(business=business, day=day, way=way)
    kind = "robots" if robot else "people"
    Opening.objects.filter(pk=row.pk).update(**{kind: F(kind) + 1})


def openings(business: Business, now: datetime) -> Openings:
    """Those of the last thirty days, today included, in the business's time."""
    today = now.astimezone(business.zone).date()
    rows = Opening.objects.filter(business=business, day__gt=today - timedelta(days=DAYS)).order_by("-day")
    days: dict[date, Day] = {}
    total = Day(today)
    for row in rows:
        for each in (days.setdefault(row.day, Day(row.day)), total):
            each.people[row.way] += row.people
            each.robots += row.robots
    return Openings(list(days.values()), total)
