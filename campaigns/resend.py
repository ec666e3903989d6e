"""Sending again by hand: one customer, with what they already have in view, and the same guards as ever."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from campaigns import outbox, status
from campaigns.asking import audience, reminders, together
from campaigns.models import AuditEntry, Delivery, Message, User, asking, open_messages


class NotAllowed(Exception):
    """This customer may not be sent to, whoever asks; the text says why."""


class ReasonNeeded(Exception):
    """It is allowed, but only with a reason that is kept; the text says why one is needed."""


@dataclass(frozen=True)
class Outlook:
    """What sending again would mean for one delivery."""

    received: list[Message]
    forbidden: str = ""
    reason_needed: str = ""
    #: The number of the next asking.
    round: int = 2


def outlook(delivery: Delivery, now: datetime) -> Outlook:
    """What this customer already received and when, whether we may send again, and whether a reason is needed."""
    newest = delivery.messages.aggregate(newest=Max("round"))["newest"] or 1  # first: what comes later is then a clash
    history = delivery.customer.messages.exclude(kind=Message.Kind.INBOUND).order_by("pk")
    received = list(history.filter(status__in=[*status.WENT_OUT, status.Message.IN_DOUBT]))
    forbidden = _forbidden(delivery)
    reason = _why_not(delivery, now)
    if not forbidden and reason and reason.is_final:
        forbidden = reason.sentence
    return Outlook(received, forbidden, reason.sentence if reason and not forbidden else "", newest + 1)


def _why_not(delivery: Delivery, now: datetime) -> audience.Reason | None:
    """The heaviest reason among those who would get it: in an open group all of them."""
    home = delivery.household
    people = [delivery.customer]
    if home is not None and home.is_open and delivery.together_with_id is None:
        people += together.companions(delivery)
    business = delivery.campaign.business
    found = audience.reasons(business, people, now, campaign=delivery.campaign)
    return min(found.values(), key=lambda reason: not reason.is_final, default=None)


def _forbidden(delivery: Delivery) -> str:
    if delivery.customer.merged_into_id is not None:
        return "This was another entry of a customer who is in the list under another number. Ask them there"
    group = delivery.together_with
    if group is not None and group.status in status.DELIVERY_OPEN:
        return f"Is being asked together with {group.customer.name or 'another customer'} just now."
    if delivery.campaign.state == status.Campaign.HELD:
        return "The campaign is held. Say on its page that it may go on, or cancel it."
    if delivery.campaign.state == status.Campaign.PAUSED:
        return "The campaign is paused. Resume it first."
    under_way = open_messages(delivery.messages.exclude(kind=Message.Kind.REMINDER))
    if delivery.messages.filter(status=status.Message.IN_DOUBT).exists():
        under_way = under_way.filter(due_at__isnull=False)  # what only waits behind the doubt is taken back with it
    if under_way.exists():
        return "The message is still on its way. Nothing has to be sent again."
    return ""


def resend(delivery: Delivery, by: User | None, reason: str, now: datetime) -> None:
    """Ask this customer once more: new messages with new keys, kept beside the old ones.

    Raises `NotAllowed` for a stopped, suppressed or otherwise final customer and while something is still under way,
    `ReasonNeeded` when they were asked recently and no reason is given.  Two clicks at once make one sending.
    """
    view = outlook(delivery, now)
    if view.forbidden:
        raise NotAllowed(view.forbidden)
    reason = reason.strip()
    if view.reason_needed and not reason:
        raise ReasonNeeded(f"{view.reason_needed}. Say why it should be sent all the same; the reason is kept.")
    try:
        with transaction.atomic():
            _write(delivery, view.round, by, reason, now)
    except (IntegrityError, outbox.NotInDoubt) as twice:
        raise NotAllowed("The message is already being sent again.") from twice


def _write(delivery: Delivery, round: int, by: User | None, reason: str, now: datetime) -> None:
    """The messages of this round.  Somebody quicker has made them: IntegrityError, by the constraint on the round."""
    for doubtful in delivery.messages.filter(status=status.Message.IN_DOUBT):
        outbox.send_again(doubtful, by, reason, now)
    reminders.take_back_of(Q(delivery=delivery), "Was sent again by hand", now)
    delivery.customer.refresh_from_db()
    for message in asking(delivery, now, round=round, by=by, note=reason):
        message.save()
    delivery.refresh()
    AuditEntry.write(delivery.customer.business.organization, "send again", delivery, by, reason)
