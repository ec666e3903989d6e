"""What happens is told to programs outside, by Standard Webhooks.

tell            an event is written in the commit of what it tells of, for each address that listens
run             what is due is called, signed, and tried again for about three days
add, resume     addresses; `replay` tells one of them something again, `renew` gives it another secret
"""

from campaigns.outgoing.addresses import LONGEST, BadAddress, check
from campaigns.outgoing.endpoints import (
    TooMany,
    add,
    end_old,
    forget,
    listening,
    remove,
    renew,
    replay,
    resume,
    troubled,
)
from campaigns.outgoing.rounds import run
from campaigns.outgoing.telling import Event, of_customers, of_delivery, of_message

__all__ = [
    "LONGEST",
    "BadAddress",
    "Event",
    "TooMany",
    "add",
    "check",
    "end_old",
    "forget",
    "listening",
    "of_customers",
    "of_delivery",
    "of_message",
    "remove",
    "renew",
    "replay",
    "resume",
    "run",
    "troubled",
]
