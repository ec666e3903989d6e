"""Where a call may go: below the configured address, and nowhere else."""

import ipaddress
import re
from collections.abc import Mapping

import httpx

from .errors import ForeignUpload
from .mistakes import BadAddress

_PLAIN = re.compile(r"https?://[a-z0-9.:\[\]-]+(/[a-z0-9._~-]+)*/*", re.ASCII | re.IGNORECASE)
_PATH = re.compile(r"[A-Za-z0-9_~%!$&'()*+,;=:@.-]+(/[A-Za-z0-9_~%!$&'()*+,;=:@.-]+)*", re.ASCII)


def base_address(base_url: str) -> httpx.URL:
    """The API's address without a closing slash. Raises BadAddress unless it is https, or http on this very machine."""
    url = _plain(base_url)
    if url is None or not _can_be_called(url):
        raise BadAddress("The address of Chert's API must be a plain one, like https://console.trychert.com/api/v1.")
    if url.scheme != "https" and not _is_loopback(url.host):
        raise BadAddress("The address of Chert's API must begin with https://.")
    return url


def below(base: httpx.URL, path: str, query: Mapping[str, str] | None = None) -> httpx.URL:
    """The address of a path below the base. Raises ValueError for one that would lead out of it.

    Not httpx's own joining: that takes a path with a leading slash, and dots, and whole addresses, for something else.
    """
    segments = path.lower().replace("%2e", ".").split("/")
    if not _PATH.fullmatch(path) or "." in segments or ".." in segments:
        raise ValueError("Not a path below the API's address.")
    url = httpx.URL(f"{base}/{path}")
    return url.copy_with(params=query) if query else url


def upload_address(base: httpx.URL, upload_url: str) -> httpx.URL:
    """An address out of an answer, if it lies on the API's own host. Raises ForeignUpload otherwise.

    The upload carries the signing secret, so a foreign address here would be a way to steal it.
    """
    try:
        url = base.join(upload_url)
    except httpx.InvalidURL:
        raise ForeignUpload("Chert named an upload address that is none. Nothing was uploaded.") from None
    if _origin(url) != _origin(base) or url.userinfo:
        raise ForeignUpload("Chert named an upload address on another host. Nothing was uploaded.")
    return url


def _plain(base_url: object) -> httpx.URL | None:
    if not isinstance(base_url, str) or not _PLAIN.fullmatch(base_url):
        return None
    try:
        return httpx.URL(base_url.rstrip("/"))
    except httpx.InvalidURL:
        return None


def _can_be_called(url: httpx.URL) -> bool:
    """What the system's name look-up would stumble over is found here instead."""
    return all(0 < len(label) < 64 for label in url.host.split(".")) and (url.port is None or 0 < url.port < 65536)


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host.lower(), url.port or {"https": 443, "http": 80}.get(url.scheme)
