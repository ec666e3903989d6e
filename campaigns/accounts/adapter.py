"""Where django-allauth asks this house: how often one may try, what is noted, what is encrypted, where links lead."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from campaigns import vault
from campaigns.accounts import errands, noting, origin, sessions, tries
from campaigns.models import User

WRONG_PAIR = "This e-mail address and passphrase do not go together."
TOO_MANY = "Too many tries. Wait a quarter of an hour, or come in with a passkey or a sign-in link."
WRONG_CODE = "This code does not open. Each one opens once; wait for the next, or use a recovery code."
#: The library's names of what it tells people about their sign-in, and what we say of it.
NOTICES = {"webauthn_added": "A passkey was added.", "webauthn_removed": "A passkey was removed."}


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library is without types
    """For signing in."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG_PAIR,
        "too_many_login_attempts": TOO_MANY,
        "incorrect_code": WRONG_CODE,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account by themselves: one is invited."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return origin.of(request)

    def is_safe_url(self, url: str | None) -> bool:
        """An address of our own (S32)."""
        host = {self.request.get_host()}
        return url_has_allowed_host_and_scheme(url, allowed_hosts=host, require_https=self.request.is_secure())

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Each passphrase that is looked at takes a try."""
        if not tries.may_sign_in(request, credentials.get("email", "")):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            tries.give_back(request)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Noted by the clock, for an address that is known and one that is not alike (S4)."""
        errands.ask(errands.Kind.FAILURE, credentials.get("email", ""), request, "with a wrong passphrase")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, "This account is closed. Ask the owner of the business.")
        return redirect("sign_in")

    def login(self, request: HttpRequest, user: User) -> None:
        """A new key with every sign-in: Django would leave it to who comes in once more as themselves (S6)."""
        if request.user == user:
            request.session.cycle_key()
        super().login(request, user)
        noting.note(request, user, "sign in", how(request))

    def post_login(self, request: HttpRequest, user: User, **said: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **said)
        tries.remember(request, response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            noting.note(request, request.user, "sign out")
        super().logout(request)

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        return not sessions.is_fresh(self.request)

    def send_notification_mail(self, template_prefix: str, user: User, *_: Any, **__: Any) -> None:
        """What the library tells people by mail, in our words and by the clock."""
        sentence = NOTICES.get(template_prefix.rpartition("/")[2])
        if sentence:
            errands.tell(self.request, user, sentence)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """For the second step and passkeys."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def encrypt(self, text: str) -> str:
        return vault.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return vault.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return "Goodword"

    def _get_site_name(self) -> str:
        return "Goodword"


def how(request: HttpRequest) -> str:
    """By what they came in: the last thing the library wrote down about it."""
    records = request.session.get("account_authentication_methods") or [{}]
    last = records[-1]
    words = {"password": "with a passphrase", "code": "with a second step"}
    if last.get("passwordless"):
        return "with a passkey"
    method = last.get("method", "")
    return words.get(method, f"with {method}")
