"""The second step by a code: of an app (TOTP), or one that was written down."""

import segno
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from django.utils import timezone

from campaigns import vault
from campaigns.accounts import recovery
from campaigns.models import User

#: Seconds in which an app has to be set up.
PATIENCE = 30 * 60


def opens(user: User, code: str) -> bool:
    """Does this code let them in?  Each opens once."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is not None and app.wrap().validate_code(code):
        app.record_usage()
        return True
    return recovery.use(user, code)


def begin(user: User) -> str:
    """A new seed for an app, sealed: it lies in the form until the app has shown that it knows it, and nowhere else."""
    return vault.encrypt(_form_of(user), f"{timezone.now().timestamp():.0f}:{generate_totp_secret()}")


def seed(user: User, sealed: str) -> str | None:
    """The seed in the form; None when it is too old, or not theirs."""
    try:
        at, _, secret = vault.decrypt(_form_of(user), sealed).partition(":")
    except vault.Shut:
        return None
    return secret if timezone.now().timestamp() - float(at) <= PATIENCE else None


def _form_of(user: User) -> str:
    return f"new app:{user.pk}"


def activate(user: User, secret: str, code: str) -> bool:
    """From now on this app is asked; False when it does not know the seed.  The code is used up by it."""
    if not validate_totp_code(secret, code):
        return False
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(user, secret).validate_code(code)
    return True


def picture(user: User, secret: str) -> str:
    """What an app scans, as the address of a picture."""
    return str(
        segno.make(get_adapter().build_totp_url(user, secret), error="m").svg_data_uri(scale=5, border=3, light="#fff")
    )


def remove(user: User) -> bool:
    """No app any more."""
    gone, _ = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    return bool(gone)
