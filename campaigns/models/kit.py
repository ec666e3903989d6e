"""What is counted of many without a row for each: openings of a short link, and what one person does at a stretch."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from campaigns.models.business import Business, Organization
from campaigns.models.people import User


class Opening(models.Model):
    """How often a location's short link was opened on one day, by the way it was come by.  Of whom nothing is kept."""

    class Way(models.TextChoices):
        LINK = "link", "Short link"
        CODE = "code", "QR code"
        CARD = "card", "Counter card"

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="openings")
    #: In the business's time zone.
    day = models.DateField()
    way = models.CharField(max_length=4, choices=Way)
    people = models.PositiveIntegerField(default=0)
    robots = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["business", "day", "way"], name="one_count_a_day")]

    def __str__(self) -> str:
        return f"openings {self.pk}"


class Allowance(models.Model):
    """How much of an act one person has left in one account; `campaigns.limits` says how much there is.

    A token bucket in one number: `full_at` is when it is full again, in seconds since 1970, so what is missing is the
    time until then.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="allowances")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    act = models.CharField(max_length=20)
    full_at = models.FloatField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "user", "act"], name="one_allowance_each"),
            models.CheckConstraint(condition=Q(full_at__gte=0), name="allowance_is_a_time"),
        ]

    def __str__(self) -> str:
        return f"allowance {self.pk}"
