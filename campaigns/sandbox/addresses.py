"""Which addresses are this very machine."""

import ipaddress
from urllib.parse import urlsplit

RESERVED = (".localhost", ".test", ".example", ".invalid")  # nobody can register these (RFC 2606)


def is_loopback(host: str) -> bool:
    """Whether this name or address is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_local_name(host: str) -> bool:
    """Whether a Host header is an address of this machine, or a name that nobody outside could point at it."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return "." not in name.strip(".") or is_loopback(name) or name.endswith(RESERVED)
