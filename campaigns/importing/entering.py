"""Customers that a program brings, one or many: read, judged and written as rows of a list are, with no list kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce

from campaigns.models import Business, Customer, User

from . import outcome, writing
from .known import by_phone, parts
from .mapping import Columns
from .outcome import Kind, Reading
from .table import Row
from .titles import Field
from .whole import attested

_PLACES = Columns({field: place for place, field in enumerate(Field)})


@dataclass(frozen=True)
class Entered:
    """What became of one of them.  `customer` is who it is, where somebody is: of two who were joined, who stayed."""

    kind: Kind
    reason: str
    notes: tuple[str, ...]
    customer: int | None


def enter(
    business: Business,
    people: Sequence[Mapping[Field, str]],
    *,
    consent: str,
    source: str,
    by: User | None,
    now: datetime,
) -> list[Entered]:
    """Enter these, in one transaction; what became of each, in their order.  Raises `NoConsent`.

    As with a list: who is known keeps what is not said and the consent once recorded, whoever stopped stays stopped, a
    number that must not be written to is left out, and of two with one number the first counts.
    """
    given = {
        "consent_basis": attested(consent),
        "consent_at": now,
        "consent_by": by,
        "consent_source": source[:300],
        "is_attested": True,
        "created_at": now,
    }
    today = now.astimezone(business.zone).date()
    rows = (Row(number, [said.get(field, "") for field in Field]) for number, said in enumerate(people, start=1))
    readings = [outcome.read_row(row, _PLACES, business.country, today) for row in rows]
    return writing.twice(lambda: _write(business, readings, given))


@transaction.atomic
def _write(business: Business, readings: Sequence[Reading], given: dict[str, Any]) -> list[Entered]:
    Business.objects.select_for_update().get(pk=business.pk)  # one import or launch of a business at a time
    numbers = writing.numbers(readings)
    known = by_phone(business, numbers, lock=True)
    verdicts = writing.judged(readings, known, writing.suppressed(business, numbers))
    writing.write(business, verdicts, known, given)
    who = _who(business, numbers)
    return [
        Entered(each.kind, each.reason, each.notes, who.get(each.person.phone) if each.person else None)
        for each in verdicts
    ]


def _who(business: Business, numbers: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    mine = Customer.everything.filter(business=business, is_test=False, erased_at=None)
    for some in parts(list(numbers)):
        found |= dict(mine.filter(phone__in=some).values_list("phone", Coalesce("merged_into", "pk")))
    return found
