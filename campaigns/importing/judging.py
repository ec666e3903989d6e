"""The third step of a list: what would become of every row, and what a mended value changes about that."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from campaigns.models import CustomerImport, ImportRow

from . import keeping, writing
from .errors import NotNow
from .known import by_phone
from .mapping import Columns
from .outcome import Kind, Reader, Reading
from .step import Step
from .table import Row
from .titles import Field

#: Rows and what each of them says.
Found = list[tuple[ImportRow, Reading]]


def look(record: CustomerImport, now: datetime, most: int) -> Found:
    """Read the next rows.  This is most of the work, and nobody waits for it: nothing is locked."""
    how = reader(record, now)
    rows = record.rows.filter(number__gt=record.job_at).order_by("number")[:most]
    return [(row, how.read(Row(row.number, row.values))) for row in rows]


def part(record: CustomerImport, found: Found) -> Step:
    """Keep what would become of them, in the caller's transaction.  Nothing is written to customers."""
    rows, readings = [row for row, _ in found], [reading for _, reading in found]
    _judge(record, rows, readings, _above(record, readings, rows[0].number))
    return Step.over([row.number for row in rows])


def finish(record: CustomerImport, now: datetime) -> None:
    """All rows have been read."""
    record.reviewed_at, record.counts = now, keeping.counted(record)


def reader(record: CustomerImport, now: datetime) -> Reader:
    """How the rows of this list are read."""
    business = record.business
    today = now.astimezone(business.zone).date()
    return Reader(record.titles, record.has_header, columns(record), business.country, today)


def columns(record: CustomerImport) -> Columns:
    """What its columns stand for."""
    return Columns({Field(word): place for word, place in record.mapping.items() if place is not None})


def mend(record: CustomerImport, number: int, values: Mapping[Field, str], now: datetime) -> ImportRow:
    """Put other words into some cells of a row, and say anew what becomes of it.

    With its number the fate of others may change: of two rows with one number the first wins.  Raises `NotNow` while
    the list is being read or after it was saved, and `ImportRow.DoesNotExist`.
    """
    with transaction.atomic():
        waiting = CustomerImport.objects.filter(pk=record.pk, job="", saved_from=None, reviewed_at__isnull=False)
        if not waiting.update(version=F("version") + 1):
            raise NotNow("This list cannot be changed just now.", "Look at it again.")
        row = record.rows.get(number=number)
        before = row.phone
        row.cells, row.is_mended = keeping.dumped(_mended(row.values, columns(record), values)), True
        row.save(update_fields=["cells", "is_mended"])
        _judge_again(record, row, before, reader(record, now))
        record.counts = keeping.counted(record)
        record.save(update_fields=["counts"])
    row.refresh_from_db()
    return row


def _mended(cells: list[str], places: Columns, values: Mapping[Field, str]) -> list[str]:
    for field, value in values.items():
        place = places.places[field]
        cells += [""] * (place + 1 - len(cells))
        cells[place] = value
    return cells


def _judge_again(record: CustomerImport, row: ImportRow, before: str, how: Reader) -> None:
    """This row, and all with the number it had or has now."""
    mine = how.read(Row(row.number, row.values))
    phones = {before, mine.person.phone if mine.person else ""} - {""}
    others = record.rows.filter(phone__in=phones).exclude(pk=row.pk)
    rows = sorted([row, *others], key=lambda each: each.number)
    _judge(record, rows, [how.read(Row(each.number, each.values)) for each in rows], {})


def _judge(
    record: CustomerImport, rows: Sequence[ImportRow], readings: Sequence[Reading], above: Mapping[str, int]
) -> None:
    phones = writing.numbers(readings)
    known = by_phone(record.business, phones)
    silent = writing.suppressed(record.business, phones)
    keeping.write_verdicts(rows, readings, writing.judged(readings, known, silent, above=above))


def _above(record: CustomerImport, readings: Sequence[Reading], first: int) -> dict[str, int]:
    """The numbers among these that a row before them has."""
    before = record.rows.filter(phone__in=writing.numbers(readings), number__lt=first).exclude(kind=Kind.DUPLICATE)
    return dict(before.values_list("phone", "number"))
