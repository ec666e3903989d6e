"""Hostile customers write back, as Chert tells it: signed, at the door, and every word in it is a payload."""

import json
import time
from collections.abc import Iterator
from itertools import count, cycle
from typing import Any

import httpx

from campaigns.chert import webhooks
from tests.xss_corpus import PAYLOADS, short

#: Bodies as long as a message can be.
LENGTH = 10_000
LONG = (
    "W" * LENGTH,
    ("<b class=pwned>" * LENGTH)[:LENGTH],
    ("\u202e<i class=pwned>turned around " * LENGTH)[:LENGTH],
    ("=HYPERLINK(1)\n" * LENGTH)[:LENGTH],
)
#: Words behind which a person has to look, so that they stand where that is said.
PERHAPS_STOP = "Please do not text me any more. "
#: Bubbles of one answer, and how many the first customer gives in all of the corpus.
BUBBLES = 8

Event = dict[str, Any]


def signed(number: int) -> str:
    """What a payload ends with, by which it is known again."""
    return f" ~{number}~"


def answers(room: Any) -> Iterator[Event]:
    """The whole corpus from one customer, a part of it from each of the others, and tapbacks."""
    words = [payload + signed(number) for number, payload in enumerate(PAYLOADS)]
    first, *others = room["phones"]
    numbers, mischief = count(1), Mischief()
    for at in range(0, len(words), BUBBLES):
        yield mischief.answer(next(numbers), first, words[at : at + BUBBLES])
    for long in LONG:
        yield mischief.answer(next(numbers), first, [long])
    for phone, word in zip(others, cycle(words[::-3]), strict=False):
        number = next(numbers)
        yield mischief.answer(number, phone, [PERHAPS_STOP * (number % 9 == 0) + word])
    for greeting in room["greetings"][:6]:
        yield mischief.tapback(next(numbers), greeting)


class Mischief:
    """Fills what Chert tells beside the words: names, services, files, even ids."""

    def __init__(self) -> None:
        self._any, self._id = cycle(PAYLOADS), cycle(each for each in short(60) if each.isprintable())

    def answer(self, number: int, phone: str, texts: list[str]) -> Event:
        parts: list[Event] = [{"type": "text", "value": text} | self._beside("effect", "title") for text in texts]
        parts.append({"type": "media"} | self._beside("attachment_id", "filename", "mime_type", "url", "alt_text"))
        parts.append({"type": "rich_link"} | self._beside("url", "title", "summary", "image_url"))
        parts.append(self._beside("type", "value"))
        message = {"id": self._named(number), "direction": "inbound", "parts": parts, "sender_handle": self._who(phone)}
        message |= self._beside("service", "status", "subject", "effect", "sender_name", "preferred_service")
        return self._event("message.received", number, {"message": message, "chat": self._chat(number)})

    def tapback(self, number: int, message: str) -> Event:
        put = {"type": "love", "is_from_me": False} | self._beside("emoji", "custom_emoji", "text", "sticker_url")
        told = {"message_id": message, "reaction": put, "chat": self._chat(number)}
        return self._event("reaction.added", number, told | self._beside("from_name", "service"))

    def _event(self, kind: str, number: int, data: Event) -> Event:
        event_id = f"{self._named(number)} {kind}"
        beside = self._beside("trace_id", "tenant", "webhook_version", "partner_id")
        return beside | {"event": kind, "event_id": event_id, "timestamp": f"{_now()}", "data": data}

    def _chat(self, number: int) -> Event:
        return {"id": self._named(number), "is_group": False} | self._beside("display_name", "service", "name", "icon")

    def _who(self, phone: str) -> Event:
        return {"handle": phone, "is_me": False} | self._beside("display_name", "name", "service", "country", "avatar")

    def _named(self, number: int) -> str:
        return f"{next(self._id)} {number}"

    def _beside(self, *names: str) -> Event:
        return {name: next(self._any) for name in names}


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())


def knock(home: str, room: Any) -> set[int]:
    """All of it at our door, as Chert signs it; the HTTP statuses of our answers."""
    with httpx.Client(base_url=home, trust_env=False, timeout=30) as chert:
        return {_knock(chert, room, event) for event in answers(room)}


def _knock(chert: httpx.Client, room: Any, event: Event) -> int:
    body = json.dumps(event).encode()
    headers = webhooks.headers_for(room["signed_with"], int(time.time()), body) | {"Content-Type": "application/json"}
    return chert.post(room["door"], content=body, headers=headers).status_code
