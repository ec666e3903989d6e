"""Coming in by an invitation: as somebody who is signed in, or with a new account.

The link itself only puts the invitation into the session and goes on to an address without it, so that it stands in no
history, in no `Referer` and in no address to come back to.  Whoever has no account makes one, and then signs in as
everybody does: nothing is skipped at the door (S11), and nobody learns who has an account here (S4).
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import members
from campaigns.models import Invitation, User
from campaigns.web.people.forms import AccountForm

#: Where the session keeps which invitation somebody holds.
HELD = "invitation"
GONE = 410
NEXT = (
    "Now sign in with this e-mail address. If it had an account here before, that one is as it was: "
    "its own passphrase opens it."
)


@require_safe
def join_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link somebody was sent."""
    invitation = Invitation.find(token, timezone.now())
    if invitation is None:
        request.session.pop(HELD, None)
        return _show(request, None, None, status=GONE)
    request.session[HELD] = invitation.pk
    return redirect("join")


@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Who invites, to what; and the two ways in."""
    held = Invitation.at_the_door(timezone.now()).filter(pk=request.session.get(HELD, 0)).first()
    if held is None:
        return _show(request, None, None, status=GONE)
    if isinstance(request.user, User):
        return _accept(request, held, request.user) if request.method == "POST" else _show(request, held, None)
    form = AccountForm(held.email, request.POST or None)
    if request.method == "POST" and form.is_valid():
        members.open_account(held, form.address, form.cleaned_data["passphrase"])
        messages.info(request, NEXT)
        return redirect(_door())
    return _show(request, held, form, status=422 if form.errors else 200)


def _accept(request: HttpRequest, held: Invitation, user: User) -> HttpResponse:
    try:
        made = members.accept(held, user, timezone.now())
    except members.Refused as refused:
        messages.warning(request, str(refused))
        return redirect("dashboard")
    request.session.pop(HELD, None)
    first = made.organization.businesses.order_by("name", "pk").first()
    if first is not None:
        request.session["business"] = first.pk
    messages.success(request, f"Welcome to {made.organization.name}.")
    return redirect("dashboard")


def _show(request: HttpRequest, held: Invitation | None, form: AccountForm | None, status: int = 200) -> HttpResponse:
    context = {"invitation": held, "form": form, "door": _door()}
    response = render(request, "people/join.html", context, status=status)
    add_never_cache_headers(response)
    return response


def _door() -> str:
    return f"{reverse('sign_in')}?{urlencode({'next': reverse('join')})}"
