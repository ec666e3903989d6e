"""What we hold about somebody: handed out as a file, or forgotten for good."""

from contextlib import suppress

from django.contrib import messages
from django.db import OperationalError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import person as whole
from campaigns.models import AuditEntry, Erasure
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.limiting import limited
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page

#: What is gone, in words, by the place it was in: one of it, and more.
WORDS = {
    "messages": ("message or reply", "messages and replies"),
    "conversations": ("conversation", "conversations"),
    "households": ("household", "households"),
    "opened_links": ("opened link", "opened links"),
    "reviews": ("review", "reviews"),
    "events_from_chert": ("note from Chert", "notes from Chert"),
    "told_to_programs": ("note to another program", "notes to other programs"),
    "rows_of_lists": ("row of a list", "rows of lists"),
    "acts": ("note about what was done", "notes about what was done"),
}


@require_POST
@page(Action.EXPORT, fresh=Fresh.CHANGES)
@limited("export")
def customer_export(request: BusinessRequest, pk: int) -> FileResponse:
    """Everything about this person as a file for them.  It is noted who took it, for it leaves the house."""
    person = tenancy.customer(request, pk)
    now = timezone.now()
    AuditEntry.write(request.organization, "export customer", person, request.user)
    packed = whole.as_zip(whole.Whose.of(person), now)
    return FileResponse(packed, as_attachment=True, filename=f"customer-{person.pk}.zip")


@require_http_methods(["GET", "POST"])
@page(Action.ERASE, fresh=Fresh.CHANGES)
def customer_erase(request: BusinessRequest, pk: int) -> HttpResponse:
    """What will go, what stays and what nobody here can reach; then, once it is ticked, the act."""
    person = tenancy.customer(request, pk)
    if request.method == "POST" and request.POST.get("sure") == "yes":
        now = timezone.now()
        erasure = whole.ask(person, request.user, now)
        with suppress(OperationalError):  # the database was busy: the clock does it in a moment
            whole.carry_out(erasure, now)
        return redirect("customer_erased", erasure.pk)
    if request.method == "POST":
        messages.warning(request, "Nothing was erased: tick that you are sure.")
    context = {"section": "customers", "person": person, "outlook": whole.outlook(person), **_remains()}
    return render(request, "customers/erase.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@page(Action.ERASE, fresh=Fresh.CHANGES)
def customer_erased(request: BusinessRequest, pk: int) -> HttpResponse:
    """How far it is, and what is left where (D4)."""
    rows = Erasure.objects.select_related("by")
    erasure = get_object_or_404(rows, pk=pk, organization=request.organization, customer__business=request.business)
    counts = {name: number for name, number in erasure.counts.items() if name in WORDS and number}
    gone = [(WORDS[name][number != 1], number) for name, number in counts.items()]
    context = {"section": "customers", "erasure": erasure, "gone": gone, **_remains()}
    response = render(request, "customers/erased.html", context)
    if erasure.done_at is None:
        response["Refresh"] = "3"
    return response


def _remains() -> dict[str, bool]:
    return {"leaves_remains": whole.leaves_remains()}
