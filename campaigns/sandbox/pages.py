"""The phones page: each customer's phone as a thread, and the weather.  Only this machine sees it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.template import Context, Engine

from . import files, phones, screens, skies, threads
from .call import World
from .control import Refused
from .screens import Asked, Screen
from .store import Row
from .wire import Request, Response

ENGINE = Engine(dirs=[str(files.ROOT / "templates")])
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
FILTERS = (("latest", "Latest"), ("answered", "Answered"), ("stopped", "Stopped"), ("none", "No iMessage"))


def show(world: World, request: Request) -> Response:
    """GET / and /phones: the phones that moved last, and the weather."""
    asked = _asked(request)
    return _page("sandbox/phones.html", _board(world, asked) | {"screens": _screens(world, asked), "poll": True})


def news(world: World, request: Request) -> Response:
    """GET /phones/news: what is new since the visitor looked, or 204 when nothing moved.

    ``v`` names what the visitor has: ``<chat id>:<digest>`` per phone and ``top:<digest>`` for the numbers around.
    Only what changed is sent, so nobody's half-typed answer is touched.
    """
    asked = _asked(request)
    seen = dict(each.partition(":")[::2] for each in request.query.get("v", []))
    board = _board(world, asked)
    moved = [each for each in _known(world, [name for name in seen if name != "top"]) if each.digest != seen[each.id]]
    fresh = _fresh(world, asked, seen)
    if not moved and not fresh and seen.get("top") == board["top"]:
        return Response(204)
    return _page("sandbox/news.html", board | {"moved": moved, "fresh": fresh, "had": len(seen) - ("top" in seen)})


def _known(world: World, ids: Sequence[str]) -> list[Screen]:
    asked = ids[: screens.PER_PAGE * 2]
    drawn = _drawn(world, screens.by_ids(world.store, [screens.chat_id(each) for each in asked]))
    return [each for each in drawn if each.id in asked]


def _fresh(world: World, asked: Asked, seen: dict[str, str]) -> list[Screen]:
    """Phones that belong on this page and are not on it yet, while there is room."""
    room = screens.PER_PAGE - (len(seen) - ("top" in seen))
    if room <= 0:
        return []
    return [each for each in _screens(world, asked) if each.id not in seen][:room]


def react(world: World, request: Request, id: str) -> Response:
    """POST /phones/{id}/react: a tapback on one of the bubbles."""
    chat, number = _phone(world, id)
    message, reaction = (request.form.get(name, [""])[-1] for name in ("message", "reaction"))
    phones.put_tapback(world, chat, number, message, reaction)
    if not request.header("hx-request"):
        return _to_page(f"#phone-{id}")
    return _page("sandbox/reacted.html", {"phone": _known(world, [id])[0]})


def _phone(world: World, id: str) -> tuple[threads.Chat, str]:
    """The thread on this screen, and whose phone it is."""
    for chat in screens.by_ids(world.store, [screens.chat_id(id)]):
        for screen, number in screens.on_each(chat):
            if screen == id:
                return chat, number
    raise Refused("This phone is gone; the sandbox was started over.", 404)


def answer(world: World, request: Request, id: str) -> Response:
    """POST /phones/{id}/answer: what was typed into a phone."""
    chat, number = _phone(world, id)
    phones.answer(world, chat, number, request.form.get("text", [""])[-1])
    if not request.header("hx-request"):
        return _to_page(f"#phone-{id}")
    return _page("sandbox/answered.html", {"phone": _known(world, [id])[0]})


def change_weather(world: World, request: Request) -> Response:
    """POST /sandbox/weather: the switches; one that is left as it was keeps its finer setting."""
    world.store.turn(**skies.changes(world.store.knobs(), request.form))
    return Response(204) if request.header("hx-request") else _to_page("#weather")


def _to_page(anchor: str) -> Response:
    return Response(303, b"", {"Location": f"/phones{anchor}"})


def _asked(request: Request) -> Asked:
    page = request.asked("page", "1")
    return Asked(
        show=request.asked("show") if request.asked("show") in screens.SHOWS else "latest",
        words=request.asked("q").strip()[:80],
        tenant=request.asked("tenant")[:80],
        page=min(max(int(page), 1), 10_000) if page.isascii() and page.isdigit() else 1,
    )


def _screens(world: World, asked: Asked) -> list[Screen]:
    return _drawn(world, screens.chats(world.store, asked))


def _drawn(world: World, chats: Sequence[threads.Chat]) -> list[Screen]:
    tenants = {tenant.slug: tenant for tenant in world.store.tenants()}
    now, each = world.clock(), ((chat, *phone) for chat in chats for phone in screens.on_each(chat))
    return [screens.screen(world.store, chat, id, number, tenants, now) for chat, id, number in each]


def _board(world: World, asked: Asked) -> dict[str, Any]:
    """Everything around the phones."""
    totals = screens.totals(world.store, asked)
    knobs = world.store.knobs()
    storms = [sky.name for sky in skies.SKIES if skies.is_on(sky, knobs)]
    pages = max(1, -(-totals["found"] // screens.PER_PAGE))
    return {
        "asked": asked,
        "query": _query(asked, page=asked.page),
        "filters": [_filter(asked, name, word, totals) for name, word in FILTERS],
        "businesses": _businesses(world, asked),
        "totals": totals,
        "skies": skies.SKIES,
        "storms": storms,
        "pages": pages,
        "before": _query(asked, page=asked.page - 1) if asked.page > 1 else "",
        "after": _query(asked, page=asked.page + 1) if asked.page < pages else "",
        "clock": screens.clock(world.clock()),
        "site": world.site,
        "top": screens.digest(repr((totals, storms))),
    }


def _filter(asked: Asked, name: str, word: str, totals: Row) -> Row:
    query = _query(Asked(name, asked.words, asked.tenant))
    return {"name": name, "word": word, "query": query, "on": asked.show == name, "n": totals.get(name)}


def _businesses(world: World, asked: Asked) -> list[Row]:
    """A choice of business, when there is one to make."""
    tenants = world.store.tenants()
    if len(tenants) < 2:
        return []
    everyone = [("", "All businesses"), *((tenant.slug, tenant.name) for tenant in tenants)]
    return [
        {"word": word, "query": _query(Asked(asked.show, asked.words, slug)), "on": slug == asked.tenant}
        for slug, word in everyone
    ]


def _query(asked: Asked, page: int = 1) -> str:
    """The query string that asks for this, leaving out what goes without saying."""
    said = {"show": asked.show, "q": asked.words, "tenant": asked.tenant, "page": page}
    usual = {"show": "latest", "q": "", "tenant": "", "page": 1}
    return urlencode({name: value for name, value in said.items() if value != usual[name]})


def _page(template: str, values: dict[str, Any]) -> Response:
    # there are no Django settings here, so nothing may be localized
    context = Context(values, use_l10n=False, use_tz=False)
    return Response(200, ENGINE.get_template(template).render(context).encode(), dict(HEADERS))
