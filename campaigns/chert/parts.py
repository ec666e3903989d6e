"""The parts a message is made of, and the rules they keep (Chert docs, chats/create; contract §6)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from .ids import AttachmentId, is_id
from .mistakes import InvalidMessage

MOST_PARTS = 10
LONGEST_URL = 2048


@dataclass(frozen=True)
class Text:
    """Words. The field is `value` at Chert, never `text`."""

    value: str


@dataclass(frozen=True)
class Media:
    """A picture or file that has been uploaded before."""

    attachment_id: AttachmentId


@dataclass(frozen=True)
class RichLink:
    """A link with a preview bubble of its own. What is left out, Chert fetches from the page if the line can."""

    url: str
    title: str | None = None
    summary: str | None = None
    image_url: str | None = None
    icon_url: str | None = None


@dataclass(frozen=True)
class OtherPart:
    """A kind of part this client does not know; only ever found in answers."""

    type: str


Part = Text | Media | RichLink
SeenPart = Part | OtherPart

_OPTIONAL = ("title", "summary", "image_url", "icon_url")


def to_json(parts: Sequence[Part]) -> list[dict[str, str]]:
    """The parts as Chert wants them, in order, without empty fields. Raises InvalidMessage where they break a rule."""
    check(parts)
    return [_part_to_json(part) for part in parts]


def from_json(value: object) -> tuple[SeenPart, ...]:
    """The parts of an answer. What cannot be read is an OtherPart: there may be kinds newer than this client."""
    return tuple(_part_from_json(item) for item in value) if isinstance(value, list) else ()


def check(parts: Sequence[Part]) -> None:
    """One to ten parts, no two texts side by side, and each of them sound. Raises InvalidMessage."""
    if not 1 <= len(parts) <= MOST_PARTS:
        raise InvalidMessage(f"A message has 1 to {MOST_PARTS} parts, this one has {len(parts)}.")
    if any(isinstance(a, Text) and isinstance(b, Text) for a, b in pairwise(parts)):
        raise InvalidMessage("Two text parts side by side must be one text part.")
    for part in parts:
        _check_part(part)


def _check_part(part: Part) -> None:
    match part:
        case Text():
            _check_words(part.value)
        case Media():
            if not is_id(part.attachment_id):
                raise InvalidMessage("A media part needs the id of an uploaded attachment.")
        case RichLink():
            _check_link(part)
        case _:
            raise InvalidMessage("A message is made of Text, Media and RichLink parts only.")


def _check_words(value: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InvalidMessage("A text part must hold some text.")
    if not _can_be_encoded(value):
        raise InvalidMessage("The text holds half a character that cannot be sent.")


def _check_link(part: RichLink) -> None:
    addresses = [part.url, *(url for url in (part.image_url, part.icon_url) if url is not None)]
    if not all(_is_web_address(url) for url in addresses):
        raise InvalidMessage("A link must be a full http or https address without spaces.")
    if not all(_can_be_encoded(words) for words in (part.title, part.summary) if words is not None):
        raise InvalidMessage("The title of the link holds half a character that cannot be sent.")


def _is_web_address(url: object) -> bool:
    if not isinstance(url, str) or len(url) > LONGEST_URL or not url.isprintable() or re.search(r"\s", url):
        return False
    try:
        split = urlsplit(url)
    except ValueError:
        return False
    return split.scheme in ("http", "https") and bool(split.hostname)


def _can_be_encoded(words: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in words)


def _part_to_json(part: Part) -> dict[str, str]:
    match part:
        case Text():
            return {"type": "text", "value": part.value}
        case Media():
            return {"type": "media", "attachment_id": part.attachment_id}
        case RichLink():
            optional = {name: getattr(part, name) for name in _OPTIONAL}
            return {"type": "rich_link", "url": part.url} | {name: value for name, value in optional.items() if value}


def _part_from_json(item: object) -> SeenPart:
    match item:
        case {"type": "text", "value": str(value)}:
            return Text(value)
        case {"type": "media", "attachment_id": str(attachment_id)}:
            return Media(AttachmentId(attachment_id))
        case {"type": "rich_link", "url": str(url)}:
            return RichLink(url, *(_words(item, name) for name in _OPTIONAL))
        case {"type": str(kind)}:
            return OtherPart(kind)
        case _:
            return OtherPart("")


def _words(item: Any, name: str) -> str | None:
    value = item.get(name)
    return value if isinstance(value, str) else None


# An address in running text, as a phone would underline it: with a scheme, with www, a well-known ending, or a host
# with a path. An e-mail address is none.
_URL = re.compile(
    r"""
    [a-z0-9]://\S                                                                       # https://…
    | (?<![\w@.-]) www\.\w                                                              # www.example
    | (?<![\w@.-]) (?:[\w-]+\.)+ (?:com|net|org|io|app|dev|biz|info|shop|ly|gl) (?![\w@-]|\.\w)
    | (?<![\w@.-]) (?:[\w-]+\.)+ [a-z]{2,} (?: :\d+ )? /\w                             # g.page/r…
    """,
    re.IGNORECASE | re.VERBOSE,
)


def contains_url(text: str) -> bool:
    """Whether there is a web address in the text. Chert refuses one in the first message of a chat (code 1005)."""
    return bool(_URL.search(text))
