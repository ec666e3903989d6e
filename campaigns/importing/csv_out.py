"""Lists that leave the house: no cell may be run as a formula, and nothing is lost on the way back (S45).

A cell that a spreadsheet would take for a formula gets an apostrophe before it; so does one that already begins with
apostrophes before such a sign, so that taking off one apostrophe always gives back what was there.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

_RUNS = re.compile(r"'*[=+\-@\t\r\n\0＝＋－＠﹢﹣﹦﹫]")


def safe_cell(value: object) -> str:
    """The value as a cell that no spreadsheet runs; None is the empty cell."""
    text = "" if value is None else str(value)
    return f"'{text}" if _RUNS.match(text) else text


def plain_cell(text: str) -> str:
    """What `safe_cell` was given."""
    return text[1:] if text.startswith("'") and _RUNS.match(text) else text


def lines(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The rows as a CSV file in UTF-8 with a byte order mark (Excel needs it), line by line for streaming."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        yield buffer.getvalue().encode("utf-8", "replace")
        buffer.seek(0)
        buffer.truncate()
