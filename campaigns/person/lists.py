"""The lists that were brought: their rows, and of the release before the rows left out and files that still wait."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F, Q

from campaigns import finding, importing, phones
from campaigns.importing import reading
from campaigns.models import CustomerImport, ImportRow
from campaigns.person.whose import Whose

MASK = "█"
ERASED = "Erased at their wish"


def held(whose: Whose) -> list[dict[str, Any]]:
    """Rows of theirs in lists that are still kept."""
    old = [(record, row["row"], row["cells"]) for record, rows in _imports(whose) for row in rows]
    new = [(row.record, row.number, row.values) for row in _rows(whose)]
    return [
        {"list": record.file_name, "brought": record.created_at, "row": number, "cells": cells}
        for record, number, cells in [*old, *new]
    ]


def forget(whose: Whose, now: datetime) -> int:
    """Empty those rows; a list that still waits and names them is put away, to be brought once more."""
    gone = _blank(list(_rows(whose)), now)
    for record, theirs in list(_imports(whose)):
        numbers = {row["row"] for row in theirs}
        kept = [_masked(row) if row["row"] in numbers else row for row in record.rejected]
        CustomerImport.objects.filter(pk=record.pk).update(rejected=kept)
        gone += len(numbers)
    for record in list(_waiting(whose)):
        for path in _files(record):
            path.unlink(missing_ok=True)
        CustomerImport.objects.filter(pk=record.pk).update(file_path="")
        gone += 1
    return gone


def _rows(whose: Whose) -> Iterator[ImportRow]:
    """Rows that have their number or made them; of the unreadable ones, which have neither, those that name them."""
    mine = ImportRow.objects.filter(record__business__organization=whose.organization).select_related(
        "record__business"
    )
    known = Q(phone__in=whose.numbers) | Q(customer__in=[person.pk for person in whose.rows])
    yield from mine.filter(known).order_by("pk")
    for row in mine.exclude(known).filter(phone="").order_by("pk").iterator(500):
        if is_theirs(row.values, whose, row.record.business.country):
            yield row


def _blank(rows: list[ImportRow], now: datetime) -> int:
    """Nothing of them stays in these, and a list that has still to be saved leaves them out and says so.

    Whoever is reading or saving the list this moment has these rows in memory: their part of it is taken from them,
    and done anew by the next one.
    """
    touched = CustomerImport.objects.filter(pk__in={row.record_id for row in rows})
    touched.exclude(job="").update(job_token="", job_until=None)
    said = {"cells": json.dumps([MASK]), "phone": "", "notes": "[]", "said": "{}", "before": "", "wrote": ""}
    ImportRow.objects.filter(pk__in=[row.pk for row in rows]).update(
        **said, reason=ERASED, kind=importing.Kind.REJECTED, customer=None, wants_look=False
    )
    for record in touched.filter(done_at=None):
        counts = importing.keeping.counted(record) if record.reviewed_at else record.counts
        CustomerImport.objects.filter(pk=record.pk).update(counts=counts, version=F("version") + 1)
    return len(rows)


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"cells": [MASK], "reason": ERASED}


def _imports(whose: Whose) -> Iterator[tuple[CustomerImport, list[dict[str, Any]]]]:
    rows = CustomerImport.objects.filter(business__organization=whose.organization).exclude(rejected=[])
    for record in rows.select_related("business").order_by("pk").iterator(20):
        theirs = [row for row in record.rejected if is_theirs(row["cells"], whose, record.business.country)]
        if theirs:
            yield record, theirs


def _waiting(whose: Whose) -> Iterator[CustomerImport]:
    rows = CustomerImport.objects.filter(business__organization=whose.organization, done_at=None)
    for record in rows.exclude(file_path="").select_related("business"):
        if any(_names_them(path, whose, record.business.country) for path in _files(record)):
            yield record


def _files(record: CustomerImport) -> list[Path]:
    path = Path(settings.DATA_DIR) / "imports" / Path(record.file_path).name
    return [each for each in (path, path.with_suffix(".taken")) if each.exists()]


def _names_them(path: Path, whose: Whose, country: str) -> bool:
    try:
        table = reading.read(path.read_bytes())
    except (importing.ImportRefused, OSError):
        return True  # nobody can say what is in it
    return any(is_theirs(row.cells, whose, country) for row in table.rows())


def is_theirs(cells: Sequence[str], whose: Whose, country: str) -> bool:
    """A cell is their number, however it is written, or the row has both their names."""
    line = f" {finding.folded(' '.join(cells))} "
    if any(all(f" {word} " in line for word in finding.folded(name).split()) for name in whose.names):
        return True
    return any(_is_number(cell, whose, country) for cell in cells)


def _is_number(cell: str, whose: Whose, country: str) -> bool:
    digits = "".join(filter(str.isdecimal, cell))
    if len(digits) < 7 or not any(number.endswith(digits[-7:]) for number in whose.numbers):
        return False
    try:
        return phones.parse(cell, country) in whose.numbers
    except phones.BadPhone:
        return True  # their last seven digits, in a writing nobody reads
