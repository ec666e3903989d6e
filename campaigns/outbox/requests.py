"""The exact request of a message: composed once, frozen on the row, read back for every repeat."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max

from campaigns import chert, invitations, lines, links, status
from campaigns.asking import together
from campaigns.models import Line, Message, new_key
from campaigns.outbox import turns


def greeting_of(message: Message) -> Message | None:
    """The greeting that goes before this ask, in the same round; None when the customer is known already."""
    return (
        Message.objects.filter(delivery=message.delivery, round=message.round, kind=Message.Kind.GREETING)
        .exclude(delivery=None)
        .only("status", "sent_at", "reason", "chat_id")
        .first()
    )


def has_been_asked(greeting: Message) -> bool:
    """Has the ask that waits for this greeting gone out?  It can have where a database was put back in between."""
    asks = Message.objects.filter(delivery=greeting.delivery, round=greeting.round, kind=Message.Kind.ASK)
    return asks.exclude(delivery=None).filter(status__in=status.WENT_OUT).exists()


class Words(NamedTuple):
    """What a message says, and where to; found before the transaction that freezes it."""

    #: Empty for a first message.
    chat: str
    parts: list[chert.Part]


def words_of(message: Message) -> Words:
    """What a request composed now would say.  Raises `chert.InvalidMessage` where it cannot be said."""
    return Words(chat_of(message), _parts(message))


def freeze(message: Message, said: Words, now: datetime) -> dict[str, Any]:
    """Compose the request; returns the columns to keep.  Raises `lines.NoSlot` when a first touch must wait."""
    if said.chat:
        chat = chert.ChatId(said.chat)
        request = chert.send_message(chat, said.parts, message.key)
        return {"path": request.path, "body": request.body, "chat_id": chat}
    if message.kind == Message.Kind.ANSWER:  # is no first touch, and takes no slot
        raise chert.InvalidMessage("Chert has not told us the chat with this customer, so there is nowhere to answer")
    if message.household is not None and message.kind != Message.Kind.GREETING:
        raise chert.InvalidMessage("Nobody knows the chat of this group. Each of them can be asked on their own")
    line, people = _line(message, now), [each.phone for each in together.recipients(message)]
    request = chert.open_chat(line.number, people, _first_parts(message, said.parts), message.key)
    return {"path": request.path, "body": request.body, "line": line}


def _line(message: Message, now: datetime) -> Line:
    """The line of a first touch, with a slot on it; a greeting that goes instead of "all at once" has one already."""
    if message.line is None or not message.line.is_active:
        return turns.take_slot(message, now)
    people = len(together.recipients(message))
    return lines.keep_slot(message.line, message.business, message.created_at, now, people)


def once_more(message: Message, now: datetime) -> dict[str, Any]:
    """The same bytes again: nothing new to keep.  Raises `lines.NoSlot` when a first touch must wait for its line.

    Where somebody has switched that line off, a first touch that was surely not sent takes another one, as a new
    request with a new key; one that may have been sent waits (F-43).
    """
    if message.line is not None and not message.line.is_active:
        if message.is_unclear:
            raise lines.NoSlot(now + turns.NO_LINE, f"Waits: its line {message.line} is switched off")
        message.key = new_key()
        return {**freeze(message, words_of(message), now), "key": message.key}
    if message.line is not None:
        last = message.tries.filter(step="send").aggregate(at=Max("started_at"))["at"]
        lines.keep_slot(message.line, message.business, last or now, now, len(together.recipients(message)))
    return {}


def chat_of(message: Message) -> str:
    """The chat that a request composed now would go into; empty for a first message.

    A group has one of its own, whatever chats its people have.
    """
    known = message.customer.chat_id if message.household is None else message.household.chat_id
    if known:
        return known
    greeting = greeting_of(message) if message.kind == Message.Kind.ASK else None
    return greeting.chat_id if greeting else ""


def words(message: Message) -> str:
    """The text of the request that would be composed now, as Chert shows it in its chat."""
    return "\n".join(part.value for part in _parts(message) if isinstance(part, chert.Text))


def frozen(message: Message) -> chert.FrozenRequest:
    """The request as it was frozen: the same bytes at every attempt (I4)."""
    return chert.FrozenRequest("POST", message.path, bytes(message.body or b""))


def _first_parts(message: Message, parts: list[chert.Part]) -> list[chert.Part]:
    """What opens a chat.  An ask does so only where somebody knows that the greeting arrived and nobody knows its chat:
    then text and link go alone, which every line takes (contract §6.3)."""
    is_ask = message.kind == Message.Kind.ASK
    return [part for part in parts if not isinstance(part, chert.Media)] if is_ask else parts


def _parts(message: Message) -> list[chert.Part]:
    if message.kind == Message.Kind.ANSWER:  # as it was written: braces in it are no fields
        return [chert.Text(message.text)]
    business, language = message.business, message.language
    fields = message.customer.words(language)
    if message.kind == Message.Kind.CONFIRMATION:
        return invitations.confirmation(business.name, language)
    if message.kind == Message.Kind.GREETING:
        return invitations.greeting(message.text, fields, language)
    assert message.delivery is not None
    address, title = links.address(business, message.delivery.token), invitations.link_title(language)
    link = invitations.Link(url=address, business=business.name, title=title)
    if message.kind == Message.Kind.REMINDER:
        return invitations.reminder(message.text, fields, link, language)
    attachment = chert.AttachmentId(message.attachment_id) if message.attachment_id else None
    return invitations.ask(message.text, fields, attachment, link, language)
