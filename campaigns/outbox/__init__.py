"""The outbox: claim -> send -> write down.  The only sender.

`run` works until nothing is due.  Rows are the queue: a claim is a lease with a token, taken by compare-and-set; the
exact request is committed before its first byte leaves; a word is written back only while the token is current.
"""

from campaigns.outbox.run import is_busy, run, stop
from campaigns.outbox.settle import NotInDoubt, it_arrived, send_again
from campaigns.outbox.sweep import sweep

__all__ = ["NotInDoubt", "is_busy", "it_arrived", "run", "send_again", "stop", "sweep"]
