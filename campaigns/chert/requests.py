"""A message becomes bytes, once, and is sent again as it was: a key protects only the body it came with."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .ids import ChatId, in_path, is_id
from .mistakes import InvalidMessage
from .parts import Part, Text, contains_url, to_json

MOST_RECIPIENTS = 31

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)  # the narrow set that every relative of this API takes


@dataclass(frozen=True)
class FrozenRequest:
    """One call, ready to go: path relative to the API base, body exactly as it will be sent, however often."""

    method: str
    path: str
    body: bytes = field(repr=False)  # holds phone numbers and words


def open_chat(from_: str, to: Sequence[str], parts: Sequence[Part], key: str) -> FrozenRequest:
    """Open a chat with one person, or a group of 2 to 31, and say the first words (`POST /chats`).

    A first message holds no web address in its text (use a RichLink), and to a group it is one text alone: pictures and
    links follow by `send_message`. Raises InvalidMessage for anything else, before any call.
    """
    _check_recipients(from_, to)
    message = _message(parts, key)
    _check_first(parts, is_group=len(to) > 1)
    return _freeze("chats", {"from": from_, "to": list(to), "message": message})


def send_message(chat_id: ChatId, parts: Sequence[Part], key: str) -> FrozenRequest:
    """Say something in an open chat (`POST /chats/{id}/messages`). Raises InvalidMessage where a rule is broken."""
    if not is_id(chat_id):
        raise InvalidMessage("A message needs the id of its chat.")
    return _freeze(f"chats/{in_path(chat_id)}/messages", {"message": _message(parts, key)})


def encode(body: Mapping[str, object]) -> bytes:
    """JSON as this client writes it: compact, UTF-8, fields in the order given."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _freeze(path: str, body: Mapping[str, object]) -> FrozenRequest:
    return FrozenRequest("POST", path, encode(body))


def _message(parts: Sequence[Part], key: str) -> dict[str, object]:
    if not _KEY.fullmatch(key):
        raise InvalidMessage("An idempotency key is 1 to 100 letters, digits, dashes or underscores.")
    return {"parts": to_json(parts), "idempotency_key": key}


def _check_recipients(from_: str, to: Sequence[str]) -> None:
    if isinstance(to, str):
        raise InvalidMessage("Recipients are given as a list, even a single one.")
    if not 1 <= len(to) <= MOST_RECIPIENTS:
        raise InvalidMessage(f"A chat has 1 to {MOST_RECIPIENTS} recipients, this one has {len(to)}.")
    if not all(isinstance(phone, str) and _PHONE.fullmatch(phone) for phone in (from_, *to)):
        raise InvalidMessage("Phone numbers must be written like +15005550006.")
    if len(set(to)) != len(to):
        raise InvalidMessage("The same recipient is named twice.")


def _check_first(parts: Sequence[Part], *, is_group: bool) -> None:
    if is_group and not (len(parts) == 1 and isinstance(parts[0], Text)):
        raise InvalidMessage("The first message to a group is one text alone; pictures and links follow in the next.")
    if any(isinstance(part, Text) and contains_url(part.value) for part in parts):
        raise InvalidMessage("The text of a first message may not hold a web address; send it as a link part.")
