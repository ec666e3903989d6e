"""Addresses that listen: added, resumed, renewed, removed; and what they were told, again or thrown away."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns.models import (
    AuditEntry,
    Business,
    Organization,
    OutgoingEvent,
    User,
    WebhookCall,
    WebhookEndpoint,
)
from campaigns.outgoing import addresses

#: Addresses of one organization.
MOST = 20
#: How long events are kept, told or not.
KEPT = timedelta(days=30)


class TooMany(Exception):
    """There are enough addresses; the text says so."""


def listening(organization: Organization, business: Business | None = None) -> QuerySet[WebhookEndpoint]:
    """The organization's addresses, oldest first; with a location only those that hear of it alone."""
    rows = organization.webhook_endpoints.select_related("business", "created_by").order_by("pk")
    return rows.filter(business=business) if business else rows


def troubled(organization: Organization) -> QuerySet[WebhookEndpoint]:
    """Those that take nothing just now, or are told nothing any more."""
    is_ill = Q(failing_since__isnull=False) | Q(disabled_at__isnull=False)
    return organization.webhook_endpoints.filter(is_ill).order_by("pk")


def add(
    organization: Organization,
    url: str,
    events: list[str],
    by: User | None,
    *,
    business: Business | None = None,
    with_phone: bool = False,
) -> WebhookEndpoint:
    """One more.  Raises `BadAddress`, `TooMany`."""
    url = addresses.check(url)
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=organization.pk)  # two at once do not make twenty-one
        if organization.webhook_endpoints.count() >= MOST:
            raise TooMany(f"{MOST} webhooks are the most. Remove one that nobody uses.")
        made = WebhookEndpoint.objects.create(
            organization=organization,
            business=business,
            url=url,
            events=sorted(events),
            with_phone=with_phone,
            created_by=by,
        )
        AuditEntry.write(organization, "add webhook", made, by, ", ".join(made.events))
    return made


def remove(endpoint: WebhookEndpoint, by: User | None) -> None:
    """With everything that was still to be told to it."""
    with transaction.atomic():
        AuditEntry.write(endpoint.organization, "remove webhook", endpoint, by)
        endpoint.delete()


def renew(endpoint: WebhookEndpoint, by: User | None, now: datetime) -> WebhookEndpoint | None:
    """Give it another secret; the one so far signs for a day beside it.  None for one removed this moment.

    Two at once make two secrets, one after the other; the first of them then counts as an old one and signs, too.
    """
    with transaction.atomic():
        row = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
        if row is None:
            return None
        row.renew(now)
        row.save(update_fields=["secret", "old_secrets", "old_until"])
        AuditEntry.write(endpoint.organization, "new webhook secret", row, by)
    return row


def end_old(endpoint: WebhookEndpoint, by: User | None) -> None:
    """From now on only the newest secret signs."""
    with transaction.atomic():
        still = WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(old_until=None)
        if still.update(old_secrets="", old_until=None):
            AuditEntry.write(endpoint.organization, "end old webhook secret", endpoint, by)


def resume(endpoint: WebhookEndpoint, by: User | None, now: datetime) -> None:
    """Tell it again what happens, beginning with what still waits."""
    with transaction.atomic():
        off = WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(disabled_at=None)
        if off.update(disabled_at=None, disabled_why="", failing_since=None):
            endpoint.calls.exclude(due_at=None).update(due_at=now, tries=0)
            AuditEntry.write(endpoint.organization, "resume webhook", endpoint, by)


def replay(call: WebhookCall, by: User | None, now: datetime) -> None:
    """Tell it once more, with the same id and all its tries before it."""
    with transaction.atomic():
        fresh = {"due_at": now, "tries": 0, "told_at": None, "given_up_at": None, "answered": None, "detail": ""}
        WebhookCall.objects.filter(pk=call.pk).update(**fresh)
        AuditEntry.write(call.endpoint.organization, "replay webhook", call.endpoint, by, call.event.event_id)


def forget(now: datetime) -> None:
    """Throw away what was kept long enough."""
    OutgoingEvent.objects.filter(at__lt=now - KEPT).delete()
    WebhookEndpoint.objects.filter(old_until__lte=now).update(old_secrets="", old_until=None)
