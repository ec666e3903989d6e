"""The customers a business has already, as a list is compared with them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from campaigns.models import Business, Customer, Tag

from .outcome import Person
from .rows import WRITTEN

_CHUNK = 1_000
#: Above this it is cheaper to read every customer of the business than to name the numbers.
_MANY = 20_000

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Known:
    """A customer there is, and what an import may change besides what lists say."""

    pk: int
    person: Person
    is_stopped: bool
    is_attested: bool
    spoken_name: str | None

    def to_json(self) -> dict[str, Any]:
        """As an undo needs it."""
        return self.person.to_json() | {"is_attested": self.is_attested, "spoken_name": self.spoken_name}


def by_phone(business: Business, numbers: Sequence[str], *, lock: bool = False) -> dict[str, Known]:
    """Customers of the business with these numbers; with `lock` nobody else changes or erases them meanwhile."""
    # The number of a row that was joined to another is known too: a list must not bring it back to be asked twice.
    mine = Customer.everything.filter(business=business, is_test=False, erased_at=None)
    mine = mine.select_for_update() if lock else mine
    named = (mine.filter(phone__in=part) for part in parts(numbers))
    worn = _worn(business, numbers)
    wanted = set(numbers)
    found = {}
    for some in [mine] if len(numbers) > _MANY else named:
        for pk, phone, stopped_at, attested, spoken, *values in some.values_list(
            "pk", "phone", "stopped_at", "is_attested", "spoken_name", *WRITTEN
        ).iterator():
            if phone in wanted:
                said = dict(zip(WRITTEN, values, strict=True))
                person = Person(phone, **said, tags=tuple(worn.get(phone, ())))
                found[phone] = Known(pk, person, stopped_at is not None, attested, spoken)
    return found


def _worn(business: Business, numbers: Sequence[str]) -> dict[str, list[str]]:
    """The tags of the customers there are, by number."""
    worn = Tag.customers.through.objects.filter(tag__business=business).order_by("pk")
    named = [worn] if len(numbers) > _MANY else [worn.filter(customer__phone__in=part) for part in parts(numbers)]
    wanted = set(numbers)
    found = defaultdict(list)
    for some in named:
        for phone, name in some.values_list("customer__phone", "tag__name").iterator():
            if phone in wanted:
                found[phone].append(name)
    return found


def parts(items: Sequence[Item], size: int = _CHUNK) -> Iterator[Sequence[Item]]:
    """The items, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))
