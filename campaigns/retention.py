"""What is old goes by itself: words, pictures, tries, opened links and Chert's events (S61).

An organization says how long its words and pictures are kept.  What stays of a message is that it was, to whom, when
and how it ended: by that nobody is asked again too soon, and the counts add up.  Once a day, a little at a time;
whoever dies in between leaves rows that the next one finds.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns import status, topic
from campaigns.brakes import skew
from campaigns.models import (
    Attempt,
    Click,
    Conversation,
    Delivery,
    Gesture,
    Message,
    Organization,
    Tapback,
    picture_path,
)

log = logging.getLogger(__name__)

#: What stands where old words stood.
GONE = "(no longer kept)"
#: Chert's own events, once understood: far longer than Chert repeats one (W10).
EVENTS = timedelta(days=90)
#: So many rows in one transaction: nobody who sends waits long for the lock.
HANDFUL = 200
#: A clock that was not here in the last week, or is behind its own yesterday, may be wrong: what it says is old is
#: thrown away on the next day, if it still says so then.
UNKNOWN = timedelta(days=7)

Step = Callable[[Organization, datetime], int]


def forget(clock: Callable[[], datetime], *, seconds: float = 1.0) -> int:
    """Throw away what is old, for about so many seconds; returns how many rows were forgotten."""
    if skew.is_too_much():
        return 0
    ends, count = time.monotonic() + seconds, 0
    today = clock().date()
    for organization in Organization.objects.exclude(looked_back_on=today).order_by("pk"):
        with topic.about(organization_id=organization.pk):
            count += _forget_for(organization, clock, ends)
        if time.monotonic() >= ends:
            break
    return count


def _forget_for(organization: Organization, clock: Callable[[], datetime], ends: float) -> int:
    """Of one organization, until nothing is left for today or the time is over."""
    count = 0
    if _knows_its_day(organization, clock()):
        for step in STEPS:
            while gone := step(organization, clock()):
                count += gone
                if time.monotonic() >= ends:
                    return count
    Organization.objects.filter(pk=organization.pk).update(looked_back_on=clock().date())
    if count:
        log.info("old words and pictures were thrown away: %s rows", count)
    return count


def _knows_its_day(organization: Organization, now: datetime) -> bool:
    last = organization.looked_back_on
    return last is not None and last <= now.date() <= last + UNKNOWN


# --- the steps: a handful each, and how many it was -------------------------------------------------------------------


def _messages(organization: Organization, now: datetime) -> int:
    """Words, the exact request, the note, the picture and the tries; never of one that may still be sent."""
    is_left = ~Q(text=GONE) | Q(body__isnull=False) | ~Q(picture="")
    old = organization.messages.filter(is_left, created_at__lt=_age(organization, now))
    few = list(old.exclude(status__in=status.OPEN).order_by("pk")[:HANDFUL])
    if not few:
        return 0
    _unlink(each.picture for each in few)
    with transaction.atomic():
        mine = Message.objects.filter(pk__in=[each.pk for each in few])
        Attempt.objects.filter(message__in=mine).delete()
        Tapback.objects.filter(message__in=mine).delete()
        mine.update(text=GONE, body=None, note="", picture="", attachment_id="")
    return len(few)


def _deliveries(organization: Organization, now: datetime) -> int:
    """The picture as the campaign's page shows it, and what they answered."""
    is_left = ~Q(picture="") | ~Q(replied_words="")
    old = Delivery.everything.filter(is_left, campaign__business__organization=organization)
    open_ones = Message.objects.filter(status__in=status.OPEN, organization=organization)
    old = old.filter(created_at__lt=_age(organization, now)).exclude(messages__in=open_ones)
    few = list(old.order_by("pk")[:HANDFUL])
    _unlink(each.picture for each in few)
    Delivery.everything.filter(pk__in=[each.pk for each in few]).update(picture="", replied_words="")
    return len(few)


def _conversations(organization: Organization, now: datetime) -> int:
    """The newest words, which the inbox lists."""
    old = Conversation.objects.filter(business__organization=organization, said_at__lt=_age(organization, now))
    return _few(old.exclude(words=GONE)).update(words=GONE)


def _gestures(organization: Organization, now: datetime) -> int:
    """What we did in a chat besides writing."""
    return _delete(Gesture.objects.filter(organization=organization, created_at__lt=_age(organization, now)))


def _clicks(organization: Organization, now: datetime) -> int:
    """When a link was opened first stays with its delivery."""
    mine = Click.objects.filter(delivery__campaign__business__organization=organization)
    return _delete(mine.filter(at__lt=_age(organization, now)))


def _events(organization: Organization, now: datetime) -> int:
    """Those that were understood.  One that nobody could handle waits for a person."""
    return _delete(organization.events.filter(handled_at__isnull=False, received_at__lt=now - EVENTS))


STEPS: tuple[Step, ...] = (_messages, _deliveries, _conversations, _gestures, _clicks, _events)


def _age(organization: Organization, now: datetime) -> datetime:
    return now - timedelta(days=organization.keeps)


def _few(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The first of them, as rows that can be changed."""
    first = list(rows.order_by("pk").values_list("pk", flat=True)[:HANDFUL])
    found: QuerySet[Any] = rows.model._base_manager.filter(pk__in=first)
    return found


def _delete(rows: QuerySet[Any]) -> int:
    return int(_few(rows).delete()[0])


def _unlink(pictures: Any) -> None:
    """Before the rows forget their names: whoever dies in between finds them again."""
    for name in filter(None, pictures):
        picture_path(name).unlink(missing_ok=True)
