"""What goes wrong: answers that are none, workers that die or freeze wherever they stand, a database that is busy."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime

import httpx

from tests.simulation.world import SENDS, Broken, World

Strike = Callable[["Nemesis", World, httpx.Request], httpx.Response]


class Killed(BaseException):
    """The worker process ends here, by SIGKILL: nothing of ours may catch this."""


def reset(nemesis: "Nemesis", world: World, request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("reset", request=request)


def no_answer(nemesis: "Nemesis", world: World, request: httpx.Request) -> httpx.Response:
    nemesis.pass_time(timedelta(seconds=15))
    raise httpx.ReadTimeout("silence", request=request)


def unreachable(nemesis: "Nemesis", world: World, request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def late(nemesis: "Nemesis", world: World, request: httpx.Request) -> httpx.Response:
    """Given up by us, taken by Chert up to a minute later."""
    world.late.append((world.clock() + timedelta(seconds=nemesis.chance.uniform(16, 60)), request))
    return no_answer(nemesis, world, request)


def slow_down(nemesis: "Nemesis", world: World, request: httpx.Request) -> httpx.Response:
    """429 in each form that Retry-After has been seen in."""
    date = format_datetime(world.host() + timedelta(seconds=40))
    said = nemesis.chance.choice([None, "1", "3600", date, "-5", "soon"])
    return Broken(429, 1007, retryable=True, headers={"Retry-After": said} if said else {}).answer()


def says(status: int, code: int, *, retryable: bool = True) -> Strike:
    return lambda nemesis, world, request: Broken(status, code, retryable=retryable).answer()


def body(status: int, content: bytes, kind: str = "application/json") -> Strike:
    return lambda nemesis, world, request: httpx.Response(status, content=content, headers={"content-type": kind})


def forgotten(nemesis: "Nemesis", world: World, request: httpx.Request) -> httpx.Response:
    world.forget_uploads()
    return Broken(404, 5001).answer()


PAGE = b"<html>Bad gateway</html>"

#: What strikes before Chert takes a request, by the row of the fault matrix.
BEFORE: dict[str, Strike] = {
    "F-16 reset before": reset,
    "F-18 time-out before": no_answer,
    "F-20 late accept": late,
    "F-23 429": slow_down,
    "F-24 503 3002": says(503, 3002),
    "F-24 500 3001": says(500, 3001),
    "F-25 page of a proxy": body(502, PAGE, "text/html"),
    "F-24 lines are full": says(503, 4002),
    "F-31 500 and final": says(500, 3001, retryable=False),
    "F-32 account": says(402, 2008, retryable=False),
    "F-36 upload forgotten": forgotten,
    "F-38 conflict": says(409, 1012, retryable=False),
    "F-42 unreachable": unreachable,
    "F-31 400 and final": says(400, 1003, retryable=False),
}
#: What strikes after it was taken: the caller does not learn of it.
AFTER: dict[str, Strike] = {
    "F-17 reset after": reset,
    "F-19 time-out after": no_answer,
    "F-24 500 after": says(500, 3001),
    "F-25 page after": body(502, PAGE, "text/html"),
    "F-26 cut": body(200, b'{"chat": {"id": "ch'),
    "F-26 empty": body(200, b""),
    "F-27 html": body(200, PAGE, "text/html"),
    "F-28 wrong shape": body(200, b'{"chat":{"id":null},"message":[7]}'),
}
#: These make sense for a message only.
OF_SENDS = frozenset(
    {
        "F-20 late accept",
        "F-24 lines are full",
        "F-32 account",
        "F-36 upload forgotten",
        "F-38 conflict",
        "F-31 400 and final",
    }
)


@dataclass
class Nemesis:
    """The bad luck of one life: some kinds of faults, at some rate, and how often workers die and change places."""

    chance: random.Random
    tell: Callable[[str], None]
    pass_time: Callable[[timedelta], None]
    met: Callable[[str], None]
    is_calm: bool = False
    kinds: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        chance = self.chance
        every = [*BEFORE, *AFTER]
        self.kinds = frozenset(chance.sample(every, chance.randint(3, len(every))))
        self.rate = chance.choice([0.05, 0.1, 0.25, 0.5])
        self.death = chance.choice([0.0, 0.02, 0.06])
        self.freeze = chance.choice([0.0, 0.1, 0.3])
        self.busy = chance.choice([0.0, 0.003, 0.006])

    def before(self, world: World, name: str, request: httpx.Request) -> httpx.Response | None:
        """The trouble instead of an answer, with nothing taken; None for none."""
        kind = self._strike(BEFORE, name)
        if kind == "F-38 conflict" and not world.bodies.get(key_of(request)):  # only a repeat is in conflict
            return None
        return BEFORE[kind](self, world, request) if kind else None

    def after(self, world: World, name: str, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        """The answer, or what becomes of it on the way."""
        kind = self._strike(AFTER, name)
        return AFTER[kind](self, world, request) if kind else answer

    def _strike(self, faults: dict[str, Strike], name: str) -> str:
        if self.is_calm or self.chance.random() >= self.rate:
            return ""
        fitting = [kind for kind in faults if kind in self.kinds and (name in SENDS or kind not in OF_SENDS)]
        kind = self.chance.choice(fitting) if fitting else ""
        if kind:
            self.met(kind)
            self.tell(f"{name}: {kind}")
        return kind


def key_of(request: httpx.Request) -> str:
    """The idempotency key of a message; empty for other requests."""
    marker = b'"idempotency_key":'
    _, found, rest = request.content.partition(marker)
    return rest.strip().split(b'"')[1].decode() if found else ""
