"""How somebody signs in, and where they are signed in: one page."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST, require_safe

from campaigns import accounts
from campaigns.accounts import browsers, noting, passkeys, recovery, sessions
from campaigns.roles import Action
from campaigns.web import proving
from campaigns.web.account.room import show
from campaigns.web.tenancy import BusinessRequest, page


@require_safe
@page(Action.OWN_SIGN_IN, opens_to_all=True)
def you(request: BusinessRequest) -> HttpResponse:
    """Everything about it."""
    app = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).first()
    context = {
        "must": proving.lacks_second_step(request),
        "has_passphrase": request.user.has_usable_password(),
        "is_verified": accounts.is_verified(request.user),
        "app": app,
        "passkeys": [(key.pk, key.wrap().name, key.created_at, key.last_used_at) for key in passkeys.of(request.user)],
        "codes_left": recovery.left(request.user),
        "sessions": _sessions(request),
    }
    return show(request, "account/you.html", context)


@require_POST
@page(Action.OWN_SIGN_IN, opens_to_all=True)
def session_end(request: BusinessRequest, pk: int) -> HttpResponse:
    """One of the others."""
    if not sessions.end(request, request.user, pk):
        raise Http404("No such session.")
    noting.note(request, request.user, "end session")
    messages.success(request, "That browser is signed out.")
    return redirect("you")


@require_POST
@page(Action.OWN_SIGN_IN, opens_to_all=True)
def sessions_end(request: BusinessRequest) -> HttpResponse:
    """All the others."""
    ended = sessions.end_others(request, request.user)
    noting.note(request, request.user, "end sessions", f"{ended} others")
    messages.success(request, "Only this browser is signed in as you now.")
    return redirect("you")


def _sessions(request: BusinessRequest) -> list[tuple[UserSession, str, bool]]:
    """Each with the browser in words, and whether it is this one; the newest first, and this one before all."""
    here = sessions.here(request)
    rows = UserSession.objects.purge_and_list(request.user)
    rows.sort(key=lambda each: (each.session_key != here, -each.last_seen_at.timestamp()))
    return [(each, browsers.named(each.user_agent), each.session_key == here) for each in rows]


urlpatterns: list[URLPattern] = [
    path("you/", you, name="you"),
    path("you/sessions/<int:pk>/end/", session_end, name="session_end"),
    path("you/sessions/end/", sessions_end, name="sessions_end"),
]
