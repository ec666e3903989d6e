"""People who share a visit: a couple, flatmates, an office.  They are asked once, in one group chat."""

from typing import ClassVar

from django.db import models
from django.utils import timezone as clock

from campaigns.models.business import Business, Line
from campaigns.models.people import User


class Household(models.Model):
    """Customers who were joined by hand.  It only ever shrinks, so that whoever is in it is in its chat, too.

    Its name is made from those in it; nothing here names anybody.
    """

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="households")
    #: Chert's group chat with all of them; empty until we have written once.  It is nobody's own chat.
    chat_id = models.CharField(max_length=120, default="", blank=True, db_index=True)
    line = models.ForeignKey(Line, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    #: Since then nothing goes to the group any more, for good, and why.
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["business", "closed_at"], name="household_open")]

    def __str__(self) -> str:
        return f"household {self.pk}"

    @property
    def is_open(self) -> bool:
        """May the group still be written to?"""
        return self.closed_at is None


class Apart(models.Model):
    """Customers of whom somebody said that they are not one household: no two of them are proposed as one again."""

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="told_apart")
    people = models.ManyToManyField("campaigns.Customer", related_name="+")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"told apart {self.pk}"
