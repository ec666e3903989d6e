"""How long a message rests after a call that did not do it."""

import random
from datetime import datetime, timedelta

from campaigns import chert
from campaigns.brakes import breaker, budget
from campaigns.models import Message

#: Back-off in seconds: full jitter over a doubling span (reliability §8).
BASE, CAP = 1.0, 300.0
#: Where nobody answered the longest wait is shorter, so that a minute after Chert is back all goes on (F-41).
CAP_AWAY = 60.0
#: From this try on the span has its full length.
LONGEST = 10

_chance = random.SystemRandom()


def rest(message: Message, error: chert.ChertError, tries: int, now: datetime) -> timedelta:
    """Longer with each of the `tries`, the longest where the account's repeats are spent, never shorter than asked.

    While one message asks for all, each of them may be the next.  Call outside the transaction that writes the outcome
    down: nobody need wait while a minute's calls are counted.
    """
    asked = timedelta(seconds=error.retry_after or 0)
    if message.organization.away_since is not None:
        return max(asked, breaker.GAP)
    span = LONGEST if budget.is_spent(message.organization, now) else tries
    return max(asked, back_off(span, CAP_AWAY if is_silence(error) else CAP))


def back_off(attempt: int, cap: float = CAP) -> timedelta:
    """How long to wait after the n-th try: a random share of a span that doubles, at most five minutes."""
    return timedelta(seconds=_chance.uniform(0.2, 1.0) * min(cap, BASE * 2 ** max(attempt - 1, 0)))


def is_silence(error: chert.ChertError) -> bool:
    """Nobody of Chert's answered."""
    return error.http_status is None or (error.http_status >= 500 and error.code is None)
