"""Likely reviewed: a pasted list of reviews against those who were asked lately.  A guess, so a person is asked.

Google names no reviewer's number.  A match holds the reminder and nothing else; "reviewed" is only ever said by a
person.  What somebody thought of the business is neither read nor kept.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from campaigns.models import AuditEntry, Business, Customer, Message, User, give_back

#: How long after a request a review is still taken for its answer.
LATELY = timedelta(days=60)
#: The most lines and characters that are read at once.
MOST_LINES, MOST_CHARACTERS = 2000, 100_000
DATES = ("%Y-%m-%d", "%m/%d/%Y", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y")


@dataclass(frozen=True)
class Review:
    """Who wrote one, and when where that could be read."""

    name: str
    day: date | None = None

    def __str__(self) -> str:
        return f"{self.name}, {self.day.day} {self.day:%B %Y}" if self.day else self.name


def read(text: str) -> list[Review]:
    """One review a line: the name, then the date after a comma, semicolon or tab; the rest is ignored."""
    lines = text[:MOST_CHARACTERS].splitlines()[:MOST_LINES]
    return [review for line in lines if (review := _review(line))]


def _review(line: str) -> Review | None:
    name, *rest = (" ".join(part.split()) for part in re.split(r"[\t;,]", line))
    if not name or not any(character.isalpha() for character in name):
        return None
    joined = [rest[0], " ".join(rest[:2])] if rest else []  # "March 3, 2026" has a comma of its own
    return Review(name[:100], next((day for part in joined if (day := _day(part))), None))


def _day(text: str) -> date | None:
    for form in DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def is_match(review: Review, first: str, last: str) -> bool:
    """First name and last name, or its initial; accents and capitals aside.  A nickname is no match."""
    first, last = _folded(first), _folded(last)
    said = _folded(review.name)
    return bool(first and last) and said in (f"{first} {last}", f"{first} {last[0]}")


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    kept = (c if c.isalnum() else " " if c in "-\u2010\u2011" or c.isspace() else "" for c in plain)
    return " ".join("".join(kept).split())


def look(business: Business, text: str, now: datetime) -> list[Customer]:
    """Hold the reminders of those who likely reviewed, for somebody to confirm; returns the new ones.

    The same review does not come up again for somebody of whom it was said that it is not theirs.
    """
    asked = business.customers.filter(
        deliveries__sent_at__gte=now - LATELY, reviewed_at=None, stopped_at=None, likely_at=None
    )
    people = list(asked.distinct().order_by("pk").prefetch_related("deliveries"))
    found = {person: review for review in read(text) for person in _of(review, people, business, now)}
    for person, review in found.items():
        _hold(person, str(review), now)
    return list(found)


def _of(review: Review, people: list[Customer], business: Business, now: datetime) -> Iterator[Customer]:
    for person in people:
        is_new = str(review) != person.likely_words
        if (
            is_new
            and is_match(review, person.first_name, person.last_name)
            and _is_after(review, person, business, now)
        ):
            yield person


def _is_after(review: Review, person: Customer, business: Business, now: datetime) -> bool:
    """A review from before the request is no answer to it."""
    sent = [d.sent_at for d in person.deliveries.all() if d.sent_at and d.sent_at >= now - LATELY]
    return review.day is None or any(review.day >= at.astimezone(business.zone).date() for at in sent)


def _hold(person: Customer, words: str, now: datetime) -> None:
    """A reminder in somebody's hands is taken out of them: the next one who takes it up finds it held."""
    with transaction.atomic():
        give_back(Message.objects.filter(customer=person, kind=Message.Kind.REMINDER))
        Customer.objects.filter(pk=person.pk).update(likely_at=now, likely_words=words[:200])


def is_not_theirs(person: Customer, by: User | None) -> None:
    """Somebody else wrote it: the reminder goes on."""
    with transaction.atomic():
        if Customer.objects.filter(pk=person.pk, likely_at__isnull=False).update(likely_at=None):
            AuditEntry.write(person.business.organization, "not their review", person, by)
