"""Work until nothing is due: several hands, each claims a few messages and walks them one by one."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from campaigns import commits, topic
from campaigns.brakes import absence, skew
from campaigns.models import LeaseLost, Message
from campaigns.outbox import leases, outcomes
from campaigns.outbox.walk import walk

log = logging.getLogger(__name__)

#: Messages one hand takes at a time: few, so that a claim never outlives its lease.
HANDFUL = 12

#: How long a hand that found nothing waits before it looks again, while others of its process are at work; seconds.
LOOK_AGAIN = 0.25

_stopping = threading.Event()
_running = threading.Lock()
# The threads of this process that are at work: from their first look until they find nothing.
_busy: set[int] = set()
#: Held while a message is walked at which a worker has died: two of them at once, and nobody knew which it was.
_suspect = threading.Lock()


def stop() -> None:
    """Finish what is under way and take nothing new: the process is about to end."""
    _stopping.set()


def is_busy() -> bool:
    """Is this process sending just now?"""
    return _running.locked()


def run(hands: int | None = None) -> int:
    """Send what is due; returns how many messages were taken up.

    `hands` is the number of threads; 0 works in this thread.  A second run in the same process returns at once.
    """
    if not _running.acquire(blocking=False):
        return 0
    try:
        return _run(settings.OUTBOX_THREADS if hands is None else hands)
    finally:
        _running.release()


def _run(hands: int) -> int:
    absence.look(timezone.now())
    leases.free_the_dead()  # a worker that was killed has left some: nobody need wait for the next sweep
    if not hands:
        return _work()
    if not leases.with_work(timezone.now()):
        return 0
    with ThreadPoolExecutor(hands, thread_name_prefix="outbox") as pool:
        return sum(pool.map(lambda _: _hand(), range(hands)))


def _hand() -> int:
    """One thread: work, and look again as long as another hand is still at something.

    A call may take half a minute, and what comes due meanwhile must not wait for it; nor for a hand that went home
    because the account was slowed for a second, or the database away.
    """
    taken = 0
    _busy.add(threading.get_ident())
    try:
        while True:
            taken += _try_to_work()
            if not _busy or _stopping.wait(LOOK_AGAIN):
                return taken
    finally:
        connections.close_all()


def _try_to_work() -> int:
    try:
        return _work()
    except DatabaseError:
        if not _busy:
            raise
        log.exception("the database did not answer; looking again")
        connections.close_all()
        return 0


def _work() -> int:
    taken = 0
    try:
        while not _stopping.is_set() and (messages := _take()):
            _busy.add(threading.get_ident())
            _go_through(messages)
            taken += len(messages)
    finally:
        _busy.discard(threading.get_ident())
    return taken


def _go_through(messages: list[Message]) -> None:
    for message in messages:
        with topic.about(**message.ids):
            if _stopping.is_set():  # whoever comes next need not wait for our lease to run out (F-06)
                _hand_back(message)
            else:
                _one(message)


def _take() -> list[Message]:
    """Claim a handful, once it is sure that nobody has to be asked first; one moment for both.

    Nothing by a clock that the other hosts would not believe.
    """
    if skew.is_too_much():
        return []
    now = timezone.now()
    absence.look(now)
    return leases.claim(now, HANDFUL)


def _one(message: Message) -> None:
    """Walk one message.  Who dies here leaves a note of what it was at (F-09)."""
    with _suspect if message.deaths else nullcontext(), commits.in_turn():
        leases.take_in_hand(message)
        _walk(message)
        leases.put_down(message)


def _hand_back(message: Message) -> None:
    try:
        outcomes.let_go(message)
    except LeaseLost:
        log.info("message %s is in other hands", message.pk)


def _walk(message: Message) -> None:
    """Whatever goes wrong with one message must not stop the others."""
    try:
        walk(message, timezone.now)
    except LeaseLost:
        log.info("message %s is in other hands", message.pk)
    except Exception:
        log.exception("message %s could not be walked", message.pk)
        outcomes.stumbled(message, timezone.now())
