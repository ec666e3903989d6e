"""The pretend Chert as one WSGI callable."""

import time
from collections.abc import Callable, Iterable

from . import control, files, pages, phones
from .api import PREFIX, Api
from .call import Visit, World
from .control import Refused
from .delivery import Courier, Post, Poster, deliver_due
from .knobs import BadKnob
from .store import Store
from .wire import Environ, NoRoute, Request, Response, Route, StartResponse, TooLarge, WrongMethod, as_json, find

ROUTES = [
    Route("GET /", pages.show),
    Route("GET /phones", pages.show),
    Route("GET /phones/news", pages.news),
    Route("POST /phones/{id}/answer", pages.answer),
    Route("POST /phones/{id}/react", pages.react),
    Route("GET /sandbox/pictures/{id}", files.picture),
    Route("PUT /sandbox/tenants/{slug}", control.put_tenant),
    Route("GET /sandbox/ledger", control.get_ledger),
    Route("GET /sandbox/weather", control.get_weather),
    Route("PUT /sandbox/weather", control.put_weather),
    Route("POST /sandbox/weather", pages.change_weather),
    Route("POST /sandbox/reset", control.start_over),
    Route("PUT /sandbox/phones/{number}", phones.mark),
    Route("POST /sandbox/phones/{number}/reply", phones.reply),
    Route("POST /sandbox/phones/{number}/tap", phones.tap),
    Route("POST /sandbox/phones/{number}/react", phones.react),
]


class Sandbox:
    """Speaks Chert's contract under /api/v1, shows phones at /, and takes orders under /sandbox/."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._api = Api(world)
        self._courier: Courier | None = None

    @property
    def store(self) -> Store:
        return self.world.store

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ)).send(environ, start_response)

    def pump(self) -> int:
        """Make one attempt at every webhook that is due; gives how many there were."""
        return deliver_due(self.store, self.world.clock(), self.world.post)

    def start_delivering(self) -> None:
        """Post webhooks from a thread of our own as they fall due."""
        self._courier = Courier(self.store, self.world.clock, self.world.post)
        self._courier.start()

    def close(self) -> None:
        """Stop the thread, if there is one."""
        if self._courier:
            self._courier.stop()

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(PREFIX + "/"):
            return self._api.answer(request)
        try:
            return self._local(request)
        except NoRoute:
            return as_json({"error": "There is nothing here."}, 404)
        except WrongMethod as wrong:
            return Response(405, b"", {"Allow": ", ".join(wrong.allowed)})
        except TooLarge:
            return as_json({"error": "This is too large."}, 413)
        except BadKnob as error:
            return as_json({"error": str(error)}, 400)
        except Refused as refused:
            return as_json({"error": str(refused)}, refused.status)

    def _local(self, request: Request) -> Response:
        """The page and the control routes: for this machine only."""
        control.check_neighbour(request)
        if request.path.startswith("/static/") and request.method == "GET":
            return files.static(request)
        route, values = find(ROUTES, request.method, request.path)
        return route.handler(self.world, request, **values)


def make_app(
    store: Store,
    *,
    deliver: bool = True,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    post: Post | None = None,
    visit: Visit | None = None,
    site: str = "",
) -> Sandbox:
    """The WSGI callable.

    With ``deliver`` a thread posts webhooks as they fall due; without it ``pump()`` does.  ``post(url, headers, body)``
    gives the HTTP status or raises OSError; ``visit(url)`` opens a tapped link and gives status and Location; the
    defaults use real HTTP.  ``site`` is the address of our site, for the link on the page.
    """
    world = World(store, clock, sleep, post or Poster(store), visit or phones.Visitor(), site)
    sandbox = Sandbox(world)
    if deliver:
        sandbox.start_delivering()
    return sandbox
