"""What customers say back.

STOP ends everything at once (M1, M3, M4); "leave me alone" waits for a person (M2); START, by the same hand, begins
again.
"""

from datetime import datetime

from django.db import IntegrityError, models, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce

from campaigns import chert, optouts, pacing, reminders, status
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


def record(event: chert.Event, organization: Organization, now: datetime) -> None:
    """Keep a customer's words, show them on the row, and do what they ask.  The same event again changes nothing."""
    customer = _who(event, organization)
    with transaction.atomic():  # words kept without what they ask for would count as done at the next try
        if customer is None:
            _of_a_stranger(event, organization, now)
            return
        _learn_the_chat(event, customer)
        said = _keep(event, customer, now)
        if said is not None:
            _act(said, customer, now, is_own=_is_own(event, customer))


def _of_a_stranger(event: chert.Event, organization: Organization, now: datetime) -> None:
    """Nobody we know, or not any more; but their number must stay silent all the same, until they say otherwise."""
    wish, at = optouts.read(event.text), min(event.timestamp or now, now)
    if event.sender and wish is optouts.Wish.STOP:
        Suppression.add(organization, event.sender, "Wrote STOP", at)
    elif event.sender and wish is optouts.Wish.START and Suppression.lift(organization, event.sender, at):
        AuditEntry.write(organization, "start", "a number without a customer", None, "Wrote START")


def _is_own(event: chert.Event, customer: Customer) -> bool:
    """Written with the customer's own number, or with their e-mail address in the chat that is theirs alone."""
    return event.sender == customer.phone or not (event.is_group or event.sender.startswith("+"))


def _who(event: chert.Event, organization: Organization) -> Customer | None:
    """The customer with this chat or number; of several businesses' the one that was written to last."""
    hers = Q(phone=event.sender) | Q(chat_id=event.chat_id) if event.chat_id else Q(phone=event.sender)
    written = Max(Coalesce("messages__sent_at", "messages__first_attempt_at"), filter=~Q(messages__kind="inbound"))
    mine = Customer.everything.filter(hers, business__organization=organization).annotate(written=written)
    return mine.select_related("business__organization").order_by(F("written").desc(nulls_last=True), "pk").first()


def _learn_the_chat(event: chert.Event, customer: Customer) -> None:
    """Where our own call never told us the chat, their answer does."""
    if event.chat_id and not event.is_group and not customer.chat_id:
        Customer.everything.filter(pk=customer.pk, chat_id="").update(chat_id=event.chat_id)
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


def _act(said: Message, customer: Customer, now: datetime, *, is_own: bool) -> None:
    at = min(said.sent_at or now, now)
    match optouts.read(said.text, customer.first_name):
        case optouts.Wish.STOP:
            stop(customer, "Wrote STOP", None, now, wrote_at=at)
        case optouts.Wish.PERHAPS_STOP:
            _pause(customer, said.text, now)
        case optouts.Wish.START if is_own and _start_again(customer, at, now):
            pass
        case _:
            reminders.take_back_of(Q(customer__in=_meant(customer)), "They answered", now)
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
    same = _meant(customer)
    _take_back(same, f"Waits for somebody to read: “{words[:80]}”", now)
    same.filter(paused_at=None).update(paused_at=now, paused_words=words[:300])


def _same_person(customer: Customer) -> models.QuerySet[Customer]:
    """This number in every business of the organization, and the tests that went to it."""
    return Customer.everything.filter(business__organization=customer.business.organization, phone=customer.phone)


def _meant(customer: Customer) -> models.QuerySet[Customer]:
    """Whom words below a STOP are about: what one of us answers to a test moves that test alone, and no customer."""
    same = _same_person(customer)
    return same.filter(pk=customer.pk) if customer.is_test else same.filter(is_test=False)


def stop(customer: Customer, how: str, by: User | None, now: datetime, *, wrote_at: datetime | None = None) -> None:
    """Never write to this number again: every business, campaign and manual sending of the organization (M4).

    `how` says how they asked ("Wrote STOP", "Asked us by phone").  With `wrote_at`, the moment they wrote it, one short
    confirmation is due at once (M5).  Message rows are taken before the customer's, as everywhere.
    """
    organization, same = customer.business.organization, _same_person(customer)
    with transaction.atomic():
        _take_back(same, f"{how} before it was sent", now)
        is_new = Suppression.add(organization, customer.phone, how, wrote_at or now)
        first_time = same.filter(stopped_at=None).update(stopped_at=now, stopped_how=how[:200])
        AuditEntry.write(organization, "stop", customer, by, how)
        if is_new and first_time and wrote_at and _may_confirm(customer, wrote_at, now):
            _confirm(customer, wrote_at, now)
        for delivery in Delivery.everything.filter(customer__in=same, stopped_at=None).select_related("campaign"):
            delivery.note(stopped_at=now)


def _start_again(customer: Customer, wrote_at: datetime, now: datetime) -> bool:
    """They who had stopped want to hear from us again; False when nothing was stopped, or by a newer wish.

    Only the customer's own words come here: there is no button for it.  What was taken back stays so.
    """
    organization, same = customer.business.organization, _same_person(customer)
    if not Suppression.lift(organization, customer.phone, wrote_at):
        return False
    confirmations = Message.objects.filter(customer__in=same, kind=Message.Kind.CONFIRMATION)
    take_back(open_messages(confirmations), "Wrote START before it was sent", now)  # it would not be true any more
    same.update(stopped_at=None, stopped_how="")
    AuditEntry.write(organization, "start", customer, None, "Wrote START")
    return True


def _take_back(customers: models.QuerySet[Customer], reason: str, now: datetime) -> None:
    with transaction.atomic():
        waiting = open_messages().filter(customer__in=customers).exclude(kind=Message.Kind.CONFIRMATION)
        gone = take_back(waiting.select_related("delivery__campaign"), reason, now)
        refresh([m.delivery for m in gone if m.delivery is not None])


def _may_confirm(customer: Customer, asked_at: datetime, now: datetime) -> bool:
    """Soon enough, where we have a chat, and not told already in these minutes: STOP, START and STOP are told once."""
    sent = Message.objects.filter(customer__in=_same_person(customer), kind=Message.Kind.CONFIRMATION)
    told = sent.filter(created_at__gt=asked_at - pacing.CONFIRM_WITHIN).exclude(status=status.Message.CANCELLED)
    return bool(customer.chat_id) and now - asked_at < pacing.CONFIRM_WITHIN and not told.exists()


def _confirm(customer: Customer, asked_at: datetime, now: datetime) -> None:
    """The confirmation is as old as their words: that is what its five minutes count from."""
    Message.objects.create(
        organization=customer.business.organization,
        business=customer.business,
        customer=customer,
        kind=Message.Kind.CONFIRMATION,
        language=customer.spoken_language,
        created_at=asked_at,
        due_at=now,
    )
