"""Who does too much at a stretch is told when it goes on, and keeps what was typed (S55)."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from campaigns import limits
from campaigns.web import proving
from campaigns.web.tenancy import BusinessRequest

P = ParamSpec("P")
View = Callable[Concatenate[BusinessRequest, P], HttpResponseBase]
TOO_MANY = 429
READING = ("GET", "HEAD")


def brings(request: BusinessRequest) -> bool:
    """Does it bring something, or only look?"""
    return request.method not in READING


def always(request: BusinessRequest) -> bool:
    """Looking costs as much."""
    return True


def limited(act: str, *, when: Callable[[BusinessRequest], bool] = always) -> Callable[[View[P]], View[P]]:
    """Take one of this act for each request, or for those that are it.

    Stands beneath `page`, which knows who is there.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: BusinessRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            wait = limits.take(request.organization, request.user, act, timezone.now()) if when(request) else 0
            if wait:
                return too_many(request, act, wait)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def too_many(request: BusinessRequest, act: str, wait: int) -> HttpResponse:
    """The sentence in the form the asker understands: a page, a fragment, or JSON for the desk of a card."""
    sentence = f"That was a lot at once: we take {limits.LIMITS[act].words} from one person."
    after = f"Go on in {how_long(wait)}."
    if request.content_type == "application/json":
        answer: HttpResponse = JsonResponse({"problem": f"{sentence} {after}", "box": None}, status=TOO_MANY)
    elif request.htmx:
        answer = render(request, "_too_many.html", {"sentence": sentence, "after": after}, status=TOO_MANY)
        answer["HX-Retarget"], answer["HX-Reswap"], answer["HX-Reselect"] = "#messages", "innerHTML", "unset"
    else:
        answer = render(request, "429.html", _typed(request, sentence, after), status=TOO_MANY)
    answer["Retry-After"] = str(wait)
    return answer


def how_long(seconds: int) -> str:
    """“a second”, “40 seconds”, “3 minutes”."""
    if seconds < 90:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"


def _typed(request: BusinessRequest, sentence: str, after: str) -> dict[str, object]:
    """What was sent goes into the page, so that the same button sends it again; a browser gives no file twice."""
    return {
        "sentence": sentence,
        "after": after,
        "again": request.get_full_path(),
        "is_form": request.method == "POST",
        "typed": proving.typed(request),
        "had_file": bool(request.FILES),
    }
