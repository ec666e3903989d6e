"""Likely reviewed: there is a review that may be theirs.  A guess, so a person is asked.

Google names no reviewer's number.  A guess holds the reminder and nothing else; "reviewed" is only ever said by a
person.  What somebody thought of the business is neither read nor kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from campaigns import households
from campaigns.models import AuditEntry, Customer, Message, User, give_back

DATES = ("%Y-%m-%d", "%m/%d/%Y", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y")


@dataclass(frozen=True)
class Review:
    """Who wrote one, and when where that could be read."""

    name: str
    day: date | None = None

    def __str__(self) -> str:
        return f"{self.name}, {self.day.day} {self.day:%B %Y}" if self.day else self.name


def day_of(text: str) -> date | None:
    """The day this says; None for what is no date."""
    for form in DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def hold(found: Mapping[Customer, str], now: datetime) -> None:
    """Each with the words of the review: no reminder goes until a person has said whether it is theirs.

    A reminder in somebody's hands is taken out of them: the next one who takes it up finds it held.
    """
    if not found:
        return
    with transaction.atomic():
        theirs = Q(customer__in=found) | Q(household__in=households.of(list(found)))
        give_back(Message.objects.filter(theirs, kind=Message.Kind.REMINDER))
        for person, words in found.items():
            person.likely_at, person.likely_words = now, words[:200]
        Customer.objects.bulk_update(found, ["likely_at", "likely_words"], batch_size=500)


def is_not_theirs(person: Customer, by: User | None) -> None:
    """Somebody else wrote it: the reminder goes on."""
    with transaction.atomic():
        if Customer.objects.filter(pk=person.pk, likely_at__isnull=False).update(likely_at=None):
            AuditEntry.write(person.business.organization, "not their review", person, by)
