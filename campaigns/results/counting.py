"""The numbers: those whose request went out in a period, and what became of each of them since.

One cohort for every number: a customer counts in the period in which they were asked, whenever the rest happened.  So
each number is "so many of those asked", and no share is ever above the whole.  Weeks and campaigns come out of one look
at the index `delivery_asked`, which holds all that is counted; who was there stands with the customers, and is another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from operator import add
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from campaigns.models import Business, Campaign, Click, Delivery
from campaigns.results.periods import Period

#: Campaigns and technicians that are named; the rest are one line.
NAMED = 50


@dataclass(frozen=True)
class Funnel:
    """What became of those who were asked.  `likely` are those of whom somebody said that they have reviewed."""

    asked: int = 0
    delivered: int = 0
    read: int = 0
    opened: int = 0
    replied: int = 0
    likely: int = 0
    stopped: int = 0

    def __add__(self, other: "Funnel") -> "Funnel":
        return Funnel(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Funnel)))

    def __sub__(self, other: "Funnel") -> "Funnel":
        """Those of them who are none of the others; between two looks somebody may have replied, so not below none."""
        return Funnel(*(max(0, getattr(self, each.name) - getattr(other, each.name)) for each in fields(Funnel)))


#: The same as the database counts it.  An opening is a person's: what robots fetch stands in `fetched`.
COUNTED = {
    "asked": Count("*"),
    "delivered": Count("delivered_at"),
    "read": Count("read_at"),
    "opened": Count("clicked_at"),
    "replied": Count("replied_at"),
    "likely": Count("reviewed_at"),
    "stopped": Count("stopped_at"),
}


@dataclass(frozen=True)
class Group:
    """One line of a table: a campaign, a location, a technician; `key` is its number where it has one."""

    name: str
    funnel: Funnel
    key: int | None = None


@dataclass(frozen=True)
class Fetched:
    """Openings of the links: how often people tapped, and how often preview robots fetched one."""

    taps: int = 0
    robots: int = 0


@dataclass(frozen=True)
class Greeted:
    """Those who got the greeting in the period and were not asked after it, and how many of them stopped."""

    count: int = 0
    stopped: int = 0


def total(groups: Iterable[Funnel]) -> Funnel:
    """All of them together."""
    return sum(groups, Funnel())


class Cohort:
    """Everybody a business has asked in a period, counted once by week and campaign, and once by who was there."""

    def __init__(self, business: Business, period: Period) -> None:
        self._business, self._weeks = business, period.weeks()
        self._asked = _asked([business], period)
        self._cells = _by(("week", "campaign"), self._asked.annotate(week=number_of(self._weeks, "sent_at")))

    def total(self) -> Funnel:
        """All of them."""
        return Funnel(*map(sum, zip(*self._cells.values(), strict=True)))

    def weeks(self) -> list[tuple[Period, Funnel]]:
        """Every week of the period with its numbers, those without any too."""
        found = self._along(0)
        return [(week, found.get(number, Funnel())) for number, week in enumerate(self._weeks)]

    def campaigns(self) -> list[Group]:
        """The campaigns that asked somebody in the period, the newest first."""
        found = self._along(1)
        names = dict(self._business.campaigns.filter(pk__in=found).values_list("pk", "name"))
        return [Group(names.get(pk, ""), found[pk], pk) for pk in sorted(found, reverse=True)]

    def technicians(self) -> list[Group]:
        """Who was there at the last visit, as the customer's row says it now; those who asked most first."""
        there = _by(("customer__technician",), self._asked.filter(customer__technician__gt=""))
        nobody = self.total() - total(Funnel(*counts) for counts in there.values())
        found = {"": Group("", nobody)} if nobody.asked else {}
        for written, counts in sorted(there.items()):
            name = " ".join(written[0].split())
            known = found.get(name.casefold(), Group(name, Funnel()))
            found[name.casefold()] = Group(known.name, known.funnel + Funnel(*counts))
        return sorted(found.values(), key=lambda group: (not group.name, -group.funnel.asked, group.name))

    def _along(self, place: int) -> dict[Any, Funnel]:
        """The numbers for each value that stands at this place of the cells' keys."""
        sums: dict[Any, tuple[int, ...]] = {}
        for key, counts in self._cells.items():
            known = sums.get(key[place])
            sums[key[place]] = tuple(map(add, known, counts)) if known else counts
        return {value: Funnel(*sums[value]) for value in sorted(sums)}


def locations(businesses: Sequence[Business], period: Period) -> list[Group]:
    """Each of these businesses, by name, with nobody asked too."""
    found = _by(("campaign__business",), _asked(businesses, period))
    return [Group(each.name, Funnel(*found.get((each.pk,), ())), each.pk) for each in businesses]


def sides(campaign: Campaign) -> dict[str, Funnel]:
    """Each side of a campaign that tries two; "" are those who are no part of it."""
    found = _by(("variant",), campaign.deliveries.filter(sent_at__isnull=False))
    return {side: Funnel(*counts) for (side,), counts in found.items()}


def of_campaign(campaign: Campaign) -> Funnel:
    """One campaign, whenever it asked."""
    return Funnel(**campaign.deliveries.filter(sent_at__isnull=False).aggregate(**COUNTED))


def fetched(which: Q) -> Fetched:
    """How often the links of these (a `Q` over clicks) were opened, by people and by robots."""
    counts = Click.objects.filter(which, delivery__is_test=False).aggregate(
        taps=Count("pk", filter=Q(is_robot=False)), robots=Count("pk", filter=Q(is_robot=True))
    )
    return Fetched(**counts)


def clicks_in(business: Business, period: Period) -> Q:
    """The clicks on the links of those asked in the period."""
    sent = Q(delivery__sent_at__gte=period.begins, delivery__sent_at__lt=period.ends)
    return sent & Q(delivery__campaign__business=business)


def greeted(business: Business, period: Period) -> Greeted:
    """Who stopped at the greeting was never asked, and is in no other number here."""
    only = Delivery.objects.filter(
        campaign__business=business, sent_at=None, greeted_at__gte=period.begins, greeted_at__lt=period.ends
    )
    return Greeted(**only.aggregate(count=Count("pk"), stopped=Count("stopped_at")))


def named(groups: list[Group], rest: str) -> list[Group]:
    """The first of them, and the others together as one line called so."""
    if len(groups) <= NAMED:
        return groups
    others = total(group.funnel for group in groups[NAMED:])
    return [*groups[:NAMED], Group(f"{len(groups) - NAMED} {rest}", others)]


def _by(columns: tuple[str, ...], deliveries: Any) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """The numbers, as a funnel has them, for each of the values that these columns have together."""
    rows = deliveries.order_by().values_list(*columns).annotate(**COUNTED)
    return {row[: len(columns)]: row[len(columns) :] for row in rows}


def _asked(businesses: Sequence[Business], period: Period) -> QuerySet[Delivery]:
    here: Any = [business.pk for business in businesses]
    return Delivery.objects.filter(campaign__business__in=here, sent_at__gte=period.begins, sent_at__lt=period.ends)


def number_of(stretches: Sequence[Period], column: str, first: int = 0) -> Case | Value:
    """In which of these stretches, one after the other, the moment in this column lies: 0 for the first.

    Of a sum of days no database knows what local midnight is.  Halved again and again: of a year's weeks a row is held
    against six, and not against each.
    """
    if len(stretches) == 1:
        return Value(first)
    half = len(stretches) // 2
    is_earlier = Q(**{f"{column}__lt": stretches[half].begins})
    earlier = When(is_earlier, then=number_of(stretches[:half], column, first))
    return Case(earlier, default=number_of(stretches[half:], column, first + half), output_field=IntegerField())
