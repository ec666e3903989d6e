"""An answer by hand: one person's words to one customer, by the way every message goes.

It is no first touch and takes no slot.  Quiet hours are told, and a person decides; a customer's stop is decided.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from campaigns import households, outbox, pacing, status
from campaigns.asking import audience
from campaigns.models import (
    AuditEntry,
    Conversation,
    Customer,
    Household,
    Message,
    User,
    open_messages,
    take_back,
)

#: Characters of one answer.
LONGEST = 2000
NOW, LATER = "now", "later"


class NotAllowed(Exception):
    """Nothing may be said to this customer, or not by this way; the text says why."""


class NotSeen(Exception):
    """Something has been said since the writer looked: by a colleague, or by the customer."""


class Quiet(Exception):
    """It is not the hour: a person decides whether it goes now all the same, or when the hours begin."""


@dataclass(frozen=True)
class Outlook:
    """What may be said to somebody now: why not at all, or from when on (None: at once) and where that hour counts."""

    forbidden: str = ""
    opens: datetime | None = None
    place: str = ""
    #: The others who read it, where the only chat with them is their household's group.
    group: tuple[Customer, ...] = ()


def outlook(talk: Conversation, now: datetime) -> Outlook:
    """How an answer would fare at this moment."""
    customer = talk.customer
    if reason := audience.silent(customer):
        return Outlook(f"{reason.sentence}. Nothing more can be sent to this number")
    if customer.paused_at:
        return Outlook("Their words sound like “leave me alone”. Say first whether they were meant so")
    home = _group(customer)
    group = tuple(households.others(customer)) if home else ()
    if home is None and not customer.chat_id:
        return Outlook(_nowhere(customer))
    customer.asked_with = group
    zones = audience.zones(customer)
    customer.asked_with = ()
    try:
        opens = pacing.opens_at(now, audience.hours_in_use(talk.business), zones)
    except pacing.BadWindow as never:
        return Outlook(str(never))
    return Outlook(opens=opens if opens > now else None, place=audience.places(zones), group=group)


def _group(customer: Customer) -> Household | None:
    """The group into which an answer to this customer goes: where they have no chat of their own, and it is open."""
    home = customer.household
    return home if home and home.is_open and home.chat_id and not customer.chat_id else None


def _nowhere(customer: Customer) -> str:
    if customer.household is not None and customer.household.chat_id:
        return (
            "The group of their household is closed, and they have no chat of their own. Nothing can be answered there"
        )
    return "Chert has not told us the chat with this customer, so there is nowhere to answer"


def newest(talk: Conversation) -> int:
    """The number of the newest thing said in a conversation, by them or by one of us; what a writer must have seen."""
    said = talk.customer.messages.filter(kind__in=[Message.Kind.INBOUND, Message.Kind.ANSWER])
    return said.order_by("-pk").values_list("pk", flat=True).first() or 0


def answer(talk: Conversation, text: str, by: User, now: datetime, *, slip: str, seen: int, when: str = "") -> Message:
    """Put an answer into the outbox.  What was written on this `slip` already is returned as it is: it goes once.

    `seen` is the newest thing the writer saw, `when` what they decided about quiet hours (`NOW`, `LATER`, or nothing).
    Raises `NotAllowed`, `NotSeen` or `Quiet`; then nothing was kept, and nothing will go.
    """
    try:
        with transaction.atomic():
            return _answer(talk, text, by, now, slip, seen, when)
    except IntegrityError:  # the same form, at the same moment, from another window
        return Message.objects.get(customer=talk.customer, slip=slip)


def _answer(talk: Conversation, text: str, by: User, now: datetime, slip: str, seen: int, when: str) -> Message:
    Conversation.objects.select_for_update().get(pk=talk.pk)  # two colleagues: the second waits, and sees the first's
    talk.customer.refresh_from_db()
    if mine := Message.objects.filter(customer=talk.customer, slip=slip).first():
        return mine
    view = outlook(talk, now)
    if view.forbidden:
        raise NotAllowed(view.forbidden)
    if newest(talk) > seen:
        raise NotSeen
    if view.opens and when not in (NOW, LATER):
        raise Quiet
    made = _write(talk, text, by, now, slip, at_any_hour=bool(view.opens) and when == NOW)
    Conversation.objects.filter(pk=talk.pk).update(unread=0, typing_by=None, typing_at=None)
    Conversation.objects.filter(pk=talk.pk, assigned_to=None).update(assigned_to=by)
    return made


def _write(talk: Conversation, text: str, by: User, now: datetime, slip: str, *, at_any_hour: bool) -> Message:
    """The outbox asks for the hours itself, at the moment of sending; so what waits is due at once, too."""
    made = Message.objects.create(
        organization=talk.business.organization,
        business=talk.business,
        customer=talk.customer,
        household=_group(talk.customer),
        kind=Message.Kind.ANSWER,
        text=text,
        by=by,
        slip=slip,
        language=talk.customer.spoken_language,
        at_any_hour=at_any_hour,
        created_at=now,
        due_at=now,
    )
    words = "in quiet hours, by decision" if at_any_hour else ""
    AuditEntry.write(talk.business.organization, "answer", made, by, words)
    return made


def hurry(message: Message, by: User, now: datetime) -> bool:
    """Let an answer go now that waits for its hour; False where it does not wait any more."""
    with transaction.atomic():
        waiting = open_messages().filter(pk=message.pk, kind=Message.Kind.ANSWER, attempts=0)
        if not waiting.update(at_any_hour=True, due_at=now, lease_token="", lease_until=None):
            return False
        AuditEntry.write(message.organization, "answer", message, by, "in quiet hours, by decision")
    return True


def withdraw(message: Message, by: User, now: datetime) -> bool:
    """Take an answer back that has not left; False where it is too late."""
    with transaction.atomic():
        taken = take_back([message], f"Taken back by {by.get_full_name() or by.email}", now)
        message.refresh_from_db()
        if not taken or message.status != status.Message.CANCELLED:
            return False
        AuditEntry.write(message.organization, "take back answer", message, by)
    return True


def arrived(message: Message, by: User, now: datetime) -> None:
    """Somebody knows that a doubtful answer reached the customer.  Raises `outbox.NotInDoubt`."""
    outbox.it_arrived(message, by, now)


def again(talk: Conversation, doubtful: Message, by: User, now: datetime) -> Message:
    """Give a doubtful answer up and say the same anew.  Raises `NotAllowed` or `outbox.NotInDoubt`; it goes once."""
    with transaction.atomic():
        Conversation.objects.select_for_update().get(pk=talk.pk)
        talk.customer.refresh_from_db()
        view = outlook(talk, now)
        if view.forbidden:
            raise NotAllowed(view.forbidden)
        outbox.send_again(doubtful, by, "an answer", now)
        return _write(talk, doubtful.text, by, now, f"again-{doubtful.pk}", at_any_hour=doubtful.at_any_hour)


def opening(message: Message, now: datetime) -> datetime | None:
    """When the hours begin for which an answer waits; None where they have begun, or never do."""
    try:
        opens = pacing.opens_at(now, audience.hours_in_use(message.business), audience.zones(message.customer))
    except pacing.BadWindow:
        return None
    return opens if opens > now else None
