"""How much one person may do at a stretch: a token bucket for each (account, person, act) (S55).

The figures are far above what a person at work needs; they are there for scripts and for stuck keys.  A bucket is one
row and one number (`Allowance.full_at`), taken from by one UPDATE: that holds for any number of processes and on both
databases, and nothing is forgotten when a cache is cleared.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

from django.db.models import F, Value
from django.db.models.functions import Greatest

from campaigns.models import Allowance, Organization, User

MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE


@dataclass(frozen=True)
class Limit:
    """So `many` at once, and again as many within `seconds`.  `words` say what and how much, in a sentence's middle.

    `at_once`: how many are taken from the row together, for what comes many times a second; the rest waits in this
    process.
    """

    many: int
    seconds: float
    words: str
    at_once: int = 1

    @property
    def each(self) -> float:
        """Seconds until one more is there."""
        return self.seconds / self.many


LIMITS: Final[dict[str, Limit]] = {
    "photo": Limit(60, HOUR, "60 photos and logos an hour"),
    "list": Limit(120, HOUR, "120 steps with lists an hour"),
    "test": Limit(30, HOUR, "30 tests an hour"),
    "invite": Limit(20, HOUR, "20 invitations an hour"),
    "export": Limit(60, HOUR, "60 files an hour"),
    # Who drags a text over the desk asks for forty pictures a second.
    "picture": Limit(3000, 5 * MINUTE, "3,000 pictures in five minutes", at_once=10),
}
#: A bucket that is full later than its limit allows was written by a clock that went wrong; seconds of tolerance.
TOLERANCE: Final = 60

Key = tuple[int, int, str]
_taken: dict[Key, int] = {}
_lock = threading.Lock()


def take(organization: Organization, user: User, act: str, now: datetime) -> int:
    """Take one; returns 0, or the whole seconds until there is one again."""
    limit, key = LIMITS[act], (organization.pk, user.pk, act)
    if limit.at_once > 1 and _from_hand(key):
        return 0
    wait = _from_row(key, limit, now.timestamp())
    if not wait and limit.at_once > 1:
        with _lock:
            _taken[key] = _taken.get(key, 0) + limit.at_once - 1
    return wait


def forget() -> None:
    """What this process has in hand is no longer there (tests)."""
    with _lock:
        _taken.clear()


def _from_hand(key: Key) -> bool:
    """One of those that were taken from the row together."""
    with _lock:
        left = _taken.pop(key, 0)
        if left > 1:
            _taken[key] = left - 1
        return left > 0


def _from_row(key: Key, limit: Limit, now: float) -> int:
    rows = Allowance.objects.filter(**_named(key))
    cost = limit.each * limit.at_once
    if _spend(key, limit, now):
        return 0
    _, is_new = Allowance.objects.get_or_create(**_named(key), defaults={"full_at": now + cost})
    if is_new:
        return 0
    rows.filter(full_at__gt=now + limit.seconds + TOLERANCE).update(full_at=now)
    if _spend(key, limit, now):
        return 0
    full_at = rows.values_list("full_at", flat=True).get()
    return max(1, ceil(full_at + cost - limit.seconds - now))


def _spend(key: Key, limit: Limit, now: float) -> bool:
    """By compare-and-set: of two at once that want the last, one gets it."""
    cost = limit.each * limit.at_once
    enough = Allowance.objects.filter(**_named(key), full_at__lte=now + limit.seconds - cost)
    return bool(enough.update(full_at=Greatest(F("full_at"), Value(now)) + cost))


def _named(key: Key) -> Mapping[str, object]:
    return {"organization_id": key[0], "user_id": key[1], "act": key[2]}
