"""Bringing a list, in four steps, each with an address of its own: file, columns, review, done.

Nothing is written to the customers before the last one.  Between the steps the file lies in DATA_DIR/imports under a
random name that only its import knows.
"""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import importing, languages
from campaigns.importing import Field, Kind, Person, Review, Verdict
from campaigns.models import CustomerImport, Membership
from campaigns.web import spreadsheet
from campaigns.web.forms_imports import FIELD_WORDS, ColumnsForm, ListForm
from campaigns.web.tenancy import BusinessRequest, page

SENDER = Membership.Role.SENDER
PER_PAGE = 50
#: A list nobody came back to is thrown away after so long.
FORGOTTEN = timedelta(days=1)
#: No import takes so long; one that seems to was cut off.
STUCK = timedelta(minutes=15)
#: Where the title our own import knows is not the words of the page.
TITLES: Mapping[str, str] = {Field.NAME: "Name"}
SHOWN = (Field.FIRST_NAME, Field.LAST_NAME, Field.PHONE)
#: Columns that the review has only when the list has them.
ALSO_SHOWN = (Field.TECHNICIAN, Field.SERVICE, Field.LANGUAGE, Field.TAGS)


@dataclass(frozen=True)
class Fate:
    """What becomes of a row, for a chip and for the counts: look, icon, words, and the colour of the stroke."""

    look: str
    icon: str
    word: str
    swatch: str


FATES: Mapping[str, Fate] = {
    Kind.ADDED: Fate("read", "plus", "New", "sw-read"),
    Kind.UPDATED: Fate("sent", "refresh-cw", "Updated", "sw-delivered"),
    Kind.UNCHANGED: Fate("planned", "equal", "Known already", "sw-sent"),
    Kind.DUPLICATE: Fate("skipped", "copy", "Duplicate", "sw-skipped"),
    Kind.SUPPRESSED: Fate("stopped", "hand", "Opted out", "sw-dark"),
    Kind.REJECTED: Fate("refused", "circle-x", "Unreadable", "sw-refused"),
}


@dataclass(frozen=True)
class Row:
    """One row of the review."""

    verdict: Verdict
    fate: Fate
    cells: list[str]
    #: Those that only some lists have: title and cell.
    more: list[tuple[str, str]]


@require_safe
@page(SENDER)
def imports(request: BusinessRequest) -> HttpResponse:
    """The lists brought before, the newest first."""
    listed = Paginator(request.business.imports.select_related("by").order_by("-pk"), 25)
    context = {"section": "customers", "page": listed.get_page(request.GET.get("page"))}
    return render(request, "imports/imports.html", context)


@require_http_methods(["GET", "POST"])
@page(SENDER)
def import_upload(request: BusinessRequest) -> HttpResponse:
    """Step one: a file or pasted rows, and how these people agreed."""
    form = ListForm(request.business, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return redirect("import_columns", _put_by(request, form).pk)
    context = {"section": "customers", "form": form, "step": 1}
    return render(request, "imports/upload.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@page(SENDER)
def import_columns(request: BusinessRequest, pk: int) -> HttpResponse:
    """Step two: what each column stands for; our guess is chosen already."""
    record = _mine(request, pk)
    raw = _raw(record)
    if raw is None:
        return _nothing_here(request, record)
    table, columns = importing.look(raw, request.business.country, record.mapping)
    form = ColumnsForm(table, columns, request.POST or None)
    if request.method == "POST" and form.is_valid():
        record.mapping = form.mapping
        record.save(update_fields=["mapping"])
        return redirect("import_review", record.pk)
    context = {"section": "customers", "form": form, "record": record, "table": table, "step": 2}
    return render(request, "imports/columns.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@page(SENDER)
def import_review(request: BusinessRequest, pk: int) -> HttpResponse:
    """Step three: what would become of every row; the button makes it so."""
    record = _mine(request, pk)
    raw = _raw(record)
    if raw is None:
        return _nothing_here(request, record)
    if request.method == "POST":
        return _save(request, record)
    try:
        review = importing.review(request.business, raw, record.file_name, record.mapping)
    except importing.ImportRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("import_columns", record.pk)
    return render(
        request, "imports/review.html", {"section": "customers", "step": 3} | _review(request, record, review)
    )


@require_safe
@page(SENDER)
def import_done(request: BusinessRequest, pk: int) -> HttpResponse:
    """Step four: the counts as facts, and the rows that were left out."""
    record = _mine(request, pk)
    if record.done_at is None:
        return redirect("import_review", record.pk)
    context = {
        "section": "customers",
        "record": record,
        "counts": _counts(record.counts),
        "total": record.counts.get("rows", 0),
        "ready": record.counts.get(Kind.ADDED, 0) + record.counts.get(Kind.UPDATED, 0),
        "rejected": record.rejected[:20],
        "step": 4,
    }
    return render(request, "imports/done.html", context)


@require_safe
@page(SENDER)
def import_rejected(request: BusinessRequest, pk: int) -> HttpResponseBase:
    """The rows that were left out as a file, each with its reason: to be mended and brought again."""
    record = _mine(request, pk)
    titles = _titles(record)
    header = [*titles, "Row", "Why it was left out"]
    return spreadsheet.csv_response(f"left-out-{record.pk}", header, _left_out(record, len(titles)))


# --- keeping the file between the steps -----------------------------------------------------------------------------


def _mine(request: BusinessRequest, pk: int) -> CustomerImport:
    return get_object_or_404(CustomerImport.objects.select_related("by"), pk=pk, business=request.business)


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "imports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _path(record: CustomerImport) -> Path:
    return _folder() / Path(record.file_path).name


def _taken(record: CustomerImport) -> Path:
    """What the file is called while its customers are being written."""
    return _path(record).with_suffix(".taken")


def _being_saved(request: BusinessRequest, record: CustomerImport) -> HttpResponse:
    """Somebody, perhaps the same person, has pressed the button before: the page looks again by itself."""
    response = render(request, "imports/saving.html", {"section": "customers", "record": record, "step": 3})
    response["Refresh"] = "3"
    return response


def _put_by(request: BusinessRequest, form: ListForm) -> CustomerImport:
    """Keep the file until the last step, and forget those nobody came back to."""
    _forget_old(request)
    record = CustomerImport(business=request.business, by=request.user, file_name=form.called)
    record.file_path, record.consent = secrets.token_hex(16), form.cleaned_data["consent"]
    record.mapping = form.columns.to_json()
    target = _path(record)
    target.touch(mode=0o600)
    target.write_bytes(form.raw)
    record.save()
    return record


def _forget_old(request: BusinessRequest) -> None:
    before = timezone.now() - FORGOTTEN
    request.business.imports.filter(done_at=None, created_at__lt=before).delete()
    for file in _folder().iterdir():
        if file.stat().st_mtime < before.timestamp():
            file.unlink(missing_ok=True)


def _raw(record: CustomerImport) -> bytes | None:
    """The file, while its import waits; None when it is done or the file is gone."""
    if record.done_at or not record.file_path:
        return None
    _bring_back(record)
    try:
        return _path(record).read_bytes()
    except FileNotFoundError:
        return None


def _bring_back(record: CustomerImport) -> None:
    """A file that was taken long ago belongs to a process that died in the middle; nothing of it was written."""
    with suppress(FileNotFoundError):
        if _taken(record).stat().st_ctime < time.time() - STUCK.total_seconds():
            _taken(record).rename(_path(record))


def _nothing_here(request: BusinessRequest, record: CustomerImport) -> HttpResponse:
    if record.done_at:
        return redirect("import_done", record.pk)
    if _taken(record).exists():
        return _being_saved(request, record)
    messages.error(request, "This list is not here any more. Nothing was saved from it; bring it once more.")
    return redirect("import_upload")


def _save(request: BusinessRequest, record: CustomerImport) -> HttpResponse:
    """Write the customers.  Taking the file away decides who does it, when the button was pressed twice (S19)."""
    waiting, taken = _path(record), _taken(record)
    try:
        waiting.rename(taken)
    except FileNotFoundError:
        return _being_saved(request, record)
    try:
        _run(request, record, taken.read_bytes())
    except importing.ImportRefused as refused:
        taken.rename(waiting)
        messages.error(request, refused.sentence)
        return redirect("import_columns", record.pk)
    except BaseException:
        taken.rename(waiting)
        raise
    taken.unlink()
    return redirect("import_done", record.pk)


def _run(request: BusinessRequest, record: CustomerImport, raw: bytes) -> None:
    record.file_path = ""
    importing.run(
        request.business,
        raw,
        record.file_name,
        consent=record.consent,
        by=request.user,
        mapping=record.mapping,
        record=record,
    )


# --- what the pages show --------------------------------------------------------------------------------------------


def _review(request: BusinessRequest, record: CustomerImport, review: Review) -> dict[str, object]:
    look = [verdict for verdict in review.verdicts if verdict.kind == Kind.REJECTED or verdict.notes]
    show = request.GET.get("show") or ("look" if look else "all")
    chosen: Sequence[Verdict] = look if show == "look" else review.of(show) if show in FATES else review.verdicts
    shown = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page"))
    counts = review.counts
    return {
        "record": record,
        "review": review,
        "counts": _counts(counts),
        "total": counts["rows"],
        "ready": counts[Kind.ADDED] + counts[Kind.UPDATED],
        "unreadable": counts[Kind.REJECTED],
        "to_look_at": len(look),
        "show": show if show == "look" or show in FATES else "all",
        "page": shown,
        "rows": [_row(verdict, review) for verdict in shown],
        "more": [FIELD_WORDS[field] for field in ALSO_SHOWN if field in review.columns.places],
        "ignored": [t for place, t in enumerate(review.table.titles) if review.columns.field_at(place) is None],
    }


def _row(verdict: Verdict, review: Review) -> Row:
    person = verdict.person
    if person:
        cells = [person.first_name, person.last_name, person.phone]
    else:
        places = [review.columns.places.get(field) for field in SHOWN]
        cells = [verdict.cells[p] if p is not None and p < len(verdict.cells) else "" for p in places]
        name = review.columns.places.get(Field.NAME)
        cells[0] = cells[0] or (verdict.cells[name] if name is not None and name < len(verdict.cells) else "")
    more = [(FIELD_WORDS[field], _shown(person, field)) for field in ALSO_SHOWN if field in review.columns.places]
    return Row(verdict, FATES[verdict.kind], [cell[:200] for cell in cells], more)


def _shown(person: Person | None, field: Field) -> str:
    value = getattr(person, field) if person else ""
    if field == Field.TAGS:
        return ", ".join(value)
    return languages.name(value) if field == Field.LANGUAGE else str(value)


def _counts(counts: Mapping[str, int]) -> list[tuple[str, Fate, int]]:
    """Kind, how it looks, and how many; together they are all the rows."""
    return [(str(kind), fate, counts.get(kind, 0)) for kind, fate in FATES.items()]


def _titles(record: CustomerImport) -> list[str]:
    """A title for every column of the rejected rows, such that our own import knows it again."""
    width = max((len(row["cells"]) for row in record.rejected), default=0)
    known = {place: TITLES.get(field, FIELD_WORDS[Field(field)]) for field, place in record.mapping.items()}
    return [known.get(place, f"Column {place + 1}") for place in range(width)]


def _left_out(record: CustomerImport, width: int) -> Iterator[list[object]]:
    for row in record.rejected:
        yield [*row["cells"], *[""] * (width - len(row["cells"])), row["row"], row["reason"]]


urlpatterns: list[URLPattern] = [
    path("customers/imports/", imports, name="imports"),
    path("customers/import/", import_upload, name="import_upload"),
    path("customers/import/<int:pk>/columns/", import_columns, name="import_columns"),
    path("customers/import/<int:pk>/review/", import_review, name="import_review"),
    path("customers/import/<int:pk>/", import_done, name="import_done"),
    path("customers/import/<int:pk>/left-out.csv", import_rejected, name="import_rejected"),
]
