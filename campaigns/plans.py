"""What is expected of the lines: a moment for everybody who waits, and when a running campaign is done."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet

from campaigns import lines, pacing, status
from campaigns.asking import audience
from campaigns.models import Business, Campaign, Customer, Delivery, Line


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits for their morning: where they may be, from when they may be written to, when they will be."""

    customer: Customer
    zones: pacing.Zones
    opens_at: datetime
    planned_for: datetime

    @property
    def places(self) -> str:
        """ "Honolulu"; or all it may be when nobody knows."""
        return audience.places(self.zones)

    @property
    def sentence(self) -> str:
        """For the row: until when it is quiet there; nothing where it is their turn on a later day only."""
        opens, planned = (moment.astimezone(self.zones[0]) for moment in (self.opens_at, self.planned_for))
        is_same = opens.date() == planned.date()
        return f"Quiet until {opens:%A} {opens:%-H:%M} {audience.places(self.zones[:1])}" if is_same else ""


def where(waiting: Iterable[Waiting]) -> str:
    """ "7 Honolulu, 2 Anchorage", the most first."""
    return ", ".join(f"{count} {places}" for places, count in Counter(each.places for each in waiting).most_common())


def slots(
    business: Business, usable: list[Line], people: list[pacing.Turn], window: pacing.Window, now: datetime
) -> pacing.Plan:
    """A moment and a line for the first touch of each of these people, in this order, on these lines."""
    paces = lines.paces(usable, business, now)
    return pacing.plan(now, people, paces, window, business.zone)


class ToCome(NamedTuple):
    """A delivery of a running campaign of which nothing has gone out yet."""

    delivery: int
    campaign: int
    planned_for: datetime | None
    chat_id: str
    turn: pacing.Turn
    #: How many it asks: a household takes a first touch for each of its people.
    people: int = 1


def to_come(business: Business, usable: list[Line]) -> list[ToCome]:
    """What running campaigns on these lines have still to ask, first come first served."""
    ours = Q(campaign__business__organization=business.organization_id)
    is_shared = any(line.business_id is None for line in usable)
    rows = Delivery.objects.filter(
        ours if is_shared else Q(campaign__business=business),
        campaign__state=status.Campaign.RUNNING,
        status__in=status.DELIVERY_OPEN - {status.Delivery.GREETED},
    ).order_by("planned_for", "pk")
    person = ("customer__timezone", "customer__phone", "customer__business__timezone")
    found = [
        ToCome(pk, campaign, planned_for, chat, pacing.Turn(audience.zones_of(*where), rests_until))
        for pk, campaign, planned_for, chat, rests_until, *where in rows.values_list(
            "pk", "campaign", "planned_for", "customer__chat_id", "campaign__rests_until", *person
        )
    ]
    groups = _groups(rows) if found else {}
    return [each._replace(**groups.get(each.delivery, {})) for each in found] if groups else found


def _groups(rows: QuerySet[Delivery]) -> dict[int, dict[str, Any]]:
    """Of those that ask a household in its group: its chat, and how many they are."""
    asked = rows.filter(household__closed_at=None, household__isnull=False).annotate(others=Count("companions"))
    found = asked.values_list("pk", "household__chat_id", "others")
    return {pk: {"chat_id": chat, "people": 1 + others} for pk, chat, others in found}


def turns(waiting: Iterable[tuple[pacing.Turn, int]]) -> list[pacing.Turn]:
    """The turns of so many people each: a household takes its slots one behind the other."""
    return [turn for turn, people in waiting for _ in range(people)]


def expected(campaign: Campaign, now: datetime) -> dict[int, datetime]:
    """When each delivery of a running campaign is expected to be asked, by pk, from what is left to do now.

    Empty when nothing is left, or nothing can be.
    """
    if campaign.state != status.Campaign.RUNNING:
        return {}
    business, usable = campaign.business, lines.usable(campaign.business)
    left = to_come(business, usable)
    try:
        return dict(_expected(campaign, usable, left, now))
    except pacing.BadWindow:
        return {}


def expected_end(campaign: Campaign, now: datetime) -> datetime | None:
    """When the last of them is asked; None when nothing is left, or nothing can be."""
    return max(expected(campaign, now).values(), default=None)


def _expected(
    campaign: Campaign, usable: list[Line], left: list[ToCome], now: datetime
) -> Iterator[tuple[int, datetime]]:
    """A moment for each of the campaign's deliveries still to come: its turn, and never before it was planned."""
    window = audience.hours(campaign.business)
    first = [each for each in left if not each.chat_id]
    people = turns((each.turn, each.people) for each in first)
    times = iter(slots(campaign.business, usable, people, window, now).times)
    for each in left:
        taken = [] if each.chat_id else list(islice(times, each.people))
        at = taken[0] if taken else pacing.opens_at(each.turn.begins(now), window, each.turn.zones)
        if each.campaign == campaign.pk:
            yield each.delivery, max(at, each.planned_for or at)


def reminders_until(campaign: Campaign, last: datetime | None, planned: datetime | None) -> datetime | None:
    """When the last reminder is expected: of those planned already, and of the request that goes out last."""
    if last is None or not campaign.remind_after:
        return planned
    due = last + timedelta(days=campaign.remind_after)
    try:
        due = pacing.opens_at(due, audience.hours(campaign.business), [campaign.business.zone])
    except pacing.BadWindow:
        return planned
    return max(due, planned or due)
