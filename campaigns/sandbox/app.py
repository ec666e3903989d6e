"""The pretend Chert as one WSGI callable."""

import time
from collections.abc import Callable, Iterable

from . import control
from .api import PREFIX, Api
from .call import World
from .control import Refused
from .delivery import Courier, Post, Poster, deliver_due
from .store import Store
from .wire import Environ, NoRoute, Request, Response, StartResponse, WrongMethod, as_json, as_text, find


class Sandbox:
    """Speaks Chert's contract under /api/v1, shows phones at /, and takes orders under /sandbox/."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        post: Post | None = None,
    ) -> None:
        self.store = store
        self.world = World(store, clock, sleep, post or Poster())
        self._api = Api(self.world)

    def pump(self) -> int:
        """Make one attempt at every webhook that is due; gives how many there were."""
        return deliver_due(self.store, self.world.clock(), self.world.post)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ)).send(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(PREFIX + "/"):
            return self._api.answer(request)
        try:
            route, values = find(control.ROUTES, request.method, request.path)
            control.check_neighbour(request)
            return route.handler(self.store, request, **values)
        except NoRoute:
            return as_text("There is nothing here.", 404)
        except WrongMethod as wrong:
            return Response(405, b"", {"Allow": ", ".join(wrong.allowed)})
        except Refused as refused:
            return as_json({"error": str(refused)}, refused.status)


def make_app(
    store: Store,
    *,
    deliver: bool = True,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    post: Post | None = None,
) -> Sandbox:
    """The WSGI callable.

    With ``deliver`` a thread posts webhooks as they fall due; without it ``pump()`` does.  ``post(url, headers, body)``
    gives the HTTP status or raises OSError; the default posts over real HTTP.
    """
    sandbox = Sandbox(store, clock=clock, sleep=sleep, post=post)
    if deliver:
        Courier(store, clock, sandbox.world.post).start()
    return sandbox
