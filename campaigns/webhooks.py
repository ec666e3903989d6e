"""What Chert tells us: verify, store, answer.  The work is done afterwards, from the stored rows; words at once."""

import json
import logging

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns import chert, events, tallies
from campaigns.chert import webhooks
from campaigns.models import Organization

log = logging.getLogger(__name__)

#: Bytes of the largest event we take.
LARGEST = 1024 * 1024


@csrf_exempt  # Chert has no cookie of ours; the signature is the proof
@require_POST
def receive(request: HttpRequest, path: str) -> HttpResponse:
    """Take one event: 200 stored or known, 401 not signed by Chert, 404 nobody's address, 413, 400, 503 ours (W11)."""
    length = request.headers.get("content-length") or "0"
    if not length.isascii() or not length.isdigit():
        return HttpResponse(status=400)
    if len(length) > 10 or int(length) > LARGEST:
        return HttpResponse(status=413)
    if not path.isascii() or not path.isprintable():  # no address of ours, and PostgreSQL takes no NUL
        return HttpResponse(status=404)
    try:
        return _receive(request, path)
    except Error:
        log.exception("an event could not be stored; Chert will send it again")
        return HttpResponse(status=503)


def _receive(request: HttpRequest, path: str) -> HttpResponse:
    now = timezone.now()
    organization = Organization.objects.filter(webhook_path=path).exclude(webhook_secret="").first()
    secrets = [organization.webhook_secret] if organization else ["nobody has this secret"]
    try:
        webhooks.verify(request.headers, request.body, secrets, now.timestamp())
    except chert.BadSignature:
        if organization is None:
            return HttpResponse(status=404)
        tallies.count(tallies.REFUSED_SIGNATURES, organization.pk, now)
        return HttpResponse(status=401)
    if organization is None:
        return HttpResponse(status=404)
    try:
        event = webhooks.parse(request.body)
    except (chert.BadEvent, json.JSONDecodeError):
        return HttpResponse(status=400)
    events.store(organization, event, "webhook", now)
    if event.is_inbound:  # perhaps a STOP, and the worker is busy sending; what fails here is the clock's, as ever
        events.heed(event, organization, timezone.now)
    return HttpResponse(status=200)
