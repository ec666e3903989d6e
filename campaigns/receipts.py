"""Delivered, read, failed: what Chert says became of a message it took.

Chert documents no event for these, so they are looked up, often at first and rarely later (contract §8).
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from campaigns import chert, commits, connection, outgoing, status, topic
from campaigns.asking import reminders
from campaigns.brakes import breaker
from campaigns.models import Message
from campaigns.prepared import Prepared

log = logging.getLogger(__name__)

#: How often to look, by the age of the message: up to this age, every so many seconds.
CADENCE = (
    (timedelta(minutes=1), 3),
    (timedelta(minutes=10), 20),
    (timedelta(hours=1), 90),
    (timedelta(days=1), 900),
    (timedelta(days=3), 7200),
)
#: How long to leave a message alone after a look that failed, in seconds.
AFTER_TROUBLE = 60
#: So many are read at a time.
FEW = 8
#: So many looks in a row that nobody answered are enough for one account.
SILENT = 2
#: What programs outside are told.
_TOLD = {status.Message.DELIVERED: outgoing.Event.DELIVERED, status.Message.READ: outgoing.Event.READ}


def look(clock: Callable[[], datetime], *, seconds: float = 0.8, most: int = 200) -> int:
    """Ask Chert about messages whose time has come, for about so many seconds; returns how many were asked about."""
    begin = clock()
    asked = 0
    silent: Counter[int] = Counter()
    for message in _waiting(begin, most):
        account = message.organization_id
        if clock() - begin > timedelta(seconds=seconds):
            break
        if silent[account] < SILENT and _take(message, clock()):
            with topic.about(**message.ids):
                silent[account] = 0 if _ask(message, clock()) else silent[account] + 1
            asked += 1
            if silent[account] == SILENT:
                _leave_alone(account, clock())
    return asked


def _leave_alone(account: int, now: datetime) -> None:
    """Nobody answers: all that this account would ask about waits, or a thousand would ask in vain each minute."""
    waiting = Message.objects.filter(organization=account, check_at__lte=now)
    waiting.update(check_at=now + timedelta(seconds=AFTER_TROUBLE))


def _waiting(now: datetime, most: int) -> Iterator[Message]:
    """Whose time has come, the oldest first; read a few at a time, for nobody knows how many there will be time for."""
    for _ in range(0, most, FEW):  # who has been asked about is not due any more
        few = _FEW_DUE.objects(now=now)
        yield from few
        if len(few) < FEW:
            return


def _few_due(now: datetime) -> QuerySet[Message]:
    due = Message.objects.filter(check_at__lte=now, organization__paused_at=None, organization__away_since=None)
    return due.select_related("organization", "delivery__campaign").order_by("check_at")[:FEW]


_FEW_DUE = Prepared(_few_due, "now")


def _take(message: Message, now: datetime) -> bool:
    """Put the next look off before looking: another process then leaves this one alone, and a crash only delays it."""
    mine = Message.objects.filter(pk=message.pk, check_at=message.check_at)
    with commits.repeatable():
        return bool(mine.update(check_at=now + timedelta(seconds=AFTER_TROUBLE)))


def _ask(message: Message, now: datetime) -> bool:
    """Ask about one; False when nobody answered."""
    try:
        answer = connection.client(message.organization).message(chert.MessageId(message.chert_id))
    except chert.AccountTrouble as trouble:
        message.organization.pause(trouble.reason, f"{trouble.detail} {trouble.advice}".strip(), now)
    except chert.Refused as refused:  # not known there (2003): ask on, but as seldom as its age says
        topic.traced(refused.trace_id)
        log.info("message %s could not be looked up: %s", message.pk, refused)
        Message.objects.filter(pk=message.pk).update(check_at=_next_look(message, "in_flight", now))
    except connection.NotConnected as missing:
        log.info("message %s could not be looked up: %s", message.pk, missing)
    except chert.ChertError as trouble:
        topic.traced(trouble.trace_id)
        log.info("message %s could not be looked up: %s", message.pk, trouble)
        return not breaker.is_fault(trouble)
    else:
        record(message, answer.state, answer.delivered_at, answer.read_at, now)
    return True


def record(
    message: Message, state: chert.State, delivered_at: datetime | None, read_at: datetime | None, now: datetime
) -> None:
    """Write down what is known, and when to look next.  Late, double and shuffled news does no harm (I8)."""
    words = {"delivered": status.Message.DELIVERED, "read": status.Message.READ, "failed": status.Message.REFUSED}
    seen: dict[str, object] = {"checked_at": now, "check_at": _next_look(message, state, now)}
    if state not in words:
        Message.objects.filter(pk=message.pk).update(**seen)
        return
    if state in ("delivered", "read"):
        seen["delivered_at"] = message.delivered_at or delivered_at or read_at or now
    if state == "read":
        seen["read_at"] = read_at or now
    if state == "failed":
        seen["reason"] = "Chert took it and could not deliver it: the number may not be on iMessage"
    if _learn(message, words[state], seen, now):
        if state == "failed" and message.kind != Message.Kind.REMINDER:
            reminders.take_back_of(Q(delivery=message.delivery), "The request did not reach them", now)
    else:
        Message.objects.filter(pk=message.pk).update(checked_at=now, check_at=seen["check_at"])


def _learn(message: Message, word: status.Message, seen: dict[str, object], now: datetime) -> bool:
    """The word, and the events that tell of it, in one commit: what was read without a look between was delivered."""
    with commits.repeatable():
        skips = word == status.Message.READ and _is_undelivered(message)
        is_news = message.learn(word, **seen)
        for each in [status.Message.DELIVERED, word] if skips else [word]:
            if is_news and each in _TOLD:
                outgoing.of_message(_TOLD[each], message, now)
    return is_news


def _is_undelivered(message: Message) -> bool:
    return message.delivered_at is None and Message.objects.filter(pk=message.pk, delivered_at=None).exists()


def _next_look(message: Message, state: chert.State, now: datetime) -> datetime | None:
    if state in ("read", "failed") or message.sent_at is None:
        return None
    age = now - message.sent_at
    seconds = next((seconds for limit, seconds in CADENCE if age < limit), None)
    return now + timedelta(seconds=seconds) if seconds else None


def from_event(event: chert.Event, organization_id: int, now: datetime) -> bool:
    """News about one of our messages that came by itself, where Chert sends such events; False when none is ours."""
    if event.message_id is None or event.state == "in_flight":
        return True
    message = (
        Message.objects.filter(organization_id=organization_id, chert_id=event.message_id)
        .exclude(kind=Message.Kind.INBOUND)
        .select_related("delivery__campaign")
        .first()
    )
    if message is None:
        return False
    with topic.about(**message.ids):
        record(message, event.state, event.delivered_at, event.read_at, now)
    return True
