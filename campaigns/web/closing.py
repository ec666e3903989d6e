"""Closing the organization, and keeping it after all: the one page that its owners have left meanwhile."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import closing, person
from campaigns.models import Organization
from campaigns.roles import Action
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, businesses, page

#: Locations of other accounts that are offered to go to.
OTHERS = 8
KEPT = "{name} stays. Campaigns that ran are paused: resume those that should go on."
TOO_LATE = "There is nothing to be kept any more, or it was kept already."


class CloseForm(forms.Form):
    """The organization's own name, so that nobody closes one by a slip, or another one than they mean."""

    name = forms.CharField(
        label="Its name, to be sure",
        max_length=250,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )

    def __init__(self, organization: Organization, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.organization = organization

    def clean_name(self) -> str:
        """Capitals, blanks and the kind of apostrophe do not matter."""
        given: str = self.cleaned_data["name"]
        if _plain(given) != _plain(self.organization.name):
            raise forms.ValidationError("That is not its name. Nothing was closed.")
        return given


@require_http_methods(["GET", "POST"])
@page(Action.CLOSE, fresh=Fresh.CHANGES, while_closing=True)
def close(request: BusinessRequest) -> HttpResponse:
    """What goes, what stays, and the act; while it is being closed, until when it can be kept."""
    if request.organization.closes_at is not None:
        return _show_closing(request, request.organization.closes_at)
    form = CloseForm(request.organization, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        closing.close(request.organization, request.user, timezone.now())
        return redirect("close")
    context = {
        "section": "settings",
        "form": form,
        "outlook": closing.outlook(request.organization),
        "last_day": timezone.now() + closing.DAYS,
        "days": closing.DAYS.days,
        "leaves_remains": person.leaves_remains(),
    }
    return render(request, "settings/close.html", context, status=422 if form.errors else 200)


@require_POST
@page(Action.CLOSE, while_closing=True)
def close_keep(request: BusinessRequest) -> HttpResponse:
    """It stays after all."""
    if closing.keep(request.organization, request.user, timezone.now()):
        messages.success(request, KEPT.format(name=request.organization.name))
        return redirect("dashboard")
    messages.info(request, TOO_LATE)
    return redirect("close")


def _show_closing(request: BusinessRequest, last_day: datetime) -> HttpResponse:
    others = businesses(request).exclude(organization=request.organization)
    context = {
        "others": others[:OTHERS],
        "last_day": last_day,
        "is_over": last_day <= timezone.now(),
        "has_several": request.organization.businesses.count() > 1,
    }
    return render(request, "settings/closing.html", context)


def _plain(name: str) -> str:
    return " ".join(name.replace("’", "'").split()).casefold()


urlpatterns: list[URLPattern] = [
    path("settings/close/", close, name="close"),
    path("settings/close/keep/", close_keep, name="close_keep"),
]
