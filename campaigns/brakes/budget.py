"""A budget of repeats: where much goes wrong, but not enough for the breaker, an account's repeats are thinned out.

A repeat costs more the less was heard of the call before it, and every call that Chert has taken earns one.  In the
long run every second call may be put off by an answer, or every third end in silence, before it is spent.  Whoever
finds it spent waits the longest wait there is; first tries go on.

What was tried is written down anyway, so it counts those rows, and only when a call has failed (reliability §8).
"""

from datetime import datetime, timedelta

from django.db.models import Case, Q, Sum, Value, When

from campaigns.models import Attempt, Organization

WINDOW = timedelta(seconds=60)
#: What a minute may spend beyond what it earns: a hundred repeats.
TOKENS = 500
REPEAT, AFTER_SILENCE, EARNED = 5, 10, 5

_O = Attempt.Outcome
_COST = Case(
    When(outcome=_O.SENT, then=Value(-EARNED)),
    When(outcome=_O.UNKNOWN, http_status=None, then=Value(AFTER_SILENCE)),
    When(outcome__in=(_O.NOT_SENT, _O.UNKNOWN), then=Value(REPEAT)),
    default=Value(0),
)


def is_spent(organization: Organization, now: datetime) -> bool:
    """Have the calls of the last minute, since Chert was away last, cost more than they earned and `TOKENS`?

    The organization is named inside the sum alone: so the calls are found by their time, and no history is read.
    """
    begin = max(filter(None, (now - WINDOW, organization.back_at)))
    calls = Attempt.objects.filter(started_at__gt=begin)
    spent = calls.aggregate(spent=Sum(_COST, filter=Q(message__organization=organization), default=0))["spent"]
    return bool(spent > TOKENS)
