"""The proof: a passphrase or a passkey, and then on to where somebody was going."""

from allauth.account.adapter import get_adapter
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.accounts import passkeys, sessions, tries
from campaigns.accounts.adapter import TOO_MANY
from campaigns.roles import Action
from campaigns.web import proving
from campaigns.web.account.passphrase import choose
from campaigns.web.tenancy import BusinessRequest, page


class SameForm(HttpResponseRedirect):
    """The browser sends the same form there."""

    status_code = 307


@sensitive_post_parameters("prove-passphrase", "secret", "new-passphrase")
@require_http_methods(["GET", "POST"])
@page(Action.OWN_SIGN_IN, opens_to_all=True)
def prove(request: BusinessRequest) -> HttpResponse:
    """Show who is there.  Who has no passphrase and no passkey yet makes a passphrase here."""
    if request.method == "GET":
        return proving.shown(request, request.GET.get("next", ""), is_form=False)
    again, is_form = proving.ours(request, request.POST.get("prove-again", "")), "prove-is-form" in request.POST
    trouble = _trouble(request)
    if trouble:
        words = {"typed": proving.typed(request), "trouble": trouble}
        return proving.shown(request, again, is_form=is_form, status=422, **words)
    sessions.prove(request)
    return SameForm(again) if is_form else HttpResponseRedirect(again)


@require_safe
@page(Action.OWN_SIGN_IN, opens_to_all=True)
def prove_options(request: BusinessRequest) -> JsonResponse:
    """What a passkey has to sign."""
    return JsonResponse(begin_authentication(request.user))


def _trouble(request: BusinessRequest) -> str:
    """What is wrong with the proof, as a sentence; empty where it is good."""
    credential = request.POST.get("prove-credential", "")
    if credential:
        if not tries.may_show_passkey(request):
            return TOO_MANY
        return "" if passkeys.shown(credential, request.user) else "That was not your passkey. Try again."
    if not proving.can_prove(request):
        return choose(request, request.POST.get("prove-passphrase", ""))
    return _wrong(request, request.POST.get("prove-passphrase", ""))


def _wrong(request: BusinessRequest, passphrase: str) -> str:
    """What is wrong with their passphrase, as a sentence; empty where it is right.  Takes a try."""
    try:
        found = get_adapter().authenticate(request, email=request.user.email, password=passphrase)
    except ValidationError as held:
        return " ".join(held.messages)
    return "" if found and found.pk == request.user.pk else "That is not your passphrase."


urlpatterns: list[URLPattern] = [
    path("prove/", prove, name="prove"),
    path("prove/options/", prove_options, name="prove_options"),
]
