"""What becomes of every row, and why.  (pure)

Two steps: `read_row` looks at a row alone, `decide` compares it with the rows above, the customers there are, and the
numbers that must not be written to.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from campaigns import names, phones, tags

from . import cleaning
from .csv_out import plain_cell
from .mapping import Columns
from .table import Row, Table
from .titles import Field, fold


class Kind(StrEnum):
    """What became of a row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as a file describes one.  An empty field says nothing."""

    phone: str
    first_name: str = ""
    last_name: str = ""
    last_visit: date | None = None
    timezone: str = ""
    technician: str = ""
    service: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()

    def over(self, known: "Person") -> "Person":
        """What is known, with what this file says in place of it; blank cells take nothing away.

        Tags are added to those there are.  An older file does not move the last visit back, and does not say who was
        there at the newer one.
        """
        visits = [day for day in (self.last_visit, known.last_visit) if day]
        older, newer = (self, known) if self.last_visit and self.last_visit < max(visits) else (known, self)
        return Person(
            phone=known.phone,
            first_name=self.first_name or known.first_name,
            last_name=self.last_name or known.last_name,
            last_visit=max(visits, default=None),
            timezone=self.timezone or known.timezone,
            technician=newer.technician or older.technician,
            service=newer.service or older.service,
            language=self.language or known.language,
            tags=tags.unique((*known.tags, *self.tags)),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One row alone: the person in it, or the reason why there is none.  `notes` are worth a look, no more."""

    row: int
    person: Person | None
    reason: str = ""
    notes: tuple[str, ...] = ()
    #: The row as it came, kept for rows that go back to be mended.
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row and what becomes of it.  `person` is as it will be kept."""

    row: int
    kind: Kind
    reason: str = ""
    person: Person | None = None
    notes: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()


def read_rows(table: Table, columns: Columns, country: str, today: date) -> Iterator[Reading]:
    """Every row alone, in the order of the file."""
    header = [fold(title) for title in table.titles] if table.has_header else None
    for row in table.rows():
        if header and all(fold(cell) == title for cell, title in zip(row.cells, header, strict=False)):
            yield Reading(row.number, None, "This row repeats the column titles.", cells=tuple(row.cells))
        elif len(row.cells) > len(table.titles):
            reason = f"This row has {len(row.cells)} cells where the list has {len(table.titles)}."
            yield Reading(row.number, None, reason, cells=tuple(row.cells))
        else:
            yield read_row(row, columns, country, today)


def read_row(row: Row, columns: Columns, country: str, today: date) -> Reading:
    """The person in this row.  What else cannot be read is left out with a note; number and name cannot be."""
    try:
        phone = phones.parse(columns.cell(row, Field.PHONE), country)
        first, last = _names(row, columns)
    except (phones.BadPhone, cleaning.BadCell) as error:
        return Reading(row.number, None, error.sentence, cells=tuple(row.cells))
    person = Person(phone, first, last)
    notes = []
    more = (Field.LAST_VISIT, Field.TIMEZONE, Field.TECHNICIAN, Field.SERVICE, Field.LANGUAGE, Field.TAGS)
    for field in more:
        try:
            person = _with(person, field, columns.cell(row, field), country, today)
        except (cleaning.BadCell, tags.BadTag) as error:
            notes.append(error.sentence)
    strange = names.look(first, last)
    return Reading(row.number, person, notes=(*notes, strange.sentence) if strange else tuple(notes))


def _names(row: Row, columns: Columns) -> tuple[str, str]:
    full = cleaning.name(columns.cell(row, Field.NAME))
    if full:
        return cleaning.split(full)
    first = cleaning.name(columns.cell(row, Field.FIRST_NAME))
    last = cleaning.name(columns.cell(row, Field.LAST_NAME))
    # "First name" beside a "Name" that holds both.
    return first, last.removeprefix(f"{first} ") if first else last


def _with(person: Person, field: Field, cell: str, country: str, today: date) -> Person:
    if not cell:
        return person
    if field == Field.LAST_VISIT:
        return replace(person, last_visit=cleaning.visit(cell, country, today))
    if field == Field.TECHNICIAN:
        return replace(person, technician=cleaning.words(cell, "technician"))
    if field == Field.SERVICE:
        return replace(person, service=cleaning.words(cell, "service"))
    if field == Field.LANGUAGE:
        return replace(person, language=cleaning.language(cell))
    if field == Field.TAGS:
        return replace(person, tags=tags.split(plain_cell(cell)))
    return replace(person, timezone=cleaning.zone(cell))


def decide(
    readings: Iterable[Reading], existing: Mapping[str, Person], suppressed: Container[str]
) -> Iterator[Verdict]:
    """What becomes of each row.  Of two rows with one number the first wins: the phone is the identity."""
    seen: dict[str, int] = {}
    for reading in readings:
        person = reading.person
        if person is None:
            yield Verdict(reading.row, Kind.REJECTED, reading.reason, cells=reading.cells)
        elif person.phone in seen:
            reason = f"The same number as row {seen[person.phone]}."
            yield Verdict(reading.row, Kind.DUPLICATE, reason, person)
        else:
            seen[person.phone] = reading.row
            yield _against_known(reading, person, existing.get(person.phone), person.phone in suppressed)


def _against_known(reading: Reading, person: Person, known: Person | None, is_suppressed: bool) -> Verdict:
    if is_suppressed:
        return Verdict(reading.row, Kind.SUPPRESSED, "Asked not to be written to, and stays that way.", known or person)
    if known is None:
        return Verdict(reading.row, Kind.ADDED, "", person, reading.notes)
    merged = person.over(known)
    kind = Kind.UNCHANGED if merged == known else Kind.UPDATED
    return Verdict(reading.row, kind, "", merged, reading.notes)


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Rows, and rows by what became of them: the others always add up to "rows"."""
    found = Counter(verdict.kind for verdict in verdicts)
    return {"rows": found.total()} | {str(kind): found[kind] for kind in Kind}
