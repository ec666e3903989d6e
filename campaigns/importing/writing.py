"""Customers are written: what a list says of them, their consent, their tags."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import IntegrityError
from django.db.models.functions import Coalesce

from campaigns import tags as words_of
from campaigns.models import Business, Customer, Suppression, Tag

from . import rows
from .known import Known, parts
from .outcome import Kind, Person, Reading, Verdict, decide

_CHUNK = 1_000

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Trace:
    """What a row did to a customer, for an undo.  `before` is None where it made them."""

    customer: int
    before: dict[str, Any] | None
    wrote: dict[str, Any]


def numbers(readings: Sequence[Reading]) -> list[str]:
    """The numbers in these rows, each once."""
    return sorted({reading.person.phone for reading in readings if reading.person})


def suppressed(business: Business, phones: Sequence[str]) -> set[str]:
    """Numbers that must not be written to.  Whoever stops a moment later is asked about again before each send (M4)."""
    return Suppression.known(business.organization, phones)


def judged(readings: Sequence[Reading], known: dict[str, Known], silent: set[str], **above: Any) -> list[Verdict]:
    """What becomes of each row, held against the customers there are."""
    existing = {phone: customer.person for phone, customer in known.items()}
    stopped = {phone for phone, customer in known.items() if customer.is_stopped}
    return list(decide(readings, existing, silent, stopped, **above))


def write(
    business: Business, verdicts: Sequence[Verdict], known: dict[str, Known], given: dict[str, Any]
) -> dict[int, Trace]:
    """The customers of these rows, within the caller's transaction; what each row did, by its number.

    `given` are the consent and its circumstances, the same for all.  Who is known keeps the consent once recorded; that
    these are customers (R6) is said of them as well.  Tags are only added.

    Raises `django.db.IntegrityError` when somebody adds one of the new customers at this very moment.
    """
    rows.insert(business, _people(verdicts, Kind.ADDED), **given)
    rows.update(business, _people(verdicts, Kind.UPDATED))
    _attest(business, _people(verdicts, Kind.UPDATED, Kind.UNCHANGED))
    _tag(business, _people(verdicts, Kind.ADDED, Kind.UPDATED))
    made = _made(business, _people(verdicts, Kind.ADDED))
    traced = ((verdict.row, _trace(verdict, known, made)) for verdict in verdicts)
    return {row: trace for row, trace in traced if trace}


def twice(work: Callable[[], Done]) -> Done:
    """Somebody may add one of these customers by hand at this very moment: then all is undone, and done once more."""
    try:
        return work()
    except IntegrityError:
        return work()


def _people(verdicts: Sequence[Verdict], *kinds: Kind) -> list[Person]:
    return [verdict.person for verdict in verdicts if verdict.kind in kinds and verdict.person]


def _made(business: Business, people: Sequence[Person]) -> dict[str, int]:
    """Which customers were made just now."""
    if len(people) > _CHUNK * 20:
        return dict(business.customers.values_list("phone", "pk").iterator())
    found: dict[str, int] = {}
    for some in parts(people):
        found |= dict(business.customers.filter(phone__in=[p.phone for p in some]).values_list("phone", "pk"))
    return found


def _trace(verdict: Verdict, known: dict[str, Known], made: dict[str, int]) -> Trace | None:
    person = verdict.person
    if person is None:
        return None
    if verdict.kind == Kind.ADDED:
        return Trace(made[person.phone], None, person.to_json())
    was = known.get(person.phone)
    is_touched = verdict.kind == Kind.UPDATED or (
        verdict.kind == Kind.UNCHANGED and was is not None and not was.is_attested
    )
    return Trace(was.pk, was.to_json(), person.to_json()) if was and is_touched else None


def _attest(business: Business, people: Sequence[Person]) -> None:
    """Who brought the list gave their word for those who are known already, too (R6)."""
    for some in parts(people):
        mine = Customer.objects.filter(business=business, is_attested=False)
        mine.filter(phone__in=[person.phone for person in some]).update(is_attested=True)


def _tag(business: Business, people: Sequence[Person]) -> None:
    """Put on the tags of the list; those there are stay."""
    tagged = [person for person in people if person.tags]
    names = words_of.unique(sorted({name for person in tagged for name in person.tags}))
    made = {tag.folded: tag.pk for some in parts(names) for tag in Tag.named(business, some)}
    worn = Tag.customers.through
    for some in parts(tagged):
        # Of two rows that were joined the number of either may stand in the list; the one that stayed wears the tag.
        mine = Customer.everything.filter(business=business, is_test=False, erased_at=None)
        of_these = mine.filter(phone__in=[person.phone for person in some])
        found = dict(of_these.values_list("phone", Coalesce("merged_into", "pk")))
        pairs = ((found[person.phone], made[words_of.folded(name)]) for person in some for name in person.tags)
        new = (worn(customer_id=customer, tag_id=tag) for customer, tag in pairs)
        worn.objects.bulk_create(new, batch_size=_CHUNK, ignore_conflicts=True)
