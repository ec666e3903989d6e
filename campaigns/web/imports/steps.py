"""The first two steps of a list, and the lists brought before."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import importing
from campaigns.models import CustomerImport
from campaigns.roles import Action
from campaigns.web.imports import records
from campaigns.web.imports.forms import ColumnsForm, ListForm
from campaigns.web.limiting import brings, limited
from campaigns.web.tenancy import BusinessRequest, page


@require_safe
@page(Action.CUSTOMERS)
def imports(request: BusinessRequest) -> HttpResponse:
    """The lists brought before, the newest first."""
    listed = Paginator(
        CustomerImport.objects.filter(business=request.business).select_related("by").order_by("-pk"), 25
    )
    context = {"section": "customers", "page": listed.get_page(request.GET.get("page"))}
    return render(request, "imports/imports.html", context)


@require_http_methods(["GET", "POST"])
@page(Action.CUSTOMERS)
@limited("list", when=brings)
def import_upload(request: BusinessRequest) -> HttpResponse:
    """Step one: a file or pasted rows, and how these people agreed."""
    form = ListForm(request.business, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return redirect("import_columns", _put_by(request, form).pk)
    context = {"section": "customers", "form": form, "step": 1}
    return render(request, "imports/upload.html", context, status=422 if form.errors else 200)


def _put_by(request: BusinessRequest, form: ListForm) -> CustomerImport:
    """Keep the rows until the last step."""
    record = CustomerImport(business=request.business, by=request.user, file_name=form.called)
    record.consent, record.mapping = form.cleaned_data["consent"], form.columns.to_json()
    assert form.table is not None  # a valid form has read its list
    importing.put(record, form.table)
    return record


@require_http_methods(["GET", "POST"])
@page(Action.CUSTOMERS)
@limited("list", when=brings)
def import_columns(request: BusinessRequest, pk: int) -> HttpResponse:
    """Step two: what each column stands for; our guess is chosen already."""
    record = records.mine(request, pk)
    instead = records.elsewhere(request, record)
    if instead:
        return instead
    form = ColumnsForm(record.titles, importing.first_rows(record), importing.columns(record), request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _review(request, record, form.mapping)
    context = {"section": "customers", "form": form, "record": record, "step": 2}
    return render(request, "imports/columns.html", context, status=422 if form.errors else 200)


def _review(request: BusinessRequest, record: CustomerImport, mapping: dict[str, int | None]) -> HttpResponse:
    try:
        importing.work.review(record, mapping)
        importing.work.at_once(record, timezone.now)
    except importing.NotNow as refused:
        messages.warning(request, refused.sentence)
    return redirect("import_review", record.pk)
