"""What Chert told us, stored first and understood afterwards: by webhook, and from the events log."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from campaigns import chert, connecting, connection, receipts, replies
from campaigns.chert.events import event_from_json
from campaigns.models import ChertEvent, Organization

log = logging.getLogger(__name__)

#: The log is read with this much overlap: `since` is strict and timestamps are coarse (contract §10.4).
OVERLAP = timedelta(seconds=60)
#: Where the webhook works, the log is read this seldom, as a net under it (W15).
NET = timedelta(minutes=5)
#: Where there is no webhook, the log is all we have; against a sandbox on this machine it may be read at every tick.
ALONE = timedelta(seconds=15)
HERE = timedelta(seconds=1)
#: Tries until an event that cannot be handled is left for a person.
MOST_FAILURES = 5
MOST_PAGES = 50


def store(organization: Organization, event: chert.Event, came_by: str, now: datetime) -> bool:
    """Keep an event, whatever it says; False when we have it already (W10)."""
    _, is_new = ChertEvent.objects.get_or_create(
        organization=organization,
        event_id=event.event_id[:200],
        defaults={"type": event.type[:80], "payload": dict(event.raw), "came_by": came_by, "received_at": now},
    )
    return is_new


def handle(clock: Callable[[], datetime], *, most: int = 500) -> int:
    """Understand what is stored and not handled yet, oldest first; returns how many.

    One event that cannot be handled does not hold up the others: it is tried again, five times in all.
    """
    waiting = ChertEvent.objects.filter(handled_at=None, failures__lt=MOST_FAILURES)
    handled = 0
    for row in waiting.select_related("organization").order_by("pk")[:most]:
        handled += _handle_one(row, clock())
    return handled


def _handle_one(row: ChertEvent, now: datetime) -> bool:
    try:
        _understand(event_from_json(row.payload), row.organization, now)
    except Exception:
        log.exception("event %s could not be handled", row.pk)
        ChertEvent.objects.filter(pk=row.pk).update(failures=F("failures") + 1)
        return False
    ChertEvent.objects.filter(pk=row.pk).update(handled_at=now)
    return True


def _understand(event: chert.Event, organization: Organization, now: datetime) -> None:
    if event.is_inbound:
        replies.record(event, organization, now)
    else:
        receipts.from_event(event, organization.pk, now)


def poll(clock: Callable[[], datetime]) -> int:
    """Read the events log of every organization whose turn it is; returns how many events were new."""
    fresh = 0
    for organization in Organization.objects.filter(paused_at=None).exclude(chert_secret=""):
        if _is_due(organization, clock()):
            fresh += _poll_one(organization, clock())
    return fresh


def _is_due(organization: Organization, now: datetime) -> bool:
    last = organization.events_polled_at
    if last is None:
        return True
    often = HERE if connection.is_loopback() else ALONE
    return now - last >= (NET if connecting.is_connected(organization) else often)


def _poll_one(organization: Organization, now: datetime) -> int:
    Organization.objects.filter(pk=organization.pk).update(events_polled_at=now)
    since = organization.events_since or organization.created_at
    try:
        return _read_log(organization, since, now)
    except chert.ChertError as trouble:
        log.info("the events log of organization %s could not be read: %s", organization.pk, trouble)
        return 0


def _read_log(organization: Organization, since: datetime, now: datetime) -> int:
    client = connection.client(organization)
    fresh, newest, cursor = 0, since, None
    for _ in range(MOST_PAGES):
        page = client.events(since=since - OVERLAP, cursor=cursor)
        with transaction.atomic():
            fresh += sum(store(organization, event, "log", now) for event in page.events)
        newest = max([newest, *(event.recorded_at for event in page.events if event.recorded_at)])
        cursor = page.next_cursor
        if not cursor:
            break
    Organization.objects.filter(pk=organization.pk).update(events_since=newest)
    return fresh
