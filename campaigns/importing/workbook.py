"""An Excel workbook as CSV, within bounds (S44).  (pure)"""

import csv
import datetime
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator

import openpyxl

from .errors import BadFile
from .table import MOST_COLUMNS, MOST_ROWS

#: Unpacked bytes: all parts together, and one part that must be held whole (shared texts, styles).
_MOST_UNPACKED = 160 * 1024 * 1024
_MOST_HELD = 64 * 1024 * 1024
_MOST_PARTS = 2_000
#: Excel's own last row; a file that claims more is made to keep us busy.
_LAST_ROW = 1_048_576
_AGAIN = "Open it in Excel, save it once more as .xlsx or as “CSV UTF-8”, and try again."


def to_csv(raw: bytes) -> tuple[bytes, list[str]]:
    """The first sheet with anything in it, as CSV in UTF-8, and sentences about it.  Raises `BadFile`.

    Row numbers are kept: a blank row stays a blank line.
    """
    _check_parts(raw)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles it leaves out, which nobody here reads
            return _first_sheet(raw)
    except BadFile:
        raise
    except Exception as error:  # a hostile or damaged file makes openpyxl raise nearly anything
        raise BadFile("This Excel file is damaged or was not made by a spreadsheet.", _AGAIN) from error


def _check_parts(raw: bytes) -> None:
    """What the archive says of itself is enough: zipfile never unpacks more of a part than is declared."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise BadFile("This Excel file is damaged or only half of it arrived.", _AGAIN) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise BadFile("This is an archive of some other kind, not an Excel file.", _save_as())
    held = [part.file_size for part in parts if not part.filename.startswith(("xl/worksheets/", "xl/media/"))]
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _MOST_PARTS or unpacked > _MOST_UNPACKED or max(held) > _MOST_HELD:
        raise BadFile(f"This Excel file unpacks to {unpacked // 2**20:,} MB, far more than a list has.", _save_as())


def _save_as() -> str:
    return "Save the list itself as .xlsx or as “CSV UTF-8” and try again."


def _first_sheet(raw: bytes) -> tuple[bytes, list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
        data = _written(sheet.iter_rows(values_only=True))
        if data:
            others = len(sheets) > 1
            return data, [f"Only the sheet “{sheet.title}” was read."] if others else []
    return b"", []


def _written(rows: Iterable[tuple[object, ...]]) -> bytes:
    raw = io.BytesIO()
    text = io.TextIOWrapper(raw, encoding="utf-8", errors="replace", newline="", write_through=True)
    writer = csv.writer(text)
    for blanks, cells in _filled(rows):
        text.write("\r\n" * blanks)
        writer.writerow(cells)
    text.flush()
    return raw.getvalue()


def _filled(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with something in them, each with the number of blank ones before it."""
    blanks = seen = 0
    for number, values in enumerate(rows, start=1):
        cells = _cells(values)
        if number > _LAST_ROW or seen > MOST_ROWS + 1 or len(cells) > MOST_COLUMNS:
            raise BadFile(
                f"This Excel file has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns.",
                "Keep only the columns with names, phone numbers and visits, or split it, and try again.",
            )
        if not cells:
            blanks += 1
            continue
        yield blanks, cells
        blanks = 0
        seen += 1


def _cells(values: tuple[object, ...]) -> list[str]:
    last = len(values)
    while last and values[last - 1] in (None, ""):
        last -= 1
    return [_text(value) for value in values[:last]]


def _text(value: object) -> str:
    """A cell as it would stand in a CSV.  Phone numbers arrive as whole numbers, or as 5125550142.0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return str(value)
