"""What happened, append-only: events from Chert, opened links, and who did what."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone as clock

from campaigns.models.business import Organization
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


class AuditEntry(models.Model):
    """Who did what, when.  Only ever added to."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="audit")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    act = models.CharField(max_length=40)
    about = models.CharField(max_length=80, default="", blank=True)
    words = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.act} {self.about}"

    @classmethod
    def write(cls, organization: Organization, act: str, about: object, by: User | None, words: str = "") -> None:
        """Add one line: the act as a verb, what it was about, by whom, and their reason."""
        cls.line(organization, act, about, by, words).save()

    @classmethod
    def line(cls, organization: Organization, act: str, about: object, by: User | None, words: str = "") -> Self:
        """The same, not added yet: for many lines at once."""
        label = f"{type(about).__name__.lower()} {about.pk}" if isinstance(about, models.Model) else str(about)
        return cls(organization=organization, act=act, about=label[:80], by=by, words=words[:300])
