"""The outside world of one life: a pretend Chert that keeps a ledger of what customers really got, and breaks at will.

Kept in dictionaries, for speed: the sandbox is the faithful one, this one is quick, and strict about effects.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

SENDS = ("open chat", "follow up")
#: Words that say whether somebody wants to hear from us.
WISHES = ("STOP", "stop please", "START")


@dataclass(frozen=True)
class Effect:
    """One message that reached a customer, and under which key."""

    begun: "Begun"
    id: str
    chat: str
    phone: str
    key: str
    text: str
    #: The line of a first touch; empty for what is said in a chat that exists.
    line: str


@dataclass(frozen=True)
class Begun:
    """When a call began: by true time and by our host's clock."""

    at: datetime
    ours: datetime
    #: How far our host's clock had been put forward by then, in all: so much of a gap is not the engine's fault.
    leapt: timedelta


@dataclass
class Said:
    """A message in a chat, as Chert shows it."""

    id: str
    chat: str
    direction: str
    text: str
    at: datetime
    delivered_after: timedelta = timedelta(seconds=3)
    read_after: timedelta = timedelta(seconds=40)

    def as_json(self, now: datetime) -> dict[str, Any]:
        delivered, read = self.at + self.delivered_after, self.at + self.read_after
        return {
            "id": self.id,
            "chat_id": self.chat,
            "parts": [{"type": "text", "value": self.text}],
            "status": "delivered" if delivered <= now else "sent",
            "direction": self.direction,
            "created_at": self.at.isoformat(),
            "delivered_at": delivered.isoformat() if delivered <= now else None,
            "read_at": read.isoformat() if read <= now else None,
        }


class Broken(Exception):
    """Chert refuses: HTTP status and code of its envelope, and whether to come back."""

    def __init__(
        self, status: int, code: int, *, retryable: bool = False, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.retryable, self.headers = status, code, retryable, headers or {}

    def answer(self) -> httpx.Response:
        error = {"status": self.status, "code": self.code, "message": "no", "retryable": self.retryable}
        return httpx.Response(self.status, json={"success": False, "error": error}, headers=self.headers)


@dataclass
class World(httpx.BaseTransport):
    """Chert and the customers' phones.  `clock` is true time; our host's own may be off by `skew`."""

    clock: Callable[[], datetime]
    host: Callable[[], datetime]
    #: Called with the route when a request comes in, before anything else: the checker looks at the books.
    watch: Callable[[str, httpx.Request], None] = lambda name, request: None
    tell: Callable[[str], None] = lambda event: None
    #: Where workers freeze, die and change places.
    seam: Callable[[str], None] = lambda where: None
    #: What the weather makes of a request before it is taken, and of the answer after: None leaves it alone.
    before: Callable[[str, httpx.Request], httpx.Response | None] = lambda name, request: None
    after: Callable[[str, httpx.Request, httpx.Response], httpx.Response] = lambda name, request, answer: answer

    keys_on_follow_ups: bool = True
    lag: timedelta = timedelta(0)
    leapt: timedelta = timedelta(0)
    effects: list[Effect] = field(default_factory=list)
    bodies: dict[str, set[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(set))
    #: Those that were given up by the caller and are taken later all the same.
    late: list[tuple[datetime, httpx.Request]] = field(default_factory=list)
    #: Whose customer has this number: the secret of the account.
    homes: dict[str, str] = field(default_factory=dict)
    #: The log of each account.
    events: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    #: What customers wrote: when, by true time, who and what.
    written: list[tuple[datetime, str, str]] = field(default_factory=list)
    #: From when to when nothing is remembered, because the database was put back (F-54), by true time.
    forgotten: tuple[datetime, datetime] | None = None

    def __post_init__(self) -> None:
        self._keys: dict[str, dict[str, Any]] = {}
        self._chats: dict[str, str] = {}
        self._said: dict[str, list[Said]] = defaultdict(list)
        self._uploads: dict[str, bool] = {}
        self._count = 0
        #: While something late is taken: when that was.
        self._then: datetime | None = None

    # --- the wire ------------------------------------------------------------------------------------------------

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        name = route(request)
        request.extensions["begun"] = Begun(self.clock(), self.host(), self.leapt)
        self.watch(name, request)
        self.seam(f"before {name}")
        self.settle()
        if early := self.before(name, request):
            return early
        answer = self.take(name, request)
        self.seam(f"after {name}")
        return self.after(name, request, answer)

    def settle(self) -> None:
        """Take what comes late."""
        due = [(at, request) for at, request in self.late if at <= self.clock()]
        self.late = [(at, request) for at, request in self.late if at > self.clock()]
        for self._then, request in due:
            self.take(route(request), request)
        self._then = None

    def take(self, name: str, request: httpx.Request) -> httpx.Response:
        """Do what is asked."""
        try:
            return httpx.Response(200, json=self._do(name, request))
        except Broken as broken:
            return broken.answer()

    def _do(self, name: str, request: httpx.Request) -> dict[str, Any]:
        path = request.url.path.split("/api/v1/")[1].split("/")
        match name:
            case "open chat" | "follow up":
                return self._send(name, path, request)
            case "slot":
                slot = self._new("att")
                self._uploads[slot] = False
                address = f"https://{request.url.host}/api/v1/attachments/{slot}/upload"
                return {"attachment_id": slot, "upload_url": address, "required_headers": {}, "expires_at": None}
            case "upload":
                if path[1] not in self._uploads:
                    raise Broken(404, 5001)
                self.seam("mid upload")
                self._uploads[path[1]] = True
                return {"attachment_id": path[1], "status": "uploaded"}
            case "chat":
                seen = [said for said in self._said[path[1]] if said.at <= self.clock() - self.lag]
                return {"messages": [said.as_json(self.clock()) for said in seen]}
            case "message":
                return {"message": self._find(path[1]).as_json(self.clock())}
            case _:
                return {"events": self._log(secret_of(request), request.url.params.get("since")), "next_cursor": None}

    def _find(self, wanted: str) -> Said:
        for said in (said for chat in self._said.values() for said in chat):
            if said.id == wanted:
                return said
        raise Broken(404, 2003)

    def _log(self, account: str, since: str | None) -> list[dict[str, Any]]:
        after, log = datetime.fromisoformat(since) if since else None, self.events[account]
        fresh = [event for event in log if after is None or datetime.fromisoformat(event["created_at"]) > after]
        return fresh[::-1]

    # --- sending -------------------------------------------------------------------------------------------------

    def _send(self, name: str, path: list[str], request: httpx.Request) -> dict[str, Any]:
        body = json.loads(request.content)
        message, key = body["message"], body["message"]["idempotency_key"]
        self.bodies[key].add((request.url.path, request.content))
        heeded = name == "open chat" or self.keys_on_follow_ups
        if heeded and key in self._keys:
            return self._keys[key]
        for part in message["parts"]:
            if part["type"] == "media" and not self._uploads.get(part["attachment_id"]):
                raise Broken(404, 5001)
        people = body.get("to", [])
        if len(people) > 1 and [part["type"] for part in message["parts"]] != ["text"]:
            raise Broken(501, 4099)
        chat = path[1] if name == "follow up" else self.chat_of(",".join(people))
        said = self._say(chat, "outbound", message["parts"])
        phone = next(phone for phone, known in self._chats.items() if known == chat)
        line = body["from"] if name == "open chat" else ""
        self.effects.append(Effect(request.extensions["begun"], said.id, chat, phone, key, said.text, line))
        answer: dict[str, Any] = {"chat": {"id": chat}, "message": said.as_json(self.clock())}
        self._keys[key] = answer
        self.tell(f"{phone} gets {said.id} by {name}: “{said.text[:40]}…”")
        return answer

    def forget_uploads(self) -> None:
        """Chert's uploads run out: 5001 at the next use."""
        self._uploads.clear()

    def chat_of(self, phone: str) -> str:
        """The chat with this number, or with a group of them (`+1…,+1…`), opened where there is none."""
        if phone not in self._chats:
            self._chats[phone] = self._new("chat")
            self.homes.setdefault(phone, self.homes[phone.partition(",")[0]])
        return self._chats[phone]

    def era(self, at: datetime) -> int:
        """0 before what is forgotten, 1 in it, 2 after it."""
        return 0 if self.forgotten is None else sum(at >= edge for edge in self.forgotten)

    def wished_before(self, phone: str) -> str:
        """Their last wish when the database was put back: STOP, or words that a person has to read; else nothing."""
        mine = [text for at, who, text in self.written if who == phone and text in WISHES and self.era(at) < 2]
        return mine[-1] if mine and mine[-1] != "START" else ""

    def is_forgotten(self, at: datetime) -> bool:
        """Did this happen in the time that the database knows nothing of?"""
        return self.era(at) == 1

    def _say(self, chat: str, direction: str, parts: list[dict[str, Any]]) -> Said:
        text = "\n".join(part["value"] for part in parts if part["type"] == "text")
        said = Said(self._new("msg"), chat, direction, text, self._then or self.clock())
        self._said[chat].append(said)
        return said

    def _new(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count}"

    # --- what customers and their phones do --------------------------------------------------------------------------

    def reply(self, phone: str, text: str, by: str = "") -> dict[str, Any]:
        """The customer writes, in a group the one of this number; returns the event, which the log keeps."""
        said = self._say(self.chat_of(phone), "inbound", [{"type": "text", "value": text}])
        self.written.append((self.clock(), by or phone, text))
        return self._tell("message.received", said, phone, by)

    def receipt(self, effect: Effect, word: str) -> dict[str, Any]:
        """News about one of our messages: "delivered", "read" or "failed"."""
        return self._tell(f"message.{word}", self._find(effect.id), effect.phone)

    def _tell(self, name: str, said: Said, phone: str, by: str = "") -> dict[str, Any]:
        now = self.clock().isoformat()
        handle = {"handle": by or phone, "is_me": False}
        message = {"id": said.id, "direction": said.direction, "sender_handle": handle, "sent_at": now}
        message["parts"] = [{"type": "text", "value": said.text}]
        envelope = {"event": name, "event_id": f"{name}:{said.id}", "timestamp": now}
        envelope["data"] = {"chat": {"id": said.chat, "is_group": "," in phone}, "message": message}
        row = {"id": self._new("evt"), "type": name, "lead_id": said.chat, "payload": envelope, "created_at": now}
        self.events[self.homes[phone]].append(row | {"event_id": envelope["event_id"]})
        return envelope


def secret_of(request: httpx.Request) -> str:
    """Whose request this is."""
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def route(request: httpx.Request) -> str:
    """What this request is, in two words."""
    path = request.url.path.split("/api/v1/")[1].split("/")
    match request.method, path:
        case "POST", ["chats"]:
            return "open chat"
        case "POST", ["chats", _, "messages"]:
            return "follow up"
        case "POST", ["attachments"]:
            return "slot"
        case "PUT", _:
            return "upload"
        case "GET", ["chats", *_]:
            return "chat"
        case "GET", ["messages", _]:
            return "message"
    return "log"
