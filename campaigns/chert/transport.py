"""Calls that end in time.

httpx restarts its timeouts with every chunk, so a peer that drips a byte a second could hold a call for ever (F-21).
Here every read and write of the socket also ends at the deadline of the whole call.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx

_SLICE = 64 * 1024


@dataclass(frozen=True)
class Deadlines:
    """Seconds. `json` and `upload` bound a whole call, the others a single step of it."""

    json: float = 30.0
    upload: float = 120.0
    connect: float = 5.0
    read: float = 15.0
    write: float = 15.0
    pool: float = 5.0

    def timeout(self, total: float) -> httpx.Timeout:
        """The steps of a call that has `total` seconds in all."""
        step = {name: min(getattr(self, name), total) for name in ("connect", "read", "write", "pool")}
        return httpx.Timeout(**step)


STANDARD = Deadlines()


def uptime() -> float:
    """Seconds on a clock that never jumps, and that goes on while the machine sleeps where there is such a clock."""
    return time.clock_gettime(_BOOTTIME) if _BOOTTIME is not None else time.monotonic()


_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)


@dataclass(frozen=True)
class Deadline:
    """The moment a call must be over, on a clock that never jumps."""

    at: float
    clock: Callable[[], float] = uptime

    def left(self) -> float:
        """Seconds left, negative when it is over."""
        return self.at - self.clock()

    @property
    def is_over(self) -> bool:
        return self.left() <= 0


_current: ContextVar[Deadline | None] = ContextVar("chert_deadline", default=None)


@contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """Everything the network does in this thread, in here, ends at the deadline."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def _step(timeout: float | None, over: type[Exception]) -> float | None:
    """The time one step may take: its own timeout or what is left of the call, whichever is less."""
    deadline = _current.get()
    if deadline is None:
        return timeout
    left = deadline.left()
    if left <= 0:
        raise over("The call took too long.")
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection that asks for the deadline at every step."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _step(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _SLICE):
            self._inner.write(buffer[start : start + _SLICE], _step(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _step(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Backend(httpcore.SyncBackend):
    """Opens connections of the kind above. Time lost in name look-up is noticed before the first byte is written."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        step = _step(timeout, httpcore.ConnectTimeout)
        stream = super().connect_tcp(host, port, step, local_address, socket_options)
        try:
            _step(timeout, httpcore.ConnectTimeout)
        except httpcore.ConnectTimeout:
            stream.close()
            raise
        return _Stream(stream)


class Transport(httpx.HTTPTransport):
    """httpx's own transport over connections that end in time. No proxies, no retries, certificates always checked."""

    def __init__(self, *, connections: int = 100, backend: httpcore.NetworkBackend | None = None) -> None:
        super().__init__(verify=_certificates(), trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=5.0,
            retries=0,
            network_backend=backend or Backend(),
        )


@cache
def _certificates() -> ssl.SSLContext:
    """Loading the certificates of the world takes longer than a call; once per process is enough."""
    return httpx.create_ssl_context(trust_env=False)
