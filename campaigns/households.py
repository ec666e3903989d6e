"""Households: customers who share a visit are joined by hand and asked once, in one group; any one's STOP closes it.

A household only ever shrinks, and a group that was written to and loses somebody is closed for good: whoever is in the
household is in its chat, and nobody else is.  Of whom somebody has said that they share nothing, that is kept, too.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import combinations

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from campaigns import finding, names, phones
from campaigns.models import (
    Apart,
    AuditEntry,
    Business,
    Customer,
    Household,
    Suppression,
    User,
    open_messages,
    refresh,
    take_back,
)

#: People in one household: a group of strangers is no household, whatever Chert would take (31).
MOST = 4
#: Proposals that are offered at once, and customers looked at for them: the newest.
MOST_OFFERED = 20
LOOKED_AT = 5000
#: Those told apart that are shown, the newest.
MOST_TOLD = 50

STOPPED = "Somebody in it asked us to stop"
TAKEN_OUT = "Somebody was taken out"
DISSOLVED = "Dissolved by hand"
ERASED = "Somebody in it was erased"
JOINED = "Somebody in it turned out to be another customer"
#: Who ends a household for one of these says that it is none, so it is not proposed anew.
BY_HAND = (TAKEN_OUT, DISSOLVED)


class CannotJoin(Exception):
    """These customers cannot be made one household; the text says why, and what to do."""


class NotThere(Exception):
    """Some of these customers are not in the list any more; the text says so, and what to do."""


def name(members: Sequence[Customer]) -> str:
    """“Marcus & Dana Lee”, from those in it."""
    return names.household([(each.first_name, each.last_name) for each in members]) or f"{len(members)} customers"


def others(customer: Customer) -> list[Customer]:
    """With whom this customer shares a household, whether its group is open or closed; nobody for most."""
    if customer.household_id is None:
        return []
    return list(Customer.objects.filter(household=customer.household_id).exclude(pk=customer.pk).order_by("pk"))


def join(business: Business, keys: Collection[int], by: User | None, now: datetime) -> Household:
    """Make these customers one household.  Raises `CannotJoin`; then nothing has changed.

    Two at once make one: the customers' rows are locked in one order, and the second finds them taken.
    """
    with transaction.atomic():
        people = _locked(business, keys)
        _check(business, people, len(set(keys)))
        made = Household.objects.create(business=business, created_at=now)
        Customer.objects.filter(pk__in=[each.pk for each in people]).update(household=made)
        _note("join household", people, made, by)
        Apart.objects.filter(pk__in=_rows_apart(people)).delete()
    return made


def _locked(business: Business, keys: Collection[int]) -> list[Customer]:
    """Read after the rows were locked, in one order: whoever was quicker is seen."""
    mine = Customer.objects.filter(business=business, pk__in=set(keys)).order_by("pk")
    list(mine.select_for_update().values_list("pk", flat=True))
    return list(mine.select_related("household"))


def _check(business: Business, people: list[Customer], wanted: int) -> None:
    if len(people) != wanted:
        raise CannotJoin("One of them is not in the list any more. Nothing was changed; choose again.")
    if not 2 <= len(people) <= MOST:
        raise CannotJoin(f"A household has two to {MOST} customers. Tick those who share a visit.")
    suppressed = Suppression.known(business.organization, [each.phone for each in people])
    for each in people:
        called = each.name or phones.shown(each.phone)
        if each.household and each.household.is_open:
            raise CannotJoin(f"{called} is in a household already. Take them out there first.")
        if each.stopped_at or each.phone in suppressed:
            raise CannotJoin(f"{called} asked us to stop, so no group can be written to with them in it.")
        if each.is_insider:
            raise CannotJoin(f"{called} is an employee or relative, who are never asked.")
    rung = [writing for each in people for writing in phones.writings(each.phone)]
    if len(set(rung)) != len(rung):
        raise CannotJoin("Two of them have the same number. If they are one person, join the entries instead.")


def take_out(customer: Customer, by: User | None, now: datetime, reason: str = TAKEN_OUT) -> None:
    """This customer is asked alone from now on.  A group that was written to is closed; one of two is dissolved."""
    if customer.household is None:
        return
    if len(others(customer)) < 2:
        dissolve(customer.household, by, now, reason)
        return
    with transaction.atomic():
        home = customer.household
        _end_what_waits([home.pk], reason, now)
        if home.messages.exclude(first_attempt_at=None, sent_at=None).exists():
            close([home.pk], reason, now)
        if reason == TAKEN_OUT:
            for each in others(customer):
                _keep_apart(home.business, [customer, each], by, now)
        Customer.everything.filter(pk=customer.pk, household=home).update(household=None)
        _note("leave household", [customer], home, by)


def dissolve(home: Household, by: User | None, now: datetime, reason: str = DISSOLVED) -> None:
    """Everybody in it is asked alone from now on; its group is never used again."""
    with transaction.atomic():
        end([home.pk], reason, now)
        people = list(Customer.everything.filter(household=home).select_related("business").order_by("pk"))
        Customer.everything.filter(household=home).update(household=None)
        _note("leave household", people, home, by)
        if reason in BY_HAND and len(people) > 1:
            _keep_apart(home.business, people, by, now)


def end(keys: Collection[int], reason: str, now: datetime) -> None:
    """Close these groups for good, and take back everything that has not left for them."""
    if keys:
        with transaction.atomic():
            _end_what_waits(keys, reason, now)
            close(keys, reason, now)


def close(keys: Collection[int], reason: str, now: datetime) -> None:
    """Nothing goes to these groups any more.  Message rows are taken before, as everywhere."""
    Household.objects.filter(pk__in=keys, closed_at=None).update(closed_at=now, closed_reason=reason[:200])


def _end_what_waits(keys: Collection[int], reason: str, now: datetime) -> None:
    waiting = open_messages().filter(household__in=keys).select_related("delivery__campaign")
    gone = take_back(waiting, reason, now)
    refresh([each.delivery for each in gone if each.delivery is not None])


def of(customers: "QuerySet[Customer] | Iterable[Customer]") -> list[int]:
    """The open households that these customers are in."""
    return list(Household.objects.filter(closed_at=None, members__in=customers).values_list("pk", flat=True).distinct())


def with_chat(organization: int, chat_id: str | None) -> Household | None:
    """The household whose group this chat is; an empty one is nobody's."""
    if not chat_id:
        return None
    return Household.objects.filter(business__organization=organization, chat_id=chat_id).first()


def _note(act: str, people: Iterable[Customer], home: Household, by: User | None) -> None:
    for each in people:
        AuditEntry.write(home.business.organization, act, each, by, str(home))


# --- told apart -----------------------------------------------------------------------------------------------------


def tell_apart(business: Business, keys: Collection[int], by: User | None, now: datetime) -> Apart:
    """These share nothing, somebody says: no two of them are proposed again.  Raises `NotThere`.  Twice is once."""
    with transaction.atomic():
        people = _locked(business, keys)
        if len(people) != len(set(keys)) or not 2 <= len(people) <= MOST:
            raise NotThere("One of them is not in the list any more. Nothing was changed; look again.")
        return _keep_apart(business, people, by, now)


def _keep_apart(business: Business, people: Sequence[Customer], by: User | None, now: datetime) -> Apart:
    known = Apart.objects.filter(pk__in=_rows_apart(people))
    for row in known.prefetch_related("people"):
        if {each.pk for each in row.people.all()} == {each.pk for each in people}:
            return row
    made = Apart.objects.create(business=business, by=by, created_at=now)
    made.people.set(people)
    for each in people:
        AuditEntry.write(business.organization, "tell apart", each, by, str(made))
    return made


def propose_again(row: Apart, by: User | None) -> None:
    """It was a mistake to tell them apart: they may be proposed again."""
    with transaction.atomic():
        people = list(row.people.order_by("pk"))
        if Apart.objects.filter(pk=row.pk).delete()[0]:
            for each in people:
                AuditEntry.write(row.business.organization, "propose again", each, by, str(row))


def told_apart(business: Business) -> list[tuple[Apart, list[Customer]]]:
    """Those who are kept apart, with who is still there of them, the newest first."""
    rows = business.told_apart.order_by("-pk").prefetch_related("people")[:MOST_TOLD]
    found = ((row, sorted(row.people.all(), key=lambda each: each.pk)) for row in rows)
    return [(row, people) for row, people in found if len(people) > 1]


def _rows_apart(people: Iterable[Customer]) -> list[int]:
    """Keys of the rows that keep any two of these apart."""
    ties = Apart.people.through.objects.filter(customer__in=[each.pk for each in people])
    of_them = Counter(ties.values_list("apart", flat=True))
    return [row for row, count in of_them.items() if count > 1]


def _pairs_apart(keys: Collection[int]) -> set[frozenset[int]]:
    """Which two of these are kept apart."""
    ties = Apart.people.through.objects.filter(customer__in=keys)
    by_row: dict[int, list[int]] = defaultdict(list)
    for row, customer in ties.values_list("apart", "customer"):
        by_row[row].append(customer)
    return {frozenset(pair) for keys in by_row.values() for pair in combinations(keys, 2)}


# --- proposals ------------------------------------------------------------------------------------------------------


def alike(customer: Customer) -> list[Customer]:
    """Who seems to share this customer's visit: the same last name on the same day.  A proposal, and never more.

    Nobody where two of them were told apart: which of the others belong together is then a guess too many.
    """
    if not _may_be_joined(customer) or not customer.last_name.strip() or customer.last_visit is None:
        return []
    same = _free(customer.business).filter(last_visit=customer.last_visit).exclude(pk=customer.pk)
    wanted = _folded(customer.last_name)
    found = [each for each in same.order_by("pk")[:LOOKED_AT] if _folded(each.last_name) == wanted]
    return found if len(found) < MOST and not _pairs_apart([each.pk for each in (customer, *found)]) else []


def proposed(business: Business) -> list[list[Customer]]:
    """The same for everybody: groups of two to four, the newest first."""
    visits: dict[tuple[object, str], list[int]] = defaultdict(list)
    newest = _free(business).exclude(last_visit=None).order_by("-pk").values_list("pk", "last_name", "last_visit")
    for key, last_name, visit in newest[:LOOKED_AT]:
        if family := _folded(last_name):
            visits[visit, family].append(key)
    groups = [sorted(keys) for keys in visits.values() if 2 <= len(keys) <= MOST]
    apart = _pairs_apart([key for keys in groups for key in keys])
    offered = [keys for keys in groups if not any(frozenset(pair) in apart for pair in combinations(keys, 2))]
    people = Customer.objects.in_bulk([key for keys in offered[:MOST_OFFERED] for key in keys])
    return [[people[key] for key in keys] for keys in offered[:MOST_OFFERED] if all(key in people for key in keys)]


def listed(business: Business) -> "QuerySet[Household]":
    """The households of a business that still have people, the newest first."""
    there = Q(members__erased_at=None, members__merged_into=None, members__isnull=False)
    counted = business.households.annotate(people=Count("members", filter=there))
    return counted.filter(people__gt=0).order_by("-pk").prefetch_related("members")


def _free(business: Business) -> "QuerySet[Customer]":
    in_none = Q(household=None) | Q(household__closed_at__isnull=False)
    return business.customers.filter(in_none, stopped_at=None, is_insider=False).exclude(last_name="")


def _may_be_joined(customer: Customer) -> bool:
    is_taken = customer.household is not None and customer.household.is_open
    return customer.stopped_at is None and not customer.is_insider and not is_taken


def _folded(last_name: str) -> str:
    return " ".join(finding.folded(last_name).split())
