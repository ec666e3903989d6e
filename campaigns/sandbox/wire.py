"""Requests and responses over plain WSGI, and a router that fits on one screen."""

import json
import re
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
JSON_CAP = 1 << 20  # no JSON body of this API comes near a mebibyte


class ConnectionBroken(Exception):
    """The connection broke on purpose, and there is no socket to close: the app was called inside a test."""


class TooLarge(Exception):
    """The body is longer than the route takes."""


@dataclass
class Request:
    """What the handlers need to know of a WSGI environ."""

    environ: Environ

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @cached_property
    def path(self) -> str:
        raw = str(self.environ.get("PATH_INFO") or "/")
        try:  # WSGI hands the path over as latin-1; the bytes underneath are UTF-8
            return raw.encode("latin-1").decode("utf-8", "replace")
        except UnicodeEncodeError:  # httpx's WSGITransport hands it over decoded
            return raw

    @cached_property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.environ.get("QUERY_STRING", ""), keep_blank_values=True)

    def asked(self, name: str, default: str = "") -> str:
        """One value from the query string."""
        return self.query.get(name, [default])[-1]

    def header(self, name: str) -> str:
        key = name.upper().replace("-", "_")
        return str(self.environ.get(key if key.startswith("CONTENT_") else f"HTTP_{key}") or "")

    @property
    def content_type(self) -> str:
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def content_length(self) -> int | None:
        said = self.header("content-length")
        return int(said) if said.isdigit() else None

    @property
    def host(self) -> str:
        return self.header("host") or f"{self.environ['SERVER_NAME']}:{self.environ['SERVER_PORT']}"

    @property
    def origin(self) -> str:
        """Scheme, host and port this request came in on."""
        return f"{self.environ.get('wsgi.url_scheme', 'http')}://{self.host}"

    def read(self, cap: int) -> bytes:
        """The raw body, once.  Raises TooLarge when it is longer than ``cap`` bytes."""
        if (self.content_length or 0) > cap:
            raise TooLarge
        chunked = "chunked" in self.header("transfer-encoding").lower()
        wanted = cap + 1 if chunked else self.content_length or 0
        raw: bytes = self.environ["wsgi.input"].read(wanted) if wanted else b""
        if len(raw) > cap:
            raise TooLarge
        return raw

    @cached_property
    def body(self) -> bytes:
        return self.read(JSON_CAP)

    @cached_property
    def form(self) -> dict[str, list[str]]:
        """The fields of a form that was posted by a browser."""
        return parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)


@dataclass
class Response:
    """Status, headers and bytes; ``broken`` means that the caller hears nothing at all."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    broken: bool = False

    def send(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the way WSGI wants it, or cut the connection."""
        if self.broken:
            return _cut(environ, start_response)
        headers = dict(self.headers)
        if isinstance(self.body, bytes) and self.status not in (204, 304):
            headers.setdefault("Content-Length", str(len(self.body)))
        start_response(f"{self.status} {_reason(self.status)}", list(headers.items()))
        return [self.body] if isinstance(self.body, bytes) else self.body


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer, compact and in UTF-8."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, {"Content-Type": "application/json", **(headers or {})})


def as_text(words: str, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Response:
    return Response(status, words.encode(), {"Content-Type": content_type})


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _cut(environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Reset the connection under gunicorn; elsewhere raise, because there is nothing to reset."""
    connection: socket.socket | None = environ.get("gunicorn.socket")
    if connection is None:
        raise ConnectionBroken
    # linger 0 turns the close into a reset; the shutdown makes gunicorn's own write fail quietly
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)
    start_response("500 Cut", [("Content-Length", "0"), ("Connection", "close")])
    return []


Handler = Callable[..., Response]


class NoRoute(Exception):
    """Nothing lives at this path."""


class WrongMethod(Exception):
    """Something lives here, but it does not take this method."""

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(", ".join(allowed))
        self.allowed = allowed


@dataclass(frozen=True)
class Route:
    """A method, a path with ``{names}`` in it, and who answers."""

    name: str  # "POST /chats/{id}/messages"
    handler: Handler

    @property
    def method(self) -> str:
        return self.name.partition(" ")[0]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        path = self.name.partition(" ")[2]
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route for this call and the values in its path.  The first that fits wins."""
    allowed = []
    for route in routes:
        match = route.pattern.fullmatch(path)
        if match and route.method == method:
            return route, match.groupdict()
        if match:
            allowed.append(route.method)
    if allowed:
        raise WrongMethod(sorted(set(allowed)))
    raise NoRoute
