"""Which devices are shared front desks, and one's own PIN for them."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import front_desk as desks
from campaigns import merge
from campaigns.models import FrontDesk, Membership
from campaigns.roles import Action
from campaigns.web.tenancy import DESK_COOKIE, BusinessRequest, businesses, page, this_front_desk

#: How long a device stays what it was marked as, seconds; browsers keep no cookie for longer.
KEPT = 400 * 24 * 3600


class DeskForm(forms.Form):
    """What the device is called."""

    name = forms.CharField(
        label="What this device is called",
        max_length=60,
        help_text="Such as “Tablet at the counter”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_name(self) -> str:
        """The visible part."""
        name = merge.plain(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Nothing of this can be seen. Give it a name.")
        return name


class OwnPinForm(forms.Form):
    """A new PIN, typed twice."""

    pin = forms.CharField(
        label="New PIN",
        max_length=20,
        help_text="Four to eight digits. Not a year, and no run like 1234.",
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    again = forms.CharField(
        label="The same again",
        max_length=20,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_pin(self) -> str:
        """One that is not tried first."""
        pin = str(self.cleaned_data["pin"])
        if why := desks.weakness(pin):
            raise forms.ValidationError(why)
        return pin

    def clean(self) -> dict[str, Any]:
        """Both are the same."""
        given = super().clean() or {}
        if {"pin", "again"} <= given.keys() and given["pin"] != given["again"]:
            self.add_error("again", "The two are not the same.")
        return given


@require_http_methods(["GET", "POST"])
@page(Action.FRONT_DESK)
def front_desks(request: BusinessRequest) -> HttpResponse:
    """All of them, and this device.  Who marks it is signed out of it: from now on it asks for PINs."""
    form = DeskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _mark(request, form.cleaned_data["name"])
    mine = FrontDesk.objects.filter(business__in=businesses(request), organization=request.organization)
    here = this_front_desk(request)
    context = {
        "section": "settings",
        "form": form,
        "desks": mine.select_related("business", "made_by").order_by("ended_at", "-pk"),
        "here": here.pk if here else None,
        "with_pin": request.organization.memberships.exclude(pin="").count(),
        "people": request.organization.memberships.count(),
    }
    return render(request, "front_desks/front_desks.html", context, status=422 if form.errors else 200)


@require_POST
@page(Action.FRONT_DESK)
def front_desk_end(request: BusinessRequest, pk: int) -> HttpResponse:
    """A device like any other again."""
    mine = FrontDesk.objects.filter(business__in=businesses(request), organization=request.organization)
    desk = get_object_or_404(mine, pk=pk)
    if desks.end(desk, request.user, "Ended in the settings", timezone.now()):
        messages.success(request, f"“{desk.name}” is no front desk any more. Whoever had unlocked it is out.")
    return redirect("front_desks")


@sensitive_post_parameters("pin", "again")
@require_http_methods(["GET", "POST"])
@page(Action.OWN_PIN)
def own_pin(request: BusinessRequest) -> HttpResponse:
    """Set it, or have none."""
    me = Membership.objects.select_related("organization", "user").get(
        user=request.user, organization=request.organization
    )
    if request.method == "POST" and request.POST.get("drop"):
        desks.drop_pin(me)
        messages.success(request, "You have no PIN any more.")
        return redirect("own_pin")
    form = OwnPinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        desks.keep_pin(me, form.cleaned_data["pin"])
        messages.success(request, f"Kept. It unlocks the front desks of {request.organization.name}, nothing else.")
        return redirect("own_pin")
    context = {
        "section": "settings",
        "form": form,
        "has_pin": bool(me.pin),
        "is_spent": me.pin_failures >= desks.MOST_OF_A_MEMBER,
        "idle": int(desks.IDLE.total_seconds() // 60),
    }
    return render(request, "front_desks/own_pin.html", context, status=422 if form.errors else 200)


def _mark(request: BusinessRequest, name: str) -> HttpResponse:
    _, token = desks.mark(request.business, name, request.user)
    logout(request)
    response = redirect("front_desk")
    response.set_signed_cookie(
        DESK_COOKIE,
        token,
        salt=DESK_COOKIE,
        max_age=KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
