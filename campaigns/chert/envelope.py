"""What came back from Chert, before it is understood: status, headers, body, and the error envelope if there is one."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

LONGEST_WAIT = 3600.0  # seconds; whoever asks for more is asked again after an hour

_DIGITS = re.compile(r"\d(?:[ ().-]*\d){5,}")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as it arrived. `body` is None when it never came whole, or was larger than we read."""

    http_status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # lower-case names
    body: bytes | None = field(default=b"", repr=False)

    @property
    def is_success(self) -> bool:
        """Any 2xx."""
        return 200 <= self.http_status < 300

    @cached_property
    def json(self) -> object:
        """The body as JSON, or None: not JSON, not called JSON, not whole and nested beyond reason are all one."""
        if self.body is None or not _is_json(self.headers.get("content-type", "")):
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def date(self) -> float | None:
        """When Chert wrote it, by its own clock, as unix time to the whole second below; None where it does not say.

        What a cache in between has kept (`Age`) says nothing about now.
        """
        return None if "age" in self.headers else _moment(self.headers.get("date", ""))

    @property
    def trace_id(self) -> str | None:
        """Chert's trace id: in a header of every answer, and in the body of errors."""
        return _trace(self.headers.get("x-trace-id")) or _trace(
            isinstance(self.json, dict) and self.json.get("trace_id")
        )


@dataclass(frozen=True)
class Envelope:
    """Chert's error envelope, in its nested form or the flat one of `/send` (contract §4.1). Its presence is a proof of
    origin: a proxy in between does not write one."""

    code: int | None
    retryable: bool | None
    retry_after: object
    said: str

    @classmethod
    def of(cls, answer: Answer) -> "Envelope | None":
        """The envelope of an answer; None where there is none."""
        body = answer.json
        if not isinstance(body, dict):
            return None
        inner = body.get("error")
        fields = inner if isinstance(inner, dict) else body
        code, retryable = _integer(fields.get("code")), _flag(fields.get("retryable"))
        is_chert = code is not None or retryable is not None or _names_failure(body)
        return cls(code, retryable, fields.get("retry_after"), hide_digits(fields.get("message"))) if is_chert else None


def retry_after(answer: Answer, envelope: Envelope | None, now: float) -> float | None:
    """Seconds to wait: the larger of header and body, at most an hour. None when neither names a time to come.

    The header may hold seconds or a date; garbage, negative numbers and dates gone by count as absent (F-23).
    """
    named = [_header_seconds(answer.headers.get("retry-after"), now), _seconds(envelope and envelope.retry_after)]
    waits = [seconds for seconds in named if seconds is not None]
    return min(max(waits), LONGEST_WAIT) if waits else None


def hide_digits(value: object) -> str:
    """Someone else's words in one short line, with anything like a phone number taken out."""
    if not isinstance(value, str):
        return ""
    printable = "".join(character if character.isprintable() else " " for character in value[:1000])
    return _DIGITS.sub("•••", printable)[:200]


def _names_failure(body: dict[str, Any]) -> bool:
    return body.get("status") == "failed" or (body.get("success") is False and isinstance(body.get("error"), dict))


def _is_json(content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def _integer(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value, re.ASCII):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _trace(value: object) -> str | None:
    return (
        value if isinstance(value, str) and 0 < len(value) <= 128 and value.isascii() and value.isprintable() else None
    )


def _seconds(value: object) -> float | None:
    if isinstance(value, str):
        value = float(value) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", value, re.ASCII) else None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return min(float(value), LONGEST_WAIT) if math.isfinite(value) and value >= 0 else None


def _header_seconds(value: str | None, now: float) -> float | None:
    if value is None:
        return None
    seconds = _seconds(value.strip())
    return seconds if seconds is not None else _until_date(value, now)


def _until_date(value: str, now: float) -> float | None:
    moment = _moment(value)
    return moment - now if moment is not None and moment > now else None


def _moment(value: str) -> float | None:
    """An HTTP date as unix time; None for anything else."""
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
