"""The way back in for who has forgotten the passphrase: a mail, a link that works once, a new one."""

from allauth.account.forms import UserTokenForm
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, re_path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from campaigns import accounts
from campaigns.accounts import errands, noting, passphrases, sessions, tries
from campaigns.models import User
from campaigns.web.sign_in import at_the_door

#: Where the token waits while the form is shown at an address without it, so that no other site learns it (S11).
WAITING = "new passphrase"
SHOWN = "choose"


class ForgottenForm(forms.Form):
    """The address of whoever asks."""

    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Says the same, and takes as long, whoever the address belongs to (S4)."""
    form = ForgottenForm(request.POST or None)
    sent = False
    if request.method == "POST" and form.is_valid():
        sent = tries.may_ask_for_mail(request, form.cleaned_data["email"])
        if sent:
            errands.ask(errands.Kind.RESET, form.cleaned_data["email"], request)
        else:
            form.add_error(None, "That were many mails. Wait an hour before you ask for another.")
    context = {"form": form, "sent": sent, "is_printed": not settings.EMAIL_URL}
    return at_the_door(request, "account/forgotten.html", context, 422 if form.errors else 200)


@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "POST"])
def forgotten_choose(request: HttpRequest, uidb36: str, key: str) -> HttpResponse:
    """The link from the mail.  It lets nobody in: with the new passphrase they sign in, second step and all."""
    user = _whose(uidb36, request.session.get(WAITING, "") if key == SHOWN else key)
    if user is not None and key != SHOWN:
        request.session[WAITING] = key
        sessions.only_for_now(request)
        return redirect("account_reset_password_from_key", uidb36=uidb36, key=SHOWN)
    if user is None:
        return at_the_door(request, "account/forgotten_choose.html", {"user_known": False}, 410)
    chosen = request.POST.get("passphrase", "")
    trouble = " ".join(passphrases.trouble(chosen, user)) if request.method == "POST" else ""
    if request.method == "POST" and not trouble:
        return _chosen(request, user, chosen)
    context = {"user_known": True, "trouble": trouble, "email": user.email}
    return at_the_door(request, "account/forgotten_choose.html", context, 422 if trouble else 200)


def _whose(uidb36: str, token: str) -> User | None:
    """The person whose mail the token is from; None for one that is used, too old or made up."""
    form = UserTokenForm({"uidb36": uidb36, "key": token})
    user: User | None = form.reset_user if form.is_valid() else None
    return user if user is not None and user.is_active else None


def _chosen(request: HttpRequest, user: User, chosen: str) -> HttpResponse:
    """All sessions of this person end by it; and whoever reads the mail has shown that the address is theirs."""
    user.set_password(chosen)
    user.save(update_fields=["password"])
    accounts.address_of(user)
    EmailAddress.objects.filter(user=user, email=user.email).update(verified=True)
    noting.note(request, user, "reset passphrase")
    errands.tell(request, user, "Your passphrase was changed by a link that we sent you.")
    if request.user.is_authenticated:
        logout(request)
    request.session.pop(WAITING, None)
    messages.success(request, "Your new passphrase is kept. Sign in with it.")
    response = redirect("sign_in")
    tries.remember(request, response, user)
    return response


urlpatterns: list[URLPattern] = [
    path("forgotten/", forgotten, name="forgotten"),
    re_path(
        r"^forgotten/(?P<uidb36>[0-9A-Za-z]{1,13})-(?P<key>[0-9A-Za-z-]{1,80})/$",
        forgotten_choose,
        name="account_reset_password_from_key",  # as the library calls it
    ),
]
