"""What the clock does: load, one call, answer.  The tasks carry nothing; the rows are the queue."""

import functools
import logging
import threading
from collections.abc import Callable
from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down
from django.db import close_old_connections
from django.utils import timezone

from campaigns import closing, importing, outbox, outgoing, person, retention
from campaigns import events as chert_events
from campaigns import gestures as chert_gestures
from campaigns import receipts as chert_receipts
from campaigns.accounts import errands as door
from campaigns.accounts import sessions
from campaigns.models import ApiCall, Invitation

log = logging.getLogger(__name__)
_ending = threading.Event()


def alone(work: Callable[[], None]) -> Callable[[], None]:
    """One of a kind at a time in this process: a tick that comes while the last one is still at work does nothing."""
    busy = threading.Lock()

    @functools.wraps(work)
    def tick() -> None:
        if busy.acquire(blocking=False):
            try:
                work()
            finally:
                busy.release()

    return tick


@shared_task(ignore_result=True)
@alone
def look() -> None:
    """Send what is due; after a long silence, hear first what has been said meanwhile."""
    chert_events.catch_up(timezone.now)
    outbox.run()


@shared_task(ignore_result=True)
@alone
def receipts() -> None:
    """Ask whether messages were delivered and read; only a little while others are still to be sent."""
    chert_receipts.look(timezone.now, seconds=0.2 if outbox.is_busy() else 0.8)


@alone
def handle_events() -> None:
    """Understand what has come in."""
    chert_events.handle(timezone.now)


@alone
def events() -> None:
    """Read Chert's log where its turn has come."""
    chert_events.poll(timezone.now)


@alone
def gestures() -> None:
    """Tapbacks, read receipts, and that somebody types."""
    chert_gestures.run(timezone.now)


@alone
def sweep() -> None:
    """Free the messages of dead workers, close what has ended."""
    outbox.sweep(timezone.now())


@alone
def webhooks() -> None:
    """Tell programs outside what has happened."""
    outgoing.run(timezone.now)


@alone
def errands() -> None:
    """Mails, and notes about tries to sign in."""
    door.run(timezone.now())


@alone
def erase() -> None:
    """Forget whom somebody asked us to forget, once nothing is under way to them."""
    person.work(timezone.now())


@alone
def lists() -> None:
    """Read, save or take back the long lists that somebody has brought."""
    importing.work.go_on(timezone.now)


#: What is seen to each second, in this order: first what somebody waits for, last what takes long.
ROUND = (handle_events, events, gestures, sweep, webhooks, errands, erase, lists)


@shared_task(ignore_result=True)
def go_round() -> None:
    """See to everything that comes each second, by one ring: eight would find their way through the broker, each.

    Where another round is still at something, this one passes it by; what fails holds up nothing behind it; and where
    the process is about to end, nothing more is begun (F-06).
    """
    for work in ROUND:
        if _ending.is_set():
            return
        try:
            work()
        except Exception:
            log.exception("%s failed", work.__name__)
            close_old_connections()


@shared_task(ignore_result=True)
@alone
def forget_lists() -> None:
    """Throw away the rows of lists that have been here long enough."""
    importing.forget(timezone.now())


@shared_task(ignore_result=True)
@alone
def close() -> None:
    """Leave nothing of an organization that was closed, once its owners have had time to change their mind."""
    closing.work(timezone.now)


@shared_task(ignore_result=True)
@alone
def forget_programs() -> None:
    """Throw away old answers to programs, and what they were told; and invitations that have long been over."""
    ApiCall.forget(timezone.now())
    Invitation.forget(timezone.now())
    outgoing.forget(timezone.now())


@shared_task(ignore_result=True)
@alone
def forget_sessions() -> None:
    """Throw away sessions and sign-in links that are over."""
    sessions.forget(timezone.now())


@shared_task(ignore_result=True)
@alone
def look_back() -> None:
    """Throw away words and pictures that have been here long enough."""
    retention.forget(timezone.now)


@worker_shutting_down.connect
def _finish_what_is_under_way(**_: Any) -> None:
    """The process is about to end: finish the calls under way, take nothing new (F-06)."""
    _ending.set()
    outbox.stop()
