"""Was nobody at work here for long, or is this database older than it should be?  Asked before anything is claimed.

Two memories are compared.  A row of the database counts beats, one every few seconds of work; a file in DATA_DIR keeps
the number of the last one, and is written after the row.  So the file is never ahead of its own database, and

1. a file ahead of the row: the database has been put back, and has forgotten what was sent since;
2. a row without a file: the database comes from another machine, which may still be at work;
3. a row that is old: the server was off, or asleep.

In each case what would go out by itself is *held* until a person has looked.  After the first two, whatever the other
copy of the database may have sent meanwhile counts as unclear: it is looked for in its chat before it is said, and
repeated only under its own key, while Chert knows that (outbox/walk.py).
"""

import os
from contextlib import suppress
from datetime import datetime
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest

from campaigns import status
from campaigns.models import (
    AuditEntry,
    Campaign,
    Message,
    Organization,
    Pulse,
    give_back,
    open_messages,
    refresh,
    take_back,
)
from campaigns.prepared import Prepared

#: Seconds of work between two beats.
BEAT = 10
#: The one row.
ROW = 1

S = status.Campaign

_PULSE = Prepared(lambda: Pulse.objects.filter(pk=ROW))


class Finding(Enum):
    """What has happened to the server or its database."""

    AWAY = "away"
    RESTORED = "restored"
    MOVED = "moved"


def look(now: datetime) -> None:
    """Hold what may not go out by itself, and write down that somebody is at work.

    Call before each claim, with the moment of the claim.  Two processes that look at once: one decides, the other
    waits for it and finds nothing more to decide.
    """
    pulse: Pulse | None = next(iter(_PULSE.objects()), None)
    if pulse and not compare(pulse, remembered(), now) and abs((now - pulse.seen_at).total_seconds()) < BEAT:
        return
    with transaction.atomic():
        Pulse.objects.get_or_create(pk=ROW, defaults={"seen_at": now})
        pulse = Pulse.objects.select_for_update().get(pk=ROW)
        known = remembered()
        if known is None and not pulse.beat:  # who looks next, before our first beat is in the file, finds one there
            _remember(0)
        if finding := compare(pulse, known, now):
            _hold(finding, pulse.seen_at if pulse.beat else None, now)
        pulse.beat = max(pulse.beat, known or 0) + 1
        pulse.seen_at = now
        pulse.save()
    _remember(pulse.beat)  # after the commit: the file must not be ahead of a row that was rolled back


def compare(pulse: Pulse, known: int | None, now: datetime) -> Finding | None:
    """What the two memories say about each other; a clock that was set back says nothing.

    A row without a beat has just been made, and a fresh installation has nothing to be held.
    """
    if known is not None and known > pulse.beat:
        return Finding.RESTORED
    if not pulse.beat:
        return None
    if known is None:
        return Finding.MOVED
    return Finding.AWAY if now - pulse.seen_at > settings.ALLOWED_ABSENCE else None


def remembered() -> int | None:
    """The number of the last beat that this machine remembers; None where there is none, or nothing readable."""
    try:
        return int(Path(settings.PULSE).read_text())
    except (FileNotFoundError, ValueError):
        return None


def foretell_restore(beat: int) -> None:
    """A database whose row is at this beat is about to be put in place: whoever looks next must find it put back.

    Where this machine remembers nothing, nothing is written: a row with a beat and no file is held as well.
    """
    if (known := remembered()) is not None:
        _remember(max(known, beat, 1) + 1)


def _remember(beat: int) -> None:
    """Whole or not at all, whatever happens to the machine meanwhile; a full disk leaves nothing half behind."""
    path = Path(settings.PULSE)
    fresh = path.with_name(f"{path.name}.{os.getpid()}-{beat}")
    try:
        with fresh.open("w") as file:
            file.write(str(beat))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def _hold(finding: Finding, since: datetime | None, now: datetime) -> None:
    """Hold the campaigns concerned, and end what was sent again by hand in campaigns that are over."""
    late = _late(finding, now)
    _give_up_the_resent(finding, late, now)
    going = {S.RUNNING} if finding is Finding.AWAY else {S.RUNNING, S.PAUSED}
    concerned = Campaign.objects.filter(state__in=going).select_related("business__organization").order_by("pk")
    if finding is Finding.AWAY:
        concerned = concerned.filter(pk__in=late.values("delivery__campaign"))
    for campaign in concerned:
        _hold_one(campaign, finding, since, now)
    if finding is not Finding.AWAY:  # an older or a foreign database: no account knows what was said to it since
        Organization.objects.update(unheard_since=now, events_polled_at=None)


def _late(finding: Finding, now: datetime) -> QuerySet[Message]:
    """What waits for a person: after an absence what is late by it, of another database all.

    What rests until another day by hand has its time then.
    """
    waiting = open_messages().filter(Q(delivery__isnull=False) | Q(kind=Message.Kind.ANSWER))
    if finding is not Finding.AWAY:
        return waiting
    limit = now - settings.ALLOWED_ABSENCE
    rested = Q(delivery__campaign__rests_until=None) | Q(delivery__campaign__rests_until__lte=limit)
    return waiting.filter(rested, due_at__lte=limit)


def _hold_one(campaign: Campaign, finding: Finding, since: datetime | None, now: datetime) -> None:
    messages = Message.objects.filter(delivery__campaign=campaign)
    give_back(messages)
    due = open_messages(messages).filter(due_at__lte=now).values("delivery").distinct()
    count = due.count()
    if finding is not Finding.AWAY:
        _doubt(messages.filter(delivery__in=list(due.values_list("delivery", flat=True))), since)
    words = sentence(finding, since, now, count, campaign.business.zone)
    Campaign.objects.filter(pk=campaign.pk).update(
        state=S.HELD, held_at=now, held_reason=words, version=F("version") + 1, changed_at=now
    )
    AuditEntry.write(campaign.business.organization, "hold", campaign, None, words)


def _doubt(messages: QuerySet[Message], since: datetime | None) -> None:
    """These may have gone out since this copy was made, and nobody here has seen the answers.

    What opens a chat cannot be looked for; how long its key may be trusted counts from the copy on (F-40).
    """
    messages = open_messages(messages)
    messages.update(is_unclear=True)
    at_the_earliest = Greatest(F("created_at"), Value(since)) if since else F("created_at")
    firsts = messages.filter(kind__in=[Message.Kind.GREETING, Message.Kind.ALL], first_attempt_at=None)
    firsts.update(first_attempt_at=at_the_earliest)


def _give_up_the_resent(finding: Finding, late: QuerySet[Message], now: datetime) -> None:
    """Sent again by hand, after the end of its campaign, a test, or an answer: nobody would see it wait, anybody can
    send anew."""
    ended = Q(delivery__campaign__state__in=[S.FINISHED, S.CANCELLED])
    over = late.filter(ended | Q(delivery__is_test=True) | Q(kind=Message.Kind.ANSWER))
    gone = take_back(over.select_related("delivery__campaign"), _NOT_RESENT[finding], now)
    refresh({m.delivery.pk: m.delivery for m in gone if m.delivery is not None}.values())


_NOT_RESENT = {
    Finding.AWAY: "Not sent: the server was away when it was to go. Send it again if it is still wanted",
    Finding.RESTORED: "Not sent: the database has been put back, and it may have gone out since. Send it again by hand",
    Finding.MOVED: "Not sent: the database came from another machine, which may have sent it. Send it again by hand",
}


def sentence(finding: Finding, since: datetime | None, now: datetime, count: int, zone: ZoneInfo) -> str:
    """What happened and whom it may concern, in the time of the business."""
    then = _time(since, zone) if since else "an unknown time"
    who = "One customer" if count == 1 else f"{count:,} customers"
    match finding:
        case Finding.AWAY:
            return (
                f"The server was away from {then} to {_time(now, zone)}. "
                f"{who} should have been written to in that time."
            )
        case Finding.RESTORED:
            return f"This database is a copy from {then}, and does not know what went out since. {_perhaps(who, count)}"
        case Finding.MOVED:
            return (
                f"This database was last at work on another machine, at {then}. If that one still runs, it writes to "
                f"the same customers. {_perhaps(who, count)}"
            )


def _perhaps(who: str, count: int) -> str:
    if not count:
        return "By its plan nobody was to be written to since."
    return f"Up to {who.lower()} may have been written to since. It is looked up before any of them is written to."


def _time(moment: datetime, zone: ZoneInfo) -> str:
    """'Monday 23 November, 14:02'."""
    local = moment.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B}, {local.hour}:{local:%M}"
