"""The invariants (reliability §2.1) once everything has come to rest: the world's ledger against our tables."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from campaigns import lines, status
from campaigns.models import Business, Campaign, Customer, Line, Message
from campaigns.outbox.walk import HORIZON
from tests.simulation.watch import held
from tests.simulation.world import Effect, World

BY_HAND = "May have been sent; was sent again by hand"
#: Behind the horizon of twelve hours comes the next morning, which on a Sunday is noon.
OVERDUE = HORIZON + timedelta(hours=36)


def the_books(world: World, now: datetime) -> None:
    """When everything has come to rest."""
    rows = list(Message.objects.exclude(kind="inbound").select_related("customer"))
    nothing_is_left_open(rows, now)
    nobody_gets_it_twice(world.effects)
    remembered = [effect for effect in world.effects if not world.is_forgotten(effect.begun.at)]
    every_effect_has_its_row(remembered, {row.key: row for row in rows})
    every_row_has_its_effect(rows, world.effects)
    every_repeat_is_the_same(world)
    the_lines_are_paced(world)
    the_pages_are_right()


def nothing_is_left_open(rows: list[Message], now: datetime) -> None:
    """I2: terminal or parked, and nobody holds anything."""
    doubt = {(row.delivery_id, row.round) for row in rows if row.status == status.Message.IN_DOUBT}
    for row in rows:
        parked = row.due_at is None and (row.delivery_id, row.round) in doubt
        held(row.status not in status.OPEN or parked, f"I2: {row.customer.first_name}'s {row.kind} is {row.status}")
        held(not row.lease_token and row.lease_until is None, f"I2: a lease is left on a {row.kind}")


def nobody_gets_it_twice(effects: list[Effect]) -> None:
    """I1: a key is a message, and a message reaches its customer once; after a restore too (F-54)."""
    again = [key for key, count in Counter(effect.key for effect in effects).items() if count > 1]
    held(not again, f"I1: the same message twice: {[e.text for e in effects if e.key in again]}")


def every_effect_has_its_row(effects: list[Effect], rows: dict[str, Message]) -> None:
    """I1, I3: each message that a customer got is one row that says so, or that it may be so."""
    for effect in effects:
        row = rows.get(effect.key)
        held(row, f"I1: nobody knows of “{effect.text}” to {effect.phone}")
        assert row is not None
        same = row.chert_id in ("", effect.id)
        known = row.status in status.WENT_OUT and same
        doubt = row.status == status.Message.IN_DOUBT or row.reason == BY_HAND
        failed_later = row.status == status.Message.REFUSED and row.chert_id == effect.id
        held(known or doubt or failed_later, f"I3: {row.customer.first_name} got the {row.kind}, which is {row.status}")


def every_row_has_its_effect(rows: list[Message], effects: list[Effect]) -> None:
    """I3: what says sent, was sent, as that very message."""
    ids = {effect.id: effect.key for effect in effects}
    for row in rows:
        if row.status in status.WENT_OUT and row.chert_id:
            held(ids.get(row.chert_id) == row.key, f"I3: {row.kind} is {row.status}, and nobody got it")


def every_repeat_is_the_same(world: World) -> None:
    """I4: one key, one address, one body."""
    for key, bodies in world.bodies.items():
        held(len(bodies) == 1, f"I4: {len(bodies)} different requests under one key {key}")


def the_lines_are_paced(world: World) -> None:
    """I12: by the times at which the calls of the ledger began.

    A clock that is put forward is not the engine's fault, one set back is.  What a backup has forgotten stands by
    itself: neither what came before nor what comes after is held against it.
    """
    zones = {business.organization_id: business.zone for business in Business.objects.all()}
    touches = defaultdict(list)
    for effect in world.effects:
        if effect.line:
            touches[effect.line, world.era(effect.begun.at)].append(effect.begun)
    book = {line.number: line for line in Line.objects.all()}
    for (number, _), unordered in touches.items():
        line, first = book[number], sorted(unordered, key=lambda begun: begun.at)
        gap = timedelta(seconds=lines.gap(line))
        for one, next_ in pairwise(first):
            apart = next_.at - one.at + (next_.leapt - one.leapt)
            held(apart >= gap, f"I12: first touches on {number} {apart} apart, {gap} is the gap")
        days = Counter(begun.ours.astimezone(zones[line.organization_id]).date() for begun in first)
        most = max(days.values())
        held(most <= lines.budget(line), f"I12: {most} first touches on {number} in a day")


def the_pages_are_right() -> None:
    """I10, I2: everybody of a campaign is counted, and an ended campaign has nothing to come.

    That each page says what its messages say is looked at after every step.
    """
    people = Counter(Customer.objects.values_list("business_id", flat=True))
    for campaign in Campaign.objects.exclude(state=status.Campaign.DRAFT):
        counts = campaign.counts()
        held(sum(counts.values()) == people[campaign.business_id], f"I10: {campaign} counts {counts}")
        held(campaign.state in ("finished", "cancelled"), f"I2: {campaign} is {campaign.state} in the end")
