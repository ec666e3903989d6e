"""The screen that asks for a PIN, and the way back to it."""

from typing import Any

from django import forms
from django.contrib.auth import logout
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import front_desk as desks
from campaigns.models import FrontDesk, Membership
from campaigns.web.tenancy import VISIT, safe_next, this_front_desk


class PinForm(forms.Form):
    """Who, and their PIN."""

    pin = forms.CharField(
        label="PIN",
        min_length=desks.LENGTHS[0],
        max_length=desks.LENGTHS[1],
        widget=forms.PasswordInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "pattern": "[0-9]*", "enterkeyhint": "go"}
        ),
        error_messages={
            "required": "Type your PIN.",
            "min_length": "A PIN has four to eight digits.",
            "max_length": "A PIN has four to eight digits.",
        },
    )

    def __init__(self, desk: FrontDesk, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk, self.people = desk, list(desk.members())
        chosen = self.data.get("member", "")
        self.member = next((each for each in self.people if str(each.pk) == chosen), None)

    def clean(self) -> dict[str, Any]:
        """One of those who are shown."""
        given = super().clean() or {}
        if self.member is None:
            raise forms.ValidationError("Choose who you are.")
        return given


@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def front_desk(request: HttpRequest) -> HttpResponse:
    """Who are you?  On a device that is no front desk there is nothing to unlock."""
    desk = this_front_desk(request)
    if desk is None:
        return redirect("sign_in")
    form = PinForm(desk, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.member:
        if _let_in(request, desk, form, form.member):
            return redirect(safe_next(request, request.POST.get("next", "")))
        desk = this_front_desk(request)
        if desk is None:
            return redirect("sign_in")
    wanted = request.POST.get("next") or request.GET.get("next", "")
    context = {"desk": desk, "form": form, "people": form.people, "next": wanted}
    response = render(request, "front_desks/screen.html", context, status=422 if form.errors else 200)
    add_never_cache_headers(response)
    return response


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Whoever was here is gone; the device asks for a PIN."""
    logout(request)
    response = redirect("front_desk")
    response["Clear-Site-Data"] = '"cache"'
    return response


def _let_in(request: HttpRequest, desk: FrontDesk, form: PinForm, member: Membership) -> bool:
    """A session of their own; nothing of who was here before is in it."""
    try:
        visit = desks.unlock(desk, member, form.cleaned_data["pin"], timezone.now())
    except desks.Refused as refused:
        form.add_error("pin", str(refused))
        return False
    list(get_messages(request))  # what was said to the one before
    logout(request)
    rotate_token(request)
    request.session[VISIT] = visit.kept()
    return True
