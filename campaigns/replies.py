"""What customers say back.  STOP ends everything at once (M1, M3, M4); "leave me alone" waits for a person (M2)."""

import re
import unicodedata
from datetime import datetime

from django.db import IntegrityError, models, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce

from campaigns import chert, pacing, status
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
STOP_WORDS = frozenset(
    {"stop", "quit", "end", "revoke", "opt out", "optout", "cancel", "unsubscribe", "stop all", "stopall"}
)

#: Other wordings that sound like "leave me alone": that customer is paused until a person has read them (M2).
LEAVE_ME = re.compile(
    r"\b(stop|unsubscribe|opt(ing)?[ -]?out|remove me|take me off|leave me alone|not interested|don'?t (text|message|"
    r"write|contact|bother)|do not (text|message|write|contact|bother)|no more (texts|messages)|who (is|are) (this|you)"
    r"|"
    r"wrong number|lose my number|quit (texting|messaging|writing)|spam|harass\w*|d[eé]jame en paz|no me (escribas?|"
    r"env[ií]es?|contactes?)|alto)\b"
)


def is_stop(text: str) -> bool:
    """One of the words, alone."""
    return _plain(text) in STOP_WORDS


def sounds_like_stop(text: str) -> bool:
    """Not one of the words, but perhaps meant like one."""
    return bool(LEAVE_ME.search(_plain(text)))


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    seen = (c for c in folded if unicodedata.category(c) != "Cf")  # soft hyphens and zero widths split no word
    kept = "".join(c if c.isalnum() or c in "' -" else " " for c in seen)
    return " ".join(kept.replace("-", " ").split()).strip("' ")


def record(event: chert.Event, organization: Organization, now: datetime) -> None:
    """Keep a customer's words, show them on the row, and do what they ask.  The same event again changes nothing."""
    customer = _who(event, organization)
    if customer is None:
        if event.sender and is_stop(event.text):  # nobody we know, but the number must stay silent all the same
            Suppression.add(organization, event.sender, "Wrote STOP", now)
        return
    with transaction.atomic():  # words kept without what they ask for would count as done at the next try
        _learn_the_chat(event, customer)
        said = _keep(event, customer, now)
        if said is not None:
            _act(said, customer, now)


def _who(event: chert.Event, organization: Organization) -> Customer | None:
    """The customer with this chat or number; of several businesses' the one that was written to last."""
    hers = Q(phone=event.sender) | Q(chat_id=event.chat_id) if event.chat_id else Q(phone=event.sender)
    written = Max(Coalesce("messages__sent_at", "messages__first_attempt_at"), filter=~Q(messages__kind="inbound"))
    mine = Customer.objects.filter(hers, business__organization=organization).annotate(written=written)
    return mine.select_related("business__organization").order_by(F("written").desc(nulls_last=True), "pk").first()


def _learn_the_chat(event: chert.Event, customer: Customer) -> None:
    """Where our own call never told us the chat, their answer does."""
    if event.chat_id and not event.is_group and not customer.chat_id:
        Customer.objects.filter(pk=customer.pk, chat_id="").update(chat_id=event.chat_id)
        customer.chat_id = event.chat_id


def _keep(event: chert.Event, customer: Customer, now: datetime) -> Message | None:
    """The words as a message; None when we have them already."""
    try:
        with transaction.atomic():
            return _said(event, customer, now)
    except IntegrityError:
        return None


def _said(event: chert.Event, customer: Customer, now: datetime) -> Message:
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
    """The asking these words belong to: the one that wrote to this customer last.

    A call whose answer is not written down yet counts too: they may be quicker than our own commit (F-45).
    """
    maybe = Q(status__in=[*status.OPEN, status.Message.IN_DOUBT], first_attempt_at__isnull=False)
    ours = customer.messages.filter(maybe | Q(status__in=status.WENT_OUT), delivery__isnull=False)
    last = Coalesce("sent_at", "first_attempt_at").desc()
    newest = ours.select_related("delivery__campaign").order_by(last).first()
    return newest.delivery if newest else None


def _act(said: Message, customer: Customer, now: datetime) -> None:
    if is_stop(said.text):
        stop(customer, "Wrote STOP", None, now, confirm=said.sent_at)
    elif sounds_like_stop(said.text):
        _pause(customer, said.text, now)
    else:
        _hurry_the_ask(customer, now)
    _show(said)


def _show(said: Message) -> None:
    """Their newest words, in whatever order they come in."""
    delivery, at = said.delivery, said.sent_at
    if delivery is not None and at is not None and (delivery.replied_at is None or delivery.replied_at <= at):
        delivery.note(replied_at=at, replied_words=said.text[:300])


def _hurry_the_ask(customer: Customer, now: datetime) -> None:
    """Somebody who answers the greeting need not wait for the picture (design: ask at once when they answer)."""
    open_messages(customer.messages.filter(kind=Message.Kind.ASK, due_at__gt=now, attempts=0, reason="")).filter(
        delivery__messages__kind=Message.Kind.GREETING, delivery__messages__status__in=status.WENT_OUT
    ).update(due_at=now)


def _pause(customer: Customer, words: str, now: datetime) -> None:
    same = _same_person(customer)
    _take_back(same, f"Waits for somebody to read: “{words[:80]}”", now)
    same.filter(paused_at=None).update(paused_at=now, paused_words=words[:300])


def _same_person(customer: Customer) -> models.QuerySet[Customer]:
    """This number in every business of the organization."""
    return Customer.objects.filter(business__organization=customer.business.organization, phone=customer.phone)


def stop(customer: Customer, how: str, by: User | None, now: datetime, *, confirm: datetime | None = None) -> None:
    """Never write to this number again: every business, campaign and manual sending of the organization (M4).

    `how` says how they asked ("Wrote STOP", "Asked us by phone").  With `confirm`, the moment they wrote it, one short
    confirmation is due at once (M5).  Message rows are taken before the customer's, as everywhere.
    """
    organization, same = customer.business.organization, _same_person(customer)
    with transaction.atomic():
        _take_back(same, f"{how} before it was sent", now)
        is_new = Suppression.add(organization, customer.phone, how, now)
        first_time = same.filter(stopped_at=None).update(stopped_at=now, stopped_how=how[:200])
        AuditEntry.write(organization, "stop", customer, by, how)
        if is_new and first_time and confirm and now - confirm < pacing.CONFIRM_WITHIN and customer.chat_id:
            _confirm(customer, confirm, now)
        for delivery in Delivery.objects.filter(customer__in=same, stopped_at=None).select_related("campaign"):
            delivery.note(stopped_at=now)


def _take_back(customers: models.QuerySet[Customer], reason: str, now: datetime) -> None:
    with transaction.atomic():
        waiting = open_messages().filter(customer__in=customers).exclude(kind=Message.Kind.CONFIRMATION)
        gone = take_back(waiting.select_related("delivery__campaign"), reason, now)
        refresh([m.delivery for m in gone if m.delivery is not None])


def _confirm(customer: Customer, asked_at: datetime, now: datetime) -> None:
    """The confirmation is as old as their words: that is what its five minutes count from."""
    Message.objects.create(
        organization=customer.business.organization,
        business=customer.business,
        customer=customer,
        kind=Message.Kind.CONFIRMATION,
        created_at=asked_at,
        due_at=now,
    )
