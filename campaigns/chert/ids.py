"""The identifiers Chert gives out: opaque strings, each with a type of its own, so that one cannot stand for another.

A chat id where a message id belongs is the classic mistake with this API; a type checker finds it before Chert does.
"""

from typing import NewType
from urllib.parse import quote

ChatId = NewType("ChatId", str)  # for /chats/{id}/…; the `lead_id` of other answers is this one
MessageId = NewType("MessageId", str)  # for /messages/{id}/…
ConversationId = NewType("ConversationId", str)  # `convo_id`: kept for completeness, no route takes it
AttachmentId = NewType("AttachmentId", str)
LineId = NewType("LineId", str)
EventId = NewType("EventId", str)  # the same over webhook retries, replays and the events log
SubscriptionId = NewType("SubscriptionId", str)

#: Longer than any of Chert's; and what is longer nobody could keep, so it counts as none.
LONGEST = 120


def is_id(value: object) -> bool:
    """Whether this can be an id at all: a printable string of sensible length that does not change a path."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable() and value not in (".", "..")


def in_path(value: str) -> str:
    """The id as one segment of a path, whatever characters it has."""
    if not is_id(value):
        raise ValueError("Not an id that Chert could have given.")
    return quote(value, safe="")
