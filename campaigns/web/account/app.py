"""An app whose codes are the second step, and the codes that are written down."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import accounts
from campaigns.accounts import codes, errands, noting, recovery, tries
from campaigns.accounts.adapter import TOO_MANY
from campaigns.roles import Action
from campaigns.web.account.room import show
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page


@require_http_methods(["GET", "POST"])
@page(Action.OWN_SIGN_IN, opens_to_all=True, fresh=Fresh.ALL)
def app_add(request: BusinessRequest) -> HttpResponse:
    """A picture to scan, and the app's first code as a proof that it has understood."""
    sealed = request.POST.get("seed") or codes.begin(request.user)
    secret = codes.seed(request.user, sealed)
    if secret is None:
        messages.warning(request, "That took too long. Here is a new picture to scan; the old one is no good any more.")
        return redirect("app_add")
    trouble = _trouble(request, secret) if request.method == "POST" else ""
    if request.method == "POST" and not trouble:
        return kept(request, "Your app is asked for a code from now on.", "add app", "An app with codes was added.")
    picture = codes.picture(request.user, secret)
    context = {"seed": sealed, "secret": _in_fours(secret), "picture": picture, "trouble": trouble}
    return show(request, "account/app.html", context, status=422 if trouble else 200)


@require_POST
@page(Action.OWN_SIGN_IN, fresh=Fresh.ALL)
def app_remove(request: BusinessRequest) -> HttpResponse:
    """No app any more."""
    if codes.remove(request.user):
        noting.note(request, request.user, "remove app")
        errands.tell(request, request.user, "The app with codes was removed.")
        messages.success(request, "The app is not asked any more.")
        without_second_step(request)
    return redirect("you")


@require_POST
@page(Action.OWN_SIGN_IN, opens_to_all=True, fresh=Fresh.ALL)
def new_codes(request: BusinessRequest) -> HttpResponse:
    """New codes in the place of those before, shown once."""
    if not accounts.has_second_step(request.user):
        messages.warning(request, "Recovery codes stand in for an app or a passkey. Add one of these first.")
        return redirect("you")
    noting.note(request, request.user, "make recovery codes")
    errands.tell(request, request.user, "New recovery codes were made.")
    return _shown_once(request)


def kept(request: BusinessRequest, sentence: str, act: str, told: str) -> HttpResponse:
    """A second step was added: with the first one come the recovery codes."""
    noting.note(request, request.user, act)
    errands.tell(request, request.user, told)
    messages.success(request, sentence)
    return redirect("you") if recovery.left(request.user) else _shown_once(request)


def without_second_step(request: BusinessRequest) -> None:
    """Codes that stand in for nothing are thrown away."""
    if not accounts.has_second_step(request.user):
        recovery.forget(request.user)


def _shown_once(request: BusinessRequest) -> HttpResponse:
    return show(request, "account/codes.html", {"codes": recovery.make(request.user)})


def _trouble(request: BusinessRequest, secret: str) -> str:
    if not tries.may_give_code(request.user):
        return TOO_MANY
    if codes.activate(request.user, secret, request.POST.get("code", "")):
        return ""
    return "That is not the code the app shows now. Look whether your phone’s clock is right, and type the next one."


def _in_fours(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


urlpatterns: list[URLPattern] = [
    path("you/app/", app_add, name="app_add"),
    path("you/app/remove/", app_remove, name="app_remove"),
    path("you/codes/", new_codes, name="new_codes"),
]
