"""What a customer's phone shows: the bubbles of a preview, and of what has really gone out."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from campaigns import invitations, languages, merge
from campaigns.models import Business, Customer, Message


@dataclass(frozen=True)
class Bubble:
    """One thing on the phone: "text", "picture", "link", or a "pause" between two messages."""

    kind: str
    words: str
    #: Of a picture: where it is fetched.  Of a link: the host that the card shows.
    address: str = ""
    theirs: bool = False
    last: bool = False


@dataclass(frozen=True)
class Draft:
    """The words of a message before anybody gets it."""

    flow: str
    greeting: str
    ask: str
    remind_after: int | None = None
    reminder: str = ""
    language: str = languages.ENGLISH


def preview(draft: Draft, customer: Customer, picture: Bubble | None, address: str) -> list[Bubble]:
    """The bubbles as they would arrive; `address` is where the link would lead.  Raises `merge.UnknownField`."""
    business, fields = customer.business, customer.words(draft.language)
    link = Bubble("link", invitations.link_title(draft.language), address=_shown_host(address), last=True)
    ask = [*([picture] if picture else []), _text(draft.ask, fields, draft), link]
    later = _reminder(draft, fields, link)
    if draft.flow == Business.Flow.ALL_AT_ONCE:
        return [*ask, *later]
    greeting = replace(_text(draft.greeting, fields, draft), last=True)
    return [greeting, Bubble("pause", pause_words(business.ask_after)), *ask, *later]


def _reminder(draft: Draft, fields: Mapping[str, str], link: Bubble) -> list[Bubble]:
    if not draft.remind_after:
        return []
    when = "the next day" if draft.remind_after == 1 else f"{draft.remind_after} days later"
    pause = Bubble("pause", f"{when}, if the link stays unopened")
    return [pause, _text(draft.reminder, fields, draft), link]


def _text(text: str, fields: Mapping[str, str], draft: Draft) -> Bubble:
    return Bubble("text", merge.fill(text, fields, draft.language))


def pause_words(seconds: int) -> str:
    """'two minutes later'."""
    if seconds < 1:
        return "right after it"
    if seconds < 90:
        return f"{seconds} seconds later"
    minutes = round(seconds / 60)
    return {2: "two minutes later", 3: "three minutes later"}.get(minutes, f"{minutes} minutes later")


def seen(messages: Sequence[Message], picture_address: str, picture_words: str) -> list[Bubble]:
    """What the customer has on the phone: our messages as they were sent, word for word, and the answers."""
    shown: list[Bubble] = []
    for message in messages:
        if message.kind == Message.Kind.INBOUND:
            shown.append(Bubble("text", message.text, theirs=True, last=True))
        elif message.sent_at or message.status == "in_doubt":
            shown += as_sent(message, picture_address, picture_words)
    return shown


def as_sent(message: Message, picture_address: str, picture_words: str) -> list[Bubble]:
    """The bubbles of one of our messages, word for word."""
    bubbles = [_bubble(part, picture_address, picture_words) for part in parts(message)]
    return [*bubbles[:-1], *(replace(bubble, last=True) for bubble in bubbles[-1:])]


def _bubble(part: dict[str, Any], picture_address: str, picture_words: str) -> Bubble:
    match part.get("type"):
        case "media":
            return Bubble("picture", picture_words, address=picture_address)
        case "rich_link" | "link":
            return Bubble("link", str(part.get("title") or part.get("url")), address=_shown_host(part.get("url")))
        case _:
            return Bubble("text", str(part.get("value", "")))


def parts(message: Message) -> Iterable[dict[str, Any]]:
    """The parts of the frozen request: the very words that went out.  Where it is no longer kept, composed anew."""
    if message.body is None:
        return _composed(message)
    said = json.loads(bytes(message.body))
    found: list[dict[str, Any]] = said.get("message", said).get("parts", [])
    return found


def _composed(message: Message) -> Iterator[dict[str, Any]]:
    if message.kind == Message.Kind.ANSWER:
        yield {"type": "text", "value": message.text}
        return
    business, fields = message.business, message.customer.words(message.language)
    if message.picture:
        yield {"type": "media"}
    yield {"type": "text", "value": merge.fill(message.text, fields, message.language)}
    if message.needs_picture or message.kind == Message.Kind.REMINDER:
        yield {"type": "rich_link", "url": business.review_url, "title": invitations.link_title(message.language)}


def _shown_host(address: object) -> str:
    """'search.google.com' for the customer to see under the link's title."""
    text = str(address or "")
    return text.split("://", 1)[-1].split("/", 1)[0] or "search.google.com"
