"""What a customer does with a phone: answer, tap the link.  Used by the page and by tests."""

import json
from functools import cached_property
from urllib.parse import urlsplit

import httpx

from . import threads
from .addresses import is_loopback
from .call import World
from .control import Refused, given
from .events import message_received
from .store import Row
from .threads import Chat
from .wire import Request, Response, as_json

LONGEST_ANSWER = 5_000
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Mobile/15E148 Safari/604.1"
)


def reply(world: World, request: Request, number: str) -> Response:
    """POST /sandbox/phones/{number}/reply: the customer writes back; JSON ``text``, and ``tenant`` if two share her."""
    body = given(request)
    chat = chat_of(world, number, str(body.get("tenant") or ""))
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


def tap(world: World, request: Request, number: str) -> Response:
    """POST /sandbox/phones/{number}/tap: the customer opens the latest link.

    A browser opens the link by itself and only tells us so.  A JSON call has nobody to open it: then it is opened
    from here, without following where it leads, if it lies on this machine or at our own site.
    """
    by_browser = request.content_type != "application/json"
    body = {} if by_browser else given(request)
    chat = chat_of(world, number, str(body.get("tenant") or request.asked("tenant")))
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


def chat_of(world: World, number: str, tenant: str = "") -> Chat:
    chat = threads.latest_chat_of(world.store, number, tenant)
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
