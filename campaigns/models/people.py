"""The people who sign in."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Self

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils import timezone as clock


class UserManager(BaseUserManager["User"]):
    """Makes people by e-mail address."""

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


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
