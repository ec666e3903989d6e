"""Many customers written at once: see `statements`."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Field

from campaigns import finding
from campaigns.models import Business, Customer

from . import statements
from .outcome import Person

#: What a file can say about a customer, besides the number.
WRITTEN = ("first_name", "last_name", "last_visit", "timezone", "technician", "service", "language")
_IDENTITY = ("business", "phone")


def insert(business: Business, people: Sequence[Person], **given: Any) -> None:
    """New customers.  `given` are the fields that are the same for all of them.

    Raises `django.db.IntegrityError` when one of the numbers is there already.
    """
    statements.insert(Customer, _names(), _rows(Customer(business=business, **given), people))


def update(business: Business, people: Sequence[Person]) -> None:
    """What a file may say of customers there are, by number; nothing else about them changes.

    A first name that is mended counts again: what somebody decided to call the old one is forgotten (as in the form).
    """
    written = map(_column, (*WRITTEN, "search"))
    changes = ", ".join([*(f"{column} = EXCLUDED.{column}" for column in written), _spoken_name()])
    identity = ", ".join(map(_column, _IDENTITY))
    real = f"NOT {_column('is_test')}"  # as the constraint says: the number may be one of ours as well, for tests
    conflict = f"ON CONFLICT ({identity}) WHERE {real} DO UPDATE SET {changes}"
    statements.insert(Customer, _names(), _rows(Customer(business=business), people), conflict)


def _rows(like: Customer, people: Sequence[Person]) -> Iterator[list[Any]]:
    """Values in the order of the statement: those of `like`, with each person's own in their places."""
    fields = _fields()
    common = [field.get_db_prep_save(getattr(like, field.attname), connection) for field in fields]
    place = {field.name: number for number, field in enumerate(fields)}
    for person in people:
        row = common.copy()
        row[place["phone"]] = person.phone
        row[place["first_name"]] = person.first_name
        row[place["last_name"]] = person.last_name
        row[place["last_visit"]] = connection.ops.adapt_datefield_value(person.last_visit)
        row[place["timezone"]] = person.timezone
        row[place["technician"]] = person.technician
        row[place["service"]] = person.service
        row[place["language"]] = person.language
        row[place["search"]] = finding.indexed(person.first_name, person.last_name, person.phone)
        yield row


def _names() -> list[str]:
    return [field.name for field in _fields()]


def _spoken_name() -> str:
    table = connection.ops.quote_name(Customer._meta.db_table)
    first, spoken = _column("first_name"), _column("spoken_name")
    return f"{spoken} = CASE WHEN {table}.{first} = EXCLUDED.{first} THEN {table}.{spoken} END"


def _fields() -> list["Field[Any, Any]"]:
    return [field for field in Customer._meta.concrete_fields if not field.primary_key]


def _column(name: str) -> str:
    return statements.column(Customer, name)
