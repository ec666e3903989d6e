"""Celery's door: the worker, the clock inside it, and their sign of life.  The jobs are in campaigns/tasks.py."""

import os
import warnings
from typing import Any

from celery import Celery, signals
from celery.exceptions import SecurityWarning
from django.conf import settings

from campaigns.management import leash
from reviews import doorbell

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")
# In a container everybody is root; only JSON is taken from the broker, so nothing in a message can run.
warnings.filterwarnings("ignore", category=SecurityWarning)

WORKER = os.getpid()  # the clock is forked from here later

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


@signals.beat_embedded_init.connect
def die_with_the_worker(**_: Any) -> None:
    """The clock is a child of the worker's; a worker that is killed must not leave it ticking for nobody."""
    leash.die_with_parent(WORKER)
