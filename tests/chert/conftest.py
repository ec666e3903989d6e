"""A wire that answers what a test wants, and remembers what went over it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from campaigns.chert import Bearer, Client, FrozenRequest, Text, open_chat

BASE = "https://chert.test/api/v1"
SECRET = "00112233445566778899aabbccddeeff"
NOW = 1_780_000_000
ACCEPTED = {"chat": {"id": "chat-1"}, "message": {"id": "message-1", "status": "sent"}}

Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Wire(httpx.BaseTransport):
    """Gives the replies in turn, the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies) or [httpx.Response(200, json=ACCEPTED)]
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply(request) if callable(reply) else reply

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Drip(httpx.SyncByteStream):
    """A body of which each piece takes some seconds of the clock."""

    def __init__(self, clock: Clock, pieces: Iterator[bytes] | list[bytes], seconds: float) -> None:
        self.clock, self.pieces, self.seconds = clock, pieces, seconds
        self.given = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.clock.now += self.seconds
            self.given += 1
            yield piece


def connect(*replies: Reply, credentials: Any = None, base: str = BASE, **options: Any) -> tuple[Client, Wire]:
    """A client, and the wire it talks over."""
    wire = Wire(*replies)
    options = {"clock": lambda: NOW, **options}
    return Client(base, credentials or Bearer(SECRET), transport=wire, **options), wire


def answer(status: int, body: object = None, **headers: str) -> httpx.Response:
    """An HTTP answer with a JSON body; header names are written with underscores."""
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def envelope(status: int, code: int | None = None, retryable: bool | None = None, **more: object) -> dict[str, object]:
    """Chert's error envelope."""
    error = {"status": status, "code": code, "message": "Something", "retryable": retryable, **more}
    known = {name: value for name, value in error.items() if value is not None}
    return {"success": False, "error": known, "trace_id": "trace-body"}


@pytest.fixture
def greeting() -> FrozenRequest:
    """The first words to one customer."""
    return open_chat("+15005550001", ["+15005550006"], [Text("Hi Ada, thanks for having us!")], "key-1")
