"""Trouble on purpose: what goes wrong with a call, decided by a seed and the number of the call."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import formatdate

from .knobs import RETRY_AFTER_FORMS, Knobs
from .problems import CODES, Problem
from .wire import Response

PROXY_PAGE = (
    b"<html><head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center>"
    b"<hr><center>nginx</center></body></html>\r\n"
)


@dataclass
class Weather:
    """The weather over one call.  The same seed and the same number of call give the same trouble."""

    knobs: Knobs
    number: int
    now: float
    sleep: Callable[[float], None]
    route: str = ""
    struck: bool = False

    def hits(self, fault: str) -> bool:
        """Whether this fault, whose knob holds a probability, strikes this call."""
        chance: float = getattr(self.knobs, fault)
        hit = chance > 0 and self._here() and self._roll(fault) < chance
        self.struck = self.struck or hit
        return hit

    def _roll(self, fault: str) -> float:
        text = f"{self.knobs.seed}/{self.number}/{fault}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") / 2**64

    def _here(self) -> bool:
        """Whether the trouble is meant for this route and this moment."""
        over = self.knobs.faults_until and self.now >= self.knobs.faults_until
        return self.now >= self.knobs.faults_from and not over and self.knobs.only in ("", self.route)

    def before(self) -> Response | None:
        """What strikes before the call is understood: nothing has been accepted.  May raise Problem."""
        if self.knobs.latency_ms:
            self.sleep(self.knobs.latency_ms / 1000)
        if self.hits("hang_before"):
            self.sleep(self.knobs.hang_s)
        if self._switch("away"):
            return Response(503, b"", {"Retry-After": "60"}) if self.knobs.away_as_503 else Response(broken=True)
        if self.hits("reset_before"):
            return Response(broken=True)
        if self.hits("non_json"):
            return Response(502, PROXY_PAGE, {"Content-Type": "text/html"})
        if self.hits("redirect"):
            return Response(302, b"", {"Location": self.knobs.redirect_to})
        self._account()
        if self.hits("p500"):
            raise Problem(self.knobs.p500_code)
        return None

    def _switch(self, name: str) -> bool:
        on = bool(getattr(self.knobs, name)) and self._here()
        self.struck = self.struck or on
        return on

    def _account(self) -> None:
        if self._switch("key_refused"):
            raise Problem(2004)
        if self._switch("account_code") and self.knobs.account_code in CODES:
            raise Problem(self.knobs.account_code)

    def rate(self) -> None:
        """Too many requests: after the call was found valid, before it is accepted."""
        if self.hits("p429"):
            raise self._too_many()

    def _too_many(self) -> Problem:
        form = self.knobs.retry_after_as
        if form == "mixed":
            form = RETRY_AFTER_FORMS[self.number % (len(RETRY_AFTER_FORMS) - 1)]
        if form in ("seconds", "hour"):
            return Problem(1007, retry_after=3600 if form == "hour" else self.knobs.retry_after)
        headers = {
            "date": formatdate(self.now + self.knobs.retry_after, usegmt=True),
            "garbage": "soon",
            "negative": "-5",
        }
        return Problem(1007, retry_header=headers.get(form, ""))

    def after(self, response: Response) -> Response:
        """What strikes once the call was accepted: the caller does not learn of it, or not properly."""
        if self.hits("hang_after"):
            self.sleep(self.knobs.hang_s)
        if self.hits("reset_after"):
            return Response(broken=True)
        if isinstance(response.body, bytes) and self.hits("broken_json"):
            return self._broken(response, response.body)
        return response

    def _broken(self, response: Response, body: bytes) -> Response:
        headers = {"Content-Type": "application/json"}
        match self.knobs.broken_as:
            case "cut":
                return Response(response.status, body[: len(body) // 2], headers)
            case "empty":
                return Response(response.status, b"", headers)
            case "page":
                return Response(response.status, PROXY_PAGE, {"Content-Type": "text/html"})
            case "novelty":
                return Response(response.status, _with_news(body), headers)
            case "drip":
                return Response(response.status, _drip(body, self.sleep), headers)
            case "endless":
                return Response(response.status, _endless(), headers)
            case "bomb":
                return Response(response.status, gzip.compress(bytes(64 << 20)), headers | {"Content-Encoding": "gzip"})
        return Response(response.status, b'{"chat":{"id":null},"message":[7]}', headers)


def _with_news(body: bytes) -> bytes:
    """The same answer with fields and a status nobody has heard of."""
    answer = json.loads(body) | {"novelty": {"since": 2027}}
    if isinstance(answer.get("message"), dict):
        answer["message"] |= {"status": "relayed", "novelty": [1, None]}
    return json.dumps(answer).encode()


def _drip(body: bytes, sleep: Callable[[float], None]) -> Iterator[bytes]:
    for at in range(len(body)):
        yield body[at : at + 1]
        sleep(1)


def _endless() -> Iterator[bytes]:
    yield b'{"message":{"id":"'
    while True:
        yield b"a" * 65_536
