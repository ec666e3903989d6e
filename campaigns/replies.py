"""What customers say back.  STOP ends everything at once (M1, M3, M4); "leave me alone" waits for a person (M2)."""

import re
import unicodedata
from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction

from campaigns import chert, status
from campaigns.models import (
    AuditEntry,
    Customer,
    Delivery,
    Message,
    Organization,
    Suppression,
    User,
    open_messages,
    refresh,
    take_back,
)

#: Standing alone, in any case and punctuation, each of these is final (M1; 47 CFR 64.1200(a)(10)).
STOP_WORDS = frozenset({"stop", "quit", "end", "revoke", "opt out", "optout", "take_back", "unsubscribe"})

#: Other wordings that sound like "leave me alone": that customer is paused until a person has read them (M2).
LEAVE_ME = re.compile(
    r"\b(stop|unsubscribe|opt(ing)?[ -]?out|remove me|take me off|leave me alone|not interested|don'?t (text|message|"
    r"write|contact|bother)|do not (text|message|write|contact|bother)|no more (texts|messages)|who (is|are) (this|you)"
    r"|"
    r"wrong number|lose my number|quit (texting|messaging|writing)|spam|harass\w*|d[eé]jame en paz|no me (escribas?|"
    r"env[ií]es?|contactes?)|alto)\b"
)

#: A confirmation of a stop goes out within five minutes or not at all (M5).
CONFIRM_WITHIN = timedelta(minutes=5)


def is_stop(text: str) -> bool:
    """One of the seven words, alone."""
    return _plain(text) in STOP_WORDS


def sounds_like_stop(text: str) -> bool:
    """Not one of the words, but perhaps meant like one."""
    return bool(LEAVE_ME.search(_plain(text)))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    kept = "".join(c if c.isalnum() or c in "' -" else " " for c in folded)
    return " ".join(kept.replace("-", " ").split()).strip("' ")


def record(event: chert.Event, organization: Organization, now: datetime) -> None:
    """Keep a customer's words, show them on the row, and do what they ask.  The same event again changes nothing."""
    customer = _who(event, organization)
    if customer is None:
        if event.sender and is_stop(event.text):  # nobody we know, but the number must stay silent all the same
            Suppression.add(organization, event.sender, "Wrote STOP", now)
        return
    try:
        with transaction.atomic():
            said = _keep(event, customer, now)
    except IntegrityError:
        return
    _act(said, customer, now)


def _who(event: chert.Event, organization: Organization) -> Customer | None:
    mine = Customer.objects.filter(business__organization=organization).select_related("business__organization")
    by_chat = mine.filter(chat_id=event.chat_id) if event.chat_id else mine.none()
    return by_chat.first() or mine.filter(phone=event.sender).order_by("-chat_id", "pk").first()


def _keep(event: chert.Event, customer: Customer, now: datetime) -> Message:
    return Message.objects.create(
        organization=customer.business.organization,
        business=customer.business,
        customer=customer,
        delivery=_answered(customer),
        kind=Message.Kind.INBOUND,
        status=status.Message.RECEIVED,
        text=event.text,
        chat_id=event.chat_id or "",
        chert_id=event.message_id or event.event_id,
        created_at=now,
        sent_at=event.timestamp or now,
    )


def _answered(customer: Customer) -> Delivery | None:
    """The asking these words belong to: the one that wrote to this customer last."""
    ours = customer.messages.filter(status__in=status.WENT_OUT, delivery__isnull=False).order_by("-sent_at")
    newest = ours.select_related("delivery__campaign").first()
    return newest.delivery if newest else None


def _act(said: Message, customer: Customer, now: datetime) -> None:
    if said.delivery is not None:
        said.delivery.note(replied_at=said.sent_at, replied_words=said.text[:300])
    if is_stop(said.text):
        stop(customer, "Wrote STOP", None, now, confirm=_is_fresh(said, now))
    elif sounds_like_stop(said.text):
        _pause(customer, said.text, now)
    else:
        _hurry_the_ask(customer, now)


def _is_fresh(said: Message, now: datetime) -> bool:
    return said.sent_at is not None and now - said.sent_at < CONFIRM_WITHIN


def _hurry_the_ask(customer: Customer, now: datetime) -> None:
    """Somebody who answers the greeting need not wait for the picture (design: ask at once when they answer)."""
    open_messages(customer.messages.filter(kind=Message.Kind.ASK, due_at__gt=now, attempts=0, reason="")).filter(
        delivery__messages__kind=Message.Kind.GREETING, delivery__messages__status__in=status.WENT_OUT
    ).update(due_at=now)


def _pause(customer: Customer, words: str, now: datetime) -> None:
    customer.pause(words, now)
    _take_back(Customer.objects.filter(pk=customer.pk), f"Waits for somebody to read: “{words[:80]}”", now)


def stop(customer: Customer, how: str, by: User | None, now: datetime, *, confirm: bool = False) -> None:
    """Never write to this number again: every business, campaign and manual sending of the organization (M4).

    `how` says how they asked ("Wrote STOP", "Asked us by phone").  With `confirm` one short confirmation is due at
    once (M5).
    """
    organization = customer.business.organization
    with transaction.atomic():
        Suppression.add(organization, customer.phone, how, now)
        same = Customer.objects.filter(business__organization=organization, phone=customer.phone)
        first_time = same.filter(stopped_at=None).update(stopped_at=now, stopped_how=how[:200])
        _take_back(same, f"{how} before it was sent", now)
        AuditEntry.write(organization, "stop", customer, by, how)
        if first_time and confirm and customer.chat_id:
            _confirm(customer, now)
    for delivery in Delivery.objects.filter(customer__in=same, stopped_at=None).select_related("campaign"):
        delivery.note(stopped_at=now)


def _take_back(customers: models.QuerySet[Customer], reason: str, now: datetime) -> None:
    with transaction.atomic():
        waiting = open_messages().filter(customer__in=customers).exclude(kind=Message.Kind.CONFIRMATION)
        gone = take_back(waiting.select_related("delivery__campaign"), reason, now)
        refresh([m.delivery for m in gone if m.delivery is not None])


def _confirm(customer: Customer, now: datetime) -> None:
    Message.objects.create(
        organization=customer.business.organization,
        business=customer.business,
        customer=customer,
        kind=Message.Kind.CONFIRMATION,
        due_at=now,
    )
