"""Where a webhook may go: https, to a public address, and to the very address that was looked at (S36, S37).

Somebody outside names the address, so it must not become a way into our own network.  The name is looked up once, every
record is judged, and the connection is made to what was judged: a name that changes its mind in between gains nothing.
"""

import re
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore

from campaigns import connection
from campaigns.chert.transport import Backend

LONGEST = 500
#: A name with a dot, whose last part is no number: addresses in figures, however written, have no certificate anyway.
_NAME = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])", re.I)
_INSIDE = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa", ".onion")
#: IPv6 in which an IPv4 address is hidden, that a gateway would reach.
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"))

Ip = IPv4Address | IPv6Address


class BadAddress(ValueError):
    """No webhook goes there; the text says why, as a sentence."""


def check(url: str) -> str:
    """The address as it is kept.  Raises `BadAddress`.  Nobody is asked on the network yet."""
    url = url.strip()
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise BadAddress(f"Write the address in plain letters, {LONGEST} at most, like https://example.com/hooks.")
    parts = _split(url)
    if connection.is_loopback() and connection.is_loopback(url) and parts.scheme in {"http", "https"}:
        return url
    if parts.scheme != "https":
        raise BadAddress("The address must begin with https://, so that nobody on the way can read along.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("An address with a name or password in it is not taken. Prove the sender by the signature.")
    _check_name(parts.hostname or "")
    return url


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_port = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        is_port = False
    if not is_port or not parts.hostname:
        raise BadAddress("This is no address of the web. Write one like https://example.com/hooks.")
    return parts


def _check_name(host: str) -> None:
    if not _NAME.fullmatch(host):
        raise BadAddress("Write the name of the host, like hooks.example.com; numbers and short names are not taken.")
    if host.lower().endswith(_INSIDE):
        raise BadAddress("This name belongs to an inner network, where webhooks do not go.")


def allowed(host: str, port: int) -> str:
    """The IP address to connect to.  Raises `BadAddress` when any record of the name leads inside."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadAddress("The name of the host could not be found.") from error
    records = [ip_address(str(record[4][0]).partition("%")[0]) for record in found]
    if not records or not all(map(_may_be_called, records)):
        raise BadAddress("The name leads to an address inside a network, where webhooks do not go.")
    return str(records[0])


def _may_be_called(ip: Ip) -> bool:
    if connection.is_loopback() and ip.is_loopback:  # a sandbox, and a program on this machine that tries it out
        return True
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return _may_be_called(ip.ipv4_mapped)
        if ip.is_site_local or any(ip in network for network in _TRANSLATED):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


class Guarded(Backend):
    """Opens connections to judged addresses only.  The certificate is still held against the name."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return super().connect_tcp(allowed(host, port), port, timeout, local_address, socket_options)
