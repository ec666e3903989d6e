"""A list of customers as rows of cells, whatever file it came in.  (pure)

The rows are read from the bytes each time they are asked for, so a large file is never held twice.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from . import titles
from .errors import BadFile

MOST_ROWS = 200_000
MOST_COLUMNS = 500
#: Longer lines hold a cell that no list of customers has; the csv module's own limit for a cell is 131,072.
_LONGEST_LINE = 4 * 1024 * 1024
#: A last line that shows whether a quotation mark was still open before it.
_END = "\ue000end\ue000"
_HEAD = 60


@dataclass(frozen=True)
class Row:
    """One line of the list.  `number` is the one a spreadsheet shows beside it: titles and blank lines count."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A list with a title for every column.  `count` are the rows below the titles that are not blank."""

    titles: tuple[str, ...]
    has_header: bool
    count: int
    #: Sentences about how the file was read, for the person who brought it.
    notes: tuple[str, ...]
    data: bytes = field(repr=False)
    encoding: str
    delimiter: str
    first: int
    #: The program whose export this is; empty when nothing says so.
    made_by: str = ""

    def rows(self) -> Iterator[Row]:
        """The rows that are not blank, below the titles."""
        return (row for row in _records(self.data, self.encoding, self.delimiter) if row.number >= self.first)

    def head(self, most: int = 50) -> list[Row]:
        """The first rows, to guess by."""
        return list(islice(self.rows(), most))

    def samples(self, column: int, most: int = 3) -> list[str]:
        """The first values of a column that say something."""
        cells = (row.cells[column].strip() for row in self.head() if column < len(row.cells))
        return list(islice((cell[:80] for cell in cells if cell), most))


def survey(data: bytes, encoding: str, delimiter: str, notes: Sequence[str] = ()) -> Table:
    """Read through once: find the titles, count, and refuse what is too much or damaged.  Raises `BadFile`."""
    head: list[Row] = []
    count = 0
    for row in _records(data, encoding, delimiter):
        count += 1
        if len(head) < _HEAD:
            head.append(row)
    if not head:
        raise BadFile("There are no customers in this file: it is empty.", "Check that it is the right file.")
    header = titles.find([row.cells for row in head])
    above = 0 if header is None else header + 1
    _refuse_count(count - above)
    return Table(
        titles=_titles(head, header),
        has_header=header is not None,
        count=count - above,
        notes=(*notes, *_about_header(header)),
        data=data,
        encoding=encoding,
        delimiter=delimiter,
        first=1 if header is None else head[header].number + 1,
    )


def _refuse_count(count: int) -> None:
    if count < 1:
        raise BadFile(
            "There are no customers in this file: there is nothing below the column titles.",
            "Check that it is the right file.",
        )
    if count > MOST_ROWS:
        raise BadFile(
            f"The file has more than {MOST_ROWS:,} rows, which is the most for one import.",
            "Split it into several files and import them one after the other.",
        )


def _titles(head: list[Row], header: int | None) -> tuple[str, ...]:
    """The titles; columns without one are called as a spreadsheet calls them."""
    below = head if header is None else head[header + 1 :]
    widths = sorted(len(row.cells) for row in below)
    usual = widths[len(widths) // 2] if widths else 0
    given = [] if header is None else [" ".join(cell.split())[:80] for cell in head[header].cells]
    given += [""] * (usual - len(given))
    return tuple(title or titles.column_name(index) for index, title in enumerate(given))


def _about_header(header: int | None) -> Iterator[str]:
    if header is None:
        yield "The file has no column titles, so the columns were told by what is in them."
    elif header:
        what = "One line above the column titles was" if header == 1 else f"{header} lines above the column titles were"
        yield f"{what} left out."


def _records(data: bytes, encoding: str, delimiter: str) -> Iterator[Row]:
    """Every row that is not blank.  Raises `BadFile` where the file is damaged."""
    reader = csv.reader(chain(_lines(data, encoding), [_END]), delimiter=delimiter)
    number = seen = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if cells == [_END]:
                return
            row = Row(number, _trimmed(cells))
            seen += bool(row.cells)
            _refuse(row, seen)
            if row.cells:
                yield row
    except csv.Error as error:
        raise _too_long(number + 1) from error


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    for number, line in enumerate(io.BytesIO(data), start=1):
        if len(line) > _LONGEST_LINE:
            raise _too_long(number)
        yield line.decode(encoding)


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _refuse(row: Row, seen: int) -> None:
    if row.cells and row.cells[-1].endswith(_END):
        raise BadFile(
            f'In row {row.number} a quotation mark (") opens and is never closed, so the rest cannot be told apart.',
            "Close or remove it there and try again.",
        )
    if len(row.cells) > MOST_COLUMNS:
        raise BadFile(
            f"Row {row.number} has {len(row.cells):,} columns; {MOST_COLUMNS} is the most.",
            "Keep only the columns with names, phone numbers and visits, and try again.",
        )
    if seen > MOST_ROWS + _HEAD:
        _refuse_count(seen)


def _too_long(number: int) -> BadFile:
    return BadFile(
        f"Around row {number} one cell holds more text than a list of customers has; perhaps a quotation mark is open.",
        "Look at that row, mend it and try again.",
    )
