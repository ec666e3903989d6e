"""Every address of the site, from the URL map, with what stands in a furnished house in place of its holes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.furnished import Room

#: Whose number `pk` is, by the name of the route; the first that fits counts.
WHOSE = (
    (r"^(settings_line_release)$", "line"),
    (
        r"^campaign_(draft|edit|check|start|throw_away|pictures?|sheet|call|call_all|leave_out|put_back|dry|as_stored)",
        "draft",
    ),
    (r"^campaign", "campaign"),
    (r"^delivery|^tested$", "delivery"),
    (r"^(session_end|passkey_remove)$", "nobody"),
    (r"^person", "member"),
    (r"^invitation", "invitation"),
    (r"^front_desk", "front_desk"),
    (r"^household_dissolve$", "household"),
    (r"^household_again$", "apart"),
    (r"^customer_erased$", "erasure"),
    (r"^customer|^household_leave$", "customer"),
    (r"^import_columns$", "import_columns"),
    (r"^import_(review|mend)$", "import_review"),
    (r"^import_progress$", "import_working"),
    (r"^import", "import_done"),
    (r"^conversation|^answer_", "conversation"),
    (r"^quick_answer", "quick_answer"),
    (r"^review_decide$", "review"),
    (r"^card", "card"),
    (r"^api_token_revoke$", "token"),
    (r"^webhook_replay$", "call"),
    (r"^webhook", "webhook"),
)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
#: The other holes.
HOLES: dict[str, Any] = {
    "customer": lambda room: room["customer"],
    "card": lambda room: room["card"],
    "message": lambda room: room["message"],
    "number": lambda room: 2,
    "count": lambda room: 3,
    "key": lambda room: "espresso",
    "font": lambda room: "hand",
    "name": lambda room: room["photo"],
    "token": lambda room: "nobody-has-this-token",
    "code": lambda room: room["short_code"],
    "uidb36": lambda room: "1",
    "end": lambda room: "x",
    "path": lambda room: "nobody-has-this-path",
}


#: What no window shows: files to save, and what has its own program.
FILES = (".csv", ".zip", ".pdf", ".png", ".jpg", ".svg", "webhooks/chert/<str:path>/")


@dataclass(frozen=True)
class Route:
    """One address of the map: its name, how it is written, with holes, and whether it can be looked at."""

    name: str
    written: str
    is_looked_at: bool = True

    @property
    def is_page(self) -> bool:
        """Can a window show it?"""
        leads_away = self.name == "short_link"
        return (
            self.is_looked_at and not self.written.endswith(FILES) and "_name:" not in self.written and not leads_away
        )

    @property
    def holes(self) -> list[str]:
        """The names of its holes, in order."""
        return re.findall(r"<(?:\w+:)?(\w+)>", self.written)

    def filled(self, room: Room, **instead: Any) -> str:
        """The address.  Raises KeyError for a hole that nobody has a rule for."""
        address = self.written
        for hole in self.holes:
            value = instead[hole] if hole in instead else self._value(hole, room)
            address = re.sub(rf"<(?:\w+:)?{hole}>", lambda _, value=value: str(value), address, count=1)
        return f"/{address}"

    def _value(self, hole: str, room: Room) -> Any:
        if hole == "pk":
            return room[next(whose for pattern, whose in WHOSE if re.search(pattern, self.name))]
        if hole == "name" and self.name == "logo_file":
            return room["logo"]
        return HOLES[hole](room)


def every() -> list[Route]:
    """The whole map but for the API, which is asked by its own tests."""
    found = [Route(each.name or "", written, _may_get(each.callback)) for each, written in _walk(get_resolver(), "")]
    return [route for route in found if not route.written.startswith(("api/v1/", "^api"))]


def _may_get(view: Any) -> bool:
    """By what `require_http_methods` keeps in its closure, however many decorators stand before it."""
    while view is not None:
        kept = [cell.cell_contents for cell in getattr(view, "__closure__", None) or ()]
        methods = [each for each in kept if isinstance(each, list | tuple) and each and set(each) <= METHODS]
        if methods:
            return "GET" in methods[0]
        view = getattr(view, "__wrapped__", None)
    return True


def _walk(resolver: URLResolver, before: str) -> Iterator[tuple[URLPattern, str]]:
    for each in resolver.url_patterns:
        written = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each, written)
        else:
            yield each, re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", written).replace("^forgotten", "forgotten").rstrip("$")


def pages() -> list[Route]:
    """Those that a window shows."""
    return [route for route in every() if route.is_page]


def addresses(room: Room, routes: Sequence[Route] | None = None) -> list[str]:
    """Every address of the map (or of these routes), and those of one thing in each of its states."""
    chosen = every() if routes is None else routes
    found = [route.filled(room) for route in chosen]
    of_campaigns = [route for route in chosen if route.name.startswith("campaign") and route.holes == ["pk"]]
    for pk in room["campaigns"]:
        found += [route.filled(room, pk=pk) for route in of_campaigns]
    for name in ("import_columns", "import_review", "import_working", "import_done", "import_undone"):
        found += [f"/customers/import/{room[name]}/{part}" for part in ("", "columns/", "review/")]
    found += [f"/deliveries/{pk}/row/" for pk in room["running_deliveries"][:8]]
    found += [f"/sign-in/{room['sign_in']}/", f"/customers/{room['other_customer']}/", f"/cards/{room['other_card']}/"]
    return list(dict.fromkeys(found))
