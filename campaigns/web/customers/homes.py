"""Households: customers who share a visit are joined by hand, taken out again, and proposed where they look alike."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns import households
from campaigns.models import Customer, Household
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.customers.acts import number
from campaigns.web.tenancy import BusinessRequest, page


@require_safe
@page()
def customer_households(request: BusinessRequest) -> HttpResponse:
    """Every household there is, and who might be one."""
    may_change = tenancy.may(request, Action.CUSTOMERS)
    context = {
        "section": "customers",
        "homes": [(home, households.name(members), members) for home, members in _homes(request)],
        "proposed": _named(households.proposed(request.business)) if may_change else [],
        "apart": [(row, households.name(people), people) for row, people in households.told_apart(request.business)],
        "may_change": may_change,
    }
    return render(request, "customers/households.html", context)


def _homes(request: BusinessRequest) -> list[tuple[Household, list[Customer]]]:
    """Prefetched, so that any number of them takes two questions."""
    found = (
        (home, sorted(home.members.all(), key=lambda each: each.pk)) for home in households.listed(request.business)
    )
    return list(found)


def _named(groups: list[list[Customer]]) -> list[tuple[str, list[Customer]]]:
    return [(households.name(people), people) for people in groups]


@require_POST
@page(Action.CUSTOMERS)
def household_join(request: BusinessRequest) -> HttpResponse:
    """Join those that were proposed, or ticked."""
    return _back(request) if made(request, _chosen(request)) else redirect("customer_households")


def _chosen(request: BusinessRequest) -> list[int]:
    return [key for key in map(number, request.POST.getlist("chosen")[: households.MOST + 1]) if key is not None]


def _back(request: BusinessRequest) -> HttpResponse:
    """To the customer on whose page it was said, else to all households."""
    back = number(request.POST.get("customer", ""))
    return redirect("customer", back) if back is not None else redirect("customer_households")


def made(request: BusinessRequest, keys: list[int]) -> bool:
    """Try to join them, and say what became of it."""
    try:
        home = households.join(request.business, keys, request.user, timezone.now())
    except households.CannotJoin as why:
        messages.warning(request, str(why))
        return False
    members = list(home.members.order_by("pk"))
    messages.success(request, f"{households.name(members)} are one household now: asked once, in one group chat.")
    return True


@require_POST
@page(Action.CUSTOMERS)
def household_apart(request: BusinessRequest) -> HttpResponse:
    """Those that were proposed are no household."""
    try:
        households.tell_apart(request.business, _chosen(request), request.user, timezone.now())
    except households.NotThere as why:
        messages.warning(request, str(why))
        return redirect("customer_households")
    messages.success(request, "Not a household, and not proposed again. Under Households you can take that back.")
    return _back(request)


@require_POST
@page(Action.CUSTOMERS)
def household_again(request: BusinessRequest, pk: int) -> HttpResponse:
    """They may be proposed again."""
    row = get_object_or_404(request.business.told_apart.select_related("business__organization"), pk=pk)
    households.propose_again(row, request.user)
    messages.success(request, "Taken back: they are proposed again while they share a last name and a day.")
    return redirect("customer_households")


@require_POST
@page(Action.CUSTOMERS)
def household_leave(request: BusinessRequest, pk: int) -> HttpResponse:
    """Take this customer out."""
    person = tenancy.customer(request, pk)
    if person.household_id is not None:
        households.take_out(person, request.user, timezone.now())
        messages.success(request, "Taken out, and asked alone from now on. What had not left for the group stays here.")
    return redirect("customer", person.pk)


@require_POST
@page(Action.CUSTOMERS)
def household_dissolve(request: BusinessRequest, pk: int) -> HttpResponse:
    """Everybody in it is asked alone from now on."""
    home = request.business.households.filter(pk=pk).first()
    if home is None:
        raise Http404
    households.dissolve(home, request.user, timezone.now())
    messages.success(request, "Dissolved: each of them is asked alone from now on. The group is not used again.")
    return redirect("customer_households")


def about(person: Customer, *, may_change: bool) -> dict[str, Any]:
    """What one customer's page says of it."""
    others = households.others(person)
    return {
        "home": person.household if others else None,
        "home_name": households.name(sorted([person, *others], key=lambda each: each.pk)) if others else "",
        "housemates": others,
        "alike": households.alike(person) if may_change else [],
    }
