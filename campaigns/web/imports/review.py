"""Step three: what would become of every row, and a value mended in place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import importing, languages
from campaigns.importing import Columns, Field, Kind
from campaigns.models import CustomerImport, ImportRow
from campaigns.roles import Action
from campaigns.web.imports import records
from campaigns.web.imports.fates import FATES, Fate, counted
from campaigns.web.imports.forms import FIELD_WORDS
from campaigns.web.limiting import brings, limited
from campaigns.web.tenancy import BusinessRequest, page

PER_PAGE = 50
#: The columns of the review, and those it has only when the list has them.
SHOWN = (Field.FIRST_NAME, Field.LAST_NAME, Field.PHONE, Field.LAST_VISIT)
ALSO_SHOWN = (Field.TECHNICIAN, Field.SERVICE, Field.LANGUAGE, Field.TAGS)
#: Where a list has one column for the whole name, it is mended in the place of the first.
STANDS_FOR = {Field.FIRST_NAME: Field.NAME}
#: Characters that can be typed into a cell.
LONGEST_TYPED = 300


@dataclass(frozen=True)
class Cell:
    """One value of a row; with `field` it can be mended."""

    title: str
    text: str
    field: str = ""
    raw: str = ""


@dataclass(frozen=True)
class Row:
    """One row of the review.  `more` are the cells that only some lists have."""

    number: int
    fate: Fate
    reason: str
    notes: list[str]
    cells: list[Cell]
    more: list[Cell]
    is_open: bool


@require_http_methods(["GET", "POST"])
@page(Action.CUSTOMERS)
@limited("list", when=brings)
def import_review(request: BusinessRequest, pk: int) -> HttpResponse:
    """What would become of every row; the button makes it so."""
    record = records.mine(request, pk)
    instead = records.elsewhere(request, record)
    if instead:
        return instead
    if record.reviewed_at is None:  # looking alone begins nothing (S27)
        return _begin(request, record) if request.method == "POST" else redirect("import_columns", record.pk)
    if request.method == "POST":
        return _save(request, record)
    return render(request, "imports/review.html", {"section": "customers", "step": 3} | _shown(request, record))


@require_POST
@page(Action.CUSTOMERS)
def import_mend(request: BusinessRequest, pk: int, number: int) -> HttpResponse:
    """Other words in some cells of one row."""
    record = records.mine(request, pk)
    places = importing.columns(record).places
    values = {field: request.POST[field][:LONGEST_TYPED] for field in places if field in request.POST}
    try:
        row = importing.mend(record, number, values, timezone.now())
    except ImportRow.DoesNotExist as missing:
        raise Http404 from missing
    except importing.NotNow as refused:
        messages.warning(request, refused.sentence)
        return redirect("import_review", record.pk)
    back = {"show": _wanted(request.POST.get("show", "")), "page": request.POST.get("page", ""), "mended": row.number}
    return redirect(f"{reverse('import_review', args=[record.pk])}?{urlencode(back)}#rows")


def _begin(request: BusinessRequest, record: CustomerImport) -> HttpResponse:
    """Nobody has read the rows yet: they are read with the columns as they stand."""
    try:
        importing.work.review(record, record.mapping)
        importing.work.at_once(record, timezone.now)
    except importing.ImportRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("import_columns", record.pk)
    return redirect("import_review", record.pk)


def _save(request: BusinessRequest, record: CustomerImport) -> HttpResponse:
    """Make it so, once, and as it was seen (S19)."""
    typed = request.POST.get("version", "")
    try:
        importing.work.save(record, int(typed) if typed.isdecimal() else -1, request.user, timezone.now())
        importing.work.at_once(record, timezone.now)
    except importing.NotNow as refused:
        messages.warning(request, refused.sentence)
        return redirect("import_review", record.pk)
    return redirect("import_done", record.pk)


# --- what the page shows --------------------------------------------------------------------------------------------


def _wanted(show: str) -> str:
    return show if show == "look" or show in FATES else "all"


def _shown(request: BusinessRequest, record: CustomerImport) -> dict[str, object]:
    to_look_at = record.rows.filter(wants_look=True).count()
    show = _wanted(request.GET.get("show") or ("look" if to_look_at else "all"))
    columns = importing.columns(record)
    found = Paginator(_chosen(record, show), PER_PAGE).get_page(request.GET.get("page"))
    edited, counts = request.GET.get("edit", ""), record.counts
    mended = request.GET.get("mended", "")
    return {
        "record": record,
        "counts": counted(counts),
        "total": counts["rows"],
        "ready": counts[Kind.ADDED] + counts[Kind.UPDATED],
        "unreadable": counts[Kind.REJECTED],
        "to_look_at": to_look_at,
        "show": show,
        "page": found,
        "rows": [_row(row, columns, is_open=row.wants_look or str(row.number) == edited) for row in found],
        "titles": [FIELD_WORDS[field] for field in SHOWN],
        "more": [FIELD_WORDS[field] for field in ALSO_SHOWN if field in columns.places],
        "ignored": [title for place, title in enumerate(record.titles) if columns.field_at(place) is None],
        "mended": _mended(record, mended),
    }


def _chosen(record: CustomerImport, show: str) -> QuerySet[ImportRow]:
    rows = record.rows.order_by("number")
    if show == "look":
        return rows.filter(wants_look=True)
    return rows.filter(kind=show) if show in FATES else rows


def _mended(record: CustomerImport, number: str) -> tuple[ImportRow, Fate] | None:
    """The row somebody has just mended, and what becomes of it now."""
    row = record.rows.filter(number=number).first() if number.isdecimal() and len(number) < 9 else None
    return (row, FATES[row.kind]) if row and row.kind in FATES else None


def _row(row: ImportRow, columns: Columns, *, is_open: bool) -> Row:
    said, cells = row.customer_said, row.values
    shown = [_cell(field, said, cells, columns, is_open=is_open) for field in SHOWN]
    more = [_cell(field, said, cells, columns, is_open=False) for field in ALSO_SHOWN if field in columns.places]
    return Row(row.number, FATES[row.kind], row.reason, row.remarks, shown, more, is_open)


def _cell(field: Field, said: dict[str, object], cells: Sequence[str], columns: Columns, *, is_open: bool) -> Cell:
    source = field if field in columns.places else STANDS_FOR.get(field, field)
    place = columns.places.get(source)
    raw = cells[place] if place is not None and place < len(cells) else ""
    text = _text(field, said.get(field)) if said else raw[:200]
    is_typed = is_open and place is not None
    return Cell(FIELD_WORDS[source if is_typed else field], text, str(source) if is_typed else "", raw[:LONGEST_TYPED])


def _text(field: Field, value: object) -> str:
    if not value:
        return ""
    if field == Field.TAGS and isinstance(value, list):
        return ", ".join(value)
    if field == Field.LAST_VISIT:
        day = date.fromisoformat(str(value))
        return f"{day.day} {day:%b %Y}"
    return languages.name(str(value)) if field == Field.LANGUAGE else str(value)
