"""The errors of the contract (§4): code, HTTP status, whether to come back."""

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Meaning:
    """What a code stands for unless a route says otherwise."""

    http: int
    retryable: bool
    words: str


CODES = {
    1001: Meaning(400, False, "A required field is missing."),
    1002: Meaning(400, False, "A field has a bad value."),
    1003: Meaning(400, False, "A phone number is not in E.164 form."),
    1004: Meaning(400, False, "The body is not a JSON object."),
    1005: Meaning(400, False, "A first message may not carry a URL in its text; use a rich_link part."),
    1006: Meaning(400, False, "A message has at most 10 parts."),
    1007: Meaning(429, True, "Too many requests."),
    1008: Meaning(400, False, "Two text parts stand next to each other; merge them."),
    1009: Meaning(400, False, "The text is too long."),
    1010: Meaning(400, False, "Only imessage is supported."),
    1011: Meaning(409, False, "The attachment reference is bad."),
    1012: Meaning(409, False, "The resource is in a state that does not allow this."),
    1013: Meaning(409, False, "The contact has no usable phone."),
    2001: Meaning(404, False, "Tenant not found."),
    2002: Meaning(404, False, "Chat not found."),
    2003: Meaning(404, False, "Message not found."),
    2004: Meaning(401, False, "The signature or token is wrong."),
    2005: Meaning(403, False, "Forbidden."),
    2006: Meaning(400, False, "The sender line is not assigned to this tenant."),
    2007: Meaning(403, False, "The e-mail address is not verified."),
    2008: Meaning(402, False, "The account limit is reached."),
    2010: Meaning(403, False, "The connection is not authorized."),
    2011: Meaning(404, False, "Not found."),
    2012: Meaning(401, False, "No credentials."),
    2013: Meaning(401, False, "The timestamp is more than five minutes off."),
    2014: Meaning(400, False, "The OAuth state is invalid."),
    3001: Meaning(500, True, "Internal error."),
    3002: Meaning(503, True, "Delivery is unavailable."),
    3003: Meaning(500, False, "Delivery is not configured; contact support."),
    3004: Meaning(502, True, "The delivery service failed."),
    4001: Meaning(502, True, "Delivery failed downstream."),
    4002: Meaning(503, True, "Every line is saturated for this recipient."),
    4098: Meaning(400, False, "Unknown effect."),
    4099: Meaning(501, False, "This is not supported here."),
    5001: Meaning(404, False, "Attachment not found."),
    5002: Meaning(400, False, "The attachment is too large."),
    5003: Meaning(400, False, "This kind of file is not supported."),
    5004: Meaning(400, False, "The upload is not finished; PUT the bytes first."),
}


class Problem(Exception):
    """A call that is refused, with everything the error envelope says about it."""

    def __init__(
        self,
        code: int,
        words: str = "",
        *,
        http: int = 0,
        retry_after: float | None = None,
        retry_header: str = "",
        **extra: Any,
    ) -> None:
        meaning = CODES[code]
        super().__init__(words or meaning.words)
        self.code = code
        self.http = http or meaning.http
        self.retryable = meaning.retryable
        self.retry_after = None if retry_after is None else max(1, math.ceil(retry_after))
        self.retry_header = retry_header or ("" if self.retry_after is None else str(self.retry_after))
        self.extra = extra

    def error(self) -> dict[str, Any]:
        """The inner object of the envelope."""
        error = {"status": self.http, "code": self.code, "message": str(self), "retryable": self.retryable}
        if self.retry_after is not None:
            error["retry_after"] = self.retry_after
        return error | self.extra

    def envelope(self, trace_id: str) -> dict[str, Any]:
        """The documented body of a failure (§4.1)."""
        return {"success": False, "error": self.error(), "trace_id": trace_id}

    def flat(self) -> dict[str, Any]:
        """The flatter body of POST /send: no envelope, no trace id."""
        error = self.error()
        return {"success": False, **error, "status": "failed"}
