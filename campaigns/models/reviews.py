"""Reviews somebody has brought from Google: who wrote one, when, and which customer that may have been."""

import hashlib
import hmac
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone as clock

from campaigns.models.business import Business, Organization
from campaigns.models.customer import Customer
from campaigns.models.people import User


class Review(models.Model):
    """One review, by the name its author goes by.  What it says and how it judges is read for nothing and not kept."""

    class State(models.TextChoices):
        UNMATCHED = "unmatched", "Nobody found"
        WAITING = "waiting", "Waits for you"
        CONFIRMED = "confirmed", "Theirs"
        REFUSED = "refused", "Not theirs"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="reviews")
    author = models.CharField(max_length=100)
    written_on = models.DateField(null=True, blank=True)
    #: A keyed hash of author and text: the same review brought again is known, and nobody can read it back.
    fingerprint = models.CharField(max_length=64)
    #: Who may have written it, how sure that is in percent (never 100), and why, in words.
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="reviews")
    confidence = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=300, default="", blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.UNMATCHED)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["business", "fingerprint"], name="one_row_per_review")]
        indexes: ClassVar = [models.Index(fields=["business", "state"], name="review_by_state")]

    def __str__(self) -> str:
        return f"review {self.pk}"

    @staticmethod
    def print_of(business: Business, author: str, text: str, written_on: date | None) -> str:
        """HMAC-SHA256 over business, author and text; over the day where there is no text to tell two apart."""
        told = text or (written_on.isoformat() if written_on else "")
        said = f"review:{business.pk}:{author}:{told}".encode("utf-8", "replace")
        return hmac.new(settings.SUPPRESSION_KEY.encode(), said, hashlib.sha256).hexdigest()
