"""A file becomes customers in one go: all of it or nothing, as a command wants it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone as clock

from campaigns import merge
from campaigns.models import Business, CustomerImport, User

from . import keeping, outcome, reading, saving, writing
from . import mapping as columns_of
from .errors import NoConsent, NoPhoneColumn
from .known import by_phone
from .mapping import Columns
from .outcome import Kind, Reading, Verdict
from .table import Table
from .titles import Field

#: Characters of the words by which somebody says how these people agreed.
LONGEST_CONSENT = 300


@dataclass(frozen=True)
class Outcome:
    """What an import did.  `record` is its row in the history."""

    record: CustomerImport
    verdicts: tuple[Verdict, ...]
    counts: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """The fixed keys: rows, added, updated, unchanged, duplicate, suppressed, rejected with row and reason.

        Whoever stopped counts as suppressed here: programs add these keys up.
        """
        rejected = [{"row": v.row, "reason": v.reason} for v in self.verdicts if v.kind == Kind.REJECTED]
        notes = [{"row": v.row, "note": note} for v in self.verdicts for note in v.notes]
        counts = {word: number for word, number in self.counts.items() if word != Kind.STOPPED}
        counts["suppressed"] += self.counts[Kind.STOPPED]
        return counts | {"rejected": rejected, "notes": notes, "import": self.record.pk}


def look(raw: bytes, country: str, mapping: Mapping[str, int | None] | None = None) -> tuple[Table, Columns]:
    """The list in a file and what its columns stand for, chosen or guessed.  Raises `BadFile`, `BadMapping`."""
    table = reading.read(raw)
    columns = columns_of.guess(table, country) if mapping is None else columns_of.chosen(mapping, table)
    return table, columns


def run(
    business: Business,
    raw: bytes,
    filename: str,
    *,
    consent: str,
    by: User | None,
    source: str = "",
    mapping: Mapping[str, int | None] | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Import the file: every good row, or on any failure none.  Raises `ImportRefused`.

    1. Refuse without an attestation (M9).
    2. Read every row; nothing is locked meanwhile.
    3. In one transaction: one import of a business at a time, compare with what there is, write, keep the rows.

    Blank cells take nothing from a customer who is known; consent once given stays as it was recorded, whoever stopped
    stays stopped, and tags are only added.  That these are customers (R6) is said of those who are known as well.
    """
    now = now or clock.now()
    words = attested(consent)
    table, columns, readings = _readings(business, raw, mapping, now)
    record = CustomerImport(business=business, by=by, file_name=file_label(filename), consent=words)
    record.titles, record.has_header, record.notes = list(table.titles), table.has_header, list(table.notes)
    record.made_by, record.row_count, record.mapping = table.made_by, table.count, columns.to_json()
    record.reviewed_at = record.saved_from = now
    return writing.twice(lambda: _write(record, readings, source, now))


def file_label(filename: str) -> str:
    """A file's name as it is kept: without its folder, on one line, 120 characters at most."""
    name = merge.plain(re.split(r"[\\/]", filename)[-1])
    return name[-120:] or "a list without a name"


def attested(consent: str) -> str:
    """How these people agreed, as it is kept.  Raises `NoConsent` where nothing is said, or too much."""
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


@transaction.atomic
def _write(record: CustomerImport, readings: Sequence[Reading], source: str, now: datetime) -> Outcome:
    business, record.pk = record.business, None
    Business.objects.select_for_update().get(pk=business.pk)
    phones = writing.numbers(readings)
    known = by_phone(business, phones, lock=True)
    verdicts = writing.judged(readings, known, writing.suppressed(business, phones))
    traces = writing.write(business, verdicts, known, saving.consent(record, source))
    record.kept = CustomerImport.Kept.ALL
    record.save(force_insert=True)
    keeping.put_saved(record, verdicts, traces)
    saving.finish(record, now)
    record.save()
    return Outcome(record, tuple(verdicts), record.counts)
