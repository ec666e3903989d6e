"""Seldom things, counted by the hour for the System page: forged calls, leases that were lost.

The counts lie in the cache, not in the database: nobody who knocks on the webhook's door makes us write a row, and a
count that is lost does no harm.  Two at the same moment may count as one.
"""

import logging
from datetime import datetime

from django.core.cache import cache

log = logging.getLogger(__name__)

#: What did not carry Chert's signature, though it knew the address; messages whose worker did not finish in time.
REFUSED_SIGNATURES, LOST_LEASES = "signatures", "leases"

HOURS = 24
_KEPT = (HOURS + 1) * 3600


def count(what: str, organization: int, now: datetime, number: int = 1) -> None:
    """One more of these.  Never fails: a cache that is away must not cost a call or an answer.

    One entry for all hours: a cache of files keeps few, and signing in needs some of them.
    """
    key, hour = _key(what, organization), _hour(now)
    try:
        known: dict[int, int] = cache.get(key) or {}
        recent = {then: many for then, many in known.items() if then > hour - HOURS}
        cache.set(key, recent | {hour: recent.get(hour, 0) + number}, _KEPT)
    except Exception:  # each cache has errors of its own
        log.info("%s could not be counted", what, exc_info=True)


def last_day(what: str, organization: int, now: datetime) -> int:
    """How many in the last 24 hours, or up to an hour less."""
    known: dict[int, int] = cache.get(_key(what, organization)) or {}
    return sum(many for then, many in known.items() if then > _hour(now) - HOURS)


def forget(organization: int) -> None:
    """Nothing is counted of it any more."""
    for what in (REFUSED_SIGNATURES, LOST_LEASES):
        cache.delete(_key(what, organization))


def _key(what: str, organization: int) -> str:
    return f"tally:{what}:{organization}"


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600
