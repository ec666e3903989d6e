"""Conversations: what customers said waits here until somebody has read it, answered it or put it away."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from campaigns.models import AuditEntry, Business, Conversation, Gesture, Membership, Message, User

#: Between two signs that somebody types, and for how long one is believed.
TYPING_EVERY = timedelta(seconds=5)
TYPING_LASTS = timedelta(seconds=12)


class NoColleague(Exception):
    """Somebody who does not belong to the organization cannot look after its conversations."""


def heard(said: Message, now: datetime, *, is_final: bool) -> None:
    """A customer's words have been kept: their conversation is open and unread again.

    `is_final`: they wrote STOP, which is done already and needs nobody.  What one of us answers to a test is nobody's
    conversation.  Call inside the transaction that keeps the words.
    """
    customer, at = said.customer, said.sent_at or now
    if customer.is_test:
        return
    talk, _ = Conversation.objects.get_or_create(
        customer=customer, defaults={"business": customer.business, "said_at": at, "words": said.text[:300]}
    )
    mine = Conversation.objects.filter(pk=talk.pk)
    if is_final:
        mine.update(done_at=now)
    else:
        mine.update(unread=F("unread") + 1, done_at=None)
    mine.filter(said_at__lte=at).update(said_at=at, words=said.text[:300])


def unread(business: Business) -> int:
    """In how many open conversations of this business something is new."""
    return business.conversations.filter(unread__gt=0, done_at=None).count()


def read(talk: Conversation, seen: int, by: User, now: datetime) -> bool:
    """Somebody has seen everything up to the message of this number; what came later stays unread.

    The customer is shown it too, where the organization wants that.  False when nothing was new.
    """
    with transaction.atomic():
        row = Conversation.objects.select_for_update().get(pk=talk.pk)
        newer = row.customer.messages.filter(kind=Message.Kind.INBOUND, pk__gt=seen).count()
        if row.unread <= newer:
            return False
        Conversation.objects.filter(pk=row.pk).update(unread=newer)
        if talk.business.organization.sends_receipts and talk.customer.chat_id:
            Gesture.plan(talk.customer, Gesture.Kind.RECEIPT, now, by=by)
    return True


def assign(talk: Conversation, to: User | None, by: User) -> None:
    """Hand it to a colleague, or to nobody.  Raises `NoColleague`."""
    organization = talk.business.organization
    if to is not None and not Membership.objects.filter(organization=organization, user=to).exists():
        raise NoColleague
    with transaction.atomic():
        Conversation.objects.filter(pk=talk.pk).update(assigned_to=to)
        AuditEntry.write(organization, "assign conversation", talk, by, str(to.pk) if to else "")


def close(talk: Conversation, by: User, now: datetime) -> None:
    """Nothing is to be done any more, until they write again."""
    with transaction.atomic():
        if Conversation.objects.filter(pk=talk.pk, done_at=None).update(done_at=now, unread=0):
            AuditEntry.write(talk.business.organization, "conversation done", talk, by)


def reopen(talk: Conversation, by: User) -> None:
    """Something is to be done after all."""
    with transaction.atomic():
        if Conversation.objects.filter(pk=talk.pk, done_at__isnull=False).update(done_at=None):
            AuditEntry.write(talk.business.organization, "conversation open", talk, by)


def types(talk: Conversation, by: User, now: datetime, *, still: bool) -> None:
    """One of us is writing, or not any more (`still` false): colleagues see it, and the customer's phone shows it.

    Told at most every few seconds, however fast somebody types.
    """
    mine = Conversation.objects.filter(pk=talk.pk)
    if not still:
        told = mine.filter(typing_by=by, typing_at__isnull=False).update(typing_by=None, typing_at=None)
    else:
        rested = Q(typing_at=None) | Q(typing_at__lte=now - TYPING_EVERY)
        told = mine.filter(rested | ~Q(typing_by=by)).update(typing_by=by, typing_at=now)
    if told and talk.customer.chat_id:
        Gesture.plan(talk.customer, Gesture.Kind.TYPING, now, word="typing" if still else "stopped", by=by)


def writer(talk: Conversation, reader: User, now: datetime) -> User | None:
    """Which colleague of the reader's is writing here this moment."""
    if talk.typing_at is None or talk.typing_by_id == reader.pk or now - talk.typing_at > TYPING_LASTS:
        return None
    return talk.typing_by
