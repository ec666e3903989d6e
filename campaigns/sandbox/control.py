"""The sandbox's own routes under /sandbox/: set it up, look at the ledger, turn the knobs.  Loopback only."""

import ipaddress
import json
from dataclasses import asdict
from typing import Any

from . import contract, ledger
from .knobs import BadKnob
from .problems import Problem
from .store import Row, Store, Tenant
from .wire import Request, Response, Route, as_json


class Refused(Exception):
    """A control call that cannot be done; the words say why."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


def put_tenant(store: Store, request: Request, slug: str) -> Response:
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
    kept = store.keep_tenant(tenant, [_line(line) for line in lines])
    return as_json({"tenant": slug, "name": tenant.name, "lines": [asdict(line) for line in kept]})


def _line(line: Any) -> Row:
    if not isinstance(line, dict) or not contract.E164.fullmatch(str(line.get("number"))):
        raise Refused("Each line needs a number in E.164 form.")
    budget, gap = line.get("budget", 30), line.get("gap", 600)
    if not (budget is None or isinstance(budget, int)) or not isinstance(gap, int):
        raise Refused("budget is a number or null for no limit; gap is seconds.")
    return {"number": line["number"], "budget": budget, "gap": gap, "is_active": int(line.get("is_active", True))}


def get_ledger(store: Store, request: Request) -> Response:
    """Every effect there was, and how many happened twice."""
    return as_json(ledger.read(store, request.asked("tenant")))


def get_weather(store: Store, request: Request) -> Response:
    return as_json(asdict(store.knobs()))


def put_weather(store: Store, request: Request) -> Response:
    """Turn some knobs; the rest stay."""
    try:
        return as_json(asdict(store.turn(**given(request))))
    except BadKnob as error:
        raise Refused(str(error)) from None


def start_over(store: Store, request: Request) -> Response:
    """Forget every call and thread and calm the weather; tenants and subscriptions stay."""
    store.start_over()
    return as_json({"ok": True})


ROUTES = [
    Route("PUT /sandbox/tenants/{slug}", put_tenant),
    Route("GET /sandbox/ledger", get_ledger),
    Route("GET /sandbox/weather", get_weather),
    Route("PUT /sandbox/weather", put_weather),
    Route("POST /sandbox/reset", start_over),
]


def given(request: Request) -> dict[str, Any]:
    """The JSON object in the body."""
    try:
        return contract.parse(request.body, request.content_type)
    except Problem as problem:
        raise Refused(str(problem)) from None


def check_neighbour(request: Request) -> None:
    """Only this machine, and no page of another site, may use these routes.  Raises Refused."""
    if not _is_loopback(str(request.environ.get("REMOTE_ADDR", ""))):
        raise Refused("The sandbox answers this machine only.", 403)
    if request.method in ("GET", "HEAD"):
        return
    site, origin = request.header("sec-fetch-site"), request.header("origin")
    if site not in ("", "same-origin", "none") or (origin and origin != request.origin):
        raise Refused("This was posted from another site.", 403)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
