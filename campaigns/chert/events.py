"""An event, whichever way it came: webhook, older wrapped form, or row of the events log (contract §9.1, §10.1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from .answers import State, moment, state_of, words
from .ids import AttachmentId, ChatId, EventId, MessageId, is_id
from .parts import Media, Text
from .parts import from_json as read_parts


@dataclass(frozen=True)
class Event:
    """Something that happened at Chert. Only `event_id` is always there; the rest is empty where Chert was silent.

    `event_id` is the same over retries, replays and the events log: the key to know an event again. `sender` and `line`
    are phone numbers. `raw` is all of it, for keeping.
    """

    event_id: EventId
    type: str
    timestamp: datetime | None
    chat_id: ChatId | None
    sender: str
    line: str
    text: str = field(repr=False)
    message_id: MessageId | None
    is_inbound: bool
    raw: Mapping[str, Any] = field(repr=False)
    is_group: bool = False
    attachments: tuple[AttachmentId, ...] = ()
    status: str = ""
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    #: Of a reaction: which tapback, and whether it is our own coming back (None: not told). It lies on `message_id`.
    reaction: str = ""
    is_mine: bool | None = None
    recorded_at: datetime | None = None  # when the events log has it: what `Client.events(since=…)` compares with

    @property
    def state(self) -> State:
        """What the event says has become of one of our messages, should Chert send such events."""
        stage = self.type.rpartition(".")[2] if self.type.startswith("message.") else ""
        return state_of(
            self.status or stage, self.delivered_at, self.read_at or (self.timestamp if stage == "read" else None)
        )


@dataclass(frozen=True)
class EventPage:
    """Some events and where to go on; `next_cursor` is None at the end."""

    events: tuple[Event, ...]
    next_cursor: str | None


def event_from_json(body: Mapping[str, Any]) -> Event:
    """The event in a JSON object of either form. Never fails: what is missing or odd is left empty."""
    envelope = _envelope(body)
    data = _table(envelope.get("data"))
    chat, message = _table(data.get("chat")), _table(data.get("message"))
    seen = read_parts(message.get("parts"))
    kind = _first(envelope.get("event"), envelope.get("event_type"), body.get("type"))
    is_reaction = kind.startswith("reaction.")
    return Event(
        event_id=_event_id(body, envelope),
        type=kind,
        timestamp=moment(_first(envelope.get("timestamp"), message.get("sent_at"), body.get("created_at"))),
        chat_id=_chat_id(chat, body),
        sender=_first(_handle(message.get("sender_handle")), envelope.get("from")),
        line=_first(_handle(chat.get("owner_handle")), envelope.get("to")),
        text=_first("\n".join(part.value for part in seen if isinstance(part, Text)), envelope.get("text")),
        message_id=_message_id(message, envelope) or (_message_reacted_to(data) if is_reaction else None),
        is_inbound=_is_inbound(message, kind),
        raw=body,
        is_group=chat.get("is_group") is True,
        attachments=tuple(part.attachment_id for part in seen if isinstance(part, Media)),
        status=words(message.get("status")),
        delivered_at=moment(message.get("delivered_at")),
        read_at=moment(message.get("read_at")),
        reaction=_reaction(data, message) if is_reaction else "",
        is_mine=_is_mine(data) if is_reaction else None,
        recorded_at=moment(body.get("created_at")),
    )


def _envelope(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Rows of the log, and webhooks of the older form, carry the envelope in `payload`."""
    payload = body.get("payload")
    return payload if isinstance(payload, dict) and isinstance(payload.get("data"), dict) else body


def _event_id(body: Mapping[str, Any], envelope: Mapping[str, Any]) -> EventId:
    """Chert's id; where there is none, one made from the content, so that the same event stays the same."""
    for given in (envelope.get("event_id"), body.get("event_id")):
        if isinstance(given, str) and is_id(given):
            return EventId(given)
    content = json.dumps(envelope, sort_keys=True, default=str).encode()
    return EventId(f"sha256:{sha256(content).hexdigest()}")


def _chat_id(chat: Mapping[str, Any], body: Mapping[str, Any]) -> ChatId | None:
    given = _first(chat.get("id"), body.get("lead_id"))  # a lead's id is its chat's
    return ChatId(given) if is_id(given) else None


def _message_id(message: Mapping[str, Any], envelope: Mapping[str, Any]) -> MessageId | None:
    given = _first(message.get("id"), envelope.get("message_guid"))
    return MessageId(given) if is_id(given) else None


def _is_inbound(message: Mapping[str, Any], kind: str) -> bool:
    """A reply must not be missed: where the direction is not told, who sent it and the event's name decide.

    A reaction is none, though it may carry the message it was put on.
    """
    direction = words(message.get("direction"))
    if direction in ("inbound", "outbound"):
        return direction == "inbound" and not kind.startswith("reaction")
    is_me = _table(message.get("sender_handle")).get("is_me")
    return kind == "message.received" and is_me is not True


def _reaction(data: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """The tapback's word. The payload of reaction events is not documented (contract §9.1), so every likely place is
    looked at."""
    given = data.get("reaction")
    inner = _table(given)
    named = [each.get(name) for each in (inner, data, message) for name in ("reaction", "reaction_type", "tapback")]
    return _first(given, inner.get("type"), inner.get("name"), *named).lower()


def _message_reacted_to(data: Mapping[str, Any]) -> MessageId | None:
    inner = _table(data.get("reaction"))
    names = ("message_id", "target_message_id", "message_guid")
    given = _first(*(each.get(name) for each in (data, inner) for name in names))
    return MessageId(given) if is_id(given) else None


def _is_mine(data: Mapping[str, Any]) -> bool | None:
    """Did we react ourselves? Who did is named beside the reaction; who wrote the message is another matter."""
    inner = _table(data.get("reaction"))
    for each in (inner, data):
        told = (each.get("is_from_me"), *(_table(each.get(name)).get("is_me") for name in ("sender_handle", "from")))
        for answer in told:
            if isinstance(answer, bool):
                return answer
    return None


def _handle(value: object) -> str:
    """A phone number; `handle` in webhooks, `address` elsewhere."""
    item = _table(value)
    return _first(item.get("handle"), item.get("address"))


def _first(*values: object) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
