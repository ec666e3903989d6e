"""Tables that people open in a spreadsheet, and that cannot become formulas there."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

#: A cell beginning with one of these may be run as a formula; the wide forms too (S45).
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


class _Echo:
    """What csv writes to: hands each line on at once."""

    def write(self, line: str) -> str:
        return line


def safe_cell(value: object) -> str:
    """The cell's text, with a leading ' where a spreadsheet would calculate.  The importer takes one such ' away."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A CSV file to save, written row by row; UTF-8 with a mark, so that Excel reads the names right."""
    response = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])
