"""What we call a customer: decided by a person, kept beside the stored name, and said and drawn in its place."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from django.db import transaction

from campaigns.models import AuditEntry, Customer, User

T = TypeVar("T")

BATCH = 500


class Changed(Exception):
    """Somebody else renamed this customer or decided meanwhile; the text says what holds now."""


def call(customer: Customer, name: str, by: User | None) -> None:
    """Say and draw `name` from now on; "" does without a name, and the stored name itself is "fine as it is".

    Compared with the row as it was read: raises `Changed` when it is not so any more.
    """
    call_all({customer: name}, by)


def call_all(names: Mapping[Customer, str], by: User | None) -> None:
    """`call` for many, all or none, in a few statements.  Raises `Changed` when one of them is not as it was read."""
    new = {customer: name for customer, name in names.items() if customer.spoken_name != name}
    with transaction.atomic():
        for some in batched(sorted(new, key=lambda customer: customer.pk)):
            _call({customer: new[customer] for customer in some}, by)


def _call(names: Mapping[Customer, str], by: User | None) -> None:
    rows = Customer.objects.select_for_update().order_by("pk").filter(pk__in=[customer.pk for customer in names])
    now = {row.pk: row for row in rows}
    due = {customer: name for customer, name in names.items() if _is_due(customer, name, now.get(customer.pk))}
    for customer, name in due.items():
        now[customer.pk].spoken_name = name
    Customer.objects.bulk_update([now[customer.pk] for customer in due], ["spoken_name"])
    _write({customer: _act(customer, name) for customer, name in due.items()}, by)


def _is_due(read: Customer, name: str, now: Customer | None) -> bool:
    """False where somebody has decided the same meanwhile.  Raises `Changed` for a row that is not as it was read."""
    if now and (now.first_name, now.spoken_name) == (read.first_name, read.spoken_name):
        return True
    if now is None or now.spoken_name != name:
        raise Changed("Somebody has just changed this name. Look at it once more.")
    return False


def as_stored(customers: Iterable[Customer], by: User | None) -> None:
    """Back to the stored first name, as if nobody had decided anything."""
    with transaction.atomic():
        for some in batched(customers):
            Customer.objects.filter(pk__in=[customer.pk for customer in some]).update(spoken_name=None)
            _write(dict.fromkeys(some, "call as stored"), by)


def batched(things: Iterable[T]) -> Iterator[list[T]]:
    """So many at a time as one statement can name."""
    ordered = list(things)
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))


def _write(acts: Mapping[Customer, str], by: User | None) -> None:
    lines = (AuditEntry.line(customer.business.organization, act, customer, by) for customer, act in acts.items())
    AuditEntry.objects.bulk_create(lines)


def _act(customer: Customer, name: str) -> str:
    """No names in the book: it outlives the customer."""
    if name == customer.first_name:
        return "find the name fine"
    return "call differently" if name else "call without a name"
