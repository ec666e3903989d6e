"""Passkeys: added, shown, taken away."""

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db.models import QuerySet

from campaigns.models import User

MOST = 10
#: What a browser, or somebody who plays one, can send that is not even the right shape.
NONSENSE = (ValueError, TypeError, KeyError, AttributeError)


def of(user: User) -> QuerySet[Authenticator]:
    """All of this person's."""
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return rows.order_by("created_at")


def shown(credential: str, user: User | None) -> Authenticator | None:
    """The passkey that has signed what we asked; None for anything else.  Without a person it says itself whose it is,
    and must have asked for a finger, a face or a PIN."""
    given = {"credential": credential}
    form = LoginWebAuthnForm(given) if user is None else AuthenticateWebAuthnForm(given, user=user)
    try:
        if not form.is_valid():
            return None
    except NONSENSE:
        return None
    key: Authenticator = form.cleaned_data["credential"]
    key.record_usage()
    return key


def add(user: User, name: str, credential: str) -> bool:
    """Keep a new one; False when it is no good, or there are enough."""
    form = AddWebAuthnForm({"name": name, "credential": credential, "passwordless": "on"}, user=user)
    try:
        if of(user).count() >= MOST or not form.is_valid():
            return False
    except NONSENSE:
        return False
    WebAuthn.add(user, form.cleaned_data["name"][:60], form.cleaned_data["credential"])
    return True
