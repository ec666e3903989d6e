"""Headers on every answer: what a browser may do with a page, and the id by which a request is found in the logs."""

import logging
import re
import secrets
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from campaigns import topic
from campaigns.accounts import origin
from campaigns.models import AuditEntry, Organization, User
from reviews import logs

log = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]
#: Addresses that no person opens.
FOR_PROGRAMS = ("/api/v1/", "/webhooks/")
#: One line of the book for the same page within so long.
AGAIN = timedelta(minutes=1)
ASKED_ID = re.compile(r"[\w-]{8,64}", re.ASCII)


def request_id(answer: Answer) -> Answer:
    """Give the request an id (a proxy's own where it sent a plausible one), for the logs and for X-Request-ID."""

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = request.headers.get("X-Request-ID", "")
        token = logs.request_id.set(asked if ASKED_ID.fullmatch(asked) else secrets.token_hex(8))
        try:
            with topic.answering(request, origin.of(request)):
                response = answer(request)
            response["X-Request-ID"] = logs.request_id.get()
            return response
        finally:
            logs.request_id.reset(token)

    return middleware


def security_headers(answer: Answer) -> Answer:
    """On every answer, also where Django's own middleware is not reached: probes, static files, refused hosts (S28)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        for name, value in _always().items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def _always() -> dict[str, str]:
    """By the scheme of the site's own address, not of the request, whose host may be the thing that is wrong."""
    headers = {
        "Content-Security-Policy": settings.CONTENT_SECURITY_POLICY,
        "Permissions-Policy": settings.PERMISSIONS_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }
    if settings.SITE_IS_HTTPS:
        seconds = settings.SECURE_HSTS_SECONDS
        headers["Strict-Transport-Security"] = f"max-age={seconds}; includeSubDomains; preload"
    return headers


def programs_by_https(answer: Answer) -> Answer:
    """A program that comes over http has told its token to whoever listens: it is refused, not led on (W12)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.SITE_IS_HTTPS and not request.is_secure() and request.path.startswith(FOR_PROGRAMS):
            return HttpResponse(
                "Use https. Whatever was sent along is known now: change it.\n", "text/plain", status=403
            )
        return answer(request)

    return middleware


def refusals(answer: Answer) -> Answer:
    """Whoever asks for what their role does not reach is written down, once a minute for each page (S50)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        organization = getattr(request, "organization", None)
        if response.status_code == 403 and organization is not None and request.resolver_match is not None:
            _write_down(request, organization, request.resolver_match.view_name or "")
        return response

    return middleware


def _write_down(request: HttpRequest, organization: Organization, view: str) -> None:
    """It must never turn a refusal into a failure, nor fill the book."""
    by, about = request.user, f"page {view}"
    assert isinstance(by, User)
    lately = {"by": by, "act": "refused", "about": about[:80], "at__gt": timezone.now() - AGAIN}
    try:
        if not organization.audit.filter(**lately).exists():
            AuditEntry.write(organization, "refused", about, by, f"{request.method}: the role does not reach that far")
    except DatabaseError:
        log.exception("a refusal could not be written down")


def private_pages(answer: Answer) -> Answer:
    """What a signed-in person sees is kept by no cache, unless a view decided otherwise (S28)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            add_never_cache_headers(response)  # among them no-store
        return response

    return middleware
