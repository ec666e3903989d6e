"""Our end of the wire: one Chert client per organization and process, kept for its life."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from campaigns import chert, their_clock
from campaigns.models import Organization

#: The seam for tests: what carries the requests.  None is the real network.
transport: Callable[[], httpx.BaseTransport] | None = None


class NotConnected(Exception):
    """The organization has no Chert secret yet, or one that cannot be right.  The text says so."""


def client(organization: Organization) -> chert.Client:
    """The client of this organization.  Raises `NotConnected` when it has no usable secret (S21)."""
    if not organization.chert_secret:
        raise NotConnected("There is no Chert secret yet. Enter it in the settings.")
    try:
        return _client(settings.CHERT_API_BASE, organization.chert_secret, organization.chert_tenant)
    except chert.BadCredentials as bad:
        raise NotConnected(str(bad)) from bad


@lru_cache(maxsize=256)
def _client(base: str, secret: str, tenant: str) -> chert.Client:
    half = settings.CALL_SECONDS / 2
    deadlines = chert.Deadlines(settings.CALL_SECONDS, settings.UPLOAD_SECONDS, read=half, write=half)
    bearer = chert.Bearer(secret, tenant or None)
    return chert.Client(base, bearer, transport=fresh_transport(), deadlines=deadlines, on_skew=their_clock.notice)


def fresh_transport() -> httpx.BaseTransport | None:
    """What carries a new client's requests; None lets httpx make the real one."""
    return transport() if transport is not None else None


def forget() -> None:
    """Close the book of clients: after a change of key, and between tests."""
    _client.cache_clear()


def is_loopback(url: str = "") -> bool:
    """Does this address (by default Chert's) stay on this machine?  Then it is a sandbox and reaches nobody."""
    host = urlsplit(url or settings.CHERT_API_BASE).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
