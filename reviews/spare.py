"""The spare clock: where nobody rings, a worker does its work unasked.

The bell hangs on the broker.  While Redis is away, asleep or full nobody is rung for, and what comes due would wait
until it is back (F-58).  So each worker notes when a job last began in it, and one that has not come for `SILENCE`
seconds longer than it should is called from here, with no broker in between; the sign of life is such a job, too.  A
ring too many harms nothing: rows are claimed by compare-and-set, and no job runs twice at a time in one process.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from celery import bootsteps, signals
from django.db import connections

log = logging.getLogger(__name__)

#: Seconds beyond its own interval for which a job is waited for.  Less than the sign of life may be old in /readyz.
SILENCE = 5.0
#: Seconds after which a job that is still under way is no reason to wait.
STUCK = 10.0
#: Between two looks, in seconds.
EVERY = 0.5


@dataclass
class Job:
    """One thing that is to be done every so many seconds, and when it last began; moments are the monotonic clock's."""

    work: Callable[[], object]
    seconds: float
    begun_at: float
    is_ours: bool = False
    under_way: "Future[None] | None" = None

    def is_missed(self, now: float) -> bool:
        """Has nobody rung for it?  Once we do it ourselves, it comes as often as it should.

        One that does not end is begun again beside itself: what it hangs at is passed by.
        """
        if self.under_way is not None and not self.under_way.done() and now - self.begun_at < STUCK:
            return False
        return now - self.begun_at >= self.seconds + (0 if self.is_ours else SILENCE)


class Spare:
    """Looks twice a second whether each job has come, and does those that have not."""

    def __init__(self, jobs: Mapping[str, tuple[Callable[[], object], float]], hands: Executor | None = None) -> None:
        now = time.monotonic()
        self.jobs = {name: Job(work, seconds, now) for name, (work, seconds) in jobs.items()}
        self._hands = hands or ThreadPoolExecutor(len(jobs), thread_name_prefix="spare")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="spare clock", daemon=True)

    def start(self) -> None:
        """From now on."""
        signals.task_prerun.connect(self._rung)
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing new, and wait for what is under way: the sender has been asked to end by then (F-06)."""
        self._over.set()
        self._thread.join()
        self._hands.shutdown(cancel_futures=True)

    @property
    def is_needed(self) -> bool:
        """Is there something that nobody rings for?"""
        return any(job.is_ours for job in self.jobs.values())

    def heard(self, name: str, now: float) -> None:
        """Somebody has rung for this job."""
        if job := self.jobs.get(name):
            was_silent, job.begun_at, job.is_ours = job.is_ours, now, False
            if was_silent and not self.is_needed:
                log.warning("the bell rings again")

    def tick(self, now: float) -> None:
        """Begin what has been missed."""
        for name, job in self.jobs.items():
            if job.is_missed(now):
                if not self.is_needed:
                    log.warning("nobody rings for %s: is the broker away? This worker goes on unasked", name)
                job.begun_at, job.is_ours = now, True
                job.under_way = self._hands.submit(_do, name, job.work)

    def _rung(self, sender: Any, **_: Any) -> None:
        self.heard(sender.name, time.monotonic())

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            self.tick(time.monotonic())


def _do(name: str, work: Callable[[], object]) -> None:
    """As Celery would: a job that fails is told, and comes again.  No connection stays in a thread so rarely used."""
    try:
        work()
    except Exception:
        log.exception("%s failed", name)
    finally:
        connections.close_all()


class SpareClock(bootsteps.StartStopStep):
    """A spare clock in each worker, for the jobs that are in the bell's plan."""

    def create(self, worker: Any) -> Any:
        """Called by Celery when the worker is made."""
        app = worker.app
        plan = app.conf.beat_schedule.values()
        return Spare({ring["task"]: (app.tasks[ring["task"]], ring["schedule"]) for ring in plan})
