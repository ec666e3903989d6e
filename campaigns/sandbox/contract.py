"""What a message may look like (contract §4.2, §6).  Pure: values in, Problem out, in the documented order."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .knobs import Knobs
from .problems import Problem

Part = dict[str, Any]
E164 = re.compile(r"\+[1-9]\d{6,14}")
URL_IN_TEXT = re.compile(r"(?i)\b(?:https?://|www\.)\S")
HTTP_URL = re.compile(r"(?i)https?://[^\s/]+\S*")
MAX_PARTS = 10
MAX_RECIPIENTS = 31
MAX_KEY = 255
EFFECTS = [
    "confetti",
    "fireworks",
    "lasers",
    "sparkles",
    "celebration",
    "hearts",
    "love",
    "balloons",
    "happy_birthday",
    "echo",
    "spotlight",
    "slam",
    "loud",
    "gentle",
    "invisible",
]
FIELDS = {
    "text": {"value"},
    "media": {"attachment_id", "url"},
    "rich_link": {"url", "title", "summary", "image_url", "icon_url"},
    "link": {"value", "url"},
}
MESSAGE_FIELDS = {"parts", "idempotency_key", "subject", "parallel_attachments", "effect", "service"}


@dataclass(frozen=True)
class Draft:
    """The ``message`` of a call, not yet checked beyond being there."""

    parts: list[Any]
    key: str
    subject: str
    effect: str


def parse(body: bytes, content_type: str = "application/json") -> dict[str, Any]:
    """The JSON object in the body.  Raises Problem 1004."""
    if content_type != "application/json":
        raise Problem(1004, "The content type must be application/json.")
    try:
        value = json.loads(body)
    except ValueError:
        raise Problem(1004) from None
    if not isinstance(value, dict):
        raise Problem(1004)
    return value


def required(body: Mapping[str, Any], *names: str) -> None:
    """Raises Problem 1001 for the first of these that is missing or empty."""
    for name in names:
        if body.get(name) in (None, "", [], {}):
            raise Problem(1001, f"{name} is required.")


def known(body: Mapping[str, Any], names: set[str], knobs: Knobs) -> None:
    """Raises Problem 1002 for a field nobody knows, unless the knob says to ignore such fields."""
    unknown = sorted(set(body) - names)
    if unknown and knobs.strict_fields:
        raise Problem(1002, f"Unknown field: {unknown[0]}.")


def draft(body: Mapping[str, Any], knobs: Knobs) -> Draft:
    """The wrapped message.  Raises Problem 1001 or 1002."""
    required(body, "message")
    message = body["message"]
    if not isinstance(message, dict):
        raise Problem(1002, "message must be an object.")
    required(message, "parts")
    known(message, MESSAGE_FIELDS, knobs)
    if not isinstance(message["parts"], list):
        raise Problem(1002, "message.parts must be a list.")
    words = {name: _text(message, name) for name in ("idempotency_key", "subject", "effect", "service")}
    if words["service"] not in ("", "imessage"):
        raise Problem(1010)
    return Draft(message["parts"], key(words["idempotency_key"]), words["subject"], words["effect"])


def key(value: str) -> str:
    if len(value) > MAX_KEY:
        raise Problem(1002, "idempotency_key is too long.")
    return value


def check_phones(phones: Sequence[Any]) -> None:
    """Raises Problem 1003 unless every one is E.164."""
    for phone in phones:
        if not isinstance(phone, str) or not E164.fullmatch(phone):
            raise Problem(1003)


def check_effect(effect: str) -> None:
    """Raises Problem 4098 with the effects that exist."""
    if effect and effect not in EFFECTS:
        raise Problem(4098, allowed_effects=EFFECTS)


def check_parts(parts: Sequence[Any], knobs: Knobs) -> None:
    """Count, shape, adjacency, length.  Raises Problem 1006, 1002, 1008 or 1009."""
    if len(parts) > MAX_PARTS:
        raise Problem(1006)
    for part in parts:
        _check_shape(part, knobs)
    kinds = [part["type"] for part in parts]
    if ("text", "text") in pairwise(kinds):
        raise Problem(1008)
    if any(len(part["value"]) > knobs.text_cap for part in parts if part["type"] == "text"):
        raise Problem(1009)


def _check_shape(part: Any, knobs: Knobs) -> None:
    if not isinstance(part, dict) or not isinstance(part.get("type"), str) or part["type"] not in FIELDS:
        raise Problem(1002, "Each part needs a type: text, media or rich_link.")
    known(part, FIELDS[part["type"]] | {"type"}, knobs)
    values = [value for name, value in part.items() if name != "type" and value is not None]
    if not all(isinstance(value, str) for value in values):
        raise Problem(1002, "The fields of a part are strings.")
    if part["type"] == "text" and not (part.get("value") or "").strip():
        raise Problem(1002, "A text part needs a value.")
    if part["type"] == "media" and not (part.get("attachment_id") or part.get("url")):
        raise Problem(1002, "A media part needs an attachment_id.")
    if part["type"] == "rich_link" and not HTTP_URL.fullmatch(part.get("url") or ""):
        raise Problem(1002, "A rich_link part needs an http(s) url.")


def check_media(part: Part, knobs: Knobs) -> None:
    """Raises Problem 1011 for a reference that is doubled or of a kind this line does not take."""
    if part.get("url") and part.get("attachment_id"):
        raise Problem(1011, "url and attachment_id exclude each other.")
    if part.get("url") and not knobs.media_by_url:
        raise Problem(1011, "Attachments by URL are not accepted.")


def check_first(parts: Sequence[Part], knobs: Knobs) -> None:
    """The rules of a first 1:1 message (§6.3).  Raises Problem 1005 or 4099."""
    _check_no_url(parts, knobs)
    kinds = {part["type"] for part in parts}
    if "media" in kinds and not knobs.media_in_first:
        raise Problem(4099, "A first message takes no media on this line.")
    if {"media", "rich_link"} <= kinds and not knobs.triple_in_first:
        raise Problem(4099, "A first message does not take media and a link together on this line.")


def check_group_first(parts: Sequence[Part], knobs: Knobs) -> None:
    """A group opens with exactly one text part.  Raises Problem 1005 or 4099."""
    _check_no_url(parts, knobs)
    if [part["type"] for part in parts] != ["text"]:
        raise Problem(4099, "The first message to a group is one text part.")


def check_follow_up(parts: Sequence[Part]) -> None:
    if any(part["type"] == "link" for part in parts):
        raise Problem(1002, "Use rich_link instead of link.")


def _check_no_url(parts: Sequence[Part], knobs: Knobs) -> None:
    for part in parts:
        if part["type"] == "link":
            raise Problem(1005)
        if part["type"] == "text" and knobs.url_in_text_refused and URL_IN_TEXT.search(part["value"]):
            raise Problem(1005)


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Problem(1002, f"{name} must be a string.")
    return value or ""


def text_field(body: Mapping[str, Any], name: str) -> str:
    """An optional string field.  Raises Problem 1002 for anything else."""
    return _text(body, name)
