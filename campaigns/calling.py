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
    before = Customer.objects.filter(pk=customer.pk, first_name=customer.first_name, spoken_name=customer.spoken_name)
    with transaction.atomic():
        if not before.update(spoken_name=name):
            customer.refresh_from_db(fields=["first_name", "spoken_name"])
            if customer.spoken_name != name:
                raise Changed("Somebody has just changed this name. Look at it once more.")
            return
        AuditEntry.write(customer.business.organization, _act(customer, name), customer, by)
    customer.spoken_name = name


def call_all(names: Mapping[Customer, str], by: User | None) -> int:
    """`call` for many, all or none; returns how many.  Raises `Changed` when one of them is not as it was read."""
    with transaction.atomic():
        for customer, name in names.items():
            call(customer, name, by)
    return len(names)


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
