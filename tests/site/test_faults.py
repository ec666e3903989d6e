"""Faults of processes, with the real ones: ended, killed at one message, many at once (F-06, F-07, F-09 to F-11)."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import deliveries
from benchmarks.harness import ROOT, Site, provisioned, running
from campaigns.outbox import poison
from tests.site.processes import is_alive, own_database, until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

CELERY = ["celery", "-q", "-A", "reviews.celery", "worker", "-P", "threads", "-l", "warning"]
WORKER = [sys.executable, "-m", *CELERY, "--without-gossip", "--without-mingle"]
#: A worker whose own clock is taken out: nobody rings, and it rings for nobody.
BELL_LESS = (
    "from reviews.celery import Clock, app; app.steps['worker'].discard(Clock);"
    " app.worker_main(['-q', 'worker', '-P', 'threads', '-l', 'warning', '--without-gossip', '--without-mingle'])"
)
BEAT = [sys.executable, "-m", "celery", "-q", "-A", "reviews.celery", "beat", "-l", "warning"]
OF = "SELECT count(*) FROM campaigns_message m JOIN campaigns_delivery d ON d.id = m.delivery_id WHERE"


@contextlib.contextmanager
def product(rows: int, ask_after: int = 0, **variables: str) -> Iterator[Site]:
    """Everything as `start` runs it, with so many customers and a line without limits."""
    with own_database() as database, running(**database, **variables) as site:
        provisioned(site, rows, ask_after)
        deliveries.free_the_line(site)
        yield site


@contextlib.contextmanager
def more_workers(site: Site, count: int, command: list[str] = WORKER) -> Iterator[None]:
    """So many beside the one that `start` keeps, each with a clock of its own."""
    with (site.folder / "more.txt").open("ab") as log:
        started = [subprocess.Popen(command, cwd=ROOT, env=site.environ, stdout=log, stderr=log) for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def launch(site: Site) -> int:
    return int(site.command("launch", "--business", deliveries.SLUG, "--name", "Faults")["campaign"])


def count(site: Site, condition: str, campaign: int) -> int:
    return site.count(f"{OF} {condition} AND d.campaign_id = ", campaign)


def ask(site: Site, question: str) -> list[tuple]:
    with contextlib.closing(site.database()) as database:
        return list(database.execute(question).fetchall())


def finish(site: Site, campaign: int, rows: int) -> dict:
    """When everything has gone out: what the sandbox saw."""
    deliveries.watch(site, campaign, rows, kills=0, limit=300)
    seen = deliveries.verdict(site, campaign, rows)
    return {name: seen[name] for name in ("lost", "duplicates", "database_is_locked")}


NOTHING = {"lost": 0, "duplicates": 0, "database_is_locked": 0}


def test_a_worker_that_is_asked_to_end_finishes_its_calls_and_leaves_no_lease():
    """F-06."""
    with product(rows=24) as site:
        site.weather(latency_ms=700)
        campaign = launch(site)
        until(lambda: count(site, "m.is_calling", campaign) > 1)
        [worker], began = site.processes("celery"), time.monotonic()
        os.kill(worker, signal.SIGTERM)
        until(lambda: not is_alive(worker), 120)
        assert time.monotonic() - began < 30
        assert count(site, "(m.is_calling OR m.lease_token <> '')", campaign) == 0
        site.weather(latency_ms=0)
        assert finish(site, campaign, 24) == NOTHING
        assert ask(site, "SELECT count(*) FROM campaigns_attempt WHERE step = 'send' AND outcome = 'sent'") == [(48,)]
        assert ask(site, "SELECT count(*) FROM campaigns_attempt WHERE outcome <> 'sent'") == [(0,)]


def test_a_message_at_which_every_worker_dies_is_parked_and_all_others_go_out():
    with product(rows=12) as site:
        site.weather(latency_ms=300)
        campaign = launch(site)
        first = "SELECT id FROM campaigns_message WHERE kind = 'ask' ORDER BY id LIMIT 1"
        [(deadly,)] = ask(site, first)
        ended = f"SELECT count(*) FROM campaigns_message WHERE status IN ('in_doubt', 'expired') AND id = {deadly}"
        deaths = f"SELECT deaths FROM campaigns_message WHERE id = {deadly}"
        killed: set[str] = set()
        until(lambda: kill_whoever_is_at(site, deadly, killed) or ask(site, deaths) >= [(poison.MOST_DEATHS,)])
        until(lambda: ask(site, ended) == [(1,)])  # to park it is not to walk it: nobody dies of that
        assert ask(site, deaths) <= [(poison.MOST_DEATHS + 1,)]  # the last look at it may have been an old one
        deliveries.watch(site, campaign, 11, kills=0, limit=240)
        seen = deliveries.verdict(site, campaign, 12)
        assert seen["counts"].get("in_doubt", 0) + seen["counts"].get("expired", 0) == 1
        assert (sum(seen["counts"].values()), seen["duplicates"]) == (12, 0)


def kill_whoever_is_at(site: Site, message: int, killed: set[str]) -> None:
    """Each worker notes in its own file what it is at; the note of a dead one stays until another finds it."""
    for note in (site.folder / "workers").glob("*"):
        with contextlib.suppress(OSError):
            if note.name not in killed and str(message) in note.read_text().partition("\n")[0].split():
                site.kill_worker()
                killed.add(note.name)


def test_eight_workers_with_eight_clocks_send_everything_once():
    """F-10, F-11."""
    with product(rows=40) as site, more_workers(site, 7):
        campaign = launch(site)
        assert finish(site, campaign, 40) == NOTHING


def test_two_clocks_beside_the_workers_own_ring_and_all_goes_out_once():
    """F-11: the clock twice."""
    with product(rows=20) as site, more_workers(site, 2, BEAT):
        campaign = launch(site)
        assert finish(site, campaign, 20) == NOTHING


def test_where_no_clock_rings_at_all_the_worker_goes_on_by_itself():
    """F-11: no clock."""
    with product(rows=10) as site, more_workers(site, 1, [sys.executable, "-c", BELL_LESS]):
        with asleep(site):  # the one that `start` keeps, and its bell
            campaign = launch(site)
            assert finish(site, campaign, 10) == NOTHING
        assert "nobody rings for" in (site.folder / "more.txt").read_text()


def test_who_slept_over_the_lease_wakes_up_and_changes_nothing():
    """F-07: frozen in its calls for longer than its leases; another worker finishes, and the sleeper writes no row."""
    with product(rows=10, CALL_SECONDS="2") as site:
        site.weather(latency_ms=900)
        campaign = launch(site)
        with asleep(site, lambda: count(site, "m.is_calling", campaign) > 1), more_workers(site, 1):
            held = ask(site, "SELECT id FROM campaigns_message WHERE is_calling ORDER BY id")
            assert finish(site, campaign, 10)["duplicates"] == 0
            until(lambda: open_tries(site) >= 1)
            before = ask(site, STATE)
        until(lambda: open_tries(site) == 0, 120)
        assert held
        assert ask(site, STATE) == before
        seen = finish(site, campaign, 10)  # how long somebody waited for the database is not the question here
        assert (seen["lost"], seen["duplicates"]) == (0, 0)
        assert "is in other hands" in (site.folder / "log.txt").read_text()


STATE = "SELECT id, chert_id, sent_at, attempts FROM campaigns_message ORDER BY id"


def open_tries(site: Site) -> int:
    [(found,)] = ask(site, "SELECT count(*) FROM campaigns_attempt WHERE outcome = ''")
    return int(found)


@contextlib.contextmanager
def asleep(site: Site, at: Callable[[], object] = lambda: True) -> Iterator[None]:
    """The worker that `start` keeps is stopped, between two commits and `at` this point, and goes on in the end."""
    [worker] = site.processes("celery")
    until(at)
    os.kill(worker, signal.SIGSTOP)
    try:
        while holds_the_lock(site) or holds_the_bell(worker) or not at():
            os.kill(worker, signal.SIGCONT)
            time.sleep(0.01)
            until(at)  # running: who is stopped again and again misses the deadlines of its calls
            os.kill(worker, signal.SIGSTOP)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGCONT)


def holds_the_bell(worker: int) -> bool:
    """Is a file of the bell in its hand, besides the one that says it lives?  A new worker waits for that at its start.

    It would wait until the supervisor takes the sleeper for hung, which is another story than this one.
    """
    files = [line.split() for line in Path("/proc/locks").read_text().splitlines() if " FLOCK " in line]
    return sum(str(worker) in line for line in files) > 1


def holds_the_lock(site: Site) -> bool:
    """Has somebody begun to write, and not ended?  PostgreSQL cuts such a one off by itself."""
    with contextlib.closing(site.database()) as database:
        if not isinstance(database, sqlite3.Connection):
            return False
        database.execute("PRAGMA busy_timeout = 100")
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        database.execute("ROLLBACK")
        return False
