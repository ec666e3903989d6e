"""What we call a customer: decided by a person, kept beside the stored name, and said and drawn in its place."""

from collections.abc import Mapping

from django.db import transaction

from campaigns.models import AuditEntry, Customer, Organization, User


class Changed(Exception):
    """Somebody else renamed this customer or decided meanwhile; the text says what holds now."""


def call(customer: Customer, name: str, by: User | None) -> None:
    """Say and draw `name` from now on; "" does without a name, and the stored name itself is "fine as it is".

    Compared with the row as it was read: raises `Changed` when it is not so any more.
    """
    call_all({customer: name}, by)


def call_all(names: Mapping[Customer, str], by: User | None) -> None:
    """`call` for many, all or none.  Raises `Changed` when one of them is not as it was read."""
    with transaction.atomic():
        for customer, name in names.items():
            _call(customer, name, by)


def _call(customer: Customer, name: str, by: User | None) -> None:
    if customer.spoken_name == name:
        return
    as_read = {"first_name": customer.first_name, "spoken_name": customer.spoken_name}
    if Customer.objects.filter(pk=customer.pk, **as_read).update(spoken_name=name):
        AuditEntry.write(customer.business.organization, _act(customer, name), customer, by)
    elif not Customer.objects.filter(pk=customer.pk, spoken_name=name).exists():
        raise Changed("Somebody has just changed this name. Look at it once more.")


def as_stored(organization: Organization, customers: list[Customer], by: User | None) -> None:
    """Back to the stored first name, as if nobody had decided anything."""
    with transaction.atomic():
        for customer in customers:
            Customer.objects.filter(pk=customer.pk).update(spoken_name=None)
            AuditEntry.write(organization, "call as stored", customer, by)


def _act(customer: Customer, name: str) -> str:
    """No names in the book: it outlives the customer."""
    if name == customer.first_name:
        return "find the name fine"
    return "call differently" if name else "call without a name"
