"""The two ways out of doubt, both a person's (I11)."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from campaigns import outgoing, status
from campaigns.asking import reminders
from campaigns.models import AuditEntry, Message, User, take_back


class NotInDoubt(Exception):
    """The message is not in doubt any more."""


def it_arrived(message: Message, by: User | None, now: datetime) -> None:
    """Somebody knows that it reached the customer.  Raises `NotInDoubt`."""
    with transaction.atomic():
        if message.kind == Message.Kind.GREETING:
            _round(message).filter(due_at=None, status__in=status.OPEN).update(due_at=now)
        _leave_doubt(message, status=status.Message.SENT, sent_at=message.first_attempt_at or now, reason="")
        outgoing.of_message(outgoing.Event.SENT, message, now)
        if days := reminders.days_after(message):
            reminders.plan(message, now + days)
            message.show()
        AuditEntry.write(message.organization, "it arrived", message, by)


def send_again(message: Message, by: User | None, words: str, now: datetime) -> None:
    """Give the doubtful one up, so that a new one with a new key may be made.  Raises `NotInDoubt`."""
    with transaction.atomic():
        take_back(_round(message), "Was sent again by hand", now)
        _leave_doubt(message, status=status.Message.CANCELLED, reason="May have been sent; was sent again by hand")
        AuditEntry.write(message.organization, "send again after doubt", message, by, words)


def _round(message: Message) -> QuerySet[Message]:
    return Message.objects.filter(delivery=message.delivery, round=message.round).exclude(delivery=None)


def _leave_doubt(message: Message, **values: object) -> None:
    doubtful = Message.objects.filter(pk=message.pk, status=status.Message.IN_DOUBT)
    if not doubtful.update(**values):
        raise NotInDoubt("This message is not in doubt any more.")
    if message.delivery is not None:
        message.delivery.refresh()
