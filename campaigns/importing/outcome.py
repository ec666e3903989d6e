"""What becomes of every row, and why.  (pure)

Two steps: `read_row` looks at a row alone, `decide` compares it with the rows above, the customers there are, and the
numbers that must not be written to.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self

from campaigns import names, phones, tags

from . import cleaning, numbers
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
    STOPPED = "stopped"
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

    def to_json(self) -> dict[str, Any]:
        """What is known, as it is kept with the row: empty fields are left out."""
        day = {"last_visit": self.last_visit.isoformat()} if self.last_visit else {}
        worn = {"tags": list(self.tags)} if self.tags else {}
        words = {name: getattr(self, name) for name in WORDS if getattr(self, name)}
        return {"phone": self.phone} | words | day | worn

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The same back."""
        day = kept.get("last_visit")
        words = {name: kept.get(name, "") for name in WORDS}
        last_visit = date.fromisoformat(day) if day else None
        return cls(kept["phone"], last_visit=last_visit, tags=tuple(kept.get("tags", ())), **words)


#: The fields of a person that are plain words.
WORDS = ("first_name", "last_name", "timezone", "technician", "service", "language")


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


@dataclass(frozen=True)
class Reader:
    """How the rows of one list are read: its titles, what they stand for, and where and when that is."""

    titles: Sequence[str]
    has_header: bool
    columns: Columns
    country: str
    today: date

    def read(self, row: Row) -> Reading:
        """One row alone: who it is about, or why that cannot be told."""
        if self._repeats_the_titles(row):
            return Reading(row.number, None, "This row repeats the column titles.", cells=tuple(row.cells))
        if len(row.cells) > len(self.titles):
            reason = f"This row has {len(row.cells)} cells where the list has {len(self.titles)}."
            return Reading(row.number, None, reason, cells=tuple(row.cells))
        return read_row(row, self.columns, self.country, self.today, many=self.holds_many)

    @property
    def holds_many(self) -> bool:
        """Whether the column of numbers is made to hold several."""
        place = self.columns.places.get(Field.PHONE)
        return place is not None and place < len(self.titles) and numbers.holds_many(self.titles[place])

    def _repeats_the_titles(self, row: Row) -> bool:
        first = (row.cells[0], self.titles[0]) if row.cells and self.titles else ("", "x")
        return (
            self.has_header
            and fold(first[0]) == fold(first[1])
            and all(fold(cell) == fold(title) for cell, title in zip(row.cells, self.titles, strict=False))
        )


def read_rows(table: Table, columns: Columns, country: str, today: date) -> Iterator[Reading]:
    """Every row alone, in the order of the file."""
    reader = Reader(table.titles, table.has_header, columns, country, today)
    return map(reader.read, table.rows())


def read_row(row: Row, columns: Columns, country: str, today: date, *, many: bool = False) -> Reading:
    """The person in this row.  What else cannot be read is left out with a note; number and name cannot be."""
    try:
        written, several = numbers.choose(columns.cell(row, Field.PHONE), many=many)
        phone = phones.parse(written, country)
        first, last = _names(row, columns)
    except (phones.BadPhone, cleaning.BadCell) as error:
        return Reading(row.number, None, error.sentence, cells=tuple(row.cells))
    person = Person(phone, first, last)
    notes = [several] if several else []
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
        return replace(person, tags=tags.split(cleaning.labels(plain_cell(cell))))
    return replace(person, timezone=cleaning.zone(cell))


def decide(
    readings: Iterable[Reading],
    existing: Mapping[str, Person],
    suppressed: Container[str],
    stopped: Container[str] = frozenset(),
    above: Mapping[str, int] | None = None,
) -> Iterator[Verdict]:
    """What becomes of each row.  Of two rows with one number the first wins: the phone is the identity.

    `stopped` are customers we know who asked for silence, `suppressed` numbers whoever they belong to; `above` are the
    numbers of rows that were decided before these.
    """
    seen: dict[str, int] = dict(above or {})
    for reading in readings:
        person = reading.person
        if person is None:
            yield Verdict(reading.row, Kind.REJECTED, reading.reason, cells=reading.cells)
        elif person.phone in seen:
            reason = f"The same number as row {seen[person.phone]}."
            yield Verdict(reading.row, Kind.DUPLICATE, reason, person)
        else:
            seen[person.phone] = reading.row
            silent = SILENCE.get((person.phone in stopped, person.phone in suppressed))
            yield (
                _silenced(reading, existing.get(person.phone) or person, silent)
                if silent
                else _against_known(reading, person, existing)
            )


#: A customer who stopped is named so, also when the number is suppressed besides.
SILENCE: Mapping[tuple[bool, bool], tuple[Kind, str]] = {
    (True, False): (Kind.STOPPED, "Has asked you to stop, and stays stopped."),
    (True, True): (Kind.STOPPED, "Has asked you to stop, and stays stopped."),
    (False, True): (Kind.SUPPRESSED, "Asked not to be written to, and stays that way."),
}


def _silenced(reading: Reading, person: Person, silent: tuple[Kind, str]) -> Verdict:
    return Verdict(reading.row, silent[0], silent[1], person)


def _against_known(reading: Reading, person: Person, existing: Mapping[str, Person]) -> Verdict:
    known = existing.get(person.phone)
    if known is None:
        return Verdict(reading.row, Kind.ADDED, "", person, reading.notes)
    merged = person.over(known)
    if merged == known:
        return Verdict(reading.row, Kind.UNCHANGED, "", merged, reading.notes)
    return Verdict(reading.row, Kind.UPDATED, changes(known, merged), merged, reading.notes)


_CHANGED = {"first_name": "First name", "last_name": "Last name", "last_visit": "Last visit", "timezone": "Time zone"}
_CHANGED |= {"technician": "Technician", "service": "Service", "language": "Language", "tags": "Tags"}


def changes(known: Person, merged: Person) -> str:
    """What an update does, in one line: “Last visit was 3 August 2026. Tags added: Spa.”"""
    told = []
    for name, word in _CHANGED.items():
        was, will = getattr(known, name), getattr(merged, name)
        if was == will:
            continue
        if name == "tags":
            told.append(f"Tags added: {', '.join(tag for tag in will if tag not in was)}.")
        elif isinstance(was, date):
            told.append(f"{word} was {was.day} {was:%B %Y}.")
        else:
            told.append(f"{word} was {phones.quote(was)}." if was else f"{word} is new.")
    return " ".join(told)[:LONGEST_REASON]


#: Characters of a reason that are kept.
LONGEST_REASON = 400


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Rows, and rows by what became of them: the others always add up to "rows"."""
    found = Counter(verdict.kind for verdict in verdicts)
    return {"rows": found.total()} | {str(kind): found[kind] for kind in Kind}
