"""What happened, append-only: events from Chert, opened links, and who did what."""

from ipaddress import ip_address, ip_network
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone as clock

from campaigns import topic
from campaigns.models.business import Business, Organization
from campaigns.models.campaign import Delivery
from campaigns.models.people import User


class ChertEvent(models.Model):
    """What Chert told us, stored before it is understood.  One row per event, however often it comes (W10)."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=200)
    type = models.CharField(max_length=80, default="", blank=True)
    payload = models.JSONField()
    came_by = models.CharField(max_length=10, default="webhook")
    received_at = models.DateTimeField(default=clock.now)
    handled_at = models.DateTimeField(null=True, blank=True)
    #: Times it could not be handled; after five it waits for a person.
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organization", "event_id"], name="one_row_per_event")]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(handled_at__isnull=True), name="event_unhandled")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class Click(models.Model):
    """A link was opened, by a person or by a preview robot (S35)."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="clicks")
    at = models.DateTimeField(default=clock.now)
    is_robot = models.BooleanField(default=False)
    agent = models.CharField(max_length=200, default="", blank=True)

    def __str__(self) -> str:
        return f"click {self.pk}"


#: What stands where words about somebody stood, in a row that stays.
MASK = "█"


class AppendOnly(Exception):
    """Somebody tried to change or remove a line of the book of acts.  Nothing was changed."""


class Acts(models.QuerySet["AuditEntry"]):
    """Lines of the book: read, added to, and masked where somebody is erased.  The database refuses the rest, too."""

    def masked(self, *, about: bool) -> int:
        """What was done stays, and by whom of us; the words about somebody do not, nor perhaps about whom (S58)."""
        words = models.Case(models.When(words="", then=models.Value("")), default=models.Value(MASK))
        return super().update(words=words, **({"about": MASK} if about else {}))

    def update(self, **values: Any) -> int:
        """Raises `AppendOnly`."""
        raise AppendOnly

    def delete(self) -> tuple[int, dict[str, int]]:
        """Raises `AppendOnly`."""
        raise AppendOnly


class AuditEntry(models.Model):
    """Who did what, when, from where and for which location.  Only ever added to (S50): so says the database itself,
    which lets nothing through but the mask of an erasure, and the account's own end."""

    organization = models.ForeignKey(Organization, on_delete=models.DO_NOTHING, related_name="audit")
    #: None where it was about the account, or nobody knows.  The database is not asked to hold it: for that PostgreSQL
    #: would lock the location, and a launch holds it already.
    business = models.ForeignKey(
        Business,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    act = models.CharField(max_length=40)
    about = models.CharField(max_length=80, default="", blank=True)
    words = models.CharField(max_length=300, default="", blank=True)
    #: The network that the request came from, never the whole address; empty for the clock and for commands.
    network = models.CharField(max_length=50, default="", db_default="", blank=True)
    at = models.DateTimeField(default=clock.now)

    objects = Acts.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes: ClassVar = [
            models.Index(fields=["organization", "-id"], name="act_newest"),
            models.Index(fields=["organization", "act", "-id"], name="act_by_kind"),
            models.Index(fields=["organization", "by", "-id"], name="act_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.about}"

    def save(self, **options: Any) -> None:
        """Add it.  Raises `AppendOnly` for one that is there already."""
        if not self._state.adding:
            raise AppendOnly
        super().save(**options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Raises `AppendOnly`."""
        raise AppendOnly

    @classmethod
    def write(cls, organization: Organization, act: str, about: object, by: User | None, words: str = "") -> None:
        """Add one line: the act as a verb, what it was about, by whom, and their reason.

        From where and for which location is known by the request that is being answered, or by what it is about.
        """
        cls.line(organization, act, about, by, words).save()

    @classmethod
    def line(cls, organization: Organization, act: str, about: object, by: User | None, words: str = "") -> Self:
        """The same, not added yet: for many lines at once."""
        label = f"{type(about).__name__.lower()} {about.pk}" if isinstance(about, models.Model) else str(about)
        request, address = topic.request()
        return cls(
            organization=organization,
            business_id=_location(about) or _location_of(request, organization),
            act=act,
            about=label[:80],
            by=by,
            words=words[:300],
            network=network(address),
        )


def _location(about: object) -> int | None:
    if isinstance(about, Business):
        return about.pk
    if isinstance(about, Delivery):
        return about.campaign.business_id
    found: int | None = getattr(about, "business_id", None)
    return found


def _location_of(request: Any, organization: Organization) -> int | None:
    chosen: Business | None = getattr(request, "business", None)
    return chosen.pk if chosen is not None and chosen.organization_id == organization.pk else None


def network(address: str) -> str:
    """The first 24 bits of an IPv4 address, 48 of an IPv6 one: enough to see a stranger, too few to follow a person."""
    try:
        given = ip_address(address)
    except ValueError:
        return ""
    given = getattr(given, "ipv4_mapped", None) or given
    return str(ip_network((given, 24 if given.version == 4 else 48), strict=False))
