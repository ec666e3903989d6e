"""The one reminder that may follow a request: planned when the request has gone out, and asked about again at the end.

It is a message like every other.  The database holds it to one per delivery; whatever the customer does takes it back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from campaigns import status
from campaigns.asking import asked, together
from campaigns.models import Campaign, Customer, Delivery, Message, open_messages, refresh, take_back

#: What belongs to the campaign's own asking and reaches the customer with the link.
_ASKS = (Message.Kind.ASK, Message.Kind.ALL)
#: Campaigns that may still plan one.  A finished one says that nothing more goes out.
_LIVE = (status.Campaign.RUNNING, status.Campaign.PAUSED, status.Campaign.HELD)


def days_after(ask: Message) -> timedelta | None:
    """How long after this message a reminder may follow; None where none follows.

    It follows the campaign's own asking alone: who is asked again by hand is in somebody's hands.  And where a customer
    may leave no more than one request unanswered, there is no second.
    """
    is_first = ask.kind in _ASKS and ask.round == 1 and ask.delivery is not None
    may_follow = is_first and ask.business.most_unanswered > 1
    days = ask.delivery.campaign.remind_after if may_follow and ask.delivery else None
    return timedelta(days=days) if days else None


def plan(ask: Message, due_at: datetime) -> None:
    """Plan the reminder of a request that has just gone out.  Call in the transaction that says so, before it shows.

    Nothing happens where there is one already, where the campaign has ended meanwhile, and where the customer has
    answered the greeting: then people are talking with each other.
    """
    delivery = ask.delivery
    if delivery is None or not _is_wanted(delivery):
        return
    wording = delivery.campaign.wording(ask.customer.language)
    Message.objects.create(
        organization=ask.organization,
        business=ask.business,
        customer=ask.customer,
        delivery=delivery,
        household=ask.household,
        kind=Message.Kind.REMINDER,
        text=wording.reminder,
        language=wording.language,
        due_at=due_at,
    )


def _is_wanted(delivery: Delivery) -> bool:
    quiet = Q(replied_at=None, clicked_at=None, stopped_at=None, reviewed_at=None)
    reminding = Q(campaign__state__in=_LIVE, campaign__remind_after__isnull=False)
    has_one = delivery.messages.filter(kind=Message.Kind.REMINDER).exists()
    return not has_one and Delivery.objects.filter(quiet, reminding, pk=delivery.pk).exists()


def why_not(reminder: Message) -> str:
    """Why this reminder must not go, asked at the moment of sending; empty when it may.

    Read anew: the row in hand was claimed a while ago.  That a number is stopped, suppressed or an insider's, and that
    the campaign was cancelled, is asked for every message and not here.
    """
    assert reminder.delivery is not None
    delivery = Delivery.objects.get(pk=reminder.delivery.pk)
    keys = [each.pk for each in together.recipients(reminder)]
    people = list(Customer.everything.filter(pk__in=keys).select_related("business"))
    paused = next((each.paused_words for each in people if each.paused_at), None)
    checks = (
        (delivery.clicked_at is not None, "The link was opened"),
        (_has_answered(delivery, people), "They answered"),
        (bool(delivery.reviewed_at or any(each.reviewed_at for each in people)), "Has reviewed already"),
        (paused is not None, f"Waits for somebody to read: “{(paused or '')[:80]}”"),
        (not _has_gone_out(reminder), "The request did not reach them"),
        (not _has_chat(reminder, people), "Nobody knows the chat that the request went to"),
        (
            any(asked.past_of(each).is_silent(each.business) for each in people),
            _gone_unanswered(reminder.business.most_unanswered),
        ),
    )
    return next((sentence for holds, sentence in checks if holds), "")


def _gone_unanswered(requests: int) -> str:
    return "A request has gone unanswered" if requests == 1 else "Two requests in a row have gone unanswered"


def _has_chat(reminder: Message, people: Sequence[Customer]) -> bool:
    if reminder.household is not None:
        return bool(reminder.household.chat_id)
    return all(each.chat_id for each in people)


def _has_answered(delivery: Delivery, people: Sequence[Customer]) -> bool:
    """Their words belong to the asking that wrote to them last, which need not be this one."""
    said = Message.objects.filter(customer__in=people, kind=Message.Kind.INBOUND)
    later = said.filter(created_at__gte=delivery.sent_at)
    return delivery.replied_at is not None or (delivery.sent_at is not None and later.exists())


def _has_gone_out(reminder: Message) -> bool:
    asks = Message.objects.filter(delivery=reminder.delivery_id, kind__in=_ASKS)
    return asks.filter(status__in=status.WENT_OUT).exists()


def take_back_of(which: Q, reason: str, now: datetime) -> int:
    """Take back the open reminders of these (a `Q` over messages), and say why; returns how many.

    Message rows are taken before the deliveries', as everywhere.
    """
    with transaction.atomic():
        waiting = open_messages().filter(which, kind=Message.Kind.REMINDER).select_related("delivery__campaign")
        gone = take_back(waiting, reason, now)
        refresh([message.delivery for message in gone if message.delivery is not None])
    return len(gone)


def drop(campaign: Campaign, now: datetime) -> int:
    """Remind nobody any more in this campaign; returns how many reminders were to come."""
    with transaction.atomic():
        dropped = take_back_of(Q(delivery__campaign=campaign), "Nobody is reminded any more in this campaign", now)
        Campaign.objects.filter(pk=campaign.pk).update(remind_after=None)
        return dropped
