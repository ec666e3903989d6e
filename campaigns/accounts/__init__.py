"""Who may come in, and by what: passphrases, passkeys, a second step, and the way back for who has lost them.

The mechanics (sign-in in stages, passkeys, codes of an app) are django-allauth's; what this house adds stands here.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from campaigns.models import User

SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def make(email: str, passphrase: str | None = None, *, verified: bool, name: str = "") -> User:
    """A new person.  `verified`: they have read a mail to this address, so it is known to be theirs.

    Without a passphrase only a sign-in link or a passkey opens the door.  Raises `django.db.IntegrityError` where the
    address is known already.  What a passphrase must be is asked before, by `passphrases.trouble`.
    """
    return enter(new(email, passphrase, name), verified=verified)


def new(email: str, passphrase: str | None, name: str = "") -> User:
    """Somebody who is not written down yet.  A hash takes its time, and no transaction waits for it."""
    user = User(email=User.objects.normalize_email(email), first_name=name)
    user.set_password(passphrase)
    return user


def enter(user: User, *, verified: bool) -> User:
    """Write them down, with their address.  Raises as `make` does."""
    with transaction.atomic():
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def has_passkey(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists())


def can_prove(user: User) -> bool:
    """Have they anything of their own to come in with, or only links that somebody makes for them?"""
    return user.has_usable_password() or has_passkey(user)


def has_second_step(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND_STEPS).exists())


def is_verified(user: User) -> bool:
    """Have they shown that the address is theirs?"""
    return bool(EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists())


def address_of(user: User) -> EmailAddress:
    """The library's row of somebody's address; made now where the person came by the command line."""
    row, _ = EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": False}
    )
    return row
