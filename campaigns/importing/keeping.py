"""The rows of a list go into the database, and come back."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Count

from campaigns.models import CustomerImport, ImportRow

from . import statements
from .outcome import LONGEST_REASON, Kind, Person, Reading, Verdict
from .table import Row, Table
from .writing import Trace

_CHUNK = 5_000
#: Characters of one cell that are kept; what is longer says nothing a customer's field could hold.
LONGEST_CELL = 20_000

_FIRST = ("record", "number", "cells", "is_mended", "kind", "phone", "reason", "notes", "wants_look", "said")
_LATER = ("is_saved", "customer", "before", "wrote", "undone")
_ALL = (*_FIRST, *_LATER)
_JUDGED = ("kind", "phone", "reason", "notes", "wants_look", "said")
_SAVED = ("kind", "reason", "is_saved", "customer", "before", "wrote")


def dumped(value: object) -> str:
    """A value as text for a column."""
    return json.dumps(value, separators=(",", ":"))


def loaded(text: str) -> dict[str, Any]:
    """A value back."""
    return dict(json.loads(text))


def put(record: CustomerImport, table: Table) -> None:
    """Every row of the list, as it came.  Some thousands in each transaction, so that nobody waits for long.

    Only once all have arrived is the list one that can be gone on with.
    """
    record.titles, record.has_header, record.notes = list(table.titles), table.has_header, list(table.notes)
    record.made_by, record.row_count = table.made_by, table.count
    record.kept = CustomerImport.Kept.HALF
    record.save()
    rows = table.rows()
    while some := list(islice(rows, _CHUNK)):
        with transaction.atomic():
            statements.insert(ImportRow, _ALL, (_new(record, row) for row in some))
    record.kept = CustomerImport.Kept.ALL
    record.save(update_fields=["kept"])


def _new(record: CustomerImport, row: Row) -> list[Any]:
    cells = dumped([cell[:LONGEST_CELL] for cell in row.cells])
    return [record.pk, row.number, cells, False, "", "", "", "[]", False, "{}", False, None, "", "", ""]


def put_saved(record: CustomerImport, verdicts: Sequence[Verdict], traces: Mapping[int, Trace]) -> None:
    """Rows that were read, judged and saved in one go, as a command does it.  Within the caller's transaction."""
    rows = (_done(record, verdict, traces.get(verdict.row)) for verdict in verdicts)
    statements.insert(ImportRow, _ALL, rows)


def _done(record: CustomerImport, verdict: Verdict, trace: Trace | None) -> list[Any]:
    cells = dumped([cell[:LONGEST_CELL] for cell in verdict.cells])
    return [record.pk, verdict.row, cells, False, *_judged(verdict, verdict.person), True, *_traced(trace), ""]


def _judged(verdict: Verdict, said: Person | None) -> list[Any]:
    phone = said.phone if said else ""
    wants_look = verdict.kind == Kind.REJECTED or bool(verdict.notes)
    words = dumped(said.to_json() if said else {})
    return [str(verdict.kind), phone, verdict.reason[:LONGEST_REASON], dumped(list(verdict.notes)), wants_look, words]


def _traced(trace: Trace | None) -> list[Any]:
    if trace is None:
        return [None, "", ""]
    return [trace.customer, dumped(trace.before) if trace.before else "", dumped(trace.wrote)]


def write_verdicts(rows: Sequence[ImportRow], readings: Sequence[Reading], verdicts: Iterable[Verdict]) -> None:
    """What would become of these rows."""
    values = (
        [*_judged(verdict, reading.person), row.pk]
        for row, reading, verdict in zip(rows, readings, verdicts, strict=True)
    )
    statements.update(ImportRow, _JUDGED, values)


def write_saved(rows: Sequence[ImportRow], verdicts: Mapping[int, Verdict], traces: Mapping[int, Trace]) -> None:
    """What became of these rows; one without a verdict stays as it was judged."""
    statements.update(ImportRow, _SAVED, (_saved(row, verdicts.get(row.number), traces) for row in rows))


def _saved(row: ImportRow, verdict: Verdict | None, traces: Mapping[int, Trace]) -> list[Any]:
    kind, reason = (str(verdict.kind), verdict.reason[:LONGEST_REASON]) if verdict else (row.kind, row.reason)
    return [kind, reason, True, *_traced(traces.get(row.number)), row.pk]


def counted(record: CustomerImport) -> dict[str, int]:
    """Rows, and rows by what became of them: the others always add up to "rows"."""
    found = dict(record.rows.order_by().values_list("kind").annotate(Count("pk")))
    by_kind = {str(kind): found.get(str(kind), 0) for kind in Kind}
    return {"rows": sum(found.values())} | by_kind


def first_rows(record: CustomerImport, most: int = 50) -> list[Row]:
    """To show samples and to guess by."""
    return [Row(row.number, row.values) for row in record.rows.order_by("number")[:most]]


def left_out(record: CustomerImport) -> Iterator[ImportRow]:
    """The rows that could not be read."""
    return record.rows.filter(kind=Kind.REJECTED).order_by("number").iterator()
