"""The last step of a list: its rows become customers, some at a time, each time as a whole."""

from datetime import datetime
from typing import Any

from campaigns.models import AuditEntry, Business, CustomerImport, ImportRow

from . import keeping, writing
from .known import by_phone
from .outcome import Kind, Person, Reading
from .step import Step

#: Fates that nothing is written for, whatever has happened since the review.
_SETTLED = frozenset({Kind.REJECTED, Kind.DUPLICATE})


def look(record: CustomerImport, now: datetime, most: int) -> list[ImportRow]:
    """The next rows."""
    return list(record.rows.filter(number__gt=record.job_at).order_by("number")[:most])


def part(record: CustomerImport, rows: list[ImportRow]) -> Step:
    """Save these rows, in the caller's transaction: customers, marks and progress are committed together.

    Each row is held against the customers once more: somebody may have stopped, or been added, since the review.
    """
    Business.objects.select_for_update().get(pk=record.business_id)  # one import or launch of a business at a time
    readings = [_said(row) for row in rows if row.kind not in _SETTLED]
    phones = writing.numbers(readings)
    known = by_phone(record.business, phones, lock=True)
    verdicts = writing.judged(readings, known, writing.suppressed(record.business, phones))
    traces = writing.write(record.business, verdicts, known, consent(record))
    keeping.write_saved(rows, {verdict.row: verdict for verdict in verdicts}, traces)
    return Step.over([row.number for row in rows])


def _said(row: ImportRow) -> Reading:
    return Reading(row.number, Person.from_json(row.customer_said), notes=tuple(row.remarks))


def consent(record: CustomerImport, source: str = "") -> dict[str, Any]:
    """What every new customer carries: how, when, who, from where (M9)."""
    return {
        "consent_basis": record.consent,
        "consent_at": record.saved_from,
        "consent_by": record.by,
        "consent_source": (source or record.file_name)[:300],
        "is_attested": True,
        "created_at": record.saved_from,
    }


def finish(record: CustomerImport, now: datetime) -> None:
    """Every row has ended."""
    record.done_at, record.counts = now, keeping.counted(record)
    words = ", ".join(f"{number} {word}" for word, number in record.counts.items())
    AuditEntry.write(record.business.organization, "imported customers", record, record.by, words)
