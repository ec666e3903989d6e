"""From a file to customers: look first, then write all of it or nothing."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone as clock

from campaigns import merge
from campaigns import tags as words_of
from campaigns.models import AuditEntry, Business, Customer, CustomerImport, Suppression, Tag, User

from . import mapping as columns_of
from . import outcome, reading, rows
from .errors import NoConsent, NoPhoneColumn
from .mapping import Columns
from .outcome import Kind, Person, Reading, Verdict
from .table import Table
from .titles import Field

#: Characters of the words by which somebody says how these people agreed.
LONGEST_CONSENT = 300
_CHUNK = 1_000
#: Above this it is cheaper to read every customer of the business than to name the numbers.
_MANY = 20_000
#: Rejected rows that are kept with the import, to be mended; the counts tell of all.
_KEPT_ROWS = 5_000

Item = TypeVar("Item")


@dataclass(frozen=True)
class Review:
    """What an import would do; nothing is written."""

    file_name: str
    table: Table
    columns: Columns
    verdicts: tuple[Verdict, ...]
    counts: dict[str, int]

    def of(self, kind: str) -> list[Verdict]:
        """The rows with this fate."""
        return [verdict for verdict in self.verdicts if verdict.kind == kind]

    def noted(self) -> list[Verdict]:
        """Rows that will be kept but want a look: odd names, dates left out."""
        return [verdict for verdict in self.verdicts if verdict.notes]


@dataclass(frozen=True)
class Outcome:
    """What an import did.  `record` is its row in the history."""

    record: CustomerImport
    verdicts: tuple[Verdict, ...]
    counts: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """The fixed keys: rows, added, updated, unchanged, duplicate, suppressed, rejected with row and reason."""
        rejected = [{"row": v.row, "reason": v.reason} for v in self.verdicts if v.kind == Kind.REJECTED]
        notes = [{"row": v.row, "note": note} for v in self.verdicts for note in v.notes]
        return self.counts | {"rejected": rejected, "notes": notes, "import": self.record.pk}


def look(raw: bytes, country: str, mapping: Mapping[str, int | None] | None = None) -> tuple[Table, Columns]:
    """The list in a file and what its columns stand for, chosen or guessed.  Raises `BadFile`, `BadMapping`."""
    table = reading.read(raw)
    columns = columns_of.guess(table, country) if mapping is None else columns_of.chosen(mapping, table)
    return table, columns


def review(
    business: Business,
    raw: bytes,
    filename: str = "",
    mapping: Mapping[str, int | None] | None = None,
    *,
    now: datetime | None = None,
) -> Review:
    """What an import of this file would do.  Writes nothing.  Raises `ImportRefused`."""
    table, columns, readings = _readings(business, raw, mapping, now or clock.now())
    verdicts = _judged(business, readings, _suppressed(business, readings))
    return Review(file_label(filename), table, columns, verdicts, outcome.counts(verdicts))


def run(
    business: Business,
    raw: bytes,
    filename: str,
    *,
    consent: str,
    by: User | None,
    source: str = "",
    mapping: Mapping[str, int | None] | None = None,
    record: CustomerImport | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Import the file: every good row, or on any failure none.  Raises `ImportRefused`.

    1. Refuse without an attestation (M9).
    2. Read every row; nothing is locked meanwhile.
    3. In one transaction: one import of a business at a time, compare with what there is, write, keep the record.

    Blank cells take nothing from a customer who is known; consent once given stays as it was recorded, whoever stopped
    stays stopped, and tags are only added.  That these are customers (R6) is said of those who are known as well.
    `record` is an import that waited for review; without one a new row is made.
    """
    now = now or clock.now()
    attested = _attested(consent)
    label = file_label(filename)
    _, columns, readings = _readings(business, raw, mapping, now)
    given = {"consent_basis": attested, "consent_at": now, "consent_by": by, "consent_source": (source or label)[:300]}
    given["is_attested"] = True
    record = record or CustomerImport(business=business)
    record.by, record.file_name, record.consent, record.mapping = by, label, attested, columns.to_json()
    record.done_at = now
    suppressed = _suppressed(business, readings)
    return _twice(lambda: _write(business, record, readings, suppressed, given))


def file_label(filename: str) -> str:
    """A file's name as it is kept: without its folder, on one line, 120 characters at most."""
    name = merge.plain(re.split(r"[\\/]", filename)[-1])
    return name[-120:] or "a list without a name"


# ---- reading and judging -------------------------------------------------------------------------------------------


def _attested(consent: str) -> str:
    words = merge.plain(consent)
    if not words:
        raise NoConsent(
            "Nobody has said how these customers agreed to be written to.",
            "Say it in one sentence, such as “Gave their number at the counter for pick-up messages and feedback”.",
        )
    if len(words) > LONGEST_CONSENT:
        raise NoConsent(
            f"The words about how these customers agreed have {len(words)} characters; {LONGEST_CONSENT} is the most.",
            "Say it shorter.",
        )
    return words


def _readings(
    business: Business, raw: bytes, mapping: Mapping[str, int | None] | None, now: datetime
) -> tuple[Table, Columns, list[Reading]]:
    table, columns = look(raw, business.country, mapping)
    if Field.PHONE not in columns.places:
        raise NoPhoneColumn(
            "No column with phone numbers was found in this file.",
            "Choose the column that holds them, or put “Phone” above it, and try again.",
        )
    today = now.astimezone(business.zone).date()
    return table, columns, list(outcome.read_rows(table, columns, business.country, today))


def _numbers(readings: Sequence[Reading]) -> list[str]:
    return sorted({reading.person.phone for reading in readings if reading.person})


def _suppressed(business: Business, readings: Sequence[Reading]) -> set[str]:
    """Numbers that must not be written to.  Whoever stops a moment later is asked about again before each send (M4)."""
    return Suppression.known(business.organization, _numbers(readings))


def _judged(
    business: Business, readings: Sequence[Reading], suppressed: set[str], *, lock: bool = False
) -> tuple[Verdict, ...]:
    """Compare with the customers there are; with `lock` nobody else changes or erases them meanwhile."""
    existing, stopped = _known(business, _numbers(readings), lock)
    return tuple(outcome.decide(readings, existing, suppressed | stopped))


def _known(business: Business, numbers: Sequence[str], lock: bool) -> tuple[dict[str, Person], set[str]]:
    """Customers of the business by number, and those of them who stopped."""
    existing: dict[str, Person] = {}
    stopped: set[str] = set()
    wanted = set(numbers)
    mine = Customer.objects.filter(business=business)
    mine = mine.select_for_update() if lock else mine
    parts = [mine] if len(numbers) > _MANY else [mine.filter(phone__in=part) for part in _parts(numbers)]
    worn = _worn(business, wanted)
    for part in parts:
        for at, phone, *values in part.values_list("stopped_at", "phone", *rows.WRITTEN).iterator():
            if phone in wanted:
                existing[phone] = Person(
                    phone, **dict(zip(rows.WRITTEN, values, strict=True)), tags=tuple(worn.get(phone, ()))
                )
                stopped |= {phone} if at else set()
    return existing, stopped


def _worn(business: Business, wanted: set[str]) -> dict[str, list[str]]:
    """The tags of the customers there are, by number."""
    found = defaultdict(list)
    worn = Tag.customers.through.objects.filter(tag__business=business).order_by("pk")
    for phone, name in worn.values_list("customer__phone", "tag__name").iterator():
        if phone in wanted:
            found[phone].append(name)
    return found


# ---- writing -------------------------------------------------------------------------------------------------------


def _twice(work: Callable[[], Outcome]) -> Outcome:
    """Somebody may add one of these customers by hand at this very moment: then all is undone, and done once more."""
    try:
        return work()
    except IntegrityError:
        return work()


@transaction.atomic
def _write(
    business: Business,
    record: CustomerImport,
    readings: Sequence[Reading],
    suppressed: set[str],
    given: dict[str, Any],
) -> Outcome:
    Business.objects.select_for_update().get(pk=business.pk)
    verdicts = _judged(business, readings, suppressed, lock=True)
    rows.insert(business, _people(verdicts, Kind.ADDED), **given)
    rows.update(business, _people(verdicts, Kind.UPDATED))
    _attest(business, _people(verdicts, Kind.UPDATED, Kind.UNCHANGED))
    _tag(business, _people(verdicts, Kind.ADDED, Kind.UPDATED))
    counted = outcome.counts(verdicts)
    record.counts = counted
    record.rejected = list(_kept(verdicts))
    record.save()
    words = ", ".join(f"{number} {word}" for word, number in counted.items())
    AuditEntry.write(business.organization, "imported customers", record, record.by, words)
    return Outcome(record, verdicts, counted)


def _people(verdicts: Sequence[Verdict], *kinds: Kind) -> list[Person]:
    return [verdict.person for verdict in verdicts if verdict.kind in kinds and verdict.person]


def _attest(business: Business, people: Sequence[Person]) -> None:
    """Who brought the list gave their word for those who are known already, too (R6)."""
    for some in _parts(people):
        mine = Customer.objects.filter(business=business, is_attested=False)
        mine.filter(phone__in=[person.phone for person in some]).update(is_attested=True)


def _tag(business: Business, people: Sequence[Person]) -> None:
    """Put on the tags of the list; those there are stay."""
    tagged = [person for person in people if person.tags]
    names = words_of.unique(sorted({name for person in tagged for name in person.tags}))
    made = {tag.folded: tag.pk for some in _parts(names) for tag in Tag.named(business, some)}
    worn = Tag.customers.through
    for some in _parts(tagged):
        numbers = dict(
            business.customers.filter(phone__in=[person.phone for person in some]).values_list("phone", "pk")
        )
        pairs = ((numbers[person.phone], made[words_of.folded(name)]) for person in some for name in person.tags)
        new = (worn(customer_id=customer, tag_id=tag) for customer, tag in pairs)
        worn.objects.bulk_create(new, batch_size=_CHUNK, ignore_conflicts=True)


def _kept(verdicts: Sequence[Verdict]) -> Iterator[dict[str, Any]]:
    rejected = [verdict for verdict in verdicts if verdict.kind == Kind.REJECTED]
    for verdict in rejected[:_KEPT_ROWS]:
        cells = [cell[:200] for cell in verdict.cells[:50]]
        yield {"row": verdict.row, "reason": verdict.reason, "cells": cells}


def _parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
