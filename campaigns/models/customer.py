"""The people a business asks, and those it must never ask."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone as clock

from campaigns import languages, merge, tags
from campaigns.models.business import Business, Line, Organization
from campaigns.models.people import User
from campaigns.models.real import Real


class Tag(models.Model):
    """A word by which a business finds customers again; it says nothing of what they think (R2)."""

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=tags.LONGEST)
    #: `tags.folded`, in which “VIP” and “vip” are one; folding makes some letters three.
    folded = models.CharField(max_length=3 * tags.LONGEST)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["business", "folded"], name="one_tag_whatever_its_capitals")
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def named(business: Business, names: Iterable[str]) -> "list[Tag]":
        """This business's tags of these names, made where they are not there yet; the writing that is there stays."""
        wanted = {tags.folded(name): name for name in tags.unique(names)}
        made = [Tag(business=business, name=name, folded=folded) for folded, name in wanted.items()]
        Tag.objects.bulk_create(made, ignore_conflicts=True)
        return list(Tag.objects.filter(business=business, folded__in=wanted).order_by("name"))


class Customer(models.Model):
    """Somebody the business served.  The phone number (E.164) is the identity within a business."""

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="customers")
    phone = models.CharField(max_length=20)
    first_name = models.CharField(max_length=200, default="", blank=True)
    last_name = models.CharField(max_length=200, default="", blank=True)
    #: What a person decided to say and draw in place of the first name; None is the first name as it is, "" is none.
    spoken_name = models.CharField("what we call them", max_length=200, null=True, blank=True)
    #: Empty when only the number hints at it.
    timezone = models.CharField("time zone", max_length=64, default="", blank=True)
    #: Which they read (BCP 47, the primary subtag); empty when nobody knows.
    language = models.CharField(max_length=languages.LONGEST, default="", blank=True)
    last_visit = models.DateField(null=True, blank=True)
    technician = models.CharField("who was there", max_length=120, default="", blank=True)
    service = models.CharField("what was done", max_length=120, default="", blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="customers")

    consent_basis = models.CharField("how they agreed", max_length=300, default="", blank=True)
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    consent_source = models.CharField(max_length=300, default="", blank=True)
    #: Somebody gave their word that this is a customer the business served (R6).  For a list and for who is added by
    #: hand they did so when they said how these people agreed: who and when stands there.
    is_attested = models.BooleanField("a customer by somebody's word", default=False)

    #: Chert's chat with this person; empty until we have written once.
    chat_id = models.CharField(max_length=120, default="", blank=True, db_index=True)
    line = models.ForeignKey(Line, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    is_insider = models.BooleanField("employee or relative", default=False)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_how = models.CharField(max_length=200, default="", blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_words = models.CharField(max_length=300, default="", blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    #: A review that is likely theirs, waiting for somebody to say so; the words stay, so that it is asked once.
    likely_at = models.DateTimeField(null=True, blank=True)
    likely_words = models.CharField(max_length=200, default="", blank=True)
    #: One of us, getting a test: a row for each test, with the words that it says.  `objects` does not see it.
    is_test = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    objects = Real["Customer"]()
    everything = models.Manager["Customer"]()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["business", "phone"], condition=Q(is_test=False), name="one_customer_per_number"
            ),
            models.CheckConstraint(condition=Q(phone__startswith="+"), name="customer_phone_is_e164"),
        ]
        indexes: ClassVar = [models.Index(fields=["phone"], name="customer_by_phone")]

    def __str__(self) -> str:
        return f"customer {self.pk}"

    @property
    def name(self) -> str:
        """The full name as the customer wrote it; empty when unknown."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def called(self) -> str:
        """The name that is said and drawn; empty says the words without it."""
        return self.first_name if self.spoken_name is None else self.spoken_name

    @property
    def is_served(self) -> bool:
        """A visit is recorded, or somebody gave their word for it (R6)."""
        return self.is_attested or self.last_visit is not None

    @property
    def spoken_language(self) -> str:
        """What we say of our own to them is in this language: theirs where we speak it, else the business's."""
        return languages.spoken(self.language, self.business.language)

    def words(self, language: str = "") -> dict[str, str]:
        """The merge fields of this customer, for messages and pictures alike.

        `language` is the one of the text they go into; a picture's is the business's.
        """
        return merge.words(
            first_name=self.called,
            sender=self.business.sender,
            business=self.business.name,
            technician=self.technician,
            service=self.service,
            visit=self.last_visit,
            language=language or self.business.language,
        )

    def pause(self, words: str, now: datetime) -> None:
        """Ask nothing until a person has read these words (M2)."""
        Customer.objects.filter(pk=self.pk, paused_at=None).update(paused_at=now, paused_words=words[:300])


class Suppression(models.Model):
    """A number that must never be messaged, kept as a keyed hash only (D3, S60).  It outlives the customer."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="suppressions")
    phone_hash = models.CharField(max_length=64)
    how = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "phone_hash"], name="one_suppression_per_number")
        ]

    def __str__(self) -> str:
        return f"suppression {self.pk}"

    @staticmethod
    def hash(organization: Organization, phone: str) -> str:
        """HMAC-SHA256 over tenant and E.164, with a key that is not in the database."""
        text = f"{organization.pk}:{phone}".encode()
        return hmac.new(settings.SUPPRESSION_KEY.encode(), text, hashlib.sha256).hexdigest()

    @classmethod
    def add(cls, organization: Organization, phone: str, how: str, now: datetime | None = None) -> bool:
        """Never message this number again, in any business of the organization (M4); False when it was so already.

        `now` is when they asked.  Of several times the latest is kept: only a START written after it may lift this.
        """
        at = now or clock.now()
        with transaction.atomic():  # a row that a START is lifting this moment is waited for, and made anew
            row, is_new = cls.objects.select_for_update().get_or_create(
                organization=organization,
                phone_hash=cls.hash(organization, phone),
                defaults={"how": how[:200], "created_at": at},
            )
            cls.objects.filter(pk=row.pk, created_at__lt=at).update(created_at=at)
        return is_new

    @classmethod
    def lift(cls, organization: Organization, phone: str, wrote_at: datetime) -> bool:
        """The owner of the number wrote, at this moment, that they want to hear from us again.

        False when nothing was suppressed, or by a wish at least as new: events may come in the wrong order.
        """
        mine = cls.objects.filter(organization=organization, phone_hash=cls.hash(organization, phone))
        return bool(mine.filter(created_at__lt=wrote_at).delete()[0])

    @classmethod
    def known(cls, organization: Organization, phones: Iterable[str]) -> set[str]:
        """Those of these numbers (E.164) that are suppressed."""
        hashes = {cls.hash(organization, phone): phone for phone in phones}
        held = organization.suppressions.values_list("phone_hash", flat=True)
        if len(hashes) <= 500:
            held = held.filter(phone_hash__in=hashes)
        return {hashes[h] for h in held if h in hashes}


class CustomerImport(models.Model):
    """One file of customers: what it said and what became of every row."""

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="imports")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    file_name = models.CharField(max_length=300)
    #: Where the uploaded file lies under DATA_DIR while it waits for review; empty afterwards.
    file_path = models.CharField(max_length=300, default="", blank=True)
    consent = models.CharField(max_length=300, default="", blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    rejected = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"import {self.pk}"
