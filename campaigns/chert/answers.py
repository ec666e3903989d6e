"""What Chert answers, as values. Unknown fields and words are tolerated, a missing or odd id never is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from .ids import AttachmentId, ChatId, LineId, MessageId, SubscriptionId, is_id
from .parts import SeenPart, Text
from .parts import from_json as read_parts

State = Literal["in_flight", "delivered", "read", "failed"]

_FAILED = frozenset({"failed", "error", "undelivered"})
_DELIVERED = frozenset({"delivered", "read"})


# The headers of an upload that Chert may choose. None of them says who we are, or how the body is framed.
_ABOUT_BYTES = re.compile(r"content-(type|md5|disposition|language)|x-(?!chert-)[a-z0-9-]+", re.ASCII)


class Unreadable(ValueError):
    """A success whose body does not say what it must. Never leaves this package: the client makes an Unknown of it."""


@dataclass(frozen=True)
class Sent:
    """Chert has accepted a message. That is not yet delivery: see Message.state."""

    chat_id: ChatId
    message_id: MessageId
    status: str
    trace_id: str | None
    http_status: int


@dataclass(frozen=True)
class PhoneNumber:
    """One of our lines. `phone_number` is what `open_chat(from_=…)` takes."""

    id: LineId
    phone_number: str
    is_active: bool
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True)
class UploadSlot:
    """A place to put bytes, until `expires_at` (None when Chert did not say). `headers` hold no secret."""

    attachment_id: AttachmentId
    upload_url: str
    headers: Mapping[str, str]
    expires_at: datetime | None


@dataclass(frozen=True)
class Message:
    """One message as Chert shows it. Chert may leave parts out here, so `parts` need not be all that was sent."""

    id: MessageId
    chat_id: ChatId | None
    status: str
    direction: str
    created_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    parts: tuple[SeenPart, ...] = field(default=(), repr=False)

    @property
    def state(self) -> State:
        """What has become of it, in four words (contract §8): an unknown status means still in flight."""
        return state_of(self.status, self.delivered_at, self.read_at)

    @property
    def text(self) -> str:
        """The words of its text parts, one below the other."""
        return "\n".join(part.value for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True)
class Subscription:
    """Where Chert sends events. `secret` is only ever told when the subscription is made, and is None later."""

    id: SubscriptionId
    url: str
    secret: str | None = field(default=None, repr=False)
    events: tuple[str, ...] = ()
    is_active: bool = True


def state_of(status: str, delivered_at: datetime | None, read_at: datetime | None) -> State:
    """Chert has no closed list of statuses, so the times say more than the word."""
    word = status.lower()
    if read_at:
        return "read"
    if delivered_at or word in _DELIVERED:
        return "delivered"
    return "failed" if word in _FAILED else "in_flight"


def sent(body: object, chat_id: ChatId | None, trace_id: str | None, http_status: int) -> Sent:
    """A message accepted in the chat `chat_id`; None when the call opened a chat, which the answer must then name."""
    answer = table(body)
    message = table(answer.get("message"))
    return Sent(
        chat_id=chat_id or ChatId(identifier(table(answer.get("chat")).get("id"))),
        message_id=MessageId(identifier(message.get("id"))),
        status=words(message.get("status")),
        trace_id=trace_id,
        http_status=http_status,
    )


def phone_numbers(body: object) -> list[PhoneNumber]:
    """The lines of the account."""
    return [_phone_number(table(item)) for item in rows(table(body).get("phone_numbers"))]


def upload_slot(body: object, content_type: str) -> UploadSlot:
    """A slot; its headers are made to hold the registered content type, and never a secret."""
    answer = table(body)
    return UploadSlot(
        attachment_id=AttachmentId(identifier(answer.get("attachment_id"))),
        upload_url=address(answer.get("upload_url")),
        headers=_upload_headers(answer.get("required_headers"), content_type),
        expires_at=moment(answer.get("expires_at")),
    )


def message(body: object) -> Message:
    """One message, bare or wrapped in `message`."""
    answer = table(body)
    inner = answer.get("message")
    return _message(inner if isinstance(inner, dict) else answer)


def messages(body: object) -> list[Message]:
    """The messages of a chat, oldest first."""
    return [_message(table(item)) for item in rows(table(body).get("messages"))]


def subscription(body: object) -> Subscription:
    """One subscription, wrapped in `subscription` or flat as older answers are."""
    answer = table(body)
    inner = answer.get("subscription")
    return _subscription(inner if isinstance(inner, dict) else answer)


def subscriptions(body: object) -> list[Subscription]:
    """All subscriptions; the docs do not name the wrapper, so the only list in the answer is taken."""
    items = body if isinstance(body, list) else next((v for v in table(body).values() if isinstance(v, list)), None)
    return [_subscription(table(item)) for item in rows(items)]


def table(value: object) -> dict[str, Any]:
    """A JSON object, or Unreadable."""
    if not isinstance(value, dict):
        raise Unreadable("Not an object.")
    return value


def rows(value: object) -> list[object]:
    """A JSON list, or Unreadable."""
    if not isinstance(value, list):
        raise Unreadable("Not a list.")
    return value


def identifier(value: object) -> str:
    """An id, or Unreadable: a number, null or an empty string is none."""
    if not isinstance(value, str) or not is_id(value):
        raise Unreadable("Not an id.")
    return value


def address(value: object) -> str:
    """Something that may be an address, or Unreadable."""
    if not isinstance(value, str) or not 0 < len(value) <= 4096 or not value.isprintable():
        raise Unreadable("Not an address.")
    return value


def words(value: object) -> str:
    """A string, or the empty one."""
    return value if isinstance(value, str) else ""


def moment(value: object) -> datetime | None:
    """A time with its zone (UTC when none is given), or None where it cannot be read."""
    try:
        read = datetime.fromisoformat(words(value))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def strings(value: object) -> tuple[str, ...]:
    """The strings of a list."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _phone_number(item: Mapping[str, Any]) -> PhoneNumber:
    return PhoneNumber(
        id=LineId(identifier(item.get("id") or item.get("phone_line_id"))),
        phone_number=identifier(item.get("phone_number")),
        is_active=item.get("is_active") is True,
        capabilities=strings(item.get("capabilities")),
    )


def _message(item: Mapping[str, Any]) -> Message:
    chat_id = item.get("chat_id")
    return Message(
        id=MessageId(identifier(item.get("id"))),
        chat_id=ChatId(chat_id) if isinstance(chat_id, str) and is_id(chat_id) else None,
        status=words(item.get("status")),
        direction=words(item.get("direction")),
        created_at=moment(item.get("created_at")),
        delivered_at=moment(item.get("delivered_at")),
        read_at=moment(item.get("read_at")),
        parts=read_parts(item.get("parts")),
    )


def _subscription(item: Mapping[str, Any]) -> Subscription:
    return Subscription(
        id=SubscriptionId(identifier(item.get("id"))),
        url=words(item.get("url")),
        secret=words(item.get("secret")) or words(item.get("webhook_secret")) or None,
        events=strings(item.get("events")),
        is_active=item.get("is_active") is not False,
    )


def _upload_headers(value: object, content_type: str) -> dict[str, str]:
    """Only what describes the bytes. Who we are is added by the client, and only for Chert's own host."""
    given = {str(name).lower(): text for name, text in value.items()} if isinstance(value, dict) else {}
    usable = {name: text for name, text in given.items() if _ABOUT_BYTES.fullmatch(name) and _fits_a_header(text)}
    return {"content-type": content_type, **usable}


def _fits_a_header(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable() and 0 < len(text) <= 1024
