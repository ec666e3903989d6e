"""Whose data a request may see: the business a signed-in person has chosen, and nothing of anybody else's.

Every query of every page starts from `request.business`.  What belongs to another business is a 404, not a 403: that
it exists is nobody's business (S12).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from campaigns.models import Business, Campaign, Card, Customer, Delivery, Membership, Organization, User

P = ParamSpec("P")
Role = Membership.Role

#: What each role may do includes what the later ones may.
RANKS = (Role.OWNER, Role.MANAGER, Role.SENDER, Role.VIEWER)


class BusinessRequest(HttpRequest):
    """A request of a signed-in person who has chosen a business."""

    user: User
    htmx: HtmxDetails
    business: Business
    organization: Organization
    #: The other businesses this person may choose; fetched only when somebody looks.
    businesses: QuerySet[Business]
    role: str


View = Callable[Concatenate[BusinessRequest, P], HttpResponseBase]


def page(
    at_least: str = Role.VIEWER, *, keep: int = 0
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """A view for signed-in people of a business, in the business's time zone, never cached.

    `keep`: seconds for which this person's own browser may keep the answer; only for pictures that never change.
    Roles are read from the database at each request, so a changed one counts at once (S14, S15).  Raises
    `PermissionDenied` for a lower role than `at_least`, and for somebody who belongs to no business.
    """

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            mine = _enter(request)
            if not may(mine, at_least):
                raise PermissionDenied
            with timezone.override(mine.business.zone):
                response = view(mine, *args, **kwargs)
            if keep and response.status_code == 200:
                patch_cache_control(response, private=True, max_age=keep)
            else:
                add_never_cache_headers(response)
            return response

        return guarded

    return decorate


def may(request: BusinessRequest, at_least: str) -> bool:
    """Does this person's role reach that far?"""
    return RANKS.index(Role(request.role)) <= RANKS.index(Role(at_least))


def campaign(request: BusinessRequest, pk: int) -> Campaign:
    """One of this business's campaigns, or the request ends with 404."""
    return get_object_or_404(Campaign.objects.select_related("card"), pk=pk, business=request.business)


def delivery(request: BusinessRequest, pk: int) -> Delivery:
    """One of this business's deliveries with its campaign and customer, or the request ends with 404."""
    return _delivery(Delivery.objects.all(), request, pk)


def any_delivery(request: BusinessRequest, pk: int) -> Delivery:
    """The same, a test too: for what may be looked at of both."""
    return _delivery(Delivery.everything.all(), request, pk)


def _delivery(rows: QuerySet[Delivery], request: BusinessRequest, pk: int) -> Delivery:
    rows = rows.select_related("campaign__business__organization", "customer__business__organization")
    return get_object_or_404(rows, pk=pk, campaign__business=request.business)


def customer(request: BusinessRequest, pk: int) -> Customer:
    """One of this business's customers, or the request ends with 404."""
    rows = Customer.objects.select_related("business__organization")
    return get_object_or_404(rows, pk=pk, business=request.business)


def card(request: BusinessRequest, pk: int) -> Card:
    """One of this business's cards, or the request ends with 404."""
    return get_object_or_404(Card, pk=pk, business=request.business)


@require_POST
@page()
def switch_business(request: BusinessRequest) -> HttpResponse:
    """Choose another of one's own businesses; the choice lives in the session."""
    wanted = request.POST.get("business", "")
    chosen = get_object_or_404(request.businesses, pk=wanted if wanted.isdecimal() else 0)
    request.session["business"] = chosen.pk
    messages.info(request, f"You are looking at {chosen.name}.")
    return redirect("dashboard")


def safe_next(request: HttpRequest, wanted: str) -> str:
    """Where to go after signing in: an address of our own, or the overview (S32)."""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else reverse("dashboard")


def _enter(request: Any) -> BusinessRequest:
    """Put the chosen business and the person's role onto the request: one query."""
    request.businesses = (
        Business.objects.filter(organization__memberships__user=request.user)
        .annotate(role=F("organization__memberships__role"))
        .select_related("organization")
        .order_by("name", "pk")
    )
    chosen = request.businesses.filter(pk=request.session.get("business") or 0).first() or request.businesses.first()
    if chosen is None:
        raise PermissionDenied("You do not belong to a business yet. Ask its owner to invite you.")
    request.business, request.organization, request.role = chosen, chosen.organization, chosen.role
    return request  # type: ignore[no-any-return]  # an HttpRequest that has become a BusinessRequest just now


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """A page asks to sign in and comes back; a fragment sends the whole window there."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(reverse("sign_in"))
    return redirect_to_login(request.get_full_path(), reverse("sign_in"))


urlpatterns: list[URLPattern] = [path("businesses/switch/", switch_business, name="switch_business")]
