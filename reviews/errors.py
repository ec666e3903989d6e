"""The pages for what went wrong: nothing of the inside, and the id by which we find it in the log (S51)."""

import logging
import sys
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from reviews import logs

log = logging.getLogger(__name__)

MB = 1024 * 1024


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; for an upload over the ceiling 413, with the sizes that fit."""
    if isinstance(exception, RequestDataTooBig):
        sizes = {"list_mb": settings.IMPORT_MAX_BYTES // MB, "photo_mb": settings.PHOTO_MAX_BYTES // MB}
        return page(413, sizes)
    return page(400)


def our_fault(request: HttpRequest) -> HttpResponse:
    """500; while the database is locked, full or away 503: nothing was written, and it works again soon (F-53)."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        log.exception("The database could not be asked")  # Django's own entry is not news, as for every 503
        return page(503)
    return page(500)


def page(status: int, words: Mapping[str, object] | None = None) -> HttpResponse:
    """Without the request: what failed may be the session, the person or the database behind them."""
    shown = {**(words or {}), "reference": logs.request_id.get()}
    return HttpResponse(render_to_string(f"{status}.html", shown), status=status)
