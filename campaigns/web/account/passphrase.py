"""A passphrase: the first, or another one."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from campaigns.accounts import errands, noting, passphrases, sessions
from campaigns.roles import Action
from campaigns.web import proving
from campaigns.web.account.room import show
from campaigns.web.tenancy import BusinessRequest, page


@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "POST"])
@page(Action.OWN_SIGN_IN, opens_to_all=True)
def passphrase(request: BusinessRequest) -> HttpResponse:
    """Choose one.  Who has one or a passkey shows first who they are; all other sessions end with the change."""
    if proving.can_prove(request) and not sessions.is_fresh(request):
        return proving.ask(request)
    is_first = not proving.can_prove(request)
    trouble = choose(request, request.POST.get("passphrase", "")) if request.method == "POST" else ""
    if request.method == "POST" and not trouble:
        messages.success(request, "Your passphrase is kept. Everybody else who was signed in as you is out.")
        return redirect("dashboard" if is_first else "you")
    context = {"trouble": trouble, "is_first": is_first}
    return show(request, "account/passphrase.html", context, status=422 if trouble else 200)


def choose(request: BusinessRequest, chosen: str) -> str:
    """Take this passphrase from now on; what is wrong with it as a sentence, or nothing."""
    wrong = passphrases.trouble(chosen, request.user)
    if wrong:
        return " ".join(wrong)
    request.user.set_password(chosen)
    request.user.save(update_fields=["password"])
    sessions.end_others(request, request.user)
    UserSession.objects.filter(user=request.user).delete()
    update_session_auth_hash(request, request.user)
    UserSession.objects.create_from_request(request)
    sessions.prove(request)
    noting.note(request, request.user, "change passphrase")
    errands.tell(request, request.user, "Your passphrase was changed.")
    return ""


urlpatterns: list[URLPattern] = [path("you/passphrase/", passphrase, name="passphrase")]
