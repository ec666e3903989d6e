"""A door in front of our webhook: hands each event in three times and in no order, and can be shut.

Stands between the pretend Chert and a real site.  The first time is Chert's own, and Chert gets our answer; the other
two come seconds later, each on its own, signed as they were.  While it is shut it answers 503 and hands in nothing.
"""

import contextlib
import heapq
import random
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

#: The copies of an event come within so many seconds.
LATE = 15.0
#: Hands that carry copies.
CARRIERS = 3

Call = tuple[str, dict[str, str], bytes]


class Door:
    """Where Chert knocks."""

    def __init__(self, seed: int) -> None:
        self.is_open = True
        self.target = ""
        self.handed_in: dict[int, int] = {}
        self._chance = random.Random(seed)
        self._copies: list[tuple[float, int, Call]] = []
        self._lock, self._over, self._number = threading.Lock(), threading.Event(), 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Knock", (_Knock,), {"door": self}))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """For SITE_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def waiting(self) -> int:
        """Copies that are still to come."""
        return len(self._copies)

    @contextlib.contextmanager
    def staffed(self) -> Iterator["Door"]:
        """Somebody answers, and copies are carried."""
        threads = [threading.Thread(target=self._server.serve_forever, daemon=True)]
        threads += [threading.Thread(target=self._carry, daemon=True) for _ in range(CARRIERS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._server.shutdown()
            self._server.server_close()

    def knock(self, client: httpx.Client, call: Call) -> int:
        """Hand it in, and twice more later; returns the HTTP status for Chert."""
        if not self.is_open:
            return 503
        with self._lock:
            for _ in range(2):
                self._number += 1
                heapq.heappush(self._copies, (time.monotonic() + self._chance.uniform(0, LATE), self._number, call))
        return self._hand_in(client, call)

    def _hand_in(self, client: httpx.Client, call: Call) -> int:
        path, headers, body = call
        try:
            status = client.post(self.target + path, headers=headers, content=body).status_code
        except httpx.HTTPError:
            status = 504
        with self._lock:
            self.handed_in[status] = self.handed_in.get(status, 0) + 1
        return status

    def _carry(self) -> None:
        with httpx.Client(trust_env=False, timeout=30) as client:
            while not self._over.is_set():
                call = self._due() if self.is_open else None
                if call is None:
                    time.sleep(0.02)
                else:
                    self._hand_in(client, call)

    def _due(self) -> Call | None:
        with self._lock:
            is_due = self._copies and self._copies[0][0] <= time.monotonic()
            return heapq.heappop(self._copies)[2] if is_due else None


class _Knock(BaseHTTPRequestHandler):
    door: Door
    protocol_version = "HTTP/1.1"
    client = httpx.Client(trust_env=False, timeout=30)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept = {name: value for name, value in self.headers.items() if name.lower().startswith(("x-", "content-type"))}
        self.send_response(self.door.knock(self.client, (self.path, kept, body)))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""
