"""Do this host and the database agree on what time it is?

Leases are moments, written by one host and judged by another.  So each host holds its clock against the one clock that
all of them share, the database's, and takes up nothing while the two disagree (F-61).  SQLite has no clock but ours.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.utils import timezone

log = logging.getLogger(__name__)

#: Where the worker leaves its finding for the pages, and for how many seconds it is believed: in files that all hosts
#: share, for Redis may be away.
TOLD, BELIEVED = "skew", 60
CACHE = "spare"


def _now_there() -> datetime:
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    moment: datetime = row[0]
    return moment


#: The seam for tests: what time the database says it is.
database_time: Callable[[], datetime] = _now_there


def seconds() -> float:
    """How far this host's clock is ahead of the database's; negative when it is behind.

    The answer was given somewhere between asking and hearing, so what fits in between is no difference.
    """
    before, theirs, after = timezone.now(), database_time(), timezone.now()
    ahead, behind = before - theirs, theirs - after
    return max(ahead, timedelta(0)).total_seconds() - max(behind, timedelta(0)).total_seconds()


def is_too_much() -> bool:
    """May this host not send just now?  Then the log and the pages say why."""
    ahead = seconds()
    if abs(ahead) <= settings.ALLOWED_SKEW:
        return False
    if caches[CACHE].add(TOLD, sentence(ahead), BELIEVED):  # once a minute
        log.error(sentence(ahead))
    return True


def told() -> str:
    """What a worker found within the last minute, as a sentence for people; empty when all is well."""
    return str(caches[CACHE].get(TOLD, ""))


def sentence(ahead: float) -> str:
    """What is wrong and what to do."""
    how = "ahead of" if ahead > 0 else "behind"
    return (
        f"The clock of a server that sends is {_span(abs(ahead))} {how} the database’s. "
        "It sends nothing until they agree: set both clocks by the network (NTP)."
    )


def _span(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:,.0f} minutes"
