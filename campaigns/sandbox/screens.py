"""What is to be seen on each phone, as plain values for the templates."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from . import ledger, threads
from .store import Row, Store, Tenant
from .threads import Chat, Message

PER_PAGE = 24
NEW_TIME_AFTER = 900  # a quarter of an hour of silence, and the thread shows the time again
SHOWS = {"latest": "1", "answered": "answered", "stopped": "stopped", "none": "NOT imessage"}
TAPBACKS = {
    "love": "Loved",
    "like": "Liked",
    "dislike": "Disliked",
    "laugh": "Laughed at",
    "emphasize": "Emphasized",
    "question": "Questioned",
}


@dataclass(frozen=True)
class Bubble:
    """One thing in a thread: ``kind`` is at, text, picture, file, link, place or contact."""

    kind: str
    words: str = ""
    more: str = ""
    href: str = ""
    ping: str = ""
    mine: bool = False
    last: bool = False
    strong: str = ""
    tapback: str = ""
    #: The business's message that this bubble ends: one may put a tapback on it.
    message: str = ""


@dataclass(frozen=True)
class Screen:
    """One customer's phone; a group has one for each of its people.

    ``digest`` changes whenever there is something new to see on it.
    """

    id: str
    number: str
    path: str
    title: str
    under: str
    business: str
    initial: str
    bubbles: tuple[Bubble, ...]
    word: str
    imessage: bool
    stopped: bool
    answered: bool
    opened: bool
    typing: bool = False
    seen: bool = False
    digest: str = field(default="", compare=False)


@dataclass(frozen=True)
class Asked:
    """Which phones the visitor wants to see."""

    show: str = "latest"
    words: str = ""
    tenant: str = ""
    page: int = 1

    def where(self, store: Store) -> tuple[str, list[Any]]:
        """A condition on chats, and its values."""
        condition, values = f"moved > 0 AND {SHOWS[self.show]}", []
        if self.tenant:
            condition, values = f"{condition} AND tenant = ?", [self.tenant]
        if self.words:
            found, more = _search(store, self.words)
            condition, values = f"{condition} AND ({found})", [*values, *more]
        return condition, values


def _search(store: Store, words: str) -> tuple[str, list[Any]]:
    """Phones by digits of their number, or by a known name."""
    digits = "".join(character for character in words if character.isdigit())
    wanted = words.casefold()
    people = (json.loads(tenant.names) for tenant in store.tenants())
    named = [number for names in people for number, name in names.items() if wanted in str(name).casefold()]
    by_digits = f"%{digits}%" if digits else ""
    return "handles LIKE ? OR phone IN (SELECT value FROM json_each(?))", [by_digits, json.dumps(named)]


def chats(store: Store, asked: Asked) -> list[Chat]:
    """One page of chats, the latest first."""
    condition, values = asked.where(store)
    rows = store.all(
        f"SELECT * FROM chats WHERE {condition} ORDER BY moved DESC LIMIT ? OFFSET ?",  # noqa: S608
        *(*values, PER_PAGE, (asked.page - 1) * PER_PAGE),
    )
    return [Chat(**row) for row in rows]


def by_ids(store: Store, ids: Sequence[str]) -> list[Chat]:
    rows = store.all("SELECT * FROM chats WHERE id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))
    return [Chat(**row) for row in rows]


def totals(store: Store, asked: Asked) -> Row:
    """The numbers around the phones: how many there are of each kind, and how the calls fared."""
    tenant = ("AND tenant = ?", [asked.tenant]) if asked.tenant else ("", [])
    counts = store.one(
        "SELECT count(*) AS phones, sum(answered) AS answered, sum(stopped) AS stopped, sum(NOT imessage) AS none"  # noqa: S608
        f" FROM chats WHERE moved > 0 {tenant[0]}",
        *tenant[1],
    )
    condition, values = asked.where(store)
    found = store.number(f"SELECT count(*) FROM chats WHERE {condition}", *values)  # noqa: S608
    return {name: n or 0 for name, n in (counts or {}).items()} | {"found": found} | ledger.counts(store, asked.tenant)


def on_each(chat: Chat) -> Iterator[tuple[str, str]]:
    """Each phone this thread is on: the id of its screen, and its number."""
    for place, number in enumerate(chat.people):
        yield (f"{chat.id}-m{place}" if chat.is_group else chat.id), number


def chat_id(screen_id: str) -> str:
    """The thread that is on this screen."""
    return re.sub(r"-m\d+$", "", screen_id)


def screen(store: Store, chat: Chat, id: str, number: str, tenants: dict[str, Tenant], now: float) -> Screen:
    """What this phone shows now."""
    tenant = tenants.get(chat.tenant)
    name, shown = tenant.name_of(number) if tenant else "", readable(number)
    business = tenant.name if tenant else chat.tenant
    said = threads.in_chat(store, chat.id)
    made = Screen(
        id=id,
        number=number,
        path=quote(number, safe="+"),
        title=name or shown,
        under=_under(chat, number, tenant, shown if name else ""),
        business=business,
        initial=next((letter for letter in business if letter.isalnum()), "?").upper(),
        bubbles=tuple(_bubbles(store, chat, number, tenant, said, now)),
        word=_word(chat, said, now),
        imessage=bool(chat.imessage),
        stopped=bool(chat.stopped) and any(threads.says_stop(each.content) for each in said if by(number, chat, each)),
        answered=any(by(number, chat, each) for each in said),
        opened=store.number("SELECT count(*) FROM taps WHERE chat_id = ?", chat.id) > 0,
        typing=chat.typing_until is not None and chat.typing_until > now,
        seen=chat.looked_at is not None and bool(said) and chat.looked_at >= said[-1].created_at,
    )
    return Screen(**{**vars(made), "digest": digest(repr(made))})


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def by(number: str, chat: Chat, message: Message) -> bool:
    """Written on this phone; in a thread of two there is no other."""
    return message.direction == "inbound" and (not chat.is_group or message.sender == number)


def _under(chat: Chat, number: str, tenant: Tenant | None, shown: str) -> str:
    if not chat.is_group:
        return shown
    group = chat.display_name or f"Group of {len(chat.people) + 1}"
    return f"{group}, with {', '.join(_called(each, tenant) for each in chat.people if each != number)}"


def _called(number: str, tenant: Tenant | None) -> str:
    return (tenant.name_of(number) if tenant else "") or readable(number)


def readable(number: str) -> str:
    """(971) 555-0186 for North America, otherwise the number as it is written across borders."""
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def _word(chat: Chat, said: list[Message], now: float) -> str:
    """How far our latest message has come, in one word of the page's vocabulary."""
    ours = [message for message in said if message.direction == "outbound"]
    if not ours:
        return ""
    status = ours[-1].status(now)
    read = ours[-1].reads_at is not None and ours[-1].reads_at <= now
    return "read" if read and status == "delivered" else status


def _bubbles(
    store: Store, chat: Chat, number: str, tenant: Tenant | None, said: list[Message], now: float
) -> Iterator[Bubble]:
    """Everything that has arrived, with the time where there was a pause, and in a group who of the others wrote."""
    arrived = [message for message in said if message.delivers_at is not None and message.delivers_at <= now]
    before = 0.0
    for at, message in enumerate(arrived):
        moment = message.delivers_at or message.created_at
        if moment - before > NEW_TIME_AFTER:
            yield _time(moment, now)
        before = moment
        follower = arrived[at + 1] if at + 1 < len(arrived) else None
        tail = follower is None or (follower.direction, follower.sender) != (message.direction, message.sender)
        if message.direction == "inbound" and not by(number, chat, message):
            yield Bubble("at", strong=_called(message.sender, tenant))
        yield from _parts(store, chat, number, tenant.name if tenant else chat.tenant, message, tail=tail)


def _time(moment: float, now: float) -> Bubble:
    then, today = (datetime.fromtimestamp(at, tz=UTC).astimezone() for at in (moment, now))
    days = (today.date() - then.date()).days
    day = {0: "Today", 1: "Yesterday"}.get(days) or f"{then:%a} {then.day} {then:%b}"
    return Bubble("at", words=clock(moment), strong=day)


def clock(at: float) -> str:
    """9:42, in this machine's time zone."""
    moment = datetime.fromtimestamp(at, tz=UTC).astimezone()
    return f"{moment.hour}:{moment:%M}"


def _parts(store: Store, chat: Chat, number: str, business: str, message: Message, *, tail: bool) -> Iterator[Bubble]:
    parts = message.content
    for at, part in enumerate(parts):
        end = at == len(parts) - 1
        yield Bubble(
            **_shown(store, chat, number, business, part),
            mine=by(number, chat, message),
            last=tail and end,
            tapback=_tapbacks(business, message) if end else "",
            message=message.id if end and message.direction == "outbound" else "",
        )


def _tapbacks(business: str, message: Message) -> str:
    """Who put what on it: “You loved this”, “Ada's Bakery liked this”."""
    put = (("You", message.tapback), (business, message.reaction))
    return ", ".join(f"{who} {TAPBACKS[word].lower()} this" for who, word in put if word in TAPBACKS)


def _shown(store: Store, chat: Chat, number: str, business: str, part: dict[str, Any]) -> Row:
    match part["type"]:
        case "media":
            return _media(store, part, business)
        case "rich_link":
            host = urlsplit(part["url"]).hostname or ""
            asked = f"tenant={quote(chat.tenant)}" + (f"&chat={quote(chat.id)}" if chat.is_group else "")
            ping = f"/sandbox/phones/{quote(number, safe='+')}/tap?{asked}"
            words = part.get("title") or host
            return {"kind": "link", "words": words, "more": host, "strong": business, "href": part["url"], "ping": ping}
        case "location":
            return {"kind": "place", "words": part.get("label") or "A place", "more": part.get("address") or ""}
        case "contact":
            return {"kind": "contact", "words": str(part["contact"].get("full_name") or "A contact card")}
    return {"kind": "text", "words": str(part.get("value", ""))}


def _media(store: Store, part: dict[str, Any], business: str) -> Row:
    attachment = store.one("SELECT filename, content_type FROM attachments WHERE id = ?", part.get("attachment_id"))
    if attachment is None or not attachment["content_type"].startswith("image/"):
        return {"kind": "file", "words": attachment["filename"] if attachment else "A file"}
    return {
        "kind": "picture",
        "words": f"Picture from {business}",
        "href": f"/sandbox/pictures/{part['attachment_id']}",
    }
