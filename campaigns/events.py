"""What Chert told us, stored first and understood afterwards: by webhook, and from the events log."""

import logging
import math
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F, Q, QuerySet

from campaigns import chert, connecting, connection, gestures, optouts, receipts, replies, topic
from campaigns.brakes import breaker
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
#: Where Chert does not answer; a log that can be read again may be the first sign that it is back.
AWAY = timedelta(seconds=60)
#: Tries until an event that cannot be handled is left for a person.
MOST_FAILURES = 5
#: So many that wait are understood together with words that come in, by one in each process.
A_FEW = 20
#: Whoever brings words is answered as soon as this has passed; what is left then is the clock's (W8).
A_MOMENT = timedelta(seconds=0.05)
_heeding = threading.Lock()
#: A log that was not read for so long is read before the next message goes out.
SILENCE = timedelta(minutes=10)
#: Levels of nesting of an event that are kept.
DEEPEST = 40


def store(organization: Organization, event: chert.Event, came_by: str, now: datetime) -> bool:
    """Keep an event, whatever it says; False when we have it already (W10)."""
    _, is_new = ChertEvent.objects.get_or_create(
        organization=organization,
        event_id=event.event_id[:200],
        defaults={
            "type": str(_storable(event.type))[:80],
            "payload": _storable(event.raw),
            "came_by": came_by,
            "received_at": now,
        },
    )
    return is_new


def _storable(value: Any, depth: int = 0) -> Any:
    """The same without what no database takes: NUL, half characters, NaN, nesting beyond reason.

    A STOP with half an emoji behind it must not be lost for the emoji.
    """
    match value:
        case str():
            whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return whole.replace("\0", "")
        case Mapping() if depth < DEEPEST:
            return {_storable(name): _storable(item, depth + 1) for name, item in value.items()}
        case list() if depth < DEEPEST:
            return [_storable(item, depth + 1) for item in value]
        case int() | bool():
            return value
        case float() if math.isfinite(value):
            return value
    return None


def handle(clock: Callable[[], datetime], organization: Organization | None = None, *, most: int = 500) -> int:
    """Understand what is stored and not handled yet, oldest first, perhaps of one organization; returns how many.

    One event that cannot be handled does not hold up the others: it is tried again, five times in all.
    """
    waiting = _waiting() if organization is None else _waiting().filter(organization=organization)
    some = list(waiting.order_by("pk").values_list("pk", flat=True)[:most])
    return sum(_handle_if_left(waiting, pk, clock) for pk in some)


def _waiting() -> QuerySet[ChertEvent]:
    return ChertEvent.objects.filter(handled_at=None, failures__lt=MOST_FAILURES)


def _handle_if_left(waiting: QuerySet[ChertEvent], pk: int, clock: Callable[[], datetime]) -> bool:
    """Somebody else may have been at it since the list was made: words are heeded as they come in."""
    row = waiting.filter(pk=pk).select_related("organization").first()
    return row is not None and _handle_one(row, clock())


def heed(event: chert.Event, organization: Organization, clock: Callable[[], datetime]) -> None:
    """Understand words that were just stored, before whoever brought them is answered: a STOP at once, and the others
    with what waits before them, unless that is much, takes long, or somebody in this process is at it already.

    Whoever calls must not wait for the words of others, nor many callers all be at the same rows; and a START waits for
    its turn, for the STOP that it takes back may be among the others.
    """
    heed_a_stop(event, organization, clock)
    if not event.is_inbound or not _heeding.acquire(blocking=False):
        return
    try:
        waiting = _waiting().filter(organization=organization)
        some = list(waiting.order_by("pk").values_list("pk", flat=True)[: A_FEW + 1])
        begin = clock()
        for pk in some if len(some) <= A_FEW else ():
            if clock() - begin < A_MOMENT:
                _handle_if_left(waiting, pk, clock)
    finally:
        _heeding.release()


def heed_a_stop(event: chert.Event, organization: Organization, clock: Callable[[], datetime]) -> None:
    """Understand a STOP that was just stored before all that waits: behind ten thousand words it would come too late.

    Stops and starts are judged by the moments at which they were written, so this overtaking does no harm.
    """
    if event.is_inbound and optouts.read(event.text) is optouts.Wish.STOP:
        waiting = _waiting().filter(organization=organization)
        for pk in list(waiting.filter(event_id=event.event_id[:200]).values_list("pk", flat=True)):
            _handle_if_left(waiting, pk, clock)


def _handle_one(row: ChertEvent, now: datetime) -> bool:
    with topic.about(organization_id=row.organization_id, event_id=row.pk):
        return _is_handled(row, now)


def _is_handled(row: ChertEvent, now: datetime) -> bool:
    try:
        is_known = _understand(event_from_json(row.payload), row.organization, now)
    except OperationalError:  # the database is busy or away: not the event's fault
        log.warning("event %s could not be handled now", row.pk, exc_info=True)
        return False
    except Exception:
        log.exception("event %s could not be handled", row.pk)
        ChertEvent.objects.filter(pk=row.pk).update(failures=F("failures") + 1)
        return False
    # Of somebody we do not know, or were asked to forget, nothing is kept but that the event was seen.
    kept: dict[str, Any] = {} if is_known else {"payload": {}}
    ChertEvent.objects.filter(pk=row.pk).update(handled_at=now, **kept)
    return True


def _understand(event: chert.Event, organization: Organization, now: datetime) -> bool:
    """Do what the event asks for; False when it is about nobody we know."""
    if event.is_inbound:
        return replies.record(event, organization, now)
    if event.type in ("reaction.added", "reaction.removed"):
        return gestures.record(event, organization, now)
    return receipts.from_event(event, organization.pk, now)


def poll(clock: Callable[[], datetime]) -> int:
    """Read the events log of every organization whose turn it is; returns how many events were new."""
    fresh = 0
    for organization in Organization.objects.filter(paused_at=None).exclude(chert_secret=""):
        if _is_due(organization, clock()):
            with topic.about(organization_id=organization.pk):
                fresh += _poll_one(organization, clock())
    return fresh


def catch_up(clock: Callable[[], datetime]) -> None:
    """Before anything is sent after a long silence (a stop of the server, a paused account): what has been said since?

    Somebody may have written STOP in the meantime, and that must be known first (M3).
    """
    silent = Q(events_polled_at=None) | Q(events_polled_at__lt=clock() - SILENCE)
    late = Organization.objects.filter(silent, paused_at=None).exclude(chert_secret="")
    fresh = sum(_poll_one(organization, clock()) for organization in late)
    while fresh and handle(clock):
        pass


def _is_due(organization: Organization, now: datetime) -> bool:
    last = organization.events_polled_at
    if last is None:
        return True
    if organization.away_since is not None:
        return now - last >= AWAY
    often = HERE if connection.is_loopback() else ALONE
    has_net = connecting.is_connected(organization) and organization.unheard_since is None
    return now - last >= (NET if has_net else often)


def _poll_one(organization: Organization, now: datetime) -> int:
    since = organization.events_since or organization.created_at
    try:
        fresh = _read_log(organization, since, now)
        _hear(organization, now)
        return fresh
    except chert.AccountTrouble as trouble:  # nothing else will work either: say so on the page, ask no more
        organization.pause(trouble.reason, f"{trouble.detail} {trouble.advice}".strip(), now)
        return 0
    except (chert.ChertError, connection.NotConnected) as trouble:
        topic.traced(getattr(trouble, "trace_id", None))
        log.info("the events log of organization %s could not be read: %s", organization.pk, trouble)
        return 0
    finally:
        Organization.objects.filter(pk=organization.pk).update(events_polled_at=now)


def _hear(organization: Organization, now: datetime) -> None:
    """The log has been read to its end: what waited for it may go once all of it is understood (F-54).

    Not where somebody has said "go on" anew while we read.
    """
    if organization.unheard_since is None:
        return
    while handle(lambda: now, organization):
        pass
    if not ChertEvent.objects.filter(organization=organization, handled_at=None, failures__lt=MOST_FAILURES).exists():
        asked = Organization.objects.filter(pk=organization.pk, unheard_since=organization.unheard_since)
        asked.update(unheard_since=None)


def _read_log(organization: Organization, since: datetime, now: datetime) -> int:
    client = connection.client(organization)
    fresh, newest, cursor = 0, since, None
    seen: set[str | None] = {None}
    while True:
        page = client.events(since=since - OVERLAP, cursor=cursor)
        with transaction.atomic():  # the newest stands first there; a START is to be understood after its STOP
            fresh += sum(store(organization, event, "log", now) for event in reversed(page.events))
        for event in reversed(page.events):
            heed_a_stop(event, organization, lambda: now)
        newest = max([newest, *(event.recorded_at for event in page.events if event.recorded_at)])
        cursor = page.next_cursor
        if cursor in seen:  # no further page, or a log that leads in circles
            break
        seen.add(cursor)
    Organization.objects.filter(pk=organization.pk).update(events_since=newest, events_read_at=now)
    breaker.seen(organization, now)
    return fresh
