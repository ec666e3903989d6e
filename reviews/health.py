"""Two questions a machine may ask: /healthz, is this process alive?  /readyz, can the product do its work?

The System page (reviews/system.py) says the same to people.
"""

import logging
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from campaigns import cards, stuck, their_clock
from campaigns.brakes import skew
from campaigns.management.preparing import is_migrated
from campaigns.models import Campaign, Organization, open_messages
from reviews import sqlite
from reviews.middleware import Answer
from reviews.sqlite3.base import patience

HEARTBEAT_MAX_AGE = stuck.SILENT.total_seconds()
SWEEP_MAX_AGE = 60.0  # seconds; there is one every second
#: What may leave and has been due for so long, with nobody at work, is a fault of ours (reliability §9).
OVERDUE = timedelta(minutes=2)
#: Where Chert calls us its log is read every five minutes, and more often everywhere else.
POLL_MAX_AGE = timedelta(minutes=10)
LOCK_PATIENCE = 5.0  # seconds in which a database that takes writes has taken one, however busy it is
DISK_MIN_FREE = 0.1  # of the disk that carries DATA_DIR ...
DISK_ENOUGH = 5 * 1024**3  # ... unless so many bytes are free

logger = logging.getLogger(__name__)


class Unready(Exception):
    """One check's answer, as a sentence that says nothing of the inside; `since` when, where that is known."""

    def __init__(self, sentence: str, since: datetime | None = None) -> None:
        super().__init__(sentence)
        self.since = since


@dataclass(frozen=True)
class Finding:
    """What one check has found: "ok" or a sentence, and since when it is so."""

    name: str
    word: str
    since: datetime | None

    @property
    def is_ok(self) -> bool:
        """Nothing to be done."""
        return self.word == "ok"


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

    `notes` are what this machine does less well, and what to do; they do not make it unready.  `seen` are figures for
    whoever draws curves, null where nobody knows.
    """
    found = examine()
    ready = all(finding.is_ok for finding in found)
    has_database = found[0].is_ok
    answer = {
        "ready": ready,
        "checks": {finding.name: finding.word for finding in found},
        "notes": notes() if has_database else [],
        "seen": seen() if has_database else {},
        "sqlite": sqlite3.sqlite_version if connection.vendor == "sqlite" else None,
    }
    return JsonResponse(answer, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def examine() -> list[Finding]:
    """Every check, the database first: where that does not answer, nobody asks it again and waits."""
    words: dict[str, tuple[str, datetime | None]] = {}
    for name, check in CHECKS.items():
        is_lost = name in ASK_THE_DATABASE and words["database"][0] != "ok"
        words[name] = (NOT_ASKED, None) if is_lost else outcome(check)
    since = _since({name: word == "ok" for name, (word, _) in words.items()})
    return [Finding(name, word, known or since[name]) for name, (word, known) in words.items()]


def outcome(check: Callable[[], None]) -> tuple[str, datetime | None]:
    try:
        check()
    except Unready as problem:
        return str(problem), problem.since
    except Exception:
        logger.exception("A readiness check failed: %s", check.__name__)
        return "This could not be checked; the log says why.", None
    return "ok", None


def _since(states: Mapping[str, bool]) -> dict[str, datetime]:
    """Since when each check says what it says, as far as anybody has asked; written down only where one turns.

    It lies in files of this host: what a check says of one host need not be so on another.
    """
    now = timezone.now()
    try:
        known = caches["spare"].get(_STATES) or {}
        told = {name: known.get(name, (None, now)) for name in states}
        fresh = {name: told[name] if told[name][0] == is_ok else (is_ok, now) for name, is_ok in states.items()}
        if fresh != known:
            caches["spare"].set(_STATES, fresh, None)
    except Exception:  # a disk that is full or gone has a check of its own
        logger.exception("What the checks said could not be kept")
        return dict.fromkeys(states, now)
    return {name: since for name, (_, since) in fresh.items()}


_STATES = "readiness"
NOT_ASKED = "The database does not answer."


# --- figures and notes ----------------------------------------------------------------------------------------------


def notes() -> list[str]:
    """What is less well, and how many campaigns wait for a person."""
    held = _quietly(_held)
    return [*notes_of_the_machine(), *([held] if held else [])]


def notes_of_the_machine() -> list[str]:
    """What is less well here, whoever's messages they are."""
    unread = _quietly(_unread)
    return [*cards.shortcomings(), *([unread] if unread else [])]


def seen() -> dict[str, Any]:
    """Figures: seconds, counted from now; and seconds that our clock is ahead of Chert's."""
    now = timezone.now()
    due = _quietly(oldest_due)
    ahead = _quietly(their_clock.found)
    ages = {"oldest_due_seconds": due, "last_sweep_seconds": swept_at(), "last_poll_seconds": _quietly(polled_at)}
    figures = {name: round((now - at).total_seconds(), 1) if at else None for name, at in ages.items()}
    return figures | {"clock_skew_seconds": ahead.ahead if ahead else None}


def _quietly(ask: Callable[[], Any]) -> Any:
    """A figure or a note; nothing where the question fails, for the checks tell of that."""
    try:
        return ask()
    except Exception:
        logger.exception("A figure of readiness is missing: %s", ask.__name__)
        return None


def _held() -> str:
    held = Campaign.objects.filter(state="held").count()
    return f"{held} held: somebody has to say whether it goes on." if held else ""


def _unread() -> str:
    """Asked for in time, and no answer: Chert's trouble, so nothing here becomes better by a restart."""
    since = Organization.objects.filter(POLLED).aggregate(at=Min(Coalesce("events_read_at", "created_at")))["at"]
    is_old = since is not None and timezone.now() - since > POLL_MAX_AGE
    return "Chert's log cannot be read just now; it is asked again all the time." if is_old else ""


#: Accounts whose log is read, or should be.
POLLED = Q(paused_at=None) & ~Q(chert_secret="")


def oldest_due() -> datetime | None:
    """The time of the message that has been due longest, of accounts and campaigns that may send or not."""
    theirs = open_messages().filter(organization=OuterRef("pk"), due_at__lte=timezone.now()).order_by("due_at")
    firsts = Organization.objects.annotate(first=Subquery(theirs.values("due_at")[:1]))  # one look at the index each
    moment: datetime | None = firsts.aggregate(at=Min("first"))["at"]
    return moment


def polled_at() -> datetime | None:
    """When the log was asked for, of the account for which that is longest ago."""
    moment: datetime | None = Organization.objects.filter(POLLED).aggregate(at=Min("events_polled_at"))["at"]
    return moment


def swept_at() -> datetime | None:
    """When the last sweep ended."""
    try:
        return datetime.fromtimestamp(settings.SWEPT.stat().st_mtime, UTC)
    except OSError:
        return None


# --- the checks -----------------------------------------------------------------------------------------------------


def database_takes_writes() -> None:
    """A write that changes no row: it needs the write lock and a writable database, and leaves nothing behind."""
    with patience(LOCK_PATIENCE), connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET applied = applied WHERE id < 0")


def migrations_are_applied() -> None:
    """Asked for every few seconds, so that the graph of all migrations is built only where one seems to be missing."""
    is_all_there = _migrations() <= set(MigrationRecorder(connection).applied_migrations())
    if not is_all_there and not is_migrated():
        raise Unready("The database is older than the program: run manage.py migrate.")


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Those that this program brings."""
    return frozenset(MigrationLoader(None).disk_migrations)


def sqlite_is_fixed() -> None:
    if connection.vendor == "sqlite" and not sqlite.is_fixed(sqlite3.sqlite_version_info):
        raise Unready(sqlite.FAULTY)


def clocks_agree() -> None:
    """This host's own clock, what a worker, perhaps on another host, has found within the last minute, and Chert's."""
    ahead = skew.seconds()
    if abs(ahead) > settings.ALLOWED_SKEW:
        raise Unready(skew.sentence(ahead))
    if told := skew.told():
        raise Unready(told)
    if Organization.objects.filter(paused_reason="clock").exists():
        raise Unready("Chert finds this server's clock more than five minutes off: set it right.")
    theirs = their_clock.found()
    if theirs and theirs.is_too_much:
        raise Unready(their_clock.sentence(theirs.ahead))


def worker_is_alive() -> None:
    beat = settings.HEARTBEAT
    if not beat.exists() or time.time() - beat.stat().st_mtime > HEARTBEAT_MAX_AGE:
        raise Unready("Nothing is being sent: the worker has given no sign of life.", stuck.alive_at())


def sweep_is_recent() -> None:
    last = swept_at()
    if last is None or time.time() - last.timestamp() > SWEEP_MAX_AGE:
        raise Unready("What dead workers held is not taken up: nobody has swept for a minute.", last)


def nothing_is_abandoned() -> None:
    since = stuck.abandoned_since(timezone.now(), OVERDUE)
    if since:
        raise Unready("Messages that may leave have been due for more than two minutes, and nobody sends them.", since)


def log_is_read() -> None:
    """Is Chert's log asked for?  Whether it can be read is Chert's matter, and a note."""
    last, now = polled_at(), timezone.now()
    if last is not None and now - last > POLL_MAX_AGE:
        raise Unready("Nobody reads Chert's log: replies, a STOP perhaps, may have come and not be known here.", last)


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
    "sweep": sweep_is_recent,
    "queue": nothing_is_abandoned,
    "poll": log_is_read,
    "disk": disk_has_room,
}
ASK_THE_DATABASE = frozenset({"migrations", "clock", "queue", "poll"})
