"""Before keys, people and what opens the door are touched, whoever is there shows once more who they are (S8).

The page that asks carries what was typed.  Once the proof is given, the browser sends it on to where it was going (307
keeps a form as it is), so nothing is typed twice and nothing of it is kept here meanwhile.
"""

from enum import Enum
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect

from campaigns import accounts
from campaigns.accounts import sessions

READING = ("GET", "HEAD")
#: The fields of the proof itself; everything else in the form is what was typed.
OURS = ("prove-passphrase", "prove-email", "prove-credential", "prove-again", "prove-is-form", "csrfmiddlewaretoken")


class Fresh(Enum):
    """What of a page needs a proof that is not old."""

    NO = "nothing"
    CHANGES = "changes"
    ALL = "all"


def detour(request: Any, fresh: Fresh, opens_to_all: bool) -> HttpResponse | None:
    """Where somebody has to go first: to set up a second step, or to show who they are.  None where the way is free."""
    if not opens_to_all and lacks_second_step(request):
        return _elsewhere(request, reverse("you"))
    if fresh is Fresh.NO or (fresh is Fresh.CHANGES and request.method in READING):
        return None
    if sessions.is_fresh(request) and can_prove(request):
        return None
    return ask(request)


def lacks_second_step(request: Any) -> bool:
    """Does the account ask everybody for a second step, and this person has none?"""
    return request.organization.needs_second_step and not accounts.has_second_step(request.user)


def ask(request: Any) -> HttpResponse:
    """The page that asks, with what was typed in it; a fragment sends the whole window there."""
    if request.method in READING or request.htmx:
        here = request.htmx.current_url_abs_path if request.htmx else request.get_full_path()
        return _elsewhere(request, f"{reverse('prove')}?{urlencode({'next': here or '/'})}")
    words = {"typed": typed(request), "had_file": bool(request.FILES)}
    return shown(request, request.get_full_path(), is_form=True, status=403, **words)


def typed(request: HttpRequest) -> list[tuple[str, Any]]:
    """The fields of the form that was sent, without those of the proof itself."""
    return [(name, value) for name, values in request.POST.lists() for value in values if name not in OURS]


def shown(request: HttpRequest, again: str, *, is_form: bool, status: int = 200, **words: Any) -> HttpResponse:
    """The page, ready to go on to `again`."""
    context = {"again": ours(request, again), "is_form": is_form, "shell": shell(request), **ways(request), **words}
    response = render(request, "account/prove.html", context, status=status)
    add_never_cache_headers(response)
    return response


def shell(request: Any) -> str:
    """The frame of a page about oneself: nothing of the business in it for somebody who may not see that yet."""
    return "account/bare.html" if lacks_second_step(request) else "base.html"


def can_prove(request: Any) -> bool:
    """Have they a passphrase or a passkey?"""
    return accounts.can_prove(request.user)


def ways(request: Any) -> dict[str, Any]:
    """By what this person can show it."""
    return {"has_passphrase": request.user.has_usable_password(), "has_passkey": accounts.has_passkey(request.user)}


def ours(request: HttpRequest, wanted: str) -> str:
    """An address of our own to go on to, or the overview (S32)."""
    allowed = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=allowed, require_https=request.is_secure()):
        return wanted
    return reverse("dashboard")


def _elsewhere(request: Any, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
