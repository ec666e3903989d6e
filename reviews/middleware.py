"""Headers on every answer: what a browser may do with a page, and the id by which a request is found in the logs."""

import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from reviews import logs

Answer = Callable[[HttpRequest], HttpResponse]
ASKED_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


def request_id(answer: Answer) -> Answer:
    """Give the request an id (a proxy's own where it sent a plausible one), for the logs and for X-Request-ID."""

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = request.headers.get("X-Request-ID", "")
        token = logs.request_id.set(asked if ASKED_ID.fullmatch(asked) else secrets.token_hex(8))
        try:
            response = answer(request)
            response["X-Request-ID"] = logs.request_id.get()
            return response
        finally:
            logs.request_id.reset(token)

    return middleware


def security_headers(answer: Answer) -> Answer:
    """The headers that Django does not set by itself, on errors and static files too (S23, S28)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


def private_pages(answer: Answer) -> Answer:
    """What a signed-in person sees is kept by no cache, unless a view decided otherwise (S28)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            add_never_cache_headers(response)  # among them no-store
        return response

    return middleware
