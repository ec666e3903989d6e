"""Step four: what was done, the rows that were left out, and taking all of it back."""

from collections.abc import Iterator, Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from campaigns import importing
from campaigns.importing import Field, Kind
from campaigns.models import Customer, CustomerImport, ImportRow
from campaigns.roles import Action
from campaigns.web import spreadsheet
from campaigns.web.imports import records
from campaigns.web.imports.fates import UNDONE, counted
from campaigns.web.imports.forms import FIELD_WORDS
from campaigns.web.limiting import limited
from campaigns.web.tenancy import BusinessRequest, page

#: Where the title our own import knows is not the words of the page.
TITLES: Mapping[str, str] = {Field.NAME: "Name"}
#: Rows that were left out, and customers who stay, that the page itself shows.
SHOWN = 20


@require_safe
@page(Action.CUSTOMERS)
def import_done(request: BusinessRequest, pk: int) -> HttpResponse:
    """The counts as facts, and the rows that were left out."""
    record = records.mine(request, pk)
    if record.job:
        return records.at_work(request, record)
    if record.done_at is None:
        return redirect("import_review", record.pk)
    left_out = record.rows.filter(kind=Kind.REJECTED).order_by("number")[:SHOWN]
    context = {
        "section": "customers",
        "record": record,
        "counts": counted(record.counts),
        "total": record.counts.get("rows", 0),
        "ready": record.counts.get(Kind.ADDED, 0) + record.counts.get(Kind.UPDATED, 0),
        "rejected": left_out,
        "is_kept": bool(left_out) or bool(record.rejected),
        "mended_until": record.done_at + importing.MENDED_WITHIN,
        "undo_until": _undo_until(record),
        "undone": [(n, UNDONE[word][n != 1]) for word, n in record.undone.items() if n and word in UNDONE],
        "stays": _who_stays(record),
        "step": 4,
    }
    return render(request, "imports/done.html", context)


@require_safe
@page(Action.CUSTOMERS)
def import_progress(request: BusinessRequest, pk: int) -> HttpResponse:
    """The bar alone, each second; once the work is done the whole window goes on to the next page."""
    record = records.mine(request, pk)
    if record.job:
        return render(request, "imports/_progress.html", records.progress(record))
    following = reverse("import_done" if record.done_at else "import_review", args=[record.pk])
    return HttpResponseClientRedirect(following) if request.htmx else redirect(following)


@require_POST
@page(Action.CUSTOMERS)
def import_undo(request: BusinessRequest, pk: int) -> HttpResponse:
    """Take it back: whoever came with it goes, whoever it changed is as before."""
    record = records.mine(request, pk)
    try:
        importing.work.undo(record, request.user, timezone.now())
        importing.work.at_once(record, timezone.now)
    except importing.NotNow:
        messages.warning(request, "This list cannot be taken back any more; it was done before, or is over a day old.")
    return redirect("import_done", record.pk)


@require_safe
@page(Action.TAKE_OUT)
@limited("export")
def import_rejected(request: BusinessRequest, pk: int) -> HttpResponseBase:
    """The rows that were left out as a file, each with its reason: to be mended and brought again."""
    record = records.mine(request, pk)
    rows = list(_left_out(record))
    titles = _titles(record, max((len(cells) for _, _, cells in rows), default=0))
    header = [*titles, "Row", "Why it was left out"]
    lines = ([*cells, *[""] * (len(titles) - len(cells)), number, reason] for number, reason, cells in rows)
    return spreadsheet.csv_response(f"left-out-{record.pk}", header, lines)


def _left_out(record: CustomerImport) -> Iterator[tuple[int, str, list[str]]]:
    """Number, reason and cells; of lists of the release before from where it kept them."""
    for row in importing.left_out(record):
        yield row.number, row.reason, row.values
    for old in record.rejected:
        yield old["row"], old["reason"], old["cells"]


def _titles(record: CustomerImport, width: int) -> list[str]:
    """A title for every column, such that our own import knows it again."""
    known = {place: TITLES.get(field, FIELD_WORDS[Field(field)]) for field, place in record.mapping.items()}
    theirs = [*record.titles, *[f"Column {place + 1}" for place in range(len(record.titles), width)]]
    return [known.get(place, theirs[place]) for place in range(max(width, len(record.titles)))]


def _undo_until(record: CustomerImport) -> object:
    """Until when it can be taken back; None when it cannot, or nothing of it is there to take back."""
    did = sum(record.counts.get(kind, 0) for kind in (Kind.ADDED, Kind.UPDATED, Kind.UNCHANGED))
    if record.undone_at or record.done_at is None or record.kept != CustomerImport.Kept.ALL or not did:
        return None
    until = record.done_at + importing.WITHIN
    return until if until > timezone.now() else None


def _who_stays(record: CustomerImport) -> list[tuple[Customer, str]]:
    """Customers whom an undo left as they are, with why."""
    words = {ImportRow.Undone.ASKED, ImportRow.Undone.CHANGED, ImportRow.Undone.PARTLY}
    rows = list(record.rows.filter(undone__in=words).order_by("number")[:SHOWN])
    people = record.business.customers.in_bulk([row.customer for row in rows if row.customer])
    return [(people[row.customer], row.get_undone_display()) for row in rows if row.customer in people]
