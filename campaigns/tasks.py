"""What the clock does: load, one call, answer.  The tasks carry nothing; the rows are the queue."""

import functools
import threading
from collections.abc import Callable
from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down
from django.utils import timezone

from campaigns import events as chert_events
from campaigns import gestures as chert_gestures
from campaigns import importing, outbox, outgoing, person
from campaigns import receipts as chert_receipts
from campaigns.accounts import errands as door
from campaigns.accounts import sessions
from campaigns.models import ApiCall, Invitation


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


@shared_task(ignore_result=True)
@alone
def events() -> None:
    """Read Chert's log where its turn has come."""
    chert_events.poll(timezone.now)


@shared_task(ignore_result=True)
@alone
def handle_events() -> None:
    """Understand what has come in."""
    chert_events.handle(timezone.now)


@shared_task(ignore_result=True)
@alone
def gestures() -> None:
    """Tapbacks, read receipts, and that somebody types."""
    chert_gestures.run(timezone.now)


@shared_task(ignore_result=True)
@alone
def sweep() -> None:
    """Free the messages of dead workers, close what has ended."""
    outbox.sweep(timezone.now())


@shared_task(ignore_result=True)
@alone
def lists() -> None:
    """Read, save or take back the long lists that somebody has brought."""
    importing.work.go_on(timezone.now)


@shared_task(ignore_result=True)
@alone
def forget_lists() -> None:
    """Throw away the rows of lists that have been here long enough."""
    importing.forget(timezone.now())


@shared_task(ignore_result=True)
@alone
def erase() -> None:
    """Forget whom somebody asked us to forget, once nothing is under way to them."""
    person.work(timezone.now())


@shared_task(ignore_result=True)
@alone
def webhooks() -> None:
    """Tell programs outside what has happened."""
    outgoing.run(timezone.now)


@shared_task(ignore_result=True)
@alone
def errands() -> None:
    """Mails, and notes about tries to sign in."""
    door.run(timezone.now())


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


@worker_shutting_down.connect
def _finish_what_is_under_way(**_: Any) -> None:
    """The process is about to end: finish the calls under way, take nothing new (F-06)."""
    outbox.stop()
