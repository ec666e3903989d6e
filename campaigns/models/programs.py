"""Programs beside us: the tokens they come with, what they were answered, and what they are told when it happens."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone as clock

from campaigns.models.business import Business, Organization
from campaigns.models.customer import Customer
from campaigns.models.fields import EncryptedTextField
from campaigns.models.people import User
from campaigns.prepared import Prepared

#: Requests that a token may make at once, and seconds after which one more may follow: ten a second in the long run.
AT_ONCE, STEP = 100, 0.1
SPAN = AT_ONCE * STEP
#: How long the answer to a request with a key is kept.
ANSWER_KEPT = timedelta(hours=24)
#: How long a webhook's secret signs beside the one that took its place, and how many such there may be at once.
OLD_SECRET_KEPT, MOST_OLD = timedelta(hours=24), 3


@dataclass(frozen=True)
class Allowance:
    """Whether one more request may be made, how many then may follow at once, and otherwise how long to wait."""

    is_given: bool
    left: int = 0
    #: Seconds.
    wait: float = 0.0


class ApiToken(models.Model):
    """What a program shows to act for an organization, perhaps for one location alone.  Only its hash is kept."""

    class Scope(models.TextChoices):
        CUSTOMERS_READ = "customers:read", "Read customers"
        CUSTOMERS_WRITE = "customers:write", "Add and change customers, stop a number"
        REQUESTS_WRITE = "requests:write", "Ask a customer for a review"
        CAMPAIGNS_READ = "campaigns:read", "Read campaigns and their numbers"
        DELIVERIES_READ = "deliveries:read", "Read where each customer stands"
        PEOPLE_EXPORT = "people:export", "Hand out everything kept about one person"
        PEOPLE_ERASE = "people:erase", "Erase one person for good"
        WEBHOOKS_READ = "webhooks:read", "Read webhooks and what they were told"
        WEBHOOKS_WRITE = "webhooks:write", "Add and remove webhooks, tell something again"

    #: A person is known in every location, so these are not for a token of one.
    WHOLE_ACCOUNT = frozenset({Scope.PEOPLE_EXPORT, Scope.PEOPLE_ERASE})

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="tokens")
    #: The one location it may see; None sees all of the account.
    business = models.ForeignKey(Business, on_delete=models.CASCADE, null=True, blank=True, related_name="tokens")
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    #: Its first characters, by which people tell one from another.
    shown = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    #: Until when (unix time) the requests made so far would keep it busy, one each `STEP` seconds.
    busy_until = models.FloatField(default=0.0)

    def __str__(self) -> str:
        return f"API token {self.pk}"

    @classmethod
    def make(
        cls, organization: Organization, name: str, scopes: list[str], by: User | None, business: Business | None = None
    ) -> tuple[Self, str]:
        """A new one, and its words, which are kept nowhere else."""
        words = f"gw_{secrets.token_urlsafe(32)}"
        made = cls.objects.create(
            organization=organization,
            business=business,
            name=name,
            token_hash=_hash(words),
            shown=words[:8],
            scopes=sorted(scopes),
            created_by=by,
        )
        return made, words

    @classmethod
    def find(cls, words: str) -> Self | None:
        """The token of these words, if it may still be used; none of an organization that is being closed."""
        return next(iter(_TOKEN.objects(token_hash=_hash(words))), None)

    def take(self, now: datetime) -> Allowance:
        """Count one request, in one statement: whatever many do at once, no more than `AT_ONCE` get through."""
        at = now.timestamp()
        self._forget_the_future(at)
        free = ApiToken.objects.filter(pk=self.pk, revoked_at=None, busy_until__lte=at + SPAN - STEP)
        if free.update(busy_until=Greatest(F("busy_until"), Value(at)) + STEP, last_used_at=now):
            used = max(self.busy_until, at) + STEP - at
            return Allowance(True, left=max(0, round((SPAN - used) / STEP)))
        return Allowance(False, wait=max(STEP, self.busy_until + STEP - SPAN - at))

    def _forget_the_future(self, at: float) -> None:
        """A clock that was put back must lock nobody out for as long as it was wrong."""
        if self.busy_until > at + SPAN + 60:
            ApiToken.objects.filter(pk=self.pk, busy_until=self.busy_until).update(busy_until=at)
            self.busy_until = at

    def revoke(self, now: datetime) -> bool:
        """From the next request on it opens nothing; False when it was so already."""
        return bool(ApiToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now))


def _usable(token_hash: str) -> models.QuerySet[ApiToken]:
    rows = ApiToken.objects.select_related("organization", "business", "created_by")
    return rows.filter(token_hash=token_hash, revoked_at=None, organization__closes_at=None)


#: Asked at every call.
_TOKEN = Prepared(_usable, "token_hash")


class ApiCall(models.Model):
    """A request that came with a key of its own, so that its repeat is answered and not done again."""

    #: What stands in its place once somebody in the answer was erased.
    FORGOTTEN = 410

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="calls")
    key = models.CharField(max_length=255)
    #: SHA-256 of method, address and body.
    asked = models.CharField(max_length=64)
    started_at = models.DateTimeField(default=clock.now)
    #: HTTP; None while it is being done.
    answered = models.PositiveSmallIntegerField(null=True, blank=True)
    #: It may hold a secret that is shown once, and people.
    answer = EncryptedTextField(default="", blank=True, bound_to="token_id")
    #: The customers named in the answer.
    customers = models.JSONField(default=list, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "key"], name="one_call_per_key")]
        indexes: ClassVar = [models.Index(fields=["started_at"], name="api_call_by_time")]

    def __str__(self) -> str:
        return f"API call {self.pk}"

    @classmethod
    def forget(cls, now: datetime) -> None:
        """Throw away what was kept long enough."""
        cls.objects.filter(started_at__lt=now - ANSWER_KEPT).delete()


def webhook_secret() -> str:
    """256 random bits, written as Standard Webhooks writes them."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def event_id() -> str:
    """The webhook-id: it stays the same however often one event is told."""
    return f"evt_{secrets.token_urlsafe(24)}"


class WebhookEndpoint(models.Model):
    """An address outside that is told what happens."""

    class Event(models.TextChoices):
        SENT = "message.sent", "A message was sent"
        DELIVERED = "message.delivered", "A message was delivered"
        READ = "message.read", "A message was read"
        CLICKED = "link.clicked", "A customer opened the link"
        REPLIED = "customer.replied", "A customer replied"
        STOPPED = "customer.stopped", "A customer stopped"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="webhook_endpoints")
    #: The one location it hears of; None hears of all.
    business = models.ForeignKey(Business, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    url = models.CharField("address", max_length=500)
    secret = EncryptedTextField(default=webhook_secret, bound_to="organization_id")
    #: JSON: those that a newer one has replaced, the newest first, each with the unix time until which it signs, too.
    old_secrets = EncryptedTextField(default="", db_default="", blank=True, bound_to="organization_id")
    #: Until when the last of them does.
    old_until = models.DateTimeField(null=True, blank=True)
    events = models.JSONField(default=list)
    #: Whole numbers go along; otherwise only our own ids of customers.
    with_phone = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    #: Since when it has taken nothing; None once it has.
    failing_since = models.DateTimeField(null=True, blank=True)
    #: Since when it is told nothing any more, and why, as a sentence.
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_why = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organization"], condition=Q(disabled_at__isnull=True), name="webhook_listening")
        ]

    def __str__(self) -> str:
        return f"webhook {self.pk}"

    def signs_with(self, now: datetime) -> list[str]:
        """The secrets that sign at this moment, the newest first."""
        return [self.secret, *(secret for secret, _ in self._old(now))]

    def renew(self, now: datetime) -> None:
        """Another secret, beside which the one so far goes on signing for a day."""
        until = now + OLD_SECRET_KEPT
        old = [[self.secret, until.timestamp()], *self._old(now)][:MOST_OLD]
        self.secret, self.old_secrets, self.old_until = webhook_secret(), json.dumps(old), until

    def has_old(self, now: datetime) -> bool:
        """Does a secret that was replaced still sign?"""
        return bool(self._old(now))

    def _old(self, now: datetime) -> list[list[Any]]:
        kept = json.loads(self.old_secrets) if self.old_secrets else []
        return [[secret, until] for secret, until in kept if until > now.timestamp()]


class OutgoingEvent(models.Model):
    """Something that happened, written in the same commit, to be told to whoever listens.  Ids and times, no words.

    The database is not asked to hold its ids to their rows: PostgreSQL would lock those rows for it, and a list that is
    being saved, or a launch, would hold up the sending of everybody else's messages.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    event_id = models.CharField(max_length=40, unique=True, default=event_id)
    type = models.CharField(max_length=30, choices=WebhookEndpoint.Event)
    data = models.JSONField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class WebhookCall(models.Model):
    """One event for one address.  The row is the queue here too: `due_at` says when it is tried next."""

    event = models.ForeignKey(OutgoingEvent, on_delete=models.CASCADE, related_name="calls")
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="calls")
    due_at = models.DateTimeField(null=True, blank=True)
    #: Counted before each call is made; who comes back from a call writes only while it is still this one.
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    #: HTTP; None where nobody answered.
    answered = models.PositiveSmallIntegerField(null=True, blank=True)
    detail = models.CharField(max_length=200, default="", blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "endpoint"], name="one_call_per_event_and_webhook")
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="webhook_call_due"),
            models.Index(fields=["endpoint", "-id"], name="webhook_call_newest"),
        ]

    def __str__(self) -> str:
        return f"webhook call {self.pk}"


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
