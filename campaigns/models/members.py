"""How people come in: invitations, and the devices at which they take turns."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone as clock

from campaigns.models.business import Business, Membership, Organization
from campaigns.models.people import User
from campaigns.roles import Role


class Invitation(models.Model):
    """A link that makes one person a member, once.  Only its hash is kept (S11)."""

    LIFE = timedelta(days=7)
    #: How long one is kept after its time, for whoever asks what became of it.
    KEPT = timedelta(days=30)

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    #: To whom it was sent, or for whom it is meant; empty where the link is handed over.
    email = models.EmailField("e-mail address", default="", blank=True)
    role = models.CharField(max_length=10, choices=Role)
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    #: How it ended: one of the two, or its time ran out.
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    #: Accounts that were made with it; who holds the link makes no more than a few.
    accounts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["organization"], condition=Q(accepted_at=None, withdrawn_at=None), name="invitation_open"
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @classmethod
    def make(
        cls, organization: Organization, role: str, by: User, email: str = "", now: datetime | None = None
    ) -> tuple[Self, str]:
        """A new one, and its token (256 bits), which is kept nowhere else."""
        now, token = now or clock.now(), secrets.token_urlsafe(32)
        made = cls.objects.create(
            organization=organization,
            email=email,
            role=role,
            token_hash=_hash(token),
            made_by=by,
            created_at=now,
            expires_at=now + cls.LIFE,
        )
        return made, token

    @classmethod
    def still_open(cls, now: datetime) -> "models.QuerySet[Self]":
        """Those that can be accepted."""
        rows = cls.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)
        return rows.select_related("organization", "made_by")

    @classmethod
    def find(cls, token: str, now: datetime) -> Self | None:
        """The one of this token, if it can be accepted."""
        return cls.at_the_door(now).filter(token_hash=_hash(token)).first()

    @classmethod
    def at_the_door(cls, now: datetime) -> "models.QuerySet[Self]":
        """Those by which somebody comes in: none of an organization that is being closed."""
        return cls.still_open(now).filter(organization__closes_at=None)

    @classmethod
    def forget(cls, now: datetime) -> None:
        """Throw away those that have long been over: they name people who may never have come in."""
        cls.objects.filter(expires_at__lt=now - cls.KEPT).delete()


class FrontDesk(models.Model):
    """A device that members share, each with a PIN of their own.  The device holds the token, we its hash."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="front_desks")
    #: Where it stands: whoever unlocks it sees this location first.
    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True, blank=True)
    #: Since then it is a device like any other, and why.
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=100, default="", blank=True)
    #: Wrong PINs in a row, whosever they were meant to be.
    failures = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"front desk {self.pk}"

    @classmethod
    def make(cls, business: Business, name: str, by: User) -> tuple[Self, str]:
        """A new one, and what its device keeps."""
        token = secrets.token_urlsafe(32)
        made = cls.objects.create(
            organization=business.organization, business=business, name=name, token_hash=_hash(token), made_by=by
        )
        return made, token

    @classmethod
    def find(cls, token: str) -> Self | None:
        """The one whose device keeps this token, if it is still one; none of an organization that is being closed."""
        rows = cls.objects.select_related("organization", "business").filter(organization__closes_at=None)
        return rows.filter(token_hash=_hash(token), ended_at=None).first()

    def members(self) -> "models.QuerySet[Membership]":
        """Who can unlock it: members with a PIN that still works."""
        here = Q(locations=None) | Q(locations=self.business_id)
        mine = Membership.objects.filter(here, organization=self.organization_id, user__is_active=True)
        return mine.exclude(pin="").select_related("user").order_by("user__first_name", "user__email")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
