"""From which address somebody comes.  Only a proxy we trust is believed about it (S3)."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

NOBODY = "0.0.0.0"  # noqa: S104  # no address to listen on: the word for one that is not known
#: Who has an IPv6 address has all of its network.
OWN_NETWORK = 64


def of(request: HttpRequest) -> str:
    """The address this request comes from.

    A proxy writes whom it heard at the end of X-Forwarded-For; what stands before that anybody may have written.  So it
    is read from its end, and only as far as trusted proxies have written it.
    """
    heard = _clean(request.META.get("REMOTE_ADDR", ""))
    said = [_clean(each) for each in request.headers.get("X-Forwarded-For", "").split(",")]
    while said and is_trusted(heard):
        before = said.pop()
        if before == NOBODY:
            break
        heard = before
    return heard


def network(address: str) -> str:
    """Whose tries are counted together: one IPv4 address, or the network of an IPv6 address."""
    known = ipaddress.ip_address(address)
    if known.version == 4:
        return address
    return str(ipaddress.ip_network((known, OWN_NETWORK), strict=False).network_address)


def is_trusted(address: str) -> bool:
    """Is it a proxy of ours?"""
    return any(
        proxy == "*" or ipaddress.ip_address(address) in ipaddress.ip_network(proxy, strict=False)
        for proxy in settings.TRUSTED_PROXIES
    )


def _clean(said: str) -> str:
    try:
        known = ipaddress.ip_address(said.strip())
    except ValueError:
        return NOBODY
    mapped = known.ipv4_mapped if known.version == 6 else None
    return str(mapped or known)
