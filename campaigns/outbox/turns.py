"""Whose turn it is on a line: first come first served by the plan, and nobody wakes before their turn.

A line has a slot every ten minutes, and after a pause or a rest a thousand may wait for it.  Woken together they would
all come, one would go, and the others be written back, at every slot anew.  So each gets a place of its own.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from campaigns import lines, pacing, plans
from campaigns.asking import audience, together
from campaigns.models import Line, Message, open_messages
from campaigns.outbox import leases
from campaigns.outbox.leases import STANDING

#: So many of those ahead are looked at; whoever stands farther back comes then and asks again.
LOOK_AHEAD = 200
#: The soonest that somebody comes again.
MOMENT = timedelta(seconds=1)
#: How long somebody waits who finds no line at all.
NO_LINE = timedelta(hours=1)


def take_slot(message: Message, now: datetime) -> Line:
    """The line on which this first touch opens its chat; the slot is taken.  See `lines.take_slot`.

    Raises `lines.NoSlot` where somebody stands before it, too, who is as ready: they are called this moment.
    """
    usable = lines.usable(message.business)
    if _are_scarce(usable) and ahead(message, now).filter(due_at__lte=now).exists():
        raise lines.NoSlot(now + MOMENT, lines.NEXT)
    return lines.take_slot(message.business, now, len(together.recipients(message)), usable)


def turn(message: Message, full: lines.NoSlot, now: datetime) -> datetime:
    """When a first touch that found no slot is to come again: at the first slot that nobody ahead of it waits for."""
    if full.until is None:
        return now + NO_LINE
    if message.line is not None:  # it has had its turn, and goes once more
        return full.until
    dues = ahead(message, now).order_by("due_at").values_list("due_at", flat=True)[:LOOK_AHEAD]
    theirs = [due for due in dues if due]
    if not theirs:
        return full.until
    business, usable = message.business, lines.usable(message.business)
    people = [pacing.Turn(audience.zones(message.customer))] * (len(theirs) + 1)
    try:
        slots = plans.slots(business, usable, people, audience.hours_in_use(business), now).times
    except pacing.BadWindow:  # met again, and told, when it is walked
        return full.until
    return max(full.until, pacing.first_free(slots, theirs))


def ahead(message: Message, now: datetime) -> QuerySet[Message]:
    """First touches for the same lines that wait with a time and have their place before this one.

    Somebody sits and waits for a test, so it goes before everybody who is no test; what rests until another day does
    not stand in the way.
    """
    business = message.business
    mine = Q(organization=business.organization_id) if _is_shared(message) else Q(business=business)
    place = Coalesce("delivery__planned_for", "created_at")
    waiting = open_messages().filter(mine, kind__in=lines.FIRST, line=None, due_at__isnull=False)
    going = waiting.exclude(delivery__campaign__state__in=STANDING).exclude(leases.resting(now)).exclude(pk=message.pk)
    planned = message.delivery.planned_for if message.delivery is not None else None
    mine_at = planned or message.created_at
    earlier = Q(place__lt=mine_at) | Q(place=mine_at, pk__lt=message.pk)
    is_test = Q(delivery__is_test=True)
    return going.annotate(place=place).filter(is_test & earlier if message.customer.is_test else is_test | earlier)


def _are_scarce(usable: list[Line]) -> bool:
    """Lines without a gap, as only a sandbox has them, take everybody who comes."""
    return any(lines.gap(line) for line in usable)


def _is_shared(message: Message) -> bool:
    return any(line.business_id is None for line in lines.usable(message.business))
