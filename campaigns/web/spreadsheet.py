"""Tables that people open in a spreadsheet: a file to save, written row by row."""

from collections.abc import Iterable, Sequence
from itertools import chain

from django.http import StreamingHttpResponse

from campaigns.importing import csv_out


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A CSV file to save.  No cell can become a formula, and the importer reads it back unchanged (S45)."""
    content = csv_out.lines(chain([header], rows))
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
