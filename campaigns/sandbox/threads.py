"""Chats and the messages in them: making them, finding them, and how far each message has come by now."""

import hashlib
import json
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .knobs import Knobs
from .store import Line, Row, Store
from .times import stamp, stamp_or_none

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})  # for the page only


@dataclass(frozen=True)
class Chat:
    """A thread with one person (``phone``) or a group (``phone`` is None)."""

    id: str
    tenant: str
    line_id: str
    phone: str | None
    handles: str
    is_group: int
    display_name: str | None
    icon: str | None
    left_at: float | None
    created_at: float
    imessage: int
    moved: int
    answered: int
    stopped: int
    #: The business is writing, until then at most; and when it read the thread last.
    typing_until: float | None = None
    looked_at: float | None = None

    @property
    def people(self) -> list[str]:
        return list(json.loads(self.handles))

    def as_json(self) -> Row:
        return {
            "id": self.id,
            "display_name": self.display_name,
            "handles": [{"service": "imessage", "address": address} for address in self.people],
            "is_group": bool(self.is_group),
            "service": "imessage",
            "health_score": 87,
            "created_at": stamp(self.created_at),
        }


@dataclass(frozen=True)
class Message:
    """One thing said.  The three ``…_at`` moments may lie ahead: what has happened is decided on reading."""

    seq: int
    id: str
    tenant: str
    chat_id: str
    direction: str
    sender: str
    parts: str
    created_at: float
    delivers_at: float | None
    reads_at: float | None
    fails_at: float | None
    #: A tapback on it: the business's, and the customer's.
    reaction: str | None
    tapback: str | None = None

    @property
    def content(self) -> list[dict[str, Any]]:
        return list(json.loads(self.parts))

    def status(self, now: float) -> str:
        """sent, delivered or failed; being read shows in ``read_at`` only (contract §8)."""
        if self.fails_at is not None and self.fails_at <= now:
            return "failed"
        delivered = self.delivers_at is not None and self.delivers_at <= now
        return "delivered" if delivered else "sent"

    def as_json(self, now: float) -> Row:
        return {
            "id": self.id,
            "chat_id": self.chat_id,
            "parts": self.content,
            "status": self.status(now),
            "direction": self.direction,
            "created_at": stamp(self.created_at),
            "delivered_at": stamp_or_none(self.delivers_at, now),
            "read_at": stamp_or_none(self.reads_at, now),
            "service": "imessage",
        }


def find_chat(store: Store, tenant: str, chat_id: str) -> Chat | None:
    row = store.one("SELECT * FROM chats WHERE id = ? AND tenant = ?", chat_id, tenant)
    return Chat(**row) if row else None


def chat_with(store: Store, tenant: str, phone: str) -> Chat | None:
    row = store.one("SELECT * FROM chats WHERE tenant = ? AND phone = ?", tenant, phone)
    return Chat(**row) if row else None


def open_chat(store: Store, line: Line, people: Sequence[str], name: str, knobs: Knobs, now: float) -> Chat:
    """A new thread, pinned to this line."""
    chat = Chat(
        id=str(uuid.uuid4()),
        tenant=line.tenant,
        line_id=line.id,
        phone=people[0] if len(people) == 1 else None,
        handles=json.dumps(list(people)),
        is_group=int(len(people) > 1),
        display_name=name or None,
        icon=None,
        left_at=None,
        created_at=now,
        imessage=int(all(has_imessage(store, knobs, phone) for phone in people)),  # or it would be no blue group
        moved=0,
        answered=0,
        stopped=0,
    )
    store.insert("chats", **vars(chat))
    return chat


def latest_chat_of(store: Store, number: str, tenant: str = "", chat_id: str = "") -> Chat | None:
    """The thread on this phone that moved last, whichever tenant's and whichever thread unless one is named."""
    row = store.one(
        "SELECT * FROM chats WHERE (phone = ? OR phone IS NULL AND EXISTS"
        " (SELECT 1 FROM json_each(chats.handles) WHERE value = ?))"
        " AND (? = '' OR tenant = ?) AND (? = '' OR id = ?) ORDER BY moved DESC LIMIT 1",
        *(number, number, tenant, tenant, chat_id, chat_id),
    )
    return Chat(**row) if row else None


def mark_phone(store: Store, number: str, *, imessage: bool, reads: bool) -> None:
    """Say what kind of phone this is; counts for what is sent from now on."""
    with store.transaction():
        store.run("INSERT OR REPLACE INTO phones VALUES (?, ?, ?)", number, int(imessage), int(reads))
        store.run("UPDATE chats SET imessage = ? WHERE phone = ?", int(imessage), number)


def find_message(store: Store, tenant: str, message_id: str) -> Message | None:
    row = store.one("SELECT * FROM messages WHERE id = ? AND tenant = ?", message_id, tenant)
    return Message(**row) if row else None


def say(store: Store, chat: Chat, parts: Sequence[dict[str, Any]], knobs: Knobs, now: float, starts: float) -> Message:
    """Our own words go out; they reach the phone a little after ``starts``."""
    store.run("UPDATE chats SET typing_until = NULL WHERE id = ?", chat.id)
    count = store.number("SELECT count(*) FROM messages WHERE chat_id = ?", chat.id)
    delivers, reads, fails = _fate(store, chat, knobs, count, starts)
    message_id = uuid.uuid4().hex
    return _keep(store, message_id, chat, "outbound", "", parts, now, delivers, reads, fails)


def hear(store: Store, chat: Chat, sender: str, parts: Sequence[dict[str, Any]], now: float) -> Message:
    """The customer's words come in.  Whoever answers has read what came before."""
    mark_seen(store, chat, now)
    stops = says_stop(parts)
    store.run("UPDATE chats SET answered = 1, stopped = max(stopped, ?) WHERE id = ?", int(stops), chat.id)
    return _keep(store, str(uuid.uuid4()).upper(), chat, "inbound", sender, parts, now, now, None, None)


def says_stop(parts: Sequence[dict[str, Any]]) -> bool:
    """For the page only: does somebody want no more?"""
    words = " ".join(str(part.get("value", "")) for part in parts)
    return words.strip(" .!\"'").upper() in STOP_WORDS


def mark_seen(store: Store, chat: Chat, now: float) -> None:
    """The customer has the thread open: what was sent so far is delivered and read by now."""
    store.run(
        "UPDATE messages SET delivers_at = min(delivers_at, ?), reads_at = min(coalesce(reads_at, ?), ?)"
        " WHERE chat_id = ? AND direction = 'outbound' AND delivers_at IS NOT NULL",
        *(now, now, now, chat.id),
    )


def in_chat(store: Store, chat_id: str) -> list[Message]:
    return [Message(**row) for row in store.all("SELECT * FROM messages WHERE chat_id = ? ORDER BY seq", chat_id)]


def has_imessage(store: Store, knobs: Knobs, phone: str) -> bool:
    marked = store.one("SELECT imessage FROM phones WHERE number = ?", phone)
    return bool(marked["imessage"]) if marked else not _ends(phone, knobs.no_imessage_suffix)


def _reads(store: Store, knobs: Knobs, phone: str) -> bool:
    marked = store.one("SELECT reads FROM phones WHERE number = ?", phone)
    if marked:
        return bool(marked["reads"])
    return not _ends(phone, knobs.never_reads_suffix) and _draw(knobs, phone).random() < knobs.read_share


def _fate(store: Store, chat: Chat, knobs: Knobs, count: int, starts: float) -> tuple[float | None, ...]:
    """When this message will be delivered, read, or fail."""
    phone = chat.phone or chat.people[0]
    if not all(has_imessage(store, knobs, each) for each in chat.people):
        return None, None, None
    draw = _draw(knobs, f"{phone}/{count}")
    delivers = starts + knobs.delivered_after * draw.uniform(0.5, 1.5)
    if _ends(phone, knobs.fails_suffix):
        return None, None, delivers
    reads = delivers + draw.uniform(knobs.read_after_min, knobs.read_after_max)
    return delivers, reads if _reads(store, knobs, phone) else None, None


def _ends(phone: str, suffix: str) -> bool:
    return bool(suffix) and phone.endswith(suffix)


def _draw(knobs: Knobs, what: str) -> random.Random:
    """A source of chance that gives the same for the same seed and the same thing."""
    digest = hashlib.blake2b(f"{knobs.seed}/{what}".encode(), digest_size=8).digest()
    return random.Random(int.from_bytes(digest, "big"))


def _keep(
    store: Store,
    message_id: str,
    chat: Chat,
    direction: str,
    sender: str,
    parts: Sequence[dict[str, Any]],
    now: float,
    delivers: float | None,
    reads: float | None,
    fails: float | None,
) -> Message:
    seq = store.number(
        "INSERT INTO messages"
        " (id, tenant, chat_id, direction, sender, parts, created_at, delivers_at, reads_at, fails_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq",
        *(message_id, chat.tenant, chat.id, direction, sender, _compact(parts), now, delivers, reads, fails),
    )
    store.run("UPDATE chats SET moved = ? WHERE id = ?", seq, chat.id)
    kept = store.one("SELECT * FROM messages WHERE seq = ?", seq)
    assert kept is not None
    return Message(**kept)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
