"""Somebody who was entered twice: find the other one, say which values stay, join the two."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns import person as whole
from campaigns.models import Customer
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.customers.acts import number
from campaigns.web.tenancy import BusinessRequest, page

#: What each choice is called.
LABELS = {
    "name": "Name",
    "timezone": "Time zone",
    "language": "Language",
    "last_visit": "Last visit",
    "technician": "Technician",
    "service": "Service",
    "consent": "How they agreed",
}


@require_http_methods(["GET", "POST"])
@page(Action.CUSTOMERS)
def customer_join(request: BusinessRequest, pk: int) -> HttpResponse:
    """First whom, then what stays."""
    person = tenancy.customer(request, pk)
    given = request.POST if request.method == "POST" else request.GET
    other_key = number(given.get("with", ""))
    other = tenancy.customer(request, other_key) if other_key is not None and other_key != person.pk else None
    if other is None:
        return _whom(request, person)
    stays, goes = (other, person) if given.get("stays") == "other" else (person, other)
    if request.method == "POST":
        return _join(request, stays, goes)
    context = {
        "section": "customers",
        "person": person,
        "other": other,
        "stays": stays,
        "goes": goes,
        "choices": [(LABELS[each.name], each) for each in whole.choices(stays, goes)],
        "is_turned": stays is other,
    }
    return render(request, "customers/join.html", context)


def _whom(request: BusinessRequest, person: Customer) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    found = whole.twins_of(person, query)
    context = {"section": "customers", "person": person, "found": found, "query": query}
    return render(request, "customers/join_whom.html", context)


def _join(request: BusinessRequest, stays: Customer, goes: Customer) -> HttpResponse:
    taken = [name for name in whole.CHOICES if request.POST.get(name) == "goes"]
    try:
        whole.join(stays, goes, taken, request.user, timezone.now())
    except whole.CannotJoin as cannot:
        messages.warning(request, str(cannot))
        return redirect("customer", stays.pk if Customer.objects.filter(pk=stays.pk).exists() else goes.pk)
    messages.success(request, "The two are one customer now. What held for one of them holds for both.")
    return redirect("customer", stays.pk)
