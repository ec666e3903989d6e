"""Whose data a request may see: the business a signed-in person has chosen, and nothing of anybody else's.

Every query of every page starts from `request.business`.  What belongs to another business is a 404, not a 403: that
it exists is nobody's business (S12).  Who has unlocked a shared front desk is as if signed in here, and nowhere else:
pages about accounts do not know them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from campaigns import front_desk
from campaigns.models import Business, Campaign, Card, Customer, Delivery, FrontDesk, Organization, User
from campaigns.prepared import Prepared
from campaigns.roles import Action, Rights, Role
from campaigns.web import proving
from campaigns.web.proving import Fresh

P = ParamSpec("P")
#: Where the session keeps who has unlocked this shared front desk; and the cookie by which a device is one.
VISIT = "front_desk"
DESK_COOKIE = "__Host-front-desk" if settings.SESSION_COOKIE_SECURE else "front_desk"

#: So many locations are offered without a search.
AT_HAND = 8


class BusinessRequest(HttpRequest):
    """A request of a signed-in person who has chosen a business."""

    user: User
    htmx: HtmxDetails
    business: Business
    organization: Organization
    role: str
    may: Rights
    #: The shared front desk that was unlocked with a PIN; None for somebody who has signed in.
    front_desk: FrontDesk | None


View = Callable[Concatenate[BusinessRequest, P], HttpResponseBase]


class BeingClosed(Exception):
    """All that this person belongs to is being closed, and they are no owner there; the text names it."""


def page(
    action: Action = Action.LOOK,
    *,
    keep: int = 0,
    fresh: Fresh = Fresh.NO,
    opens_to_all: bool = False,
    while_closing: bool = False,
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """A view for signed-in people of a business, in the business's time zone, never cached.

    `keep`: seconds for which this person's own browser may keep the answer; only for pictures that never change.
    `action`: what it is in the table of roles.  Roles are read from the database at each request, so a changed one
    counts at once (S14, S15).  `fresh`: what needs a proof of who is there that is not older than ten minutes (S8):
    nothing, changes, or all.  `opens_to_all`: also to somebody without the second step that the account asks for (S1);
    only for pages where it is set up.  `while_closing`: also while the account is being closed; every other page leads
    its owners to the one where they can keep it.  Raises `PermissionDenied` for whoever may not do it, and for somebody
    who belongs to no business.
    """

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated and not _has_unlocked(request):
                return _to_sign_in(request)
            try:
                mine = _enter(request)
            except BeingClosed as closing:
                return render(request, "being_closed.html", {"name": str(closing)}, status=403)
            if not may(mine, action):
                raise PermissionDenied
            is_open = while_closing or opens_to_all or mine.organization.closes_at is None
            detour = proving.detour(mine, fresh, opens_to_all) if is_open else _to_closing(mine)
            if detour is not None:
                return detour
            with timezone.override(mine.business.zone):
                return _kept_for(keep, view(mine, *args, **kwargs))

        return guarded

    return decorate


def _kept_for(seconds: int, response: HttpResponseBase) -> HttpResponseBase:
    if seconds and response.status_code == 200:
        patch_cache_control(response, private=True, max_age=seconds)
    else:
        add_never_cache_headers(response)
    return response


def _to_closing(request: BusinessRequest) -> HttpResponse:
    """The one page that an account has left for its owners while it is being closed."""
    return HttpResponseClientRedirect(reverse("close")) if request.htmx else redirect("close")


def may(request: BusinessRequest, action: Action) -> bool:
    """May this person do it, here and now?"""
    return action in request.may


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
@page(while_closing=True)
def switch_business(request: BusinessRequest) -> HttpResponse:
    """Choose another of one's own businesses; the choice lives in the session."""
    wanted = request.POST.get("business", "")
    chosen = get_object_or_404(businesses(request), pk=wanted if wanted.isdecimal() else 0)
    request.session["business"] = chosen.pk
    messages.info(request, f"You are looking at {chosen.name}.")
    return redirect(safe_next(request, request.POST.get("next", "")))


def safe_next(request: HttpRequest, wanted: str) -> str:
    """Where to go after signing in: an address of our own, or the overview (S32)."""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else reverse("dashboard")


def _enter(request: Any) -> BusinessRequest:
    """Put the chosen business and the person's role onto the request: one query."""
    desk = request.front_desk = getattr(request, "front_desk", None)
    chosen = _chosen(request, desk)
    if chosen is None:
        if member := request.user.memberships.filter(organization__closes_at__isnull=False).first():
            raise BeingClosed(member.organization.name)
        raise PermissionDenied("You do not belong to a business yet. Ask its owner to invite you.")
    request.business, request.organization, request.role = chosen, chosen.organization, chosen.role
    request.may = Rights(chosen.role, by_pin=desk is not None, is_limited=chosen.only is not None)
    return request  # type: ignore[no-any-return]  # an HttpRequest that has become a BusinessRequest just now


def _chosen(request: Any, desk: FrontDesk | None) -> Any:
    """The business that was chosen, where it still may be seen, else the first; None where there is none."""
    wanted = request.session.get("business") or (desk.business_id if desk else 0)
    choosing = _AT_A_DESK if desk else _SIGNED_IN
    theirs = {"user": request.user.pk} | _account_of(desk)
    found = choosing.named.objects(business=wanted, **theirs) or choosing.first.objects(**theirs)
    return next(iter(found), None)


def _account_of(desk: FrontDesk | None) -> dict[str, int]:
    return {"organization": desk.organization_id} if desk else {}


def businesses(request: BusinessRequest) -> QuerySet[Business]:
    """Those that this person may choose: all of theirs, and at a shared front desk those of its account."""
    return businesses_of(request.user.pk, **_account_of(request.front_desk))


def at_hand(request: BusinessRequest) -> list[Business]:
    """The chosen one and the first others by name: one more than are offered, where there are more."""
    others = (_AT_A_DESK if request.front_desk else _SIGNED_IN).others
    theirs = {"user": request.user.pk} | _account_of(request.front_desk)
    return [request.business, *others.objects(business=request.business.pk, **theirs)]


def businesses_of(user: int, **account: int) -> QuerySet[Business]:
    """The businesses somebody may see, each with their `role` there and the one location they are limited to.

    Those of an account that is being closed are seen by its owners alone.  `account`: `organization`, for one alone.
    """
    at = "organization__memberships"
    everywhere, here = Q(**{f"{at}__locations": None}), Q(**{f"{at}__locations": F("pk")})
    is_open = Q(organization__closes_at=None) | Q(**{f"{at}__role": Role.OWNER})
    rows = Business.objects.filter(everywhere | here, is_open, **{f"{at}__user": user}, **account)
    rows = rows.annotate(role=F(f"{at}__role"), only=F(f"{at}__locations"))
    return rows.select_related("organization").order_by("name", "pk")


class _Choosing(NamedTuple):
    """Asked at every request, so written once."""

    named: Prepared
    first: Prepared
    others: Prepared


def _choosing(*account: str) -> _Choosing:

    def first(user: int, **account: int) -> QuerySet[Business]:
        open_first = F("organization__closes_at").asc(nulls_first=True)
        return businesses_of(user, **account).order_by(open_first, "name", "pk")[:1]

    def named(user: int, business: int, **account: int) -> QuerySet[Business]:
        return businesses_of(user, **account).filter(pk=business)

    def others(user: int, business: int, **account: int) -> QuerySet[Business]:
        return businesses_of(user, **account).exclude(pk=business)[:AT_HAND]

    one = ("user", "business", *account)
    return _Choosing(Prepared(named, *one), Prepared(first, "user", *account), Prepared(others, *one))


_SIGNED_IN, _AT_A_DESK = _choosing(), _choosing("organization")


def this_front_desk(request: HttpRequest) -> FrontDesk | None:
    """The shared front desk that this device is; None for a device like any other."""
    kept = request.get_signed_cookie(DESK_COOKIE, default=None, salt=DESK_COOKIE)
    return FrontDesk.find(kept) if kept else None


def _has_unlocked(request: Any) -> bool:
    """Somebody has unlocked this shared front desk: from here on the request is theirs.

    What a page asks for by itself touches nothing, so that a page left open locks itself, too.
    """
    kept = request.session.get(VISIT)
    desk, now = this_front_desk(request) if kept else None, timezone.now()
    member = front_desk.who(front_desk.Visit.of(kept), desk, now) if kept else None
    if member is None or desk is None:
        request.session.pop(VISIT, None)
        return False
    if request.method != "GET" or not request.htmx:
        request.session[VISIT] = front_desk.Visit(desk.pk, member.pk, now.timestamp()).kept()
    request.user, request.front_desk = member.user, desk
    return True


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """A page asks to sign in and comes back; a fragment sends the whole window there.  A front desk asks for a PIN."""
    door = reverse("front_desk" if this_front_desk(request) else "sign_in")
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(door)
    return redirect_to_login(request.get_full_path(), door)


urlpatterns: list[URLPattern] = [path("businesses/switch/", switch_business, name="switch_business")]
