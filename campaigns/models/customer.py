"""The people a business asks, and those it must never ask."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone as clock

from campaigns import finding, languages, merge, names, phones, tags
from campaigns.models.business import Business, Line, Organization
from campaigns.models.household import Household
from campaigns.models.people import User
from campaigns.models.real import RealPeople
from campaigns.prepared import Prepared


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

    #: With whom they share a visit, and are asked in one group; a closed one only tells that they once did.
    household = models.ForeignKey(Household, on_delete=models.SET_NULL, null=True, blank=True, related_name="members")

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
    #: Whom a test was drawn for, so that their first name goes when they do.
    drawn_for = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    #: The same person, entered twice: the row that stayed.  This one keeps its number, so that no list brings it back
    #: and their answers find the way, and what could not move.
    merged_into = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="joined")
    #: Since then this row is nobody: it only carries the deliveries, so that campaigns still add up (I10).
    erased_at = models.DateTimeField(null=True, blank=True)
    #: Name and digits as `finding.indexed` folds them; written wherever these are.
    search = models.CharField(max_length=300, default="", db_default="", blank=True)
    created_at = models.DateTimeField(default=clock.now)

    #: No column: the others of the household, where this row speaks for all of them just now.  Words, picture and hours
    #: are then those of all (`asking.together`).
    asked_with: "tuple[Customer, ...]" = ()

    #: Those somebody can see in the list.
    objects = RealPeople["Customer"]()
    everything = models.Manager["Customer"]()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["business", "phone"], condition=Q(is_test=False), name="one_customer_per_number"
            ),
            models.CheckConstraint(condition=Q(phone__startswith="+"), name="customer_phone_is_e164"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["phone"], name="customer_by_phone"),
            models.Index(fields=["business", "-id", "search"], name="customer_newest_first"),
            models.Index(fields=["business", "-id"], condition=Q(stopped_at__isnull=False), name="customer_stopped"),
            models.Index(fields=["business", "-id"], condition=Q(paused_at__isnull=False), name="customer_to_read"),
            models.Index(fields=["business", "-id"], condition=Q(is_insider=True), name="customer_insider"),
            models.Index(fields=["business", "-id"], condition=Q(likely_at__isnull=False), name="customer_likely"),
            models.Index(fields=["business", "-id"], condition=Q(consent_basis=""), name="customer_no_consent"),
        ]

    def __str__(self) -> str:
        return f"customer {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With what a search looks at."""
        self.search = self.indexed()
        if (only := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*only, "search"}
        super().save(*args, **kwargs)

    def indexed(self) -> str:
        """What a search looks at, from the name and number as they stand; it finds no tests and no joined rows."""
        is_hidden = self.is_test or self.merged_into_id is not None
        return "" if is_hidden else finding.indexed(self.first_name, self.last_name, self.phone)

    @property
    def name(self) -> str:
        """The full name as the customer wrote it; empty when unknown."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def called(self) -> str:
        """The name that is said and drawn; empty says the words without it.  Of a household those of all."""
        own = self.first_name if self.spoken_name is None else self.spoken_name
        return names.listed([own, *(each.called for each in self.asked_with)]) if self.asked_with else own

    @property
    def known_chat(self) -> str:
        """The chat in which they would be asked: their own, or their household's; empty for a first message."""
        return self.household.chat_id if self.asked_with and self.household else self.chat_id

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
    def hashes(cls, organization: Organization, phone: str) -> list[str]:
        """Of each writing of this number: +52 1 … and +52 … ring one phone.  The first is the one that is kept."""
        return [cls.hash(organization, writing) for writing in phones.writings(phone)]

    @classmethod
    def add(cls, organization: Organization, phone: str, how: str, now: datetime | None = None) -> bool:
        """Never message this number again, in any business of the organization (M4); False when it was so already.

        `now` is when they asked.  Of several times the latest is kept: only a START written after it may lift this.
        """
        at = now or clock.now()
        kept, *others = cls.hashes(organization, phone)
        with transaction.atomic():  # a row that a START is lifting this moment is waited for, and made anew
            row, is_new = cls.objects.select_for_update().get_or_create(
                organization=organization,
                phone_hash=kept,
                defaults={"how": how[:200], "created_at": at},
            )
            cls.objects.filter(pk=row.pk, created_at__lt=at).update(created_at=at)
            # Kept by an earlier release for another writing: two rows of one number become this one.
            older = cls.objects.filter(organization=organization, phone_hash__in=others).delete()[0] if others else 0
        return is_new and not older

    @classmethod
    def lift(cls, organization: Organization, phone: str, wrote_at: datetime) -> bool:
        """The owner of the number wrote, at this moment, that they want to hear from us again.

        False when nothing was suppressed, or by a wish at least as new: events may come in the wrong order.
        """
        mine = cls.objects.filter(organization=organization, phone_hash__in=cls.hashes(organization, phone))
        if mine.filter(created_at__gte=wrote_at).exists():
            return False
        return bool(mine.filter(created_at__lt=wrote_at).delete()[0])

    @classmethod
    def holds(cls, organization: Organization, phone: str) -> bool:
        """Is this number (E.164) suppressed?  Each message asks so in its last moment."""
        mine = {"organization": organization.pk}
        return any(_HELD.rows(phone_hash=each, **mine) for each in cls.hashes(organization, phone))

    @classmethod
    def known(cls, organization: Organization, numbers: Iterable[str]) -> set[str]:
        """Those of these numbers (E.164) that are suppressed."""
        hashes: dict[str, list[str]] = {}
        for number in numbers:
            for each in cls.hashes(organization, number):
                hashes.setdefault(each, []).append(number)
        held = organization.suppressions.values_list("phone_hash", flat=True)
        if len(hashes) <= 500:
            held = held.filter(phone_hash__in=hashes)
        return {number for each in held for number in hashes.get(each, ())}


def _held(organization: int, phone_hash: str) -> models.QuerySet[Suppression, Any]:
    return Suppression.objects.filter(organization=organization, phone_hash=phone_hash).values_list("pk")


_HELD = Prepared(_held, "organization", "phone_hash")


def nobodys_number() -> str:
    """What stands in the place of an erased number: the row needs one, and nobody has it."""
    return f"+x{secrets.token_hex(8)}"


class Erasure(models.Model):
    """Somebody is to be forgotten: asked for, done, and what is still to be cleared away after it.  It names nobody."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="erasures")
    #: The row by which they were known; it belongs to nobody once it is done.
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)
    #: How much of each kind is gone, by the word of `person.places`.
    counts = models.JSONField(default=dict, blank=True)
    #: Pictures that are gone; a worker that was drawing one meanwhile may have put it back.
    files = models.JSONField(default=list, blank=True)
    #: When the database's own file was freed of remains.
    scrubbed_at = models.DateTimeField(null=True, blank=True)
    #: When the files were looked after once more.
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer"], condition=Q(closed_at=None), name="one_erasure_at_a_time")
        ]
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(closed_at=None), name="erasure_to_do")]

    def __str__(self) -> str:
        return f"erasure {self.pk}"
