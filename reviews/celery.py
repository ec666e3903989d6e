"""Celery's door: the worker, the clock inside it, and their sign of life.  The jobs are in campaigns/tasks.py."""

import logging
import os
import sqlite3
import sys
import warnings
from typing import Any

from celery import Celery, bootsteps, signals
from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning
from django.conf import settings
from django.db import connections

from reviews import doorbell, spare, sqlite

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")
# A worker would run Django's checks and throw away what they say, which loads every page: a second of each start, after
# each death.  `manage.py check` asks them and says it.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
# In a container everybody is root; only JSON is taken from the broker, so nothing in a message can run.
warnings.filterwarnings("ignore", category=SecurityWarning)

#: Seconds for which a thread of a worker keeps the interpreter while others want it.
TURN = 0.0005

#: Seconds for which PostgreSQL waits for a worker's next statement inside a transaction.
IDLE_SECONDS = 3

doorbell.make_known()
app = Celery("goodword")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.task
def heartbeat() -> None:
    """Say that the clock ticks and that work is done: read by /readyz and by the supervisor."""
    settings.HEARTBEAT.touch()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """A receiver here tells Celery to leave logging as Django's settings made it."""


@signals.worker_init.connect
def take_short_turns(**_: Any) -> None:
    """A hand that comes back from the database holds a lock there that others wait for, in every process.

    It should not wait five milliseconds, Python's own span, for each of its neighbours.
    """
    sys.setswitchinterval(TURN)


@signals.worker_init.connect
def be_cut_off_soon(**_: Any) -> None:
    """A worker that freezes inside a transaction holds a campaign's row, for which every other worker waits.

    And once it is cut off, the next of its own hands that has been waiting is given the row, and sleeps on it in turn.
    Nobody here thinks for seconds between two statements, as a page may.
    """
    if settings.DATABASE_URL:
        options = connections["default"].settings_dict["OPTIONS"]
        options["options"] += f" -c idle_in_transaction_session_timeout={IDLE_SECONDS}s"


@signals.worker_init.connect
def warn_of_sqlite(**_: Any) -> None:
    """Once, where the one looks who runs this: /readyz says it too."""
    if not settings.DATABASE_URL and not sqlite.is_fixed(sqlite3.sqlite_version_info):
        logging.getLogger(__name__).warning("SQLite %s. %s", sqlite3.sqlite_version, sqlite.FAULTY)


class Clock(bootsteps.StartStopStep):
    """The clock as a thread of each worker's: no half can die and leave the other waiting, as with `-B`.

    Several workers ring several times, which is harmless: rows are claimed by compare-and-set.
    """

    def create(self, worker: Any) -> Any:
        return EmbeddedService(worker.app, thread=True, scheduler_cls=worker.app.conf.beat_scheduler)

    def stop(self, parent: Any) -> None:
        """Not waited for, as Celery's own would be: while the broker is away it hangs there (F-06)."""
        self.obj.service.stop()

    def terminate(self, parent: Any) -> None:
        """A second signal is no reason to wait either."""
        self.stop(parent)


app.steps["worker"].add(Clock)
app.steps["worker"].add(spare.SpareClock)
