"""Two questions a machine may ask: /healthz, is this process alive?  /readyz, can the product do its work?"""

import logging
import shutil
import sqlite3
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from campaigns import cards, skew
from campaigns.management.preparing import is_migrated
from campaigns.models import Campaign, Organization
from reviews import sqlite
from reviews.middleware import Answer

HEARTBEAT_MAX_AGE = 15.0  # seconds
DISK_MIN_FREE = 0.1  # of the disk that carries DATA_DIR ...
DISK_ENOUGH = 5 * 1024**3  # ... unless so many bytes are free

logger = logging.getLogger(__name__)


class Unready(Exception):
    """One check's answer, as a sentence that says nothing of the inside."""


def probes(answer: Answer) -> Answer:
    """Answer both addresses before the host check, the https redirect and the session: probes ask by IP address."""
    doors = {"/healthz": healthz, "/readyz": readyz}

    def middleware(request: HttpRequest) -> HttpResponse:
        return doors.get(request.path, answer)(request)

    return middleware


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Every check by name with "ok" or a sentence; 503 as long as one of them has a sentence.

    `notes` are what this machine does less well, and what to do; they do not make it unready.
    """
    checks = {name: outcome(check) for name, check in CHECKS.items()}
    ready = all(word == "ok" for word in checks.values())
    status = 200 if ready else 503
    answer = {"ready": ready, "checks": checks, "notes": notes()}
    return JsonResponse(answer, status=status, headers={"Cache-Control": "no-store"})


def notes() -> list[str]:
    """What is less well, and who waits for a person."""
    try:
        held = Campaign.objects.filter(state="held").count()
    except Exception:
        logger.exception("The held campaigns could not be counted")  # the database has its own check
        held = 0
    return [*cards.shortcomings(), *([f"{held} held: somebody has to say whether it goes on."] if held else [])]


def outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except Unready as problem:
        return str(problem)
    except Exception:
        logger.exception("A readiness check failed: %s", check.__name__)
        return "This could not be checked; the log says why."
    return "ok"


def database_takes_writes() -> None:
    """A write that changes no row: it needs the write lock and a writable database, and leaves nothing behind."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET applied = applied WHERE id < 0")


def migrations_are_applied() -> None:
    if not is_migrated():
        raise Unready("The database is older than the program: run manage.py migrate.")


def sqlite_is_fixed() -> None:
    if connection.vendor == "sqlite" and not sqlite.is_fixed(sqlite3.sqlite_version_info):
        raise Unready(sqlite.FAULTY)


def clocks_agree() -> None:
    """This host's own clock, and what a worker, perhaps on another host, has found within the last minute."""
    ahead = skew.seconds()
    if abs(ahead) > settings.ALLOWED_SKEW:
        raise Unready(skew.sentence(ahead))
    if told := skew.told():
        raise Unready(told)
    if Organization.objects.filter(paused_reason="clock").exists():
        raise Unready("Chert finds this server's clock more than five minutes off: set it right.")


def worker_is_alive() -> None:
    beat = settings.HEARTBEAT
    if not beat.exists() or time.time() - beat.stat().st_mtime > HEARTBEAT_MAX_AGE:
        raise Unready("Nothing is being sent: the worker has given no sign of life.")


def disk_has_room() -> None:
    disk = shutil.disk_usage(settings.DATA_DIR)
    if disk.free < min(DISK_MIN_FREE * disk.total, DISK_ENOUGH):
        raise Unready("The disk is nearly full.")


CHECKS: dict[str, Callable[[], None]] = {
    "database": database_takes_writes,
    "migrations": migrations_are_applied,
    "sqlite": sqlite_is_fixed,
    "clock": clocks_agree,
    "worker": worker_is_alive,
    "disk": disk_has_room,
}
