"""What every request of a program passes, in this order: size, kind, who, how often, once.

Cookies count for nothing here, so nothing that a browser sends along by itself opens anything: no CSRF token is needed,
and no other site is allowed to read (no CORS).  What goes wrong leaves as a problem, without anything of the inside.
"""

import functools
import logging
import math
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.http.request import UnreadablePostError
from django.urls import URLPattern
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from campaigns import topic
from campaigns.api import keys
from campaigns.api.problems import Problem, missing
from campaigns.models import ApiToken
from campaigns.models.programs import AT_ONCE, SPAN

log = logging.getLogger(__name__)

MB = 1024 * 1024
#: Bytes of a body; of many customers at once.
LARGEST, LARGEST_OF_MANY = MB, 5 * MB
#: So much of what is too large is read and dropped, so that whoever sends it is there to hear the answer.
DRAINED = 20 * MB

View = Callable[..., HttpResponseBase]


class ApiRequest(HttpRequest):
    """A request that came with a token."""

    token: ApiToken


def behind(pattern: URLPattern) -> URLPattern:
    """The same address, behind the door."""
    return URLPattern(pattern.pattern, through(pattern.callback), pattern.default_args, pattern.name)


def through(view: View) -> View:
    """A view that lets in only what has passed."""

    @csrf_exempt  # there is no cookie: the token is the proof
    @functools.wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = _answer(view, request, args, kwargs)
        answer["Cache-Control"] = "no-store"
        return answer

    return guarded


def nothing_here(request: HttpRequest, **_: object) -> HttpResponseBase:
    """An address under /api/ that nobody has."""
    raise missing()


def _answer(view: View, request: Any, args: Any, kwargs: Any) -> HttpResponseBase:
    limits: dict[str, str] = {}
    try:
        _read(request)
        request.token = _who(request)
        limits |= _count(request.token)
        with topic.about(organization_id=request.token.organization_id, token_id=request.token.pk):
            answer = _once(view, request, args, kwargs)
    except Problem as problem:
        answer = problem.response()
    except (OperationalError, InterfaceError):
        log.exception("the database could not be asked")
        detail = "The database does not answer just now. Nothing was done; try again in a moment."
        answer = Problem(503, "busy", detail, headers={"Retry-After": "1"}).response()
    except Exception:
        log.exception("an API request failed")
        answer = Problem(500, "our_fault", "Something went wrong on our side. Nothing was done.").response()
    for name, value in limits.items():
        answer.headers.setdefault(name, value)
    return answer


def _once(view: View, request: Any, args: Any, kwargs: Any) -> HttpResponseBase:
    def work() -> HttpResponseBase:
        return _allowed(view(request, *args, **kwargs))

    is_keyed = request.method == "POST" and keys.KEY_HEADER in request.headers
    return keys.once(request.token, request, work) if is_keyed else work()


def _allowed(answer: HttpResponseBase) -> HttpResponseBase:
    if isinstance(answer, HttpResponseNotAllowed):
        detail = f"This address takes {answer['Allow']}."
        raise Problem(405, "method_not_allowed", detail, headers={"Allow": answer["Allow"]})
    return answer


# --- size and kind --------------------------------------------------------------------------------------------------


def _read(request: Any) -> None:
    """The body, once it is known to be small enough: Django's own ceiling is lower than what many customers need."""
    largest = LARGEST_OF_MANY if request.path.endswith("/customers/bulk") else LARGEST
    length = request.headers.get("content-length") or "0"
    if not length.isascii() or not length.isdigit() or len(length) > 12:
        raise Problem(400, "bad_length", "The Content-Length cannot be read.")
    if int(length) > largest:
        _drain(request, int(length))
        raise Problem(413, "too_large", f"A body may have {largest // MB} MB here. Nothing was done.")
    try:
        request._body = request.read(largest + 1)
    except UnreadablePostError as broken:
        raise Problem(400, "cut_off", "The body did not arrive whole. Nothing was done.") from broken
    is_json = request.content_type == "application/json" or request.content_type.endswith("+json")
    if request.body and not is_json:
        raise Problem(415, "not_json", "Send JSON, with the header Content-Type: application/json.")


def _drain(request: Any, length: int) -> None:
    left = min(length, DRAINED)
    while left > 0 and (chunk := request.read(min(MB, left))):
        left -= len(chunk)


# --- who and how often ----------------------------------------------------------------------------------------------


def _who(request: Any) -> ApiToken:
    kind, _, words = request.headers.get("authorization", "").partition(" ")
    token = ApiToken.find(words.strip()) if kind.lower() == "bearer" and words.strip() else None
    if token is None:
        detail = "Send a token that is in use, with the header Authorization: Bearer gw_…"
        raise Problem(401, "no_token", detail, headers={"WWW-Authenticate": 'Bearer realm="Goodword"'})
    return token


def _count(token: ApiToken) -> dict[str, str]:
    """One more request, and the headers that say how many are left."""
    allowance = token.take(timezone.now())
    refilled = math.ceil(SPAN - allowance.left / AT_ONCE * SPAN)
    limits = {
        "RateLimit-Policy": f'"token";q={AT_ONCE};w={SPAN:.0f}',
        "RateLimit": f'"token";r={allowance.left};t={refilled}',
    }
    if not allowance.is_given:
        wait = str(math.ceil(allowance.wait))
        detail = "This token has made too many requests. Nothing was done; wait a little and try again."
        raise Problem(429, "too_many", detail, headers={"Retry-After": wait, **limits})
    return limits
