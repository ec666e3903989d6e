"""One customer: who they are, may we ask them, and everything that was said and done."""

from datetime import datetime

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import languages, phones, tags
from campaigns.asking import audience, meant
from campaigns.models import AuditEntry, Customer, Tag
from campaigns.roles import Action
from campaigns.web import tenancy, timeline
from campaigns.web.customers import homes
from campaigns.web.customers.acts import write
from campaigns.web.forms_customers import NewCustomerForm, ProfileForm
from campaigns.web.standings import standing
from campaigns.web.tenancy import BusinessRequest, page


@require_http_methods(["GET", "POST"])
@page(Action.CUSTOMERS)
def customer_new(request: BusinessRequest) -> HttpResponse:
    """Add one customer by hand."""
    form = NewCustomerForm(request.business, request.POST or None)
    added = _add(request, form) if request.method == "POST" and form.is_valid() else None
    if added:
        messages.success(request, f"{added.name or 'The customer'} is in the list.")
        return redirect("customer", added.pk)
    context = {"section": "customers", "form": form, "tags": meant.worn(request.business)}
    return render(request, "customers/new.html", context, status=422 if form.errors else 200)


@require_safe
@page()
def customer(request: BusinessRequest, pk: int) -> HttpResponse:
    """One customer: profile, consent, and everything that was said and done.  Who was joined leads to who stayed."""
    mine = Customer.everything.filter(business=request.business, is_test=False, erased_at=None)
    rows = mine.filter(Q(pk=pk) | Q(merged_into=pk)).select_related("business__organization", "consent_by", "household")
    person = next((row for row in rows if row.pk == pk), None)
    if person is None:
        raise Http404
    if person.merged_into_id is not None:
        return redirect("customer", person.merged_into_id)
    known = timeline.held(person, [row for row in rows if row.pk != pk])
    now = timezone.now()
    reason = audience.why_not(person, now)
    context = homes.about(person, may_change=tenancy.may(request, Action.CUSTOMERS)) | {
        "section": "customers",
        "person": person,
        "days": timeline.days(person, now, known),
        "reason": reason,
        "standing": standing(reason),
        "newest": known.newest,
        "other_numbers": [row.phone for row in known.rows[1:]],
        "clocks": _clocks(person, now),
        "zone_source": _zone_source(person),
        "language": languages.name(person.language),
        "tags": person.tags.order_by("folded"),
        "has_stopped": reason is not None and reason.code in {"stopped", "suppressed"},
        "may_change": tenancy.may(request, Action.CUSTOMERS),
        "may_erase": tenancy.may(request, Action.ERASE),
    }
    return render(request, "customers/customer.html", context)


@require_http_methods(["GET", "POST"])
@page(Action.CUSTOMERS)
def customer_edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """Mend a name, a visit or a time zone.  The number is who they are, and stays."""
    person = tenancy.customer(request, pk)
    form = ProfileForm(request.POST or None, initial=ProfileForm.values_of(person))
    if request.method == "POST" and form.is_valid():
        if form.has_changed():
            # A first name that is mended counts again: what somebody decided to call the old one is forgotten.
            forgotten = {"spoken_name": None} if "first_name" in form.changed_data else {}
            values = form.cleaned_data | forgotten
            worn = tags.split(values.pop("tags"))
            with transaction.atomic():
                write(request, person, "change customer", ", ".join(form.changed_data), **values)
                person.tags.set(Tag.named(request.business, worn))
        messages.success(request, "Saved. Messages already written keep the words they have.")
        return redirect("customer", person.pk)
    context = {"section": "customers", "person": person, "form": form, "tags": meant.worn(request.business)}
    return render(request, "customers/edit.html", context, status=422 if form.errors else 200)


def _add(request: BusinessRequest, form: NewCustomerForm) -> Customer | None:
    """The new customer; None when somebody else has just added the same number."""
    said = {"consent_at": timezone.now(), "consent_by": request.user, "is_attested": True}
    values = form.cleaned_data.copy()
    worn = tags.split(values.pop("tags"))
    try:
        with transaction.atomic():
            added: Customer = request.business.customers.create(**said, **values)
            added.tags.set(Tag.named(request.business, worn))
            AuditEntry.write(request.organization, "add customer", added, request.user)
    except IntegrityError:
        form.add_error("phone", "This number has just been added by somebody else.")
        return None
    return added


def _clocks(person: Customer, now: datetime) -> list[tuple[str, datetime]]:
    """Each zone the customer may be in, with the time there."""
    zones = dict.fromkeys(audience.zones(person))
    return [(zone.key, now.astimezone(zone)) for zone in zones]


def _zone_source(person: Customer) -> str:
    """How we know where the customer lives."""
    if person.timezone:
        return "Written down for this customer."
    hints = set(phones.zones(person.phone))
    if not hints:
        return "Where your business is; the number says nothing."
    if hints == {person.business.timezone}:
        return "Where your business is; the number fits."
    return "By the number, and where your business is. Only hours that suit all of them count."
