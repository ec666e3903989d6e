"""Has a follow-up arrived whose answer was lost?  Asked before it is repeated and before it is parked.

Nobody has confirmed that Chert heeds keys on follow-ups (contract §5, §16), and a chat can be read.  A first message
has no such way: its chat is what the lost answer would have told.

After a restore there are messages that another copy of this database may have sent: unclear, and here not even frozen.
"""

import json
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from campaigns import chert, connection
from campaigns.models import Message
from campaigns.outbox import requests

log = logging.getLogger(__name__)

#: Chert does not know this chat (contract §4.2).
CHAT_UNKNOWN = 2002
#: How far Chert's clock may be behind ours.
SKEW = timedelta(seconds=60)


def is_possible(message: Message) -> bool:
    """Is there anything to look for, and a chat to look into?"""
    return message.is_unclear and bool(_chat(message))


def _chat(message: Message) -> str:
    return message.chat_id if message.is_frozen else requests.chat_of(message)


def may_be_repeated(message: Message) -> bool:
    """May the same bytes go once more?  Not where one call may have arrived, and only its key could tell (G3).

    In a chat one can look first; a first touch has nothing but its key, and where Chert heeds none a person decides.
    """
    return settings.KEYS_ARE_HONOURED or bool(_chat(message)) or not message.is_unclear


def arrived(message: Message) -> chert.Sent | None:
    """What Chert shows of this message in its chat; None where it shows nothing.

    Raises `chert.ChertError` when the chat cannot be read just now.
    """
    if not is_possible(message):
        return None
    chat = chert.ChatId(_chat(message))
    try:
        said = connection.client(message.organization).messages(chat)
    except chert.Refused as refused:
        if refused.code != CHAT_UNKNOWN:  # says nothing about the message
            raise
        log.info("the chat of message %s is not known any more; the repeat will be told the same", message.pk)
        return None
    one = next((one for one in said if _is_it(one, message)), None)
    return chert.Sent(chat, one.id, one.status, None, 200) if one else None


def believed_from(message: Message) -> datetime | None:
    """From when on "it is not there" may be believed: sooner a chat may only lag behind.  None: at once.

    A sandbox on this machine does not lag, unless it is told to.
    """
    lags = settings.SANDBOX_LAGS or not connection.is_loopback()
    if not lags or not is_possible(message):
        return None
    last: datetime | None = message.tries.filter(step="send").aggregate(at=Max("started_at"))["at"]
    return last + timedelta(seconds=settings.GRACE_SECONDS) if last else None


def _is_it(one: chert.Message, message: Message) -> bool:
    """Ours, these very words, not before the first try, and not another of our messages."""
    begun = (message.first_attempt_at or message.created_at) - SKEW
    is_new = one.created_at is not None and one.created_at >= begun
    if one.direction != "outbound" or not is_new or one.text != _words(message):
        return False
    return not Message.objects.filter(organization=message.organization_id, chert_id=one.id).exists()


def _words(message: Message) -> str:
    if not message.is_frozen:
        return requests.words(message)
    parts = json.loads(bytes(message.body or b"{}"))["message"]["parts"]
    return "\n".join(part["value"] for part in parts if part["type"] == "text")
