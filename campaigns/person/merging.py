"""One person entered twice becomes one: the row that stays takes over what was said, and the stricter rule of the two.

The other row keeps its number and whatever cannot move (two deliveries in one campaign), and points to the one that
stayed: a list that brings the number again changes nothing, and what is written from it finds its way.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from campaigns import finding, households, phones, replies
from campaigns.asking import asked
from campaigns.models import (
    AuditEntry,
    Campaign,
    Customer,
    Delivery,
    Message,
    Suppression,
    User,
    open_messages,
    refresh,
    take_back,
)
from campaigns.person import authors, homes, talks

#: What may be taken from either row, each with the columns that go together.
CHOICES = {
    "name": ("first_name", "last_name", "spoken_name"),
    "timezone": ("timezone",),
    "language": ("language",),
    "last_visit": ("last_visit",),
    "technician": ("technician",),
    "service": ("service",),
    "consent": ("consent_basis", "consent_at", "consent_by_id", "consent_source"),
}
WHY = "Turned out to be a customer who is in the list already"
#: Candidates that are offered.
MOST_OFFERED = 8


class CannotJoin(Exception):
    """The two cannot be joined now; the text says why, and what to do."""


@dataclass(frozen=True)
class Choice:
    """One thing in which the two differ."""

    name: str
    stays: str
    goes: str


def twins_of(person: Customer, query: str = "") -> list[Customer]:
    """Who may be the same: a number that rings the same phone, the same name, or whoever is looked for."""
    others = Customer.objects.filter(business=person.business).exclude(pk=person.pk)
    if query:
        wanted = Q()
        for part in finding.parts(query):
            wanted &= Q(search__contains=part)
        return list(others.filter(wanted).order_by("-pk")[:MOST_OFFERED]) if wanted else []
    alike = Q(phone__in=phones.twins(person.phone))
    if name := " ".join(finding.folded(person.name).split()):
        alike |= Q(search__startswith=f" {name} ")
    return list(others.filter(alike).order_by("-pk")[:MOST_OFFERED])


def join(stays: Customer, goes: Customer, taken: Collection[str], by: User | None, now: datetime) -> None:
    """Make the two one, for good.  `taken` are the names of `CHOICES` that come from the row that goes.

    1. Nothing is under way to either; what has not left yet for the one that goes stays here.
    2. Deliveries, messages, tags and decisions move to the row that stays.
    3. Stopped, employee, reviewed, words to be read, asked not long ago: what holds for one holds for both.

    Raises `CannotJoin`.  Two at once make one: rows are locked in one order, message rows first as everywhere.
    """
    with transaction.atomic():
        both = _locked(stays, goes)
        stays, goes = both[stays.pk], both[goes.pk]
        _take_back(goes, WHY, now)
        households.take_out(goes, by, now, households.JOINED)
        if _asked_lately(goes, now):
            _take_back(stays, "Was asked not long ago, under another number", now)
        _refuse_what_is_under_way(stays, goes)
        _move(stays, goes)
        Customer.everything.filter(pk=stays.pk).update(**_values(stays, goes, taken))
        Customer.everything.filter(pk=goes.pk).update(merged_into=stays, search="", consent_basis="")
        Customer.everything.filter(merged_into=goes).update(merged_into=stays)
        _stop_both(stays, goes, by, now)
        stays.refresh_from_db()
        Customer.everything.filter(pk=stays.pk).update(search=stays.indexed())
        AuditEntry.write(stays.business.organization, "join customers", stays, by, str(goes))


def _locked(stays: Customer, goes: Customer) -> dict[int, Customer]:
    pks = [stays.pk, goes.pk]
    messages = Message.objects.filter(customer__in=pks).select_for_update(of=("self",)).order_by("pk")
    list(messages.values_list("pk", flat=True))
    list(Customer.everything.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk", flat=True))
    rows = Customer.objects.filter(pk__in=pks, business=stays.business_id).select_related("business__organization")
    both = {each.pk: each for each in rows}
    if len(both) != 2:
        raise CannotJoin("One of the two is not in the list any more; perhaps somebody has joined them already.")
    return both


def _take_back(person: Customer, why: str, now: datetime) -> None:
    """All but the confirmation of a stop, which goes at once to the chat it belongs to."""
    waiting = open_messages(person.messages.exclude(kind=Message.Kind.CONFIRMATION))
    gone = take_back(waiting.select_related("delivery__campaign"), why, now)
    refresh([each.delivery for each in gone if each.delivery is not None])


def _refuse_what_is_under_way(stays: Customer, goes: Customer) -> None:
    calling = open_messages().filter(customer__in=[stays, goes], is_calling=True)
    if calling.exists():
        raise CannotJoin("A message to one of them is being sent now. Nothing was changed; try again in a minute.")


def _asked_lately(person: Customer, now: datetime) -> bool:
    at = asked.past_of(person).asked
    return at is not None and at > now - timedelta(days=person.business.cool_down_days)


def _move(stays: Customer, goes: Customer) -> None:
    """What points to the row that goes, but for a second delivery in one campaign: counts stay what they were (I10)."""
    moved = Delivery.everything.filter(customer=goes).exclude(campaign__in=stays.deliveries.values("campaign"))
    campaigns = list(Campaign.everything.filter(deliveries__in=moved).order_by("pk").distinct())
    Message.objects.filter(customer=goes).exclude(pk__in=open_messages().values("pk")).update(customer=stays)
    for campaign in campaigns:
        version = campaign.touch()
        moved.filter(campaign=campaign).update(customer=stays, version=version)
    Customer.everything.filter(drawn_for=goes).update(drawn_for=stays)
    talks.join(stays, goes)
    authors.join(stays, goes)
    homes.join(stays, goes)
    stays.tags.add(*goes.tags.all())
    for campaign in Campaign.objects.filter(left_out=goes):
        campaign.left_out.add(stays)
        campaign.left_out.remove(goes)


def _values(stays: Customer, goes: Customer, taken: Collection[str]) -> dict[str, Any]:
    chosen = {column: getattr(goes, column) for name in taken for column in CHOICES.get(name, ())}
    strict: dict[str, Any] = {
        "is_insider": stays.is_insider or goes.is_insider,
        "is_attested": stays.is_attested or goes.is_attested,
        "reviewed_at": _earliest(stays.reviewed_at, goes.reviewed_at),
        "created_at": min(stays.created_at, goes.created_at),
    }
    if goes.paused_at and not stays.paused_at:
        strict |= {"paused_at": goes.paused_at, "paused_words": goes.paused_words}
    if goes.likely_at and not stays.likely_at:
        strict |= {"likely_at": goes.likely_at, "likely_words": goes.likely_words}
    return chosen | strict


def _stop_both(stays: Customer, goes: Customer, by: User | None, now: datetime) -> None:
    """A stop of one is a stop of both, and of their numbers everywhere (M4)."""
    suppressed = Suppression.known(stays.business.organization, [stays.phone, goes.phone])
    stopped = [each.stopped_how for each in (stays, goes) if each.stopped_at]
    if stopped or suppressed:
        replies.stop(stays, next(filter(None, stopped), "Asked us to stop"), by, now)


def _earliest(*times: datetime | None) -> datetime | None:
    return min((at for at in times if at), default=None)


def choices(stays: Customer, goes: Customer) -> list[Choice]:
    """In what the two differ, with what each says; where only one says something, that is no question."""
    found = [Choice(name, *(_said(each, name) for each in (stays, goes))) for name in CHOICES]
    return [each for each in found if each.stays != each.goes]


def _said(person: Customer, name: str) -> str:
    if name == "name":
        return person.name
    if name == "last_visit":
        return f"{person.last_visit.day} {person.last_visit:%B %Y}" if person.last_visit else ""
    return str(getattr(person, CHOICES[name][0]))
