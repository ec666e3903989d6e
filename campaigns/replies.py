"""What customers say back.

STOP ends everything at once (M1, M3, M4); "leave me alone" waits for a person (M2); START, by the same hand, begins
again.
"""

from datetime import datetime

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from campaigns import chert, conversations, households, optouts, outgoing, pacing, phones, status
from campaigns.asking import reminders
from campaigns.models import (
    AuditEntry,
    Customer,
    Delivery,
    Household,
    Message,
    Organization,
    Suppression,
    User,
    open_messages,
    refresh,
    take_back,
    written_last,
)


def record(event: chert.Event, organization: Organization, now: datetime) -> bool:
    """Keep a customer's words, show them on the row, and do what they ask.  The same event again changes nothing.

    False when no customer wrote them.
    """
    group = households.with_chat(organization.pk, event.chat_id)
    customer = _who(event, organization, group)
    with transaction.atomic():  # words kept without what they ask for would count as done at the next try
        if customer is None:
            _of_a_stranger(event, organization, now)
            _of_an_unknown_member(event, group, now)
            return False
        if group is None:
            _learn_the_chat(event, customer)
        said = _keep(event, customer, group, now)
        if said is not None and _is_forgotten(customer):
            said.delete()
            return False
        if said is not None:
            wish = optouts.read(said.text, customer.first_name)
            conversations.heard(said, now, is_final=wish is optouts.Wish.STOP)
            _act(said, customer, wish, now, is_own=_is_own(event, customer))
            outgoing.of_message(outgoing.Event.REPLIED, said, now)
    return True


def _of_a_stranger(event: chert.Event, organization: Organization, now: datetime) -> None:
    """Nobody we know, or not any more; but their number must stay silent all the same, until they say otherwise."""
    wish, at = optouts.read(event.text), min(event.timestamp or now, now)
    if event.sender and wish is optouts.Wish.STOP:
        Suppression.add(organization, event.sender, "Wrote STOP", at)
    elif event.sender and wish is optouts.Wish.START and Suppression.lift(organization, event.sender, at):
        AuditEntry.write(organization, "start", "a number without a customer", None, "Wrote START")


def _of_an_unknown_member(event: chert.Event, group: Household | None, now: datetime) -> None:
    """One of a household writes from an address that is nobody's here, an e-mail's perhaps.

    Where they want no more, nobody knows who it was: the group ends, and a person reads before any of them is asked.
    """
    if group is None or optouts.read(event.text) not in (optouts.Wish.STOP, optouts.Wish.PERHAPS_STOP):
        return
    people = Customer.everything.filter(household=group)
    _take_back(people, "Somebody in their household wrote that they want no more", now)
    households.end([group.pk], households.STOPPED, now)
    people.filter(paused_at=None).update(paused_at=now, paused_words=f"In the group: {event.text}"[:300])


def _is_own(event: chert.Event, customer: Customer) -> bool:
    """Written with the customer's own number, or with their e-mail address in the chat that is theirs alone."""
    return event.sender in phones.writings(customer.phone) or not (event.is_group or event.sender.startswith("+"))


def _who(event: chert.Event, organization: Organization, group: Household | None) -> Customer | None:
    """The customer with this chat or number; of several businesses' the one that was written to last.

    In a group it is always the number that says who, and the household's business comes first.
    """
    hers = Q(phone__in=phones.writings(event.sender)) if event.sender else Q(pk=None)
    if event.chat_id and group is None:
        hers |= Q(chat_id=event.chat_id)
    mine = Customer.everything.filter(hers, business__organization=organization, erased_at=None)
    rows = mine.annotate(written=written_last()).select_related("business__organization", "merged_into")
    ordered = rows.order_by(F("written").desc(nulls_last=True), "pk")
    found = ordered.first() if group is None else ordered.filter(is_test=False, business=group.business_id).first()
    return _stayed(found) if found else None


def _stayed(customer: Customer) -> Customer:
    """Of somebody who was entered twice, the row that stayed."""
    if customer.merged_into is None:
        return customer
    customer.merged_into.business = customer.business
    return customer.merged_into


def _learn_the_chat(event: chert.Event, customer: Customer) -> None:
    """Where our own call never told us the chat, their answer does."""
    if event.chat_id and not event.is_group and not customer.chat_id:
        Customer.everything.filter(pk=customer.pk, chat_id="", erased_at=None).update(chat_id=event.chat_id)
        customer.chat_id = event.chat_id


def _keep(event: chert.Event, customer: Customer, group: Household | None, now: datetime) -> Message | None:
    """The words as a message; None when we have them already."""
    try:
        with transaction.atomic():
            return _said(event, customer, group, now)
    except IntegrityError:
        return None


def _is_forgotten(customer: Customer) -> bool:
    """Were they erased between the look for them and now?  Our new row holds theirs, so it cannot happen after this."""
    return not Customer.everything.filter(pk=customer.pk, erased_at=None).exists()


def _said(event: chert.Event, customer: Customer, group: Household | None, now: datetime) -> Message:
    return Message.objects.create(
        organization=customer.business.organization,
        business=customer.business,
        customer=customer,
        delivery=_answered_together(customer, group) or _answered(customer),
        household=group,
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


def _answered_together(customer: Customer, group: Household | None) -> Delivery | None:
    """In a group: their own row of the campaign that wrote there last."""
    if group is None:
        return None
    mine = Delivery.objects.filter(customer=customer, household=group).select_related("campaign", "together_with")
    return mine.order_by("-pk").first()


def _act(said: Message, customer: Customer, wish: optouts.Wish, now: datetime, *, is_own: bool) -> None:
    at = min(said.sent_at or now, now)
    match wish:
        case optouts.Wish.STOP:
            stop(customer, "Wrote STOP", None, now, wrote_at=at)
        case optouts.Wish.PERHAPS_STOP:
            _pause(customer, said.text, now)
        case optouts.Wish.START if is_own and _start_again(customer, at, now):
            pass
        case _:
            reminders.take_back_of(_messages_to(_meant(customer)), "They answered", now)
            _hurry_the_ask(customer, now)
    _show(said)


def _show(said: Message) -> None:
    """Their newest words, in whatever order they come in."""
    delivery, at = said.delivery, said.sent_at
    if delivery is not None and delivery.together_with is not None and said.household is not None:
        if at is not None:  # the household's row says once that somebody answered; the words stand on their own page
            delivery.together_with.note(replied_at=at)
        return
    if delivery is not None and at is not None and (delivery.replied_at is None or delivery.replied_at <= at):
        delivery.note(replied_at=at, replied_words=said.text[:300])


def _hurry_the_ask(customer: Customer, now: datetime) -> None:
    """Somebody who answers the greeting need not wait for the picture (design: ask at once when they answer)."""
    asks = Message.objects.filter(_messages_to([customer]), kind=Message.Kind.ASK, due_at__gt=now, attempts=0)
    open_messages(asks.filter(reason="")).filter(
        delivery__messages__kind=Message.Kind.GREETING, delivery__messages__status__in=status.WENT_OUT
    ).update(due_at=now)


def _pause(customer: Customer, words: str, now: datetime) -> None:
    same = _meant(customer)
    _take_back(same, f"Waits for somebody to read: “{words[:80]}”", now)
    same.filter(paused_at=None).update(paused_at=now, paused_words=words[:300])


def _same_person(customer: Customer) -> models.QuerySet[Customer]:
    """This number in every business of the organization, however it is written, with the numbers of rows joined to
    this one, and the tests that went to it."""
    mine = Customer.everything.filter(business__organization=customer.business.organization)
    numbers = (customer.phone, *_joined(customer))
    return mine.filter(phone__in=[each for number in numbers for each in phones.writings(number)])


def _joined(customer: Customer) -> list[str]:
    """The numbers of rows that turned out to be this customer, too."""
    rows = Customer.everything.filter(merged_into=customer.pk) if customer.pk else Customer.everything.none()
    return list(rows.values_list("phone", flat=True))


def _meant(customer: Customer) -> models.QuerySet[Customer]:
    """Whom words below a STOP are about: what one of us answers to a test moves that test alone, and no customer."""
    same = _same_person(customer)
    return same.filter(pk=customer.pk) if customer.is_test else same.filter(is_test=False)


def stop(customer: Customer, how: str, by: User | None, now: datetime, *, wrote_at: datetime | None = None) -> None:
    """Never write to this number again: every business, campaign and manual sending of the organization (M4).

    The group of their household ends with it, for everybody; the others may be asked on their own.

    `how` says how they asked ("Wrote STOP", "Asked us by phone").  With `wrote_at`, the moment they wrote it, one short
    confirmation is due at once (M5).  Message rows are taken before the customer's, as everywhere.
    """
    organization, same = customer.business.organization, _same_person(customer)
    with transaction.atomic():
        _take_back(same, f"{how} before it was sent", now)
        households.end(households.of(same), households.STOPPED, now)
        is_new = Suppression.add(organization, customer.phone, how, wrote_at or now)
        for number in _joined(customer):
            Suppression.add(organization, number, how, wrote_at or now)
        going = list(same.filter(stopped_at=None).select_related("business"))
        first_time = same.filter(stopped_at=None).update(stopped_at=now, stopped_how=how[:200])
        outgoing.of_customers(outgoing.Event.STOPPED, going, now)
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


def _messages_to(customers: models.QuerySet[Customer] | list[Customer]) -> Q:
    """What goes to these customers: to them alone, and to the open groups they are in."""
    return Q(customer__in=customers) | Q(household__in=households.of(customers))


def _take_back(customers: models.QuerySet[Customer], reason: str, now: datetime) -> None:
    with transaction.atomic():
        waiting = open_messages().filter(_messages_to(customers)).exclude(kind=Message.Kind.CONFIRMATION)
        gone = take_back(waiting.select_related("delivery__campaign"), reason, now)
        refresh([m.delivery for m in gone if m.delivery is not None])


def _may_confirm(customer: Customer, asked_at: datetime, now: datetime) -> bool:
    """Soon enough, where we have a chat, and not told already in these minutes: STOP, START and STOP are told once.

    The chat is their own.  In a group it would tell the others, and go on writing there.
    """
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
