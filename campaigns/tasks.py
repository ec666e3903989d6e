"""What the clock does: load, one call, answer.  The tasks carry nothing; the rows are the queue."""

import functools
import threading
from collections.abc import Callable
from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down
from django.utils import timezone

from campaigns import events as chert_events
from campaigns import outbox
from campaigns import receipts as chert_receipts


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
def sweep() -> None:
    """Free the messages of dead workers, close what has ended."""
    outbox.sweep(timezone.now())


@worker_shutting_down.connect
def _finish_what_is_under_way(**_: Any) -> None:
    """The process is about to end: finish the calls under way, take nothing new (F-06)."""
    outbox.stop()
