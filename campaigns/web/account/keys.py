"""Passkeys: a finger, a face or a PIN instead of a passphrase."""

import ipaddress

from allauth.mfa.webauthn.internal.auth import begin_registration
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.accounts import errands, noting, passkeys
from campaigns.roles import Action
from campaigns.web.account.app import kept, without_second_step
from campaigns.web.account.room import show
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page


@require_http_methods(["GET", "POST"])
@page(Action.OWN_SIGN_IN, opens_to_all=True, fresh=Fresh.ALL)
def passkey_add(request: BusinessRequest) -> HttpResponse:
    """A name for it, and the browser does the rest."""
    name = request.POST.get("name", "").strip()[:60] or "Passkey"
    if request.method == "POST":
        if passkeys.add(request.user, name, request.POST.get("credential", "")):
            return kept(request, f"“{name}” opens the door from now on.", "add passkey", "A passkey was added.")
        messages.error(request, "That did not become a passkey. Nothing was changed; try again.")
    context = {"options": begin_registration(request.user, True), "is_nameless": is_nameless(request)}
    return show(request, "account/passkey.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@page(Action.OWN_SIGN_IN, fresh=Fresh.ALL)
def passkey_remove(request: BusinessRequest, pk: int) -> HttpResponse:
    """It opens nothing any more.  The last way in of somebody without a passphrase stays."""
    key = get_object_or_404(passkeys.of(request.user), pk=pk)
    if not request.user.has_usable_password() and passkeys.of(request.user).count() == 1:
        messages.warning(request, "This is the only way you come in. Choose a passphrase first, then remove it.")
        return redirect("passphrase")
    name = key.wrap().name
    key.delete()
    noting.note(request, request.user, "remove passkey")
    errands.tell(request, request.user, "A passkey was removed.")
    without_second_step(request)
    messages.success(request, f"“{name}” opens nothing any more.")
    return redirect("you")


def is_nameless(request: BusinessRequest) -> bool:
    """Browsers make passkeys for names, not for numbers like 127.0.0.1."""
    try:
        ipaddress.ip_address(request.get_host().rpartition(":")[0].strip("[]") or request.get_host())
    except ValueError:
        return False
    return True


urlpatterns: list[URLPattern] = [
    path("you/passkeys/add/", passkey_add, name="passkey_add"),
    path("you/passkeys/<int:pk>/remove/", passkey_remove, name="passkey_remove"),
]
