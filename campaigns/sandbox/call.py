"""One call to the API: who calls, with what, when, and under which weather."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import contract
from .delivery import Post
from .knobs import Knobs
from .problems import Problem
from .store import Store, Tenant
from .threads import Chat, Message, find_chat, find_message
from .weather import Weather
from .wire import Request, Response

Visit = Callable[[str], tuple[int, str]]  # url -> HTTP status and Location


@dataclass(frozen=True)
class World:
    """What surrounds every call: memory, time, ways to post webhooks and to open links, and where our site is."""

    store: Store
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    post: Post
    visit: Visit
    site: str


@dataclass
class Call:
    """Handed to every handler of the API."""

    world: World
    request: Request
    tenant: Tenant
    knobs: Knobs
    weather: Weather
    now: float
    route: str
    trace_id: str

    @property
    def store(self) -> Store:
        return self.world.store

    def body(self, *names: str) -> dict[str, Any]:
        """The JSON object in the body, with none but these fields.  Raises Problem 1002 or 1004."""
        value = contract.parse(self.request.body, self.request.content_type)
        contract.known(value, set(names), self.knobs)
        return value

    def chat(self, chat_id: str) -> Chat:
        """This tenant's chat.  Raises Problem 2002."""
        chat = find_chat(self.store, self.tenant.slug, chat_id)
        if chat is None:
            raise Problem(2002)
        return chat

    def message(self, message_id: str) -> Message:
        """This tenant's message.  Raises Problem 2003."""
        message = find_message(self.store, self.tenant.slug, message_id)
        if message is None:
            raise Problem(2003)
        return message

    def once(self, key: str, act: Callable[[], Response]) -> Response:
        """Act, unless this key has acted before: then give the same answer again, byte for byte (contract §5)."""
        with self.store.transaction():
            earlier = self._earlier(key) if self._heeds(key) else None
            if earlier is not None:
                self.weather.rate()
                return earlier
            answer = act()
            self._remember(key, answer)
        return answer

    def _heeds(self, key: str) -> bool:
        follow_up = self.route == "POST /chats/{id}/messages"
        ignored = self.knobs.keys_ignored or (follow_up and self.knobs.keys_ignored_on_follow_up)
        return bool(key) and not ignored

    @property
    def _digest(self) -> str:
        return hashlib.sha256(self.request.path.encode() + b"\n" + self.request.body).hexdigest()

    def _row(self, key: str) -> dict[str, Any] | None:
        return self.store.one(
            "SELECT * FROM keys WHERE tenant = ? AND route = ? AND key = ? AND at > ?",
            *(self.tenant.slug, self.route, key, self.now - self.knobs.key_lifetime),
        )

    def _earlier(self, key: str) -> Response | None:
        row = self._row(key)
        if row is None:
            return None
        if row["digest"] != self._digest:
            if self.knobs.key_mismatch == "conflict":
                raise Problem(1012, "This idempotency_key was used with another body.")
            if self.knobs.key_mismatch == "accept":
                return None
        return Response(row["status"], bytes(row["answer"]), {"Content-Type": "application/json"})

    def _remember(self, key: str, answer: Response) -> None:
        if key and isinstance(answer.body, bytes):
            self.store.run(
                "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(self.tenant.slug, self.route, key, self._digest, answer.status, answer.body, self.now),
            )
