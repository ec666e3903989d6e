"""What a customer does with a phone: answer, tap the link.  Used by the page and by tests."""

import json
from functools import cached_property
from urllib.parse import urlsplit

import httpx

from . import threads
from .addresses import is_loopback
from .call import World
from .control import Refused, given
from .events import message_received, reacted
from .gestures import REACTIONS
from .store import Row
from .threads import Chat
from .wire import Request, Response, as_json

LONGEST_ANSWER = 5_000
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Mobile/15E148 Safari/604.1"
)


def reply(world: World, request: Request, number: str) -> Response:
    """POST /sandbox/phones/{number}/reply: the customer writes back; JSON ``text``, ``tenant`` if two share her, and
    ``chat`` where the thread that moved last is not meant.
    """
    body = given(request)
    chat = chat_of(world, number, str(body.get("tenant") or ""), str(body.get("chat") or ""))
    message_id = answer(world, chat, number, str(body.get("text") or ""))
    return as_json({"message_id": message_id, "chat_id": chat.id, "event_id": f"chert:msg:{message_id}"})


def answer(world: World, chat: Chat, number: str, text: str) -> str:
    """Words from this customer arrive at Chert; gives the message id.  Raises Refused."""
    if not text.strip():
        raise Refused("An answer needs words.")
    if len(text) > LONGEST_ANSWER:
        raise Refused("This answer is too long.")
    if not chat.imessage:
        raise Refused("This phone has no iMessage; nothing arrived there to answer.", 409)
    with world.store.transaction():
        knobs = world.store.knobs()
        message = threads.hear(world.store, chat, number, [{"type": "text", "value": text.strip()}], world.clock())
        message_received(world.store, knobs, chat, message)
    return message.id


def react(world: World, request: Request, number: str) -> Response:
    """POST /sandbox/phones/{number}/react: a tapback of the customer's; JSON ``message_id`` and ``reaction``."""
    body = given(request)
    chat = chat_of(world, number, str(body.get("tenant") or ""), str(body.get("chat") or ""))
    put_tapback(world, chat, number, str(body.get("message_id") or ""), str(body.get("reaction") or ""))
    return as_json({"message_id": body.get("message_id"), "reaction": body.get("reaction")})


def put_tapback(world: World, chat: Chat, number: str, message_id: str, reaction: str) -> None:
    """The customer holds a bubble and picks; the same again, or none, takes it off.  Raises Refused."""
    message = threads.find_message(world.store, chat.tenant, message_id)
    if message is None or message.chat_id != chat.id:
        raise Refused("There is no such message on this phone.", 404)
    if reaction and reaction not in REACTIONS:
        raise Refused(f"A tapback is one of {', '.join(REACTIONS)}.")
    now = world.clock()
    wanted = "" if reaction == message.tapback else reaction
    with world.store.transaction():
        threads.mark_seen(world.store, chat, now)
        world.store.run("UPDATE messages SET tapback = ? WHERE id = ?", wanted or None, message.id)
        if wanted or message.tapback:
            reacted(world.store, world.store.knobs(), chat, message, number, wanted, now)


def tap(world: World, request: Request, number: str) -> Response:
    """POST /sandbox/phones/{number}/tap: the customer opens the latest link.

    A browser opens the link by itself and only tells us so.  A JSON call has nobody to open it: then it is opened
    from here, without following where it leads, if it lies on this machine or at our own site.
    """
    by_browser = request.content_type != "application/json"
    body = {} if by_browser else given(request)
    asked = {name: str(body.get(name) or request.asked(name)) for name in ("tenant", "chat")}
    chat = chat_of(world, number, asked["tenant"], asked["chat"])
    message_id, url = _latest_link(world, chat)
    now = world.clock()
    with world.store.transaction():
        threads.mark_seen(world.store, chat, now)
        world.store.insert("taps", chat_id=chat.id, message_id=message_id, url=url, at=now)
    status, location = (0, "") if by_browser or not _ours(world, url) else world.visit(url)
    return as_json({"url": url, "status": status or None, "location": location or None})


def mark(world: World, request: Request, number: str) -> Response:
    """PUT /sandbox/phones/{number}: whether this phone has iMessage, and whether it shows "read"."""
    body = given(request)
    flags: Row = {name: bool(body.get(name, True)) for name in ("imessage", "reads")}
    threads.mark_phone(world.store, number, **flags)
    return as_json({"number": number} | flags)


def chat_of(world: World, number: str, tenant: str = "", chat_id: str = "") -> Chat:
    """The thread of this name on this phone; without a name the one that moved last.  Raises Refused."""
    chat = threads.latest_chat_of(world.store, number, tenant, chat_id)
    if chat is None:
        raise Refused("Nothing was ever sent to this phone.", 404)
    return chat


def _latest_link(world: World, chat: Chat) -> tuple[str, str]:
    rows = world.store.all(
        "SELECT id, parts FROM messages WHERE chat_id = ? AND direction = 'outbound' ORDER BY seq DESC", chat.id
    )
    for row in rows:
        for part in reversed(json.loads(row["parts"])):
            if part["type"] == "rich_link":
                return str(row["id"]), str(part["url"])
    raise Refused("There is no link on this phone.", 409)


def _ours(world: World, url: str) -> bool:
    link, site = urlsplit(url), urlsplit(world.site)
    return is_loopback(link.hostname or "") or (bool(world.site) and link.netloc == site.netloc)


class Visitor:
    """Opens a link as a phone would, and stays at the first answer."""

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(trust_env=False, follow_redirects=False, headers={"User-Agent": SAFARI})

    def __call__(self, url: str) -> tuple[int, str]:
        try:
            response = self._client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0, ""
        return response.status_code, response.headers.get("location", "")
