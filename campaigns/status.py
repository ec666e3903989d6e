"""The words for where a message and a delivery stand, and which word may follow which.

Stored words say what *has happened*, so a crash cannot make one lie.  "Sending now" is a live lease, not a word here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices


class Message(TextChoices):
    """Where one message stands."""

    PLANNED = "planned", "Planned"
    RENDERED = "rendered", "Picture ready"
    UPLOADED = "uploaded", "Ready to send"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    READ = "read", "Read"
    REFUSED = "refused", "Refused"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"
    IN_DOUBT = "in_doubt", "May have been sent"
    RECEIVED = "received", "Received"  # inbound: it reached us, and nothing follows


class Delivery(TextChoices):
    """Where one customer stands in one campaign: the furthest of the messages."""

    PLANNED = "planned", "Planned"
    RENDERED = "rendered", "Picture ready"
    UPLOADED = "uploaded", "Ready to send"
    GREETED = "greeted", "Greeted"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    READ = "read", "Read"
    SKIPPED = "skipped", "Skipped"
    REFUSED = "refused", "Refused"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"
    IN_DOUBT = "in_doubt", "May have been sent"


class Campaign(TextChoices):
    """Where a campaign stands.  *Held* waits for a person after a restore or a long absence."""

    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    HELD = "held", "Held"
    FINISHED = "finished", "Finished"
    CANCELLED = "cancelled", "Cancelled"


M = Message
_ENDS = {M.REFUSED, M.EXPIRED, M.CANCELLED, M.IN_DOUBT}

MAY_FOLLOW: Mapping[Message, frozenset[Message]] = {
    M.PLANNED: frozenset({M.RENDERED, M.SENT, *_ENDS}),  # a greeting has no picture and goes from planned to sent
    M.RENDERED: frozenset({M.UPLOADED, M.SENT, *_ENDS}),  # sent at once: found in its chat, after a restore
    M.UPLOADED: frozenset({M.SENT, M.RENDERED, *_ENDS}),  # back to rendered: Chert has forgotten the upload (5001)
    M.SENT: frozenset({M.DELIVERED, M.READ, M.REFUSED}),  # refused: taken by Chert, then failed on the way
    M.DELIVERED: frozenset({M.READ}),
    M.READ: frozenset(),
    M.REFUSED: frozenset(),
    M.EXPIRED: frozenset(),
    M.CANCELLED: frozenset(),
    M.IN_DOUBT: frozenset({M.SENT, M.DELIVERED, M.READ, M.CANCELLED}),  # it arrived; or a person sends it again
    M.RECEIVED: frozenset(),
}

#: Work is still to be done on these.
OPEN = frozenset({M.PLANNED, M.RENDERED, M.UPLOADED})
#: Chert took these.
WENT_OUT = frozenset({M.SENT, M.DELIVERED, M.READ})

#: The happy road of a delivery, in order.
ROAD = (
    Delivery.PLANNED,
    Delivery.RENDERED,
    Delivery.UPLOADED,
    Delivery.GREETED,
    Delivery.SENT,
    Delivery.DELIVERED,
    Delivery.READ,
)
DELIVERY_OPEN = frozenset(ROAD[:4])
DELIVERY_WENT_OUT = frozenset(ROAD[4:])


class NotAllowed(Exception):
    """This word may not follow that word."""


def check(old: str, new: str) -> None:
    """Raise `NotAllowed` unless `new` may follow `old` for a message."""
    if Message(new) not in MAY_FOLLOW[Message(old)]:
        raise NotAllowed(f"{new} may not follow {old}")


def before(new: str) -> frozenset[Message]:
    """The words that `new` may follow."""
    return frozenset(old for old, follows in MAY_FOLLOW.items() if Message(new) in follows)


@dataclass(frozen=True)
class Stand:
    """What one message contributes to its delivery."""

    kind: str
    status: str
    round: int = 1
    reason: str = ""


def of_delivery(stands: Iterable[Stand]) -> tuple[Delivery, str]:
    """The delivery's word and its reason, from its outbound messages.

    1. Whatever reached the customer counts first: the furthest message over all rounds, so that sending again never
       moves the word back.
    2. Otherwise the newest round speaks: open work, then doubt, then how it ended.
    """
    stands = list(stands)
    asked = [s for s in stands if s.kind != "greeting" and s.status in WENT_OUT]
    if asked:
        return max((Delivery(s.status) for s in asked), key=ROAD.index), ""
    newest = max(s.round for s in stands)
    return _of_round([s for s in stands if s.round == newest])


def _of_round(stands: list[Stand]) -> tuple[Delivery, str]:
    for end in (Message.IN_DOUBT, Message.REFUSED, Message.EXPIRED):
        for stand in stands:
            if stand.status == end:
                return Delivery(end), stand.reason
    still_open = [s for s in stands if s.status in OPEN]
    if not still_open:
        reason = next((s.reason for s in reversed(stands) if s.reason), "")
        return Delivery.CANCELLED, reason
    if any(s.kind == "greeting" and s.status in WENT_OUT for s in stands):
        return Delivery.GREETED, _reason(still_open)
    return max((Delivery(s.status) for s in still_open), key=ROAD.index), _reason(still_open)


def _reason(stands: list[Stand]) -> str:
    return next((s.reason for s in stands if s.reason), "")
