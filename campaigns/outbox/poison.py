"""A message at which workers die, one after the other, must not take the whole shop with it (F-09).

When a worker dies, what it was at is known: one message for each of its hands.  All of them are blamed once; from then
on each of these is walked while no other suspect is in hand, and when a worker dies again the suspect alone is blamed.
So the innocent are blamed at most once for each that is not.
"""

from datetime import datetime, timedelta

from django.db.models import Case, F, Q, QuerySet, Value, When

from campaigns import status
from campaigns.models import Message
from campaigns.outbox import outcomes

#: So many deaths at one message, within so long: it is the message (reliability §3).
MOST_DEATHS = 3
WITHIN = timedelta(hours=72)

SENTENCE = "The program stopped three times while it was at this message, so it is left alone."
NOT_SENT = f"{SENTENCE} Nothing was sent. Look at its card and its text before you send it again"
PERHAPS_SENT = f"{SENTENCE} It may have been sent: look at the phone, then say so or send it again"


def blame(in_hand: QuerySet[Message], now: datetime) -> None:
    """Count a death against what the dead worker was at.  Call before its leases are freed, in one transaction."""
    counted = Q(deaths_since__gt=now - WITHIN)
    suspects = list(in_hand.filter(counted, deaths__gt=0).values_list("pk", flat=True))
    blamed = in_hand.filter(pk__in=suspects) if suspects else in_hand
    blamed.update(
        deaths=Case(When(counted, then=F("deaths") + 1), default=Value(1)),
        deaths_since=Case(When(counted, then=F("deaths_since")), default=Value(now)),
    )


def is_poison(message: Message) -> bool:
    """Is this one not to be touched any more?"""
    return message.deaths >= MOST_DEATHS


def park(message: Message) -> None:
    """Leave it to a person: in doubt where a call may have been made, otherwise ended and not sent."""
    if message.is_calling:  # the last worker died in the call
        message.keep(token=message.lease_token, is_calling=False, is_unclear=True)
    if message.is_unclear:
        outcomes.give_up(message, status.Message.IN_DOUBT, PERHAPS_SENT)
    else:
        outcomes.give_up(message, status.Message.EXPIRED, NOT_SENT)
