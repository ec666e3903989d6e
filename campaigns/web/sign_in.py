"""The front door: e-mail and passphrase, a passkey, or a link that opens once; the second step; and the way out."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.logout import logout
from allauth.account.models import Login
from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import accounts, connection
from campaigns.accounts import codes, errands, passkeys, sessions, tries
from campaigns.accounts.adapter import TOO_MANY, WRONG_CODE
from campaigns.models import SignInLink, User
from campaigns.web.tenancy import safe_next

#: Names on the page, as password managers and people's own scripts know them; the library has others.
NAMES = {"login": "email", "password": "passphrase"}


class SignInForm(LoginForm):  # type: ignore[misc]  # the library is without types
    """E-mail and passphrase.  One answer for every wrong pair, so that nobody learns who is known here (S4)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.EmailField(
            label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username webauthn"})
        )
        self.fields["password"] = forms.CharField(
            label="Passphrase",
            max_length=128,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )
        self.order_fields(["login", "password"])

    def add_prefix(self, field_name: str) -> str:
        return NAMES.get(field_name, field_name)


class CodeForm(forms.Form):
    """Six digits of an app, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=30,
        help_text="Six digits from your app, or one of your recovery codes.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not tries.may_give_code(self.user):
            raise forms.ValidationError(TOO_MANY)
        if not codes.opens(self.user, code):
            raise forms.ValidationError(WRONG_CODE)
        return code


@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form; on success a new session, perhaps after a second step, and on to the page that was asked for."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        response: HttpResponse = form.login(request, redirect_url=safe_next(request, wanted))
        return response
    return at_the_door(request, "sign_in.html", {"form": form, "next": wanted}, 422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """A link shows a button; only the button signs in, because link previews open every link (S10)."""
    user = SignInLink.use(token) if request.method == "POST" else None
    if user:
        return let_in(request, user, "a sign-in link", _first_page(user))
    usable = request.method == "GET" and SignInLink.find(token) is not None
    return at_the_door(request, "sign_in_link.html", {"usable": usable}, 200 if usable else 410)


@require_http_methods(["GET", "POST"])
def sign_in_passkey(request: HttpRequest) -> HttpResponse:
    """What a browser has to sign, and then what it has signed.  No name is given: the passkey knows whose it is."""
    if request.method == "GET":
        if not tries.may_ask_passkey(request):
            return JsonResponse({"problem": TOO_MANY}, status=429)
        sessions.only_for_now(request)
        asked = JsonResponse(begin_authentication(None))
        add_never_cache_headers(asked)
        return asked
    wanted = safe_next(request, request.POST.get("next", ""))
    if not tries.may_show_passkey(request):
        messages.error(request, TOO_MANY)
        return redirect("sign_in")
    key = passkeys.shown(request.POST.get("credential", ""), None)
    if key is None:
        messages.error(request, "This passkey is not known here. Nothing was opened.")
        return redirect("sign_in")
    response: HttpResponse = perform_passwordless_login(request, key, Login(user=key.user, redirect_url=wanted))
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="sign_in")  # type: ignore[untyped-decorator]
def second_step(request: Any) -> HttpResponse:
    """The passphrase was right, or the link: now the code, or a passkey (S1)."""
    stage = request._login_stage
    user: User = stage.login.user
    by_key = "credential" in request.POST
    form = CodeForm(user, request.POST if request.method == "POST" and not by_key else None)
    if (by_key and _shows_key(request, user)) or (not by_key and form.is_bound and form.is_valid()):
        record_authentication(request, user, "code")
        response: HttpResponse = stage.exit()
        return response
    if request.method == "POST":
        errands.ask(errands.Kind.FAILURE, user.email, request, "with a wrong second step")
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    options = begin_authentication(user) if Authenticator.Type.WEBAUTHN in kinds else None
    context = {"form": form, "options": options, "has_app": Authenticator.Type.TOTP in kinds}
    return at_the_door(request, "second_step.html", context, 422 if request.method == "POST" else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here and on the server."""
    logout(request, show_message=False)
    response = redirect("sign_in")
    response["Clear-Site-Data"] = '"cache", "storage"'  # answers that were begun lie in the tab's storage
    return response


def let_in(request: HttpRequest, user: User, by: str, page: str) -> HttpResponse:
    """Somebody has come by a link that we gave out: on to this page, after the second step where they have one.

    `by`: what the audit says it was, like "a sign-in link".
    """
    record_authentication(request, user, by)
    response: HttpResponse = perform_login(request, user, redirect_url=reverse(page))
    return response


def _shows_key(request: HttpRequest, user: User) -> bool:
    if not tries.may_give_code(user):
        messages.error(request, TOO_MANY)
        return False
    if passkeys.shown(request.POST["credential"], user) is None:
        messages.error(request, "That was not your passkey. Try again, or use a code.")
        return False
    return True


def _first_page(user: User) -> str:
    """Who has nothing of their own to come in with makes it first; with a sandbox there is nothing to protect yet."""
    return "dashboard" if connection.is_loopback() or accounts.can_prove(user) else "passphrase"


def at_the_door(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    """A page for somebody who is not in yet, kept by no cache."""
    response = render(request, template, context, status=status)
    add_never_cache_headers(response)
    return response


urlpatterns: list[URLPattern] = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-in/", sign_in, name="account_login"),  # as the library calls it
    path("sign-in/passkey/", sign_in_passkey, name="sign_in_passkey"),
    path("sign-in/second-step/", second_step, name="mfa_authenticate"),
    path("sign-in/<str:token>/", sign_in_link, name="sign_in_link"),
    path("sign-out/", sign_out, name="sign_out"),
]
