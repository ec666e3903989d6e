"""One of the business's lists, and where somebody who asks for it is sent."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from campaigns.models import CustomerImport
from campaigns.web.tenancy import BusinessRequest


def mine(request: BusinessRequest, pk: int) -> CustomerImport:
    """One of this business's lists, or the request ends with 404."""
    rows = CustomerImport.objects.select_related("by", "business__organization")
    return get_object_or_404(rows, pk=pk, business=request.business)


def elsewhere(request: BusinessRequest, record: CustomerImport) -> HttpResponse | None:
    """The page to see in place of columns or review: it is at work, it is done, or its rows are gone."""
    if record.job:
        return at_work(request, record)
    if record.done_at or record.undone_at:
        return redirect("import_done", record.pk)
    if record.kept != CustomerImport.Kept.ALL:
        messages.error(request, "This list is not here any more. Nothing was saved from it; bring it once more.")
        return redirect("import_upload")
    return None


def at_work(request: BusinessRequest, record: CustomerImport) -> HttpResponse:
    """How far it is.  The page looks again by itself, with htmx or without."""
    return render(request, "imports/working.html", {"section": "customers", "step": 3} | progress(record))


def progress(record: CustomerImport) -> dict[str, object]:
    """The bar: rows that are done of those there are."""
    total = max(record.row_count, 1)
    return {"record": record, "share": min(record.job_rows * 100 // total, 100)}
