"""The front door: a link that opens once, or e-mail and passphrase; and the way out."""

import hashlib
import logging
from typing import Any

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.core.cache import BaseCache, caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.models import SignInLink, User
from campaigns.web.tenancy import safe_next

log = logging.getLogger(__name__)

#: Tries that are looked at within a quarter of an hour, for one e-mail address and from one network address (S2).
TRIES_PER_PERSON = 10
TRIES_PER_ADDRESS = 20
WINDOW = 15 * 60

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInForm(forms.Form):
    """E-mail and passphrase.  One answer for every wrong pair, so that nobody learns who is known here (S4)."""

    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    passphrase = forms.CharField(
        max_length=128, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None

    def clean(self) -> dict[str, Any]:
        """Look the pair up, unless there were too many tries."""
        given = super().clean() or {}
        if "email" not in given or "passphrase" not in given:
            return given
        email = given["email"].lower()
        if not _may_try(email, self.request.META.get("REMOTE_ADDR", "")):
            raise forms.ValidationError("Too many tries. Wait a quarter of an hour, or use a sign-in link.")
        user = authenticate(self.request, username=User.objects.normalize_email(email), password=given["passphrase"])
        if not isinstance(user, User):
            raise forms.ValidationError("This e-mail address and passphrase do not go together.")
        self.user = user
        return given


@sensitive_post_parameters("passphrase")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form; on success a new session, and on to the page that was asked for."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.user:
        login(request, form.user, backend=BACKEND)
        return redirect(safe_next(request, wanted))
    response = render(request, "sign_in.html", {"form": form, "next": wanted}, status=422 if form.errors else 200)
    add_never_cache_headers(response)
    return response


@require_http_methods(["GET", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """A link shows a button; only the button signs in, because link previews open every link (S10)."""
    user = SignInLink.use(token) if request.method == "POST" else None
    if user:
        login(request, user, backend=BACKEND)
        return redirect("dashboard")
    usable = request.method == "GET" and SignInLink.find(token) is not None
    response = render(request, "sign_in_link.html", {"usable": usable}, status=200 if usable else 410)
    add_never_cache_headers(response)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here and on the server."""
    logout(request)
    response = redirect("sign_in")
    response["Clear-Site-Data"] = '"cache"'
    return response


def _may_try(email: str, address: str) -> bool:
    """Take one try of this person and one of this address; False when either has none left."""
    return _take(f"address:{address}", TRIES_PER_ADDRESS) and _take(f"person:{email}", TRIES_PER_PERSON)


def _take(whose: str, allowed: int) -> bool:
    """Each try takes a slot for a while; without Redis they are counted in files, on this host (F-58)."""
    name = hashlib.sha256(whose.encode()).hexdigest()
    try:
        return _slot(caches["default"], name, allowed)
    except Exception:  # each cache has errors of its own
        log.warning("the cache does not answer; tries to sign in are counted in files", exc_info=True)
        return _slot(caches["spare"], name, allowed)


def _slot(cache: BaseCache, name: str, allowed: int) -> bool:
    """`add` is a compare-and-set, so tries at once take different slots."""
    return any(cache.add(f"sign-in:{name}:{slot}", 1, WINDOW) for slot in range(allowed))


urlpatterns: list[URLPattern] = [
    path("sign-in/", sign_in, name="sign_in"),
    path("sign-in/<str:token>/", sign_in_link, name="sign_in_link"),
    path("sign-out/", sign_out, name="sign_out"),
]
