"""What is done in a chat besides writing: tapbacks, read receipts, typing; and the customers' own tapbacks.

Each call of Chert's acts again (contract §5, §7.8-7.10), so a gesture is taken before its call and never repeated
unless it surely did not go.  It shows on no bill and carries no words, so nothing is frozen and nothing parked.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from campaigns import chert, connection, pacing
from campaigns.asking import audience
from campaigns.models import Gesture, Message, Organization, Tapback, User
from campaigns.prepared import Prepared

log = logging.getLogger(__name__)

#: Chert's words for tapbacks, as the iPhone shows them (contract §7.10).
TAPBACKS = {"love": "❤️", "like": "👍", "dislike": "👎", "laugh": "😂", "emphasize": "‼️", "question": "❓"}
#: How long each may wait for Chert or for its turn; later it would be out of place.
LASTS = {
    Gesture.Kind.TYPING: timedelta(seconds=10),
    Gesture.Kind.RECEIPT: timedelta(hours=1),
    Gesture.Kind.TAPBACK: timedelta(days=2),
}
#: So many are taken up at a time.
MOST = 50
#: Between two tries of what surely did not go.
AGAIN = timedelta(seconds=15)
_Done = Gesture.Outcome


def record(event: chert.Event, organization: Organization, now: datetime) -> bool:
    """A tapback of the customer's on one of our messages or their own; ours come back as events too, and say nothing.

    Late and shuffled news does no harm: the newest moment counts.  False when it is on no message of ours or theirs.
    """
    message = Message.objects.filter(organization=organization, chert_id=event.message_id or None).first()
    is_odd = event.type == "reaction.added" and event.reaction not in TAPBACKS
    if message is None or event.is_mine or is_odd:
        return message is not None
    if event.is_mine is None and not message.is_outbound:  # on their own words: likely ours
        return True
    at = min(event.timestamp or now, now)
    word = "" if event.type == "reaction.removed" else event.reaction
    kept, is_new = Tapback.objects.get_or_create(message=message, defaults={"word": word, "at": at})
    if not is_new:
        Tapback.objects.filter(pk=kept.pk, at__lte=at).update(word=word, at=at)
    return True


def tap(message: Message, word: str, by: User, now: datetime) -> bool:
    """One of us puts a tapback on a customer's message; False where that very one lies on it already, or is to."""
    mine = message.gestures.filter(kind=Gesture.Kind.TAPBACK).exclude(outcome__in=[_Done.REFUSED, _Done.DROPPED])
    newest = mine.order_by("-pk").first()
    if newest is not None and newest.word == word:
        return False
    mine.filter(taken_at=None).update(taken_at=now, outcome=_Done.DROPPED)
    Gesture.plan(message.customer, Gesture.Kind.TAPBACK, now, word=word, by=by, message=message)
    return True


def run(clock: Callable[[], datetime], *, seconds: float = 2.0) -> int:
    """Do what is due, for about so many seconds; returns how many were taken up."""
    begin, done = clock(), 0
    for gesture in _DUE.objects(now=begin):
        if clock() - begin > timedelta(seconds=seconds):
            break
        done += _one(gesture, clock)
    return done


def _due(now: datetime) -> QuerySet[Gesture]:
    rows = Gesture.objects.filter(taken_at=None, due_at__lte=now).order_by("due_at", "pk")
    return rows.select_related("organization", "customer__business__organization", "message")[:MOST]


#: Asked every other second, and mostly in vain.
_DUE = Prepared(_due, "now")


def _one(gesture: Gesture, clock: Callable[[], datetime]) -> bool:
    now = clock()
    if _is_over(gesture, now):
        return _take(gesture, now) and _end(gesture, _Done.DROPPED)
    if wait := _not_yet(gesture, now):
        Gesture.objects.filter(pk=gesture.pk, taken_at=None).update(due_at=wait)
        return False
    if not _take(gesture, now):
        return False
    return _call(gesture, clock)


def _is_over(gesture: Gesture, now: datetime) -> bool:
    """Its moment has passed, or nothing may go to this customer, or not until somebody has decided (M2, M4)."""
    customer = gesture.customer
    is_late = now - gesture.created_at > LASTS[Gesture.Kind(gesture.kind)]
    return is_late or bool(audience.silent(customer)) or customer.paused_at is not None or not customer.chat_id


def _not_yet(gesture: Gesture, now: datetime) -> datetime | None:
    """When to come again; None goes now.  Only a tapback makes a phone ring, so it alone keeps the quiet hours (M6)."""
    account, business = gesture.organization, gesture.customer.business
    if account.paused_at or account.away_since or (account.slow_until and account.slow_until > now):
        return now + AGAIN
    if gesture.kind != Gesture.Kind.TAPBACK:
        return None
    try:
        opens = pacing.opens_at(now, audience.hours_in_use(business), audience.zones(gesture.customer))
    except pacing.BadWindow:
        return now + timedelta(hours=1)
    return opens if opens > now else None


def _take(gesture: Gesture, now: datetime) -> bool:
    """From here on nobody else makes this call, and we do not make it twice, whatever happens to us in it."""
    return bool(Gesture.objects.filter(pk=gesture.pk, taken_at=None).update(taken_at=now, outcome=_Done.UNKNOWN))


def _call(gesture: Gesture, clock: Callable[[], datetime]) -> bool:
    try:
        _act(gesture)
    except (chert.AccountTrouble, chert.NotSent, connection.NotConnected) as later:
        log.info("gesture %s did not go: %s", gesture.pk, later)
        Gesture.objects.filter(pk=gesture.pk).update(taken_at=None, outcome="", due_at=clock() + AGAIN)
        return True
    except chert.Refused as refused:
        log.info("gesture %s was refused: %s", gesture.pk, refused)
        return _end(gesture, _Done.REFUSED)
    except chert.ChertError as unknown:
        log.info("nobody knows what became of gesture %s: %s", gesture.pk, unknown)
        return _end(gesture, _Done.UNKNOWN)
    return _end(gesture, _Done.DONE)


def _act(gesture: Gesture) -> None:
    client, chat = connection.client(gesture.organization), chert.ChatId(gesture.customer.chat_id)
    match gesture.kind:
        case Gesture.Kind.TAPBACK if gesture.message is not None:
            client.react(chert.MessageId(gesture.message.chert_id), gesture.word)
        case Gesture.Kind.RECEIPT:
            client.mark_read(chat)
        case Gesture.Kind.TYPING:
            client.typing(chat, typing=gesture.word == "typing")


def _end(gesture: Gesture, outcome: str) -> bool:
    """A tapback is kept, for it shows; the others leave nothing behind."""
    mine = Gesture.objects.filter(pk=gesture.pk)
    if gesture.kind == Gesture.Kind.TAPBACK:
        mine.update(outcome=outcome)
    else:
        mine.delete()
    return True
