"""Chert's clock against this server's, from the Date of the answers that are received anyway.

Signatures and dates are judged by Chert's clock, and so is what "since" means in its log.  The finding is remembered
in the cache, at most every half minute by each process: no call waits for it, and none fails of it.
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.cache import cache

log = logging.getLogger(__name__)

#: Seconds between the two clocks that are still no matter (reliability §9).
ALLOWED = 30
#: Seconds between two notes of one process, unless the finding turns; and how long a note is believed.
SELDOM, BELIEVED = 30.0, 15 * 60
_KEY = "their-clock"


@dataclass(frozen=True)
class Finding:
    """Seconds that our clock is ahead of Chert's at least (negative: behind), and when that was seen."""

    ahead: float
    at: datetime

    @property
    def is_too_much(self) -> bool:
        """Beyond what is no matter?"""
        return abs(self.ahead) > ALLOWED


@dataclass
class _Noted:
    """What this process wrote last: when, on a clock that never jumps, and whether it was too much."""

    at: float = 0.0
    was_too_much: bool | None = None


_noted = _Noted()


def notice(ahead: float) -> None:
    """An answer has come, and so far is our clock ahead.  The hook of `chert.Client`; never fails."""
    finding = Finding(ahead, datetime.now(UTC))
    is_fresh = time.monotonic() - _noted.at < SELDOM
    if is_fresh and _noted.was_too_much == finding.is_too_much:
        return
    _noted.at, _noted.was_too_much = time.monotonic(), finding.is_too_much
    try:
        cache.set(_KEY, (ahead, finding.at), BELIEVED)
    except Exception:  # each cache has errors of its own
        log.info("Chert's time could not be noted", exc_info=True)


def found() -> Finding | None:
    """What was seen within the last quarter of an hour, by whichever process; None when nobody has called Chert."""
    kept = cache.get(_KEY)
    found = Finding(*kept) if kept else None
    return found if found and (datetime.now(UTC) - found.at).total_seconds() < BELIEVED else None


def forget() -> None:
    """As if nobody had ever called: between tests."""
    _noted.at, _noted.was_too_much = 0.0, None
    cache.delete(_KEY)


def sentence(ahead: float) -> str:
    """What is wrong and what to do."""
    how = "ahead of" if ahead > 0 else "behind"
    return f"This server's clock is {abs(ahead):,.0f} seconds {how} Chert's: set it by the network (NTP)."
