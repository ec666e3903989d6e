"""Which column stands for what: a guess by titles and contents, or what a person chose.  (pure)"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from campaigns import phones

from . import cleaning, numbers, titles
from .errors import BadMapping
from .table import Row, Table
from .titles import Field

#: A visit is recognised by its form; which day it is does not matter here.
_ANY_DAY = date(9998, 12, 31)


@dataclass(frozen=True)
class Columns:
    """The place of each known field, counted from 0.  What has no place here is ignored."""

    places: Mapping[Field, int]

    def cell(self, row: Row, field: Field) -> str:
        """The cell of this field; empty where the row is shorter or nobody knows the column."""
        place = self.places.get(field)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def field_at(self, place: int) -> Field | None:
        """What the column stands for; None when it is ignored."""
        return next((field for field, there in self.places.items() if there == place), None)

    def to_json(self) -> dict[str, int]:
        """As it is kept with the import."""
        return {str(field): place for field, place in self.places.items()}


def chosen(mapping: Mapping[str, int | None], table: Table) -> Columns:
    """The columns a person chose: field to place, None for none.  Raises `BadMapping`."""
    places: dict[Field, int] = {}
    for word, place in mapping.items():
        if place is None:
            continue
        if word not in set(Field) or not 0 <= place < len(table.titles):
            raise BadMapping("A column was chosen that this file does not have.", "Choose the columns again.")
        if place in places.values():
            title = table.titles[place]
            raise BadMapping(f"The column “{title}” was chosen for two things.", "Choose it for one of them.")
        places[Field(word)] = place
    return Columns(places)


def guess(table: Table, country: str = "US") -> Columns:
    """Our guess.

    1. By title: for each field the column whose title is known for it; among several the better filled, then the
       better title.
    2. By content, where titles say nothing: numbers, then names left of other names, then dates, then zones.
    3. “Name” beside “First name” is the last name, beside “Last name” the first.
    """
    content = _Content(table, country)
    places = _by_title(table, content)
    if Field.PHONE not in places or not content.share(places[Field.PHONE], content.is_phone):
        _by_phone_content(places, content)
    if not table.has_header or not places.keys() & {Field.NAME, Field.FIRST_NAME}:
        _by_other_content(places, content)
    return Columns(_settled(places))


class _Content:
    """What the first rows hold, column by column."""

    def __init__(self, table: Table, country: str) -> None:
        rows = table.head()
        self.country = country
        self.columns = [
            [row.cells[i].strip() for row in rows if i < len(row.cells) and row.cells[i].strip()]
            for i in range(len(table.titles))
        ]
        self.rows = len(rows)

    def share(self, place: int, test: Callable[[str], bool]) -> float:
        """How many of all rows pass the test in this column."""
        return sum(map(test, self.columns[place])) / self.rows if self.rows else 0.0

    def best(self, test: Callable[[str], bool], taken: Mapping[Field, int], least: float = 0.5) -> int | None:
        """The free column that passes best; the leftmost of equals."""
        free = [i for i in range(len(self.columns)) if i not in taken.values()]
        place = max(free, key=lambda i: self.share(i, test), default=None)
        return place if place is not None and self.share(place, test) >= least else None

    def is_phone(self, cell: str) -> bool:
        try:
            return bool(phones.parse(numbers.choose(cell, many=True)[0], self.country)) and not self.is_date(cell)
        except phones.BadPhone:
            return False

    def is_date(self, cell: str) -> bool:
        try:
            return not cell.isdigit() and cleaning.visit(cell, self.country, _ANY_DAY) is not None
        except cleaning.BadCell:
            return False

    @staticmethod
    def is_name(cell: str) -> bool:
        return bool(re.search(r"[^\W\d_]", cell)) and not re.search(r"[\d@/:]", cell) and len(cell) <= 80

    @staticmethod
    def is_zone(cell: str) -> bool:
        try:
            return bool(cleaning.zone(cell))
        except cleaning.BadCell:
            return False


def _by_title(table: Table, content: _Content) -> dict[Field, int]:
    places: dict[Field, int] = {}
    for field in Field:
        named = [i for i, title in enumerate(table.titles) if table.has_header and titles.field_of(title) == field]
        if named:
            test = content.is_phone if field == Field.PHONE else bool
            fullest = max(content.share(i, test) for i in named)
            full = [i for i in named if content.share(i, test) >= fullest * 0.9]
            places[field] = min(full, key=lambda i: titles.rank(table.titles[i]))
    return places


def _by_phone_content(places: dict[Field, int], content: _Content) -> None:
    others: dict[Field, int] = {field: place for field, place in places.items() if field != Field.PHONE}
    place = content.best(content.is_phone, others, least=0.3)
    if place is not None:
        places[Field.PHONE] = place


def _by_other_content(places: dict[Field, int], content: _Content) -> None:
    for field, test in ((Field.LAST_VISIT, content.is_date), (Field.TIMEZONE, content.is_zone)):
        place = content.best(test, places)
        if field not in places and place is not None:
            places[field] = place
    first = content.best(content.is_name, places)
    if first is None or places.keys() & {Field.NAME, Field.FIRST_NAME}:
        return
    places[Field.FIRST_NAME] = first
    spaced = content.share(first, lambda cell: " " in cell)
    last = first + 1
    free = last < len(content.columns) and last not in places.values()
    if spaced < 0.5 and free and content.share(last, content.is_name) >= 0.5:
        places[Field.LAST_NAME] = last
    else:
        places[Field.NAME] = places.pop(Field.FIRST_NAME)


def _settled(places: dict[Field, int]) -> dict[Field, int]:
    if Field.NAME in places:
        if Field.FIRST_NAME in places and Field.LAST_NAME not in places:
            places[Field.LAST_NAME] = places.pop(Field.NAME)
        elif Field.LAST_NAME in places and Field.FIRST_NAME not in places:
            places[Field.FIRST_NAME] = places.pop(Field.NAME)
        elif Field.FIRST_NAME in places:
            del places[Field.NAME]
    return places
