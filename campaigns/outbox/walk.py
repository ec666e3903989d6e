"""One message, from where it stands to where it can go: the way every message takes.

Each step stores what it gained before the next begins, so a second walk goes on where the first stopped.  No database
transaction is open while Chert is called (I6).
"""

import logging
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, transaction
from django.db import connection as database

from campaigns import chert, connection, lines, pacing, status
from campaigns.asking import audience, reminders, together
from campaigns.brakes import breaker
from campaigns.models import Attempt, Business, Campaign, LeaseLost, Message
from campaigns.outbox import leases, looking, outcomes, pictures, poison, requests, turns

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

#: Tries and time after which nobody tries again (reliability §8): the key's life at Chert is not known for longer.
MOST_ATTEMPTS = 8
HORIZON = timedelta(hours=12)
#: A first touch whose answer was lost, at a Chert that is known to act on every repeat.
NOT_REPEATED = (
    "The connection broke before the answer, and a repeat could say it twice. "
    "Look at the phone, then say that it arrived or send it again"
)


def walk(message: Message, clock: Clock) -> None:
    """Take one claimed message as far as it goes now.  Raises `LeaseLost` when it is in other hands.

    1. Has it arrived already, with the answer lost?
    2. May it still go?  Stop, suppression, exhaustion end it here; quiet hours send it home until morning.
    3. Picture drawn, picture uploaded.
    4. A first touch lets its greeting go before it.
    5. Request frozen and the call written down, in one commit; then the call; then its outcome.
    """
    now = clock()
    try:
        connection.client(message.organization)
    except connection.NotConnected as missing:
        outcomes.let_go(message)
        message.organization.pause("key", str(missing), now)
        return
    if leases.stands_still(message, now) or not leases.lasts(message, settings.CALL_SECONDS, now):
        outcomes.let_go(message)
    elif poison.is_poison(message):
        log.error("message %s is left alone: %s workers died at it", message.pk, message.deaths)
        poison.park(message)
    elif _looked(message, clock) and _may_go(message, now) and _prepared(message, clock) and _greeted(message, clock()):
        _send(message, clock)


def _looked(message: Message, clock: Clock) -> bool:
    """Look whether an unclear message has arrived; True when it is still to go.

    A chat that cannot be read just now is looked at again later: to repeat blindly could say it twice.
    """
    now = clock()
    if message.is_calling:  # begun, and never closed: its worker died
        message.keep(token=message.lease_token, is_calling=False, is_unclear=True)
    if looking.is_possible(message) and not _admitted(message, now):
        return False
    try:
        answer = looking.arrived(message)
    except chert.ChertError as trouble:
        if _is_exhausted(message, now):
            return True
        outcomes.look_again(message, now, trouble, clock())
        return False
    if answer:
        outcomes.found(message, answer, clock(), remind_at=_remind_at(message, clock()))
    elif (again := looking.believed_from(message)) and again > now and not _is_exhausted(message, now):
        outcomes.wait(message, again, "Not seen in the chat yet; looking once more before it is repeated")
        return False
    return answer is None


def _admitted(message: Message, now: datetime) -> bool:
    """May Chert be called for this message?  While it is away one message asks for all, and the others wait (F-41)."""
    if breaker.admits(message.organization, now):
        return True
    outcomes.wait(message, now + breaker.GAP, message.reason)
    return False


def _may_go(message: Message, now: datetime) -> bool:
    if reason := _taken_back(message, now):
        outcomes.give_up(message, status.Message.CANCELLED, reason)
    elif not looking.may_be_repeated(message):
        outcomes.give_up(message, status.Message.IN_DOUBT, NOT_REPEATED)
    elif _is_exhausted(message, now):
        outcomes.give_up(message, status.Message.EXPIRED, "It could not be sent within twelve hours or eight tries")
    elif message.kind == Message.Kind.REMINDER and any(each.likely_at for each in together.recipients(message)):
        outcomes.wait(message, now + timedelta(days=1), "Has likely reviewed. Somebody is asked to say so")
    else:
        return _is_open(message, now)
    return False


def _taken_back(message: Message, now: datetime) -> str:
    """Why nobody wants this message sent any more; empty when it may go.

    Whoever takes messages back leaves alone those that are being called: when such a call fails, they end here.
    """
    customer, delivery = message.customer, message.delivery
    if message.kind == Message.Kind.CONFIRMATION:
        late = now - message.created_at >= pacing.CONFIRM_WITHIN
        return "A stop is confirmed within five minutes or not at all" if late else ""
    if reason := audience.silent(customer) if message.kind == Message.Kind.ANSWER else audience.never(customer):
        return reason.sentence
    if closed := together.why_not(message):
        return closed
    if customer.paused_at and message.created_at <= customer.paused_at:
        return f"Waits for somebody to read: “{customer.paused_words[:80]}”"
    if message.kind == Message.Kind.GREETING and message.is_unclear and requests.has_been_asked(message):
        return "The request that follows it has gone out"
    is_over = delivery is not None and delivery.campaign.state == status.Campaign.CANCELLED
    if is_over and message.round == 1:
        return "The campaign was cancelled"
    return reminders.why_not(message) if message.kind == Message.Kind.REMINDER else ""


def _is_open(message: Message, now: datetime) -> bool:
    """May this customer be written to at this time of day?  If not, the message goes home until then (M6)."""
    try:
        opens = _opens(message, now)
    except pacing.BadWindow as never:
        outcomes.give_up(message, status.Message.REFUSED, str(never))
        return False
    if opens > now:
        outcomes.wait(message, opens, f"Quiet until {outcomes.local_time(message, opens)}")
    return opens <= now


def _is_exhausted(message: Message, now: datetime) -> bool:
    horizon = _horizon_of_keys() if message.is_unclear else HORIZON
    too_old = message.first_attempt_at is not None and now - message.first_attempt_at > horizon
    return too_old or message.attempts >= MOST_ATTEMPTS


def _horizon_of_keys() -> timedelta:
    """What may have arrived is repeated only while Chert knows its key, to the end of the last call (F-40)."""
    return min(HORIZON, settings.KEY_LIFE - timedelta(seconds=settings.UPLOAD_LEASE_SECONDS))


def _opens(message: Message, now: datetime) -> datetime:
    if message.kind == Message.Kind.CONFIRMATION or message.at_any_hour:  # one answer to a STOP, at once (M5)
        return now  # or an answer for which a person decided so
    hours = audience.hours_of_tests if message.customer.is_test else audience.hours_in_use
    return pacing.opens_at(now, hours(message.business), audience.zones(message.customer))


def _remind_at(message: Message, now: datetime) -> datetime | None:
    """When the reminder that follows this message is to go; None where none follows.

    Called between the answer and the commit that keeps it, so it must not fail: hours that never open are met again,
    and told, at the moment of sending.
    """
    days = reminders.days_after(message)
    if days is None:
        return None
    try:
        return _opens(message, now + days)
    except pacing.BadWindow:
        return now + days


def _prepared(message: Message, clock: Clock) -> bool:
    """Draw and upload the picture, if there is one still to come; False when that could not be done now."""
    if not message.needs_picture or message.delivery is None or message.delivery.campaign.card is None:
        return True
    if message.status == status.Message.PLANNED and not pictures.draw(message, clock()):
        return False
    if message.status != status.Message.RENDERED:
        return True
    return _admitted(message, clock()) and pictures.upload(message, clock)


def _greeted(message: Message, now: datetime) -> bool:
    """Has the greeting gone before?  If not, it is called to the front and this message waits for it."""
    if message.kind == Message.Kind.ALL and _line_greets_first(message):
        outcomes.greet_instead(message, now)
        return False
    if message.kind != Message.Kind.ASK:
        return True
    greeting = requests.greeting_of(message)
    if greeting is None:
        return True
    if greeting.status in status.WENT_OUT:
        return _pause_kept(message, greeting, now)
    if greeting.status in status.OPEN:
        outcomes.let_the_greeting_go_first(message, now)
    else:
        outcomes.give_up(message, status.Message.CANCELLED, greeting.reason or "The greeting did not go out")
    return False


def _line_greets_first(message: Message) -> bool:
    """Another message of this campaign has learnt, perhaps this moment, that the line takes no picture at first."""
    learnt = Campaign.everything.filter(deliveries=message.delivery_id, flow=Business.Flow.GREETING_FIRST)
    return not message.is_frozen and learnt.exists()


def _pause_kept(message: Message, greeting: Message, now: datetime) -> bool:
    due = (greeting.sent_at or now) + timedelta(seconds=message.business.ask_after)
    heard = Message.objects.filter(kind=Message.Kind.INBOUND, customer__in=together.recipients(message))
    if due <= now or heard.filter(created_at__gt=greeting.sent_at).exists():
        return True
    outcomes.wait(message, due, "")
    return False


def _send(message: Message, clock: Clock) -> None:
    now = clock()
    if not leases.lasts(message, settings.CALL_SECONDS, now):
        outcomes.let_go(message)
        return
    if not _is_open(message, now):  # asked again: drawing and uploading took their time
        return
    if not _admitted(message, now):
        return
    try:
        client = connection.client(message.organization)
        attempt, deadline = _begin(message, client, clock)
    except lines.NoSlot as full:
        breaker.hand_back(message.organization, now)
        outcomes.wait(message, turns.turn(message, full, now), full.reason)
    except chert.InvalidMessage as mistake:
        outcomes.give_up(message, status.Message.REFUSED, str(mistake))
    else:
        _call(message, attempt, client, deadline, clock)


def _call(message: Message, attempt: Attempt, client: chert.Client, deadline: chert.Deadline, clock: Clock) -> None:
    tries = max(message.attempts, 2 if message.is_unclear else 1)  # of these very bytes, that may have arrived
    try:
        answer = client.send(requests.frozen(message), attempt=tries, deadline=deadline)
    except chert.ChertError as error:
        trouble = error
        _insist(lambda: outcomes.failed(copy(message), attempt, trouble, clock()))
    else:
        remind_at = _remind_at(message, clock())
        _insist(lambda: outcomes.sent(copy(message), attempt, answer, clock(), remind_at=remind_at))


def _insist(write: Callable[[], None]) -> None:
    """Write down what became of a call: a database that is busy or away for a moment must not cost the answer (F-53).

    Each try works on a copy, so that what a failed one set in memory is forgotten.
    """
    for _ in range(2):
        try:
            return write()
        except OperationalError:
            log.warning("an outcome could not be written down; trying again", exc_info=True)
            if not database.in_atomic_block:
                database.close_if_unusable_or_obsolete()
    return write()


def _begin(message: Message, client: chert.Client, clock: Clock) -> tuple[Attempt, chert.Deadline]:
    """Freeze the request, take the slot and write the call down, in one commit: before the first byte (I5).

    What it says is composed before: on SQLite everybody waits for that commit.  Raises `LeaseLost` where the process
    slept over its lease since it asked whether the message may go (F-07).  The time of the call runs from here on: who
    sleeps between this commit and the first byte sends nothing, for somebody else may have, meanwhile.
    """
    said = None if message.is_frozen else requests.words_of(message)
    with transaction.atomic():
        now = clock()
        if not leases.lasts(message, settings.CALL_SECONDS, now):
            raise LeaseLost(f"message {message.pk}")
        deadline = client.deadline()
        frozen = requests.freeze(message, said, now) if said else requests.once_more(message, now)
        message.keep(
            token=message.lease_token,
            attempts=message.attempts + 1,
            first_attempt_at=message.first_attempt_at or now,
            is_calling=True,
            **frozen,
        )
        return outcomes.begin(message, "send", now), deadline
