"""Chert's one signature, used for API calls and for webhooks alike (Chert docs, authentication)."""

import hashlib
import hmac


def sign(secret: str, timestamp: int | str, body: bytes) -> str:
    """Lower-case hex of HMAC-SHA256 over `<unix seconds>.<raw body>`; the key is the secret as text, not decoded."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
