"""The customer's picture: drawn, kept, uploaded.  Both steps may be repeated without harm."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings

from campaigns import cards, chert, commits, connection, status
from campaigns.models import Card, Message, picture_path
from campaigns.outbox import leases, outcomes

log = logging.getLogger(__name__)

#: How long a picture waits for which the disk has no room.
NO_ROOM = timedelta(minutes=1)


@lru_cache(maxsize=64)
def _drawing(card: int, photo: str, changed: str) -> cards.Card:
    return Card.objects.get(pk=card).drawing()


def drawing(card: Card) -> cards.Card:
    """The card's design, read once per process and version."""
    return _drawing(card.pk, card.photo, repr(card.design))


def draw(message: Message, now: datetime) -> bool:
    """Draw the picture, keep it on disk, move on; False when that could not be done now.

    A design that cannot be drawn refuses the message, in words; a disk that takes no picture lets it wait (F-56).
    """
    card = message.delivery.card if message.delivery else None
    assert card is not None
    try:
        picture = cards.render(drawing(card), message.customer.words())
    except (cards.BadDesign, OSError):
        outcomes.give_up(message, status.Message.REFUSED, "The card could not be drawn: open it and save it again")
        return False
    name = f"{message.key}.jpg"
    try:
        _keep(name, picture)
    except OSError:
        log.exception("the picture of message %s could not be kept", message.pk)
        outcomes.wait(message, now + NO_ROOM, "There is no room for its picture on this server's disk")
        return False
    with commits.repeatable():
        message.advance(status.Message.RENDERED, token=message.lease_token, picture=name, rendered_at=now)
        message.show()
    return True


def _keep(name: str, picture: bytes) -> None:
    path = picture_path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.write_bytes(picture)
    half.replace(path)


def upload(message: Message, clock: Callable[[], datetime]) -> bool:
    """Upload the picture and keep its attachment id; False when this message is done for now."""
    now = clock()
    if not leases.lasts(message, settings.UPLOAD_SECONDS, now):
        outcomes.let_go(message)
        return False
    try:
        client = connection.client(message.organization)
        content = picture_path(message.picture).read_bytes()
        slot = client.reserve_upload("thank-you.jpg", "image/jpeg", len(content))
        client.upload(slot, content)
    except OSError:
        outcomes.give_up(message, status.Message.REFUSED, "The drawn picture is no longer on this server's disk")
        return False
    except chert.ChertError as error:
        outcomes.upload_failed(message, now, error, clock())
        return False
    outcomes.uploaded(message, now, slot.attachment_id, clock())
    return message.lease_until is not None  # given back: the greeting goes first
