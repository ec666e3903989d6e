"""Logs: one JSON line per entry, without secrets and without whole phone numbers."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from campaigns import topic

request_id: ContextVar[str] = ContextVar("request_id", default="")
MINUTE = 60

# In this order: what is named a secret, what looks like one, phone numbers as Chert writes and as people write them.
MASKS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"\b(bearer|basic)\s+[^\s\"',]+", re.I), r"\1 •••"),
    (
        re.compile(
            r"\b([\w-]*(?:secret|token|password|signature|authorization|api[_-]?key))"
            r"(\\?[\"']?\s*[=:]\s*\\?[\"']?)[^\s\"'\\,&;•]+",
            re.I,
        ),
        r"\1\2•••",
    ),
    (re.compile(r"(://)[^\s:/@]+:[^\s/@]+@"), r"\1•••@"),
    (re.compile(r"\b(?:gAAAA[\w+/=-]+|sealed1:[\w:+/=-]+|whsec_[\w+/=-]+|gw_[\w-]{30,})"), "•••"),
    # A path segment of 20 and more with small and capital letters and a digit is a link that opens something.
    (re.compile(r"(?<=/)(?=[^/\s]*[A-Z])(?=[^/\s]*[a-z])(?=[^/\s]*\d)[\w-]{20,}"), "•••"),
    (re.compile(r"\b[\w.+-]+(@[\w-]+(?:\.[\w-]+)+)"), r"•••\1"),
    (re.compile(r"(?:\+|%2B)(\d)\d{2,10}(\d{4})(?!\d)", re.I), r"+\1•••••\2"),
    (
        re.compile(r"(?<![\w.-])(?:\+?1[\s.-]?)?\(?[2-9]\d{2}\)?[\s.-]\s?[2-9]\d{2}[\s.-](\d{4})(?![\w.-])"),
        r"+1•••••\1",
    ),
    (re.compile(r"(?<![\w.-])1?[2-9]\d{2}[2-9]\d{2}(\d{4})(?![\w.-])"), r"+1•••••\1"),
]
# JSON escapes what ASCII calls a control character; these also break or turn around a line on somebody's screen.
UNRULY = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def mask(text: str) -> str:
    """The text with secrets gone, and of each phone number the first and the last four digits: +1•••••0142."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


class OneLine(logging.Formatter):
    """One entry, one line: whatever stands in the message, it parses as JSON and cannot begin a second entry."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        if request_id.get():
            entry["request"] = request_id.get()
        for name, value in topic.ids().items():  # which campaign, delivery and message, and Chert's id of the call
            entry[name] = mask(value) if isinstance(value, str) else value
        if record.exc_info:
            entry["trace"] = mask(self.formatException(record.exc_info))
        return UNRULY.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(entry, ensure_ascii=False))


def is_news(record: logging.LogRecord) -> bool:
    """Django calls every answer from 500 an error; a 503 is one that we give on purpose (/readyz, webhooks)."""
    return getattr(record, "status_code", None) != 503


class Seldom(logging.Filter):
    """A ring that the broker refuses: one line a minute.  Celery writes its stack down for each ring.

    A Redis that is full refuses several a second, and the spare clock does the work meanwhile (F-58).
    """

    def __init__(self) -> None:
        super().__init__()
        self._said_at: float | None = None
        self._unsaid = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets the first through, in words of ours and without the stack."""
        if not str(record.msg).startswith("Message Error") or not isinstance(record.args, tuple) or not record.args:
            return True
        if self._said_at is not None and 0 <= record.created - self._said_at < MINUTE:
            self._unsaid += 1
            return False
        record.msg, record.exc_info = "The broker refuses to be rung: %s (and %d times since it was last said)", None
        record.args = (record.args[0], self._unsaid)
        self._said_at, self._unsaid = record.created, 0
        return True


def configuration(level: str) -> dict[str, Any]:
    """For logging.config, here and in gunicorn: all to standard error, libraries only when something is wrong."""
    quiet = ("celery", "kombu", "httpx", "httpcore", "PIL", "gunicorn.error", "gunicorn.access")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "reviews.logs.OneLine"}},
        "filters": {"news": {"()": lambda: is_news}, "seldom": {"()": "reviews.logs.Seldom"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            **{name: {"level": "WARNING"} for name in quiet},
            "celery.beat": {"level": "WARNING", "filters": ["seldom"]},
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "django.request": {
                "level": "ERROR",
                "filters": ["news"],
            },  # a page not found is not news, and its address may be a secret
        },
    }
