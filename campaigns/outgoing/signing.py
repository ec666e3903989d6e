"""The signature of Standard Webhooks 1.0: `v1,` and base64 of HMAC-SHA256 over id, time and body.  (pure)"""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def headers(secrets: Iterable[str], event_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers, with a signature by each secret, of which one that fits is enough for the other side.

    A secret is written `whsec_` and base64; `timestamp` is the try's, in unix seconds.
    """
    signed = f"{event_id}.{timestamp}.".encode() + body
    signatures = " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets)
    return {"webhook-id": event_id, "webhook-timestamp": str(timestamp), "webhook-signature": signatures}


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
