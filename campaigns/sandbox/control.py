"""The sandbox's own routes under /sandbox/: set it up, look at the ledger, turn the knobs.  Loopback only."""

import json
from dataclasses import asdict
from typing import Any

from . import contract, ledger
from .addresses import is_local_name, is_loopback
from .call import World
from .problems import Problem
from .store import Row, Tenant
from .wire import Request, Response, as_json


class Refused(Exception):
    """A control call that cannot be done; the words say why."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


def put_tenant(world: World, request: Request, slug: str) -> Response:
    """Make or update a tenant; its lines become exactly the given ones."""
    body = given(request)
    secret = body.get("secret")
    if not isinstance(secret, str) or len(secret) != 32 or set(secret) - set("0123456789abcdefABCDEF"):
        raise Refused("secret is 32 hex characters.")
    lines = body.get("lines", [])
    if not isinstance(lines, list):
        raise Refused("lines is a list.")
    names = body.get("names", {})
    if not isinstance(names, dict):
        raise Refused("names is an object from number to name.")
    tenant = Tenant(
        slug=slug,
        secret=secret,
        name=str(body.get("name") or slug),
        names=json.dumps(names, ensure_ascii=False),
        multi_tenant=int(bool(body.get("multi_tenant"))),
        suspended=int(bool(body.get("suspended"))),
    )
    kept = world.store.keep_tenant(tenant, [_line(line) for line in lines])
    return as_json({"tenant": slug, "name": tenant.name, "lines": [asdict(line) for line in kept]})


def _line(line: Any) -> Row:
    if not isinstance(line, dict) or not contract.E164.fullmatch(str(line.get("number"))):
        raise Refused("Each line needs a number in E.164 form.")
    budget, gap = line.get("budget", 30), line.get("gap", 600)
    if not (budget is None or isinstance(budget, int)) or not isinstance(gap, int):
        raise Refused("budget is a number or null for no limit; gap is seconds.")
    return {"number": line["number"], "budget": budget, "gap": gap, "is_active": int(line.get("is_active", True))}


def get_ledger(world: World, request: Request) -> Response:
    """Every effect there was, and how many happened twice."""
    return as_json(ledger.read(world.store, request.asked("tenant")))


def get_weather(world: World, request: Request) -> Response:
    return as_json(asdict(world.store.knobs()))


def put_weather(world: World, request: Request) -> Response:
    """Turn some knobs; the rest stay.  Raises BadKnob."""
    return as_json(asdict(world.store.turn(**given(request))))


def start_over(world: World, request: Request) -> Response:
    """Forget every call and thread and calm the weather; tenants and subscriptions stay."""
    world.store.start_over()
    return to_page(request) or as_json({"ok": True})


def to_page(request: Request, anchor: str = "") -> Response | None:
    """Back to the page for a form that a browser posted; None for a JSON call."""
    if request.content_type != "application/x-www-form-urlencoded":
        return None
    if request.header("hx-request"):
        return Response(204, b"", {"HX-Redirect": f"/phones{anchor}"})
    return Response(303, b"", {"Location": f"/phones{anchor}"})


def given(request: Request) -> dict[str, Any]:
    """The JSON object in the body."""
    try:
        return contract.parse(request.body, request.content_type)
    except Problem as problem:
        raise Refused(str(problem)) from None


def check_neighbour(request: Request) -> None:
    """Only this machine, and no page of another site, may use these routes.  Raises Refused."""
    if not is_loopback(str(request.environ.get("REMOTE_ADDR", ""))):
        raise Refused("The sandbox answers this machine only.", 403)
    if not is_local_name(request.host):  # a name somebody else owns may be pointed at this machine
        raise Refused("The sandbox goes by a local name only.", 403)
    site, origin = request.header("sec-fetch-site"), request.header("origin")
    if request.method not in ("GET", "HEAD") and (
        site not in ("", "same-origin", "none") or (origin and origin != request.origin)
    ):
        raise Refused("This was posted from another site.", 403)
