"""A household is asked once: which of its people speaks for all, and whether all of them may still be written to."""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from campaigns.asking import audience
from campaigns.asking.audience import Reason
from campaigns.models import Customer, Delivery, Household, Message

CODE = "together"
#: Why somebody is asked alone though they share a household; these name nobody, for they stay on the row.
NOT_ALL = "Asked alone: not everybody in the household can be asked now"
CLOSED = "Asked alone: the group of the household is closed"
#: Why a message to a group stays here.
GROUP_CLOSED = "The group is closed, and nothing more goes to it"
GROUP_CHANGED = "Somebody in the household may not be written to, so nothing goes to the group"


@dataclass
class Folded:
    """An audience in which each household counts once."""

    #: Everybody who gets a request of their own; one of each household, who speaks for all (`asked_with`).
    asked: list[Customer] = field(default_factory=list)
    #: The others, each with whom they are asked.
    joined: list[tuple[Customer, Reason]] = field(default_factory=list)
    #: Those who share a household and are asked alone all the same, by key, with the sentence why.
    alone: dict[int, str] = field(default_factory=dict)


def fold(people: list[Customer]) -> Folded:
    """Those who may be asked, with every household whose people all may be asked made one.

    One who may not, or is not meant, and the others are asked each on their own.
    """
    shared: dict[int, list[Customer]] = defaultdict(list)
    for person in people:
        if person.household_id is not None:
            shared[person.household_id].append(person)
    if not shared:
        return Folded(people)
    folded, joined = Folded(), set[int]()
    there = Q(members__erased_at=None, members__merged_into=None)
    homes = Household.objects.annotate(size=Count("members", filter=there)).in_bulk(shared)
    for key, members in shared.items():
        if why := _why_alone(homes[key], len(members)):
            folded.alone |= dict.fromkeys((person.pk for person in members), why)
            continue
        _speak_for(members[0], members[1:], homes[key])
        folded.joined += [(each, Reason(CODE, with_whom(members[0]))) for each in members[1:]]
        joined |= {each.pk for each in members[1:]}
    folded.asked = [person for person in people if person.pk not in joined]
    return folded


def _why_alone(home: Any, may_be: int) -> str:
    if not home.is_open:
        return CLOSED
    return "" if home.size == may_be > 1 else NOT_ALL


def with_whom(speaker: Customer) -> str:
    """For the row of somebody whose household is asked by another's: “Asked together with Marcus Lee”."""
    return f"Asked together with {speaker.name or 'somebody of the same household'}"


def _speak_for(speaker: Customer, others: Iterable[Customer], home: Household | None) -> None:
    speaker.household, speaker.asked_with = home, tuple(others)


def attach(message: Message) -> None:
    """Let the customer of a group's message speak for everybody who gets it."""
    home = message.household
    if home is None:
        return
    others = Customer.objects.filter(household=home).exclude(pk=message.customer_id).order_by("pk")
    _speak_for(message.customer, others.select_related("business__organization"), home)


def recipients(message: Message) -> tuple[Customer, ...]:
    """Everybody who gets this message."""
    return (message.customer, *message.customer.asked_with)


def why_not(message: Message) -> str:
    """Why this message must not go to its group; empty when it may, and for one that goes to no group.

    The sentence stays on the row of one of them, so it does not say who.
    """
    if message.household is None:
        return ""
    if not message.household.is_open or not message.customer.asked_with:
        return GROUP_CLOSED
    forbids = audience.silent if message.kind == Message.Kind.ANSWER else audience.never
    if any(forbids(each) or each.paused_at for each in recipients(message)):
        return GROUP_CHANGED
    return ""


def speaking(delivery: Delivery) -> Customer:
    """The customer of a delivery as its words and picture have it: for everybody who was asked with them."""
    customer = copy(delivery.customer)
    customer.asked_with = companions(delivery)
    return customer


def companions(delivery: Delivery) -> tuple[Customer, ...]:
    """With whom the customer of this delivery was asked."""
    rows = Customer.objects.filter(deliveries__together_with=delivery).order_by("pk")
    return tuple(rows) if delivery.household_id is not None else ()
