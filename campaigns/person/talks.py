"""The inbox: their conversations, their tapbacks, and what we did in their chat besides writing."""

from datetime import datetime
from typing import Any

from campaigns.models import Conversation, Customer, Gesture, Tapback
from campaigns.person.whose import Whose


def held(whose: Whose) -> list[dict[str, Any]]:
    """What a file for them tells of it; the words themselves are messages."""
    return [*_conversations(whose), *_tapbacks(whose), *_gestures(whose)]


def _conversations(whose: Whose) -> list[dict[str, Any]]:
    columns = ("words", "said_at", "unread", "done_at", "created_at")
    return [{"conversation": row.pop("pk"), **row} for row in _talks(whose).values("pk", *columns)]


def _tapbacks(whose: Whose) -> list[dict[str, Any]]:
    rows = Tapback.objects.filter(message__customer__in=whose.rows).order_by("pk")
    return [{"their_tapback": row.word, "on_message": row.message_id, "at": row.at} for row in rows]


def _gestures(whose: Whose) -> list[dict[str, Any]]:
    rows = Gesture.objects.filter(customer__in=whose.rows).order_by("pk")
    return [
        {"our": row.get_kind_display(), "word": row.word, "on_message": row.message_id, "at": row.created_at}
        for row in rows
    ]


def _talks(whose: Whose) -> Any:
    return Conversation.objects.filter(customer__in=whose.rows).order_by("pk")


def forget(whose: Whose, now: datetime) -> int:
    """All of it; the conversations are counted."""
    Gesture.objects.filter(customer__in=whose.rows).delete()
    Tapback.objects.filter(message__customer__in=whose.rows).delete()
    return int(_talks(whose).delete()[0])


def join(stays: Customer, goes: Customer) -> None:
    """Of two rows for one person: one conversation, with the newest words, unread if either was."""
    Gesture.objects.filter(customer=goes).update(customer=stays)
    theirs, kept = (Conversation.objects.filter(customer=each).first() for each in (goes, stays))
    if theirs is None:
        return
    if kept is None:
        Conversation.objects.filter(pk=theirs.pk).update(customer=stays)
        return
    newest = max(kept, theirs, key=lambda each: each.said_at)
    kept.words, kept.said_at, kept.done_at = newest.words, newest.said_at, newest.done_at
    kept.unread += theirs.unread
    kept.assigned_to = kept.assigned_to or theirs.assigned_to
    kept.save(update_fields=["words", "said_at", "done_at", "unread", "assigned_to"])
    theirs.delete()
