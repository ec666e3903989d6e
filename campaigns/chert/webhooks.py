"""What Chert tells us: is it really Chert, and what does it say? (Chert docs, receiving replies; contract §9)"""

import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping

from .events import Event, event_from_json
from .mistakes import BadSignature
from .signing import sign

__all__ = ["TOLERANCE", "BadEvent", "headers_for", "parse", "sign", "verify"]

TOLERANCE = 300  # seconds, to either side

_HEADERS = ("x-webhook-signature", "x-chert-signature")
_LONGEST_HEADER = 2048
_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


class BadEvent(ValueError):
    """A webhook body that is not a JSON object."""


def verify(headers: Mapping[str, str], raw_body: bytes, secrets: Iterable[str], now: float) -> None:
    """Return if the body was signed with one of the subscription secrets within five minutes of `now` (unix time).

    Raises BadSignature otherwise, and nothing else, whatever the headers hold. Call it on the raw bytes before parsing.
    Both forms are accepted in either header: `t=<unix>,v1=<hex>` and the older `v1,<unix>,<hex>`.
    """
    keys = [secrets] if isinstance(secrets, str) else [secret for secret in secrets if secret]
    for timestamp, signature in _signatures(headers):
        if abs(now - int(timestamp)) <= TOLERANCE and _is_signed(timestamp, signature, raw_body, keys):
            return
    raise BadSignature("The webhook is not signed with a secret of ours, or not within five minutes.")


def parse(raw: bytes) -> Event:
    """The event in a webhook body, current or older form. Raises BadEvent where it is not a JSON object."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadEvent("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadEvent("The body is not a JSON object.")
    return event_from_json(body)


def headers_for(secret: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Both signature headers as Chert sends them; for tests and for programs that play Chert."""
    signature = sign(secret, timestamp, body)
    return {
        "X-Webhook-Signature": f"t={timestamp},v1={signature}",
        "x-chert-signature": f"v1,{timestamp},{signature}",
    }


def _signatures(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every well-formed pair of time and signature in the two headers."""
    for name, value in headers.items():
        if str(name).lower() in _HEADERS and isinstance(value, str) and len(value) <= _LONGEST_HEADER:
            yield from _read(value)


def _read(value: str) -> Iterator[tuple[str, str]]:
    pieces = [piece.strip() for piece in value.split(",")]
    if len(pieces) == 3 and pieces[0] == "v1":
        timestamp, signatures = pieces[1], [pieces[2]]
    else:
        timestamp = next((piece[2:] for piece in pieces if piece.startswith("t=")), "")
        signatures = [piece[3:] for piece in pieces if piece.startswith("v1=")]
    if _TIME.fullmatch(timestamp):
        yield from ((timestamp, signature) for signature in signatures if _HEX.fullmatch(signature))


def _is_signed(timestamp: str, signature: str, body: bytes, secrets: list[str]) -> bool:
    return any(hmac.compare_digest(sign(secret, timestamp, body), signature.lower()) for secret in secrets)
