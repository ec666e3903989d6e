"""The people who sign in, and what opens the door besides a passphrase.

Passkeys, apps with codes, sessions and addresses that are proven are the library's rows (django-allauth).
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils import timezone as clock


class UserManager(BaseUserManager["User"]):
    """Makes people by e-mail address."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """All in small letters: nobody is two people because of a capital."""
        return super().normalize_email(email).strip().lower()

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Make a person; without a password only a sign-in link opens the door."""
        user = self.model(email=self.normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Make a person with every right on this installation."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractUser):
    """Somebody who signs in; known by e-mail address."""

    username = None  # type: ignore[assignment]  # the e-mail address is the name here
    email = models.EmailField("e-mail address", unique=True)
    #: Their own phone (E.164), to which tests go; only they themselves can enter it.
    phone = models.CharField(max_length=20, default="", blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()  # type: ignore[assignment,misc]  # AbstractUser's own manager makes people by username


class SignInLink(models.Model):
    """A link that signs one person in once (S10).  Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    LIFE = timedelta(minutes=30)

    def __str__(self) -> str:
        return f"sign-in link {self.pk}"

    @classmethod
    def make(cls, user: User, now: datetime | None = None) -> str:
        """Make a link for this person and return its token, which is kept nowhere else."""
        token = secrets.token_urlsafe(32)
        cls.objects.create(user=user, token_hash=_hash(token), expires_at=(now or clock.now()) + cls.LIFE)
        return token

    @classmethod
    def find(cls, token: str, now: datetime | None = None) -> Self | None:
        """The link of this token if it may still be used."""
        return cls.objects.filter(
            token_hash=_hash(token), used_at=None, expires_at__gt=now or clock.now(), user__is_active=True
        ).first()

    @classmethod
    def use(cls, token: str, now: datetime | None = None) -> User | None:
        """Use the link up and return its person; None when unknown, used or too old.  Two at once: one wins (S19)."""
        now = now or clock.now()
        link = cls.find(token, now)
        if link is None or not cls.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
            return None
        return link.user


class RecoveryCode(models.Model):
    """One of the codes for the day the phone is lost.  Each opens once, and only a slow hash of it is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    #: One for all that were made together, so that a try costs one hash.
    salt = models.CharField(max_length=32)
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class Errand(models.Model):
    """Something to be done after the answer, alike for an address that is known here and one that is not.

    What takes time (a mail, a note about somebody) would tell a stranger with a watch who has an account (S4).  So the
    page writes this row, whoever was named, and the clock does the rest.
    """

    class Kind(models.TextChoices):
        RESET = "reset", "Send a link for a new passphrase"
        VERIFY = "verify", "Send a link that proves the address"
        NOTICE = "notice", "Tell somebody that their sign-in has changed"
        FAILURE = "failure", "Note that somebody tried in vain"

    kind = models.CharField(max_length=10, choices=Kind)
    #: The e-mail address that was named.
    address = models.EmailField()
    words = models.CharField(max_length=200, default="", blank=True)
    #: From where it was asked.
    origin = models.CharField(max_length=45, default="", blank=True)
    made_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(default=clock.now, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["due_at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
