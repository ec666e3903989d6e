"""The account, its locations, its people and its lines."""

import secrets
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone as clock

from campaigns import languages, roles, status
from campaigns.models.fields import EncryptedTextField
from campaigns.models.people import User


def webhook_path() -> str:
    """The unguessable part of an organization's webhook address (W6): 256 bits."""
    return secrets.token_urlsafe(32)


#: Letters and digits that nobody mistakes for others when typing them from a card.
_CLEAR = "23456789abcdefghjkmnpqrstvwxyz"


def new_short_code() -> str:
    """The end of a location's short link.  No secret, only unlike all others: 22 thousand million of them."""
    return "".join(secrets.choice(_CLEAR) for _ in range(7))


#: How long words and pictures may be kept, in days; two years and a month, the usual, hold all that the results show.
USUALLY_KEPT = 760
KEEPS = ((185, "Half a year"), (395, "13 months"), (760, "25 months"), (1125, "37 months"))


class Organization(models.Model):
    """The account (tenant).  Everything belongs to exactly one."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=80, unique=True)
    chert_secret = EncryptedTextField(default="", blank=True)
    #: Set only where Chert wants the tenant named (multi-tenant accounts); empty sends the bearer alone.
    chert_tenant = models.CharField(max_length=80, default="", blank=True)

    webhook_path = models.CharField(max_length=64, unique=True, default=webhook_path)
    webhook_subscription = models.CharField(max_length=80, default="", blank=True)
    webhook_url = models.CharField(max_length=400, default="", blank=True)
    webhook_secret = EncryptedTextField(default="", blank=True)
    events_since = models.DateTimeField(null=True, blank=True)
    events_polled_at = models.DateTimeField(null=True, blank=True)
    #: When the log was last read to its end; `events_polled_at` is when it was asked for, whatever came of that.
    events_read_at = models.DateTimeField(null=True, blank=True)
    #: Since then customers may have written what is not known here, a STOP perhaps: nothing is asked before Chert's log
    #: has been read (F-54).
    unheard_since = models.DateTimeField(null=True, blank=True)

    #: Why nothing is sent for this account just now: the word of `chert.AccountTrouble`, and a sentence for people.
    paused_reason = models.CharField(max_length=40, default="", blank=True)
    paused_sentence = models.CharField(max_length=300, default="", blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    #: Chert asked us to slow down until then (429).
    slow_until = models.DateTimeField(null=True, blank=True)
    #: Chert does not answer this account since then (see campaigns/brakes/breaker.py); the next message may ask from
    #: `probe_at` on; and when it came back last.
    away_since = models.DateTimeField(null=True, blank=True)
    probe_at = models.DateTimeField(null=True, blank=True)
    back_at = models.DateTimeField(null=True, blank=True)
    #: Not kept: whoever holds this object is the one that asks.
    is_asking = False
    #: A line rests when fewer than so many of 100 answered, once so many can be judged (M12).  A line may be shared by
    #: locations, so this is the account's; what is looser than the rule counts only against a sandbox (`lines.brake`).
    least_replies = models.PositiveSmallIntegerField(default=15)
    enough_to_judge = models.PositiveSmallIntegerField(default=20)
    #: Customers see that their words were read, where their phone shows such things.
    sends_receipts = models.BooleanField(default=True, db_default=True)
    #: Who has no second step to sign in (an app's code, or a passkey) sees nothing of this account (S1).
    needs_second_step = models.BooleanField(default=False, db_default=False)
    #: Words and pictures older than so many days go by themselves, and when that was looked after last (retention.py).
    #: None: the usual.  (SQLite adds a column with a default by making the table anew, which the book of acts forbids.)
    keeps_days = models.PositiveSmallIntegerField(choices=KEEPS, null=True, blank=True)
    looked_back_on = models.DateField(null=True, blank=True)
    #: When nothing of it will be left.  Until then nothing is sent, and only its owners come in, who can still keep it
    #: (see campaigns/closing).
    closes_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name

    def save(self, **options: Any) -> None:
        """Secrets are bound to their row, so a new row comes first and they follow in the same commit (S47)."""
        if self.pk is not None:
            return super().save(**options)
        names = ("chert_secret", "webhook_secret")
        given = {name: self.__dict__[name] for name in names}
        with transaction.atomic():
            self.chert_secret = self.webhook_secret = ""
            super().save(**options)
            for name, text in given.items():
                setattr(self, name, text)
            if any(given.values()):
                super().save(update_fields=names, using=options.get("using"))

    @property
    def keeps(self) -> int:
        """For how many days words and pictures are kept."""
        return self.keeps_days or USUALLY_KEPT

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """The account and all that is its own; the book of its acts goes last, and only with it."""
        pk, acts = self.pk, self.audit.model._base_manager
        with transaction.atomic():
            gone = super().delete(*args, **options)
            acts.filter(organization_id=pk).delete()
        return gone

    def pause(self, reason: str, sentence: str, now: datetime) -> None:
        """Stop sending for the whole account; no message fails for it (F-32).

        What is claimed but not being called is given back at once: nothing more begins after this returns.
        """
        with transaction.atomic():
            going = Organization.objects.filter(pk=self.pk, paused_at=None)
            if going.update(paused_reason=reason, paused_sentence=sentence[:300], paused_at=now):
                self._give_back()

    def _give_back(self) -> None:
        claimed = self.messages.filter(status__in=status.OPEN, is_calling=False, lease_until__isnull=False)
        claimed.update(lease_token="", lease_until=None)

    def slow(self, until: datetime) -> None:
        """Chert asks for a rest: take up nothing before then, for the whole account (F-23)."""
        sooner = Q(slow_until=None) | Q(slow_until__lt=until)
        Organization.objects.filter(sooner, pk=self.pk).update(slow_until=until)

    def resume(self) -> None:
        """Send again; not while it is being closed."""
        Organization.objects.filter(pk=self.pk, closes_at=None).update(
            paused_reason="", paused_sentence="", paused_at=None, slow_until=None, away_since=None, probe_at=None
        )

    def close_on(self, day: datetime, now: datetime) -> bool:
        """Send nothing any more, and be gone on that day; False where that was decided before.

        It stands still as if paused, whatever else it stood still for: when this returns, no call begins any more.
        """
        still = {"paused_reason": "closing", "paused_sentence": "The organization is being closed.", "paused_at": now}
        with transaction.atomic():
            if not Organization.objects.filter(pk=self.pk, closes_at=None).update(closes_at=day, **still):
                return False
            self._give_back()
        return True

    def stay_open(self) -> None:
        """Not be closed after all."""
        Organization.objects.filter(pk=self.pk).update(closes_at=None)
        self.resume()


#: The least and the most requests in a row that a customer may leave unanswered before nobody asks again (M12).
UNANSWERED = (1, 2)


class Business(models.Model):
    """One location: what customers know it by, and how it asks."""

    class Flow(models.TextChoices):
        GREETING_FIRST = "greeting_first", "Greeting first"
        ALL_AT_ONCE = "all_at_once", "All at once"

    class Links(models.TextChoices):
        COUNTED = "counted", "Through Goodword, so that openings are counted"
        DIRECT = "direct", "Straight to Google, openings are not counted"

    class CoolDown(models.TextChoices):
        LOCATION = "location", "Those of this location"
        ORGANIZATION = "organization", "Those of all your locations to the same number"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="businesses")
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    sender = models.CharField("sender's first name", max_length=60)
    timezone = models.CharField("time zone", max_length=64, default="America/Chicago")
    country = models.CharField(max_length=2, default="US")
    #: Of those who did not say theirs; and what its campaigns are written in first.  One that we speak.
    language = models.CharField(
        max_length=languages.LONGEST,
        default=languages.ENGLISH,
        choices=[(code, languages.own_name(code)) for code in languages.SPOKEN],
    )
    #: A practice: nothing we write or draw may tell what somebody came for (D7).
    is_health = models.BooleanField("dentist, doctor, therapist or the like", default=False)
    review_url = models.CharField("review address", max_length=600, default="", blank=True)
    #: Stands on printed cards, so it never changes.  None only in a row that the last release has made.
    short_code = models.CharField(max_length=12, unique=True, null=True, default=new_short_code, editable=False)
    flow = models.CharField(max_length=20, choices=Flow, default=Flow.GREETING_FIRST)
    #: Seconds between the greeting and the picture.
    ask_after = models.PositiveIntegerField(default=120)
    links = models.CharField(max_length=10, choices=Links, default=Links.COUNTED)
    #: Empty means the default hours (M6); or a name of `pacing.PRESETS`.
    #: Or "09:00-18:00", the same every day; wider than 08:00-21:00 only on loopback.
    window = models.CharField(max_length=11, default="", blank=True)
    keeps_holidays = models.BooleanField("nothing on federal holidays", default=False)
    #: File name under DATA_DIR/logos, for the logo layer of new and changed cards; empty when there is none.
    logo = models.CharField(max_length=80, default="", blank=True)
    cool_down_days = models.PositiveSmallIntegerField(default=90)
    #: Which requests start it: this location's, or those of every location to the same number.
    cool_down_scope = models.CharField(max_length=12, choices=CoolDown, default=CoolDown.LOCATION)
    #: After so many requests in a row without an answer a customer is left alone; reminders count.
    most_unanswered = models.PositiveSmallIntegerField(default=UNANSWERED[1])
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "businesses"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(most_unanswered__range=UNANSWERED), name="nobody_is_asked_a_third_time")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.timezone)


class Membership(models.Model):
    """What one person may do in one organization."""

    Role = roles.Role

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.OWNER)
    #: The locations they see; none means all of them, those that are still to come, too.
    locations = models.ManyToManyField(Business, blank=True, related_name="+")
    #: By which they unlock a shared front desk: hashed as a passphrase is, empty while they have none.
    pin = models.CharField(max_length=128, default="", db_default="", blank=True)
    #: Wrong ones in a row; too many, and only a new PIN helps.
    pin_failures = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "organization"], name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.organization}"


class Line(models.Model):
    """A Chert phone number with its budget and gap for first touches (M12)."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="lines")
    #: The location that uses it; None means every location of the account may.
    business = models.ForeignKey(Business, on_delete=models.SET_NULL, null=True, blank=True, related_name="own_lines")
    number = models.CharField(max_length=20)
    chert_id = models.CharField(max_length=80, default="", blank=True)
    is_active = models.BooleanField(default=True)
    #: First touches a day, and seconds between two of them.  Chert allows 30 and 600 (contract §11).
    budget = models.PositiveIntegerField(default=30)
    gap = models.PositiveIntegerField(default=600)
    #: The slot book: how many first touches on `day` (business's date), and when the next may start.
    day = models.DateField(null=True, blank=True)
    used = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    #: A person ended the line's rest then: first touches before it no longer count against it.
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_line_per_number"),
            models.CheckConstraint(condition=Q(number__startswith="+"), name="line_number_is_e164"),
        ]

    def __str__(self) -> str:
        return self.number

    def used_on(self, day: object) -> int:
        """First touches already made on that date."""
        return self.used if self.day == day else 0
