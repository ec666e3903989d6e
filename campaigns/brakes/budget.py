"""A budget of repeats: where much goes wrong, but not enough for the breaker, an account's repeats are thinned out.

A repeat costs more the less was heard of the call before it, and every call that Chert has taken earns one.  In the
long run every second call may be put off by an answer, or every third end in silence, before it is spent.  Whoever
finds it spent waits the longest wait there is; first tries go on (reliability §8).
"""

from datetime import datetime

from campaigns.brakes import minute
from campaigns.models import Organization

#: What a minute may spend beyond what it earns: a hundred repeats.
TOKENS = 500


def is_spent(organization: Organization, now: datetime) -> bool:
    """Have the calls of the last minute, since Chert was away last, cost more than they earned and `TOKENS`?"""
    return minute.of(organization, now).spent > TOKENS
