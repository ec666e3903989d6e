"""Unix seconds and the form the contract prints them in."""

from datetime import UTC, datetime


def stamp(at: float) -> str:
    """2026-05-24T01:35:34.000Z"""
    moment = datetime.fromtimestamp(at, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def stamp_or_none(at: float | None, now: float) -> str | None:
    """The stamp of something that has happened by now, else None."""
    return stamp(at) if at is not None and at <= now else None


def unstamp(text: str) -> float:
    """Unix seconds of an ISO-8601 moment.  Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def midnight(at: float) -> float:
    """The midnight (UTC) before this moment."""
    return at - at % 86_400
