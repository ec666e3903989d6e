"""Connecting a business to Chert: is the key right, which lines are ours, and where do the replies come in?"""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from campaigns import chert, connection
from campaigns.models import AuditEntry, Line, Organization, User

log = logging.getLogger(__name__)

#: What we want to hear.  Names Chert does not know yet cost nothing.
EVENTS = ("message.received", "message.delivered", "message.read", "message.failed")


@dataclass(frozen=True)
class SeenLine:
    """A line of the Chert account, and whether it is entered here."""

    number: str
    is_active: bool
    is_ours: bool
    #: The one location that sends on it; empty where every location does.
    location: str = ""


def test(organization: Organization) -> list[SeenLine]:
    """Ask Chert for the account's lines.  Raises `chert.ChertError` or `connection.NotConnected`, with a sentence."""
    ours = {line.number: line for line in organization.lines.select_related("business")}
    seen = connection.client(organization).phone_numbers()
    for number in seen:
        if number.phone_number in ours:
            Line.objects.filter(pk=ours[number.phone_number].pk).update(chert_id=number.id)
    return [_seen(n.phone_number, n.is_active, ours.get(n.phone_number)) for n in seen]


def _seen(number: str, is_active: bool, line: Line | None) -> SeenLine:
    location = line.business.name if line is not None and line.business is not None else ""
    return SeenLine(number, is_active, line is not None, location)


def webhook_url(organization: Organization) -> str:
    """Where Chert sends this organization's events: an address nobody can guess (W6)."""
    return settings.SITE_URL + reverse("chert_webhook", args=[organization.webhook_path])


def can_be_called() -> bool:
    """Can Chert reach us?  Over https, or when both sides are on this machine; otherwise the events log is read."""
    both_here = connection.is_loopback() and connection.is_loopback(settings.SITE_URL)
    return settings.SITE_URL.startswith("https://") or both_here


def is_connected(organization: Organization) -> bool:
    """Does Chert call us, at the address that is ours now?"""
    return bool(organization.webhook_secret) and organization.webhook_url == webhook_url(organization)


def connect(organization: Organization, by: User | None = None) -> bool:
    """Subscribe our webhook once and keep its secret; False where Chert cannot reach us and the log is read instead.

    A subscription to our address whose secret we do not have is of no use, and a second one would double every event:
    such ones are ended first.  Raises `chert.ChertError` or `connection.NotConnected`.
    """
    if not can_be_called():
        return False
    if is_connected(organization):
        return True
    client, url = connection.client(organization), webhook_url(organization)
    for old in client.subscriptions():
        if old.url in (url, organization.webhook_url):
            client.unsubscribe(old.id)
    _keep(organization, client.subscribe(url, EVENTS), by)
    return True


def disconnect(organization: Organization) -> None:
    """End every subscription of ours.  Raises `chert.ChertError` or `connection.NotConnected`."""
    client, ours = connection.client(organization), {webhook_url(organization), organization.webhook_url}
    for each in client.subscriptions():
        if each.id == organization.webhook_subscription or each.url in ours:
            client.unsubscribe(each.id)


def _keep(organization: Organization, made: chert.Subscription, by: User | None) -> None:
    with transaction.atomic():
        organization.webhook_subscription = made.id
        organization.webhook_url = made.url
        organization.webhook_secret = made.secret or ""
        organization.save(update_fields=["webhook_subscription", "webhook_url", "webhook_secret"])
        AuditEntry.write(organization, "connect", organization, by)


def try_to_connect(organization: Organization, by: User | None = None) -> str:
    """`connect`, with trouble as a sentence; empty when all is well."""
    try:
        connect(organization, by)
    except (chert.ChertError, connection.NotConnected) as trouble:
        log.info("organization %s could not be connected: %s", organization.pk, trouble)
        return getattr(trouble, "detail", "") or str(trouble)
    return ""
