"""The fault run: real processes, nine kinds of bad weather, workers killed and frozen; then a calm, and the checker.

    python3 manage.py chaos [--rows 300] [--kills 5] [--freezes 1] [--faults 0.2] [--seed 1] [--keys ignored]
    python3 manage.py chaos --on postgres [--redis-kills 5] [--flushes 3] [--postgres-restarts 3]

A large shop without any pace, and beside it a small one whose line has a gap and a budget.  Two workers send, one in
fifty customers writes STOP on the way.  Calls may take two seconds here and leases follow, so that a frozen worker
sleeps over its lease in a test's time.  On PostgreSQL and Redis with DATABASE_URL and REDIS_URL; or, `--on postgres`,
on servers of its own, which are killed, emptied and restarted hard.
"""

import contextlib
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings

from benchmarks.chaos import books, records
from benchmarks.chaos.nemesis import Nemesis
from benchmarks.chaos.watch import Transactions, Watch
from benchmarks.harness import SECRET, Site, customers_file, free_the_line, provisioned, running
from benchmarks.servers import Patient, Servers, servers

#: Nine kinds of trouble share the faults, eight of them evenly.
KINDS = (
    *("p429", "p500", "non_json", "redirect", "reset_before", "hang_before"),
    *("reset_after", "hang_after", "broken_json"),
)
#: "Too many requests" slows the whole account for a second, as it must: a large share would only test our patience.
SHARE_OF_429 = 0.01
#: From this share of the messages on the weather is calm.
CALM = 0.99
BIG, SMALL = "bench-plumbing", "corner-shop"
GAP = 2
ONE_STOPS_IN = 50
#: Every so many seconds the whole outbox is looked at, and longer where it is long: looking must not be the work.
LOOK, LOOKED_AT_ONCE = 1.0, 8_000
#: Seconds between two questions how far it has come.
ASK = 0.5
#: The last line of a traceback, as our logs carry it.
TROUBLE = re.compile(r"\\n((?:\w+\.)*\w+(?:Error|Exception|Timeout|NotAvailable): [^\\\"]{0,80})")

OPEN = "status IN ('planned', 'rendered', 'uploaded')"
#: What waits for a greeting that may have arrived waits for a person: it is as far as it gets.
PARKED = (
    "SELECT count(DISTINCT m.id) FROM campaigns_message g JOIN campaigns_message m ON m.delivery_id = g.delivery_id"
    f" WHERE g.status = 'in_doubt' AND m.kind IN ('greeting', 'ask') AND m.{OPEN}"
)
OUT = f"SELECT (SELECT count(*) FROM campaigns_message WHERE kind IN ('greeting', 'ask') AND NOT {OPEN}) + ({PARKED})"
LEFT = (
    f"SELECT (SELECT count(*) FROM campaigns_message WHERE due_at IS NOT NULL AND {OPEN})"
    " + (SELECT count(*) FROM campaigns_campaign WHERE state = 'running')"
)
MAY_STOP = (
    "SELECT c.phone FROM campaigns_customer c JOIN campaigns_business b ON b.id = c.business_id"
    " JOIN campaigns_message m ON m.customer_id = c.id WHERE b.slug = 'bench-plumbing' AND c.stopped_at IS NULL"
    " AND c.chat_id <> '' AND m.kind = 'ask' AND m.status IN ('planned', 'rendered', 'uploaded')"
    " ORDER BY m.due_at DESC LIMIT 1"
)


@dataclass
class Run:
    """One fault run and what belongs to it."""

    site: Site
    database: Any
    nemesis: Nemesis
    watch: Watch
    transactions: Transactions
    messages: int
    stops: list[float]

    def until_rest(self, limit: float) -> None:
        """Until nothing is left to do.  Ends, too, after so many seconds: the checker finds what is open."""
        end, looked, calm = time.monotonic() + limit, 0.0, False
        look = LOOK * max(1.0, self.messages / LOOKED_AT_ONCE)
        while time.monotonic() < end:
            progress = self._number(OUT) / self.messages
            self.nemesis.act(progress, self.database)
            self.transactions.is_excused = self.watch.is_excused = self.nemesis.is_felt
            self._stop_somebody(progress)
            if time.monotonic() - looked > look:
                self.watch.look()
                looked = time.monotonic()
            if not calm and progress > CALM and self.nemesis.is_done:
                self.site.weather(**dict.fromkeys(KINDS, 0.0))
                calm = True
            if calm and not self._number(LEFT):
                break
            time.sleep(ASK)
        self.watch.look()

    def _number(self, question: str) -> int:
        return int(self.database.execute(question).fetchone()[0])

    def _stop_somebody(self, progress: float) -> None:
        """A customer who has been greeted, and whose picture has still to come, writes STOP."""
        if self.stops and progress >= self.stops[0] and (found := self.database.execute(MAY_STOP).fetchone()):
            del self.stops[0]
            told = {"text": "STOP", "tenant": BIG}
            httpx.post(f"{self.site.sandbox}/sandbox/phones/{found[0]}/reply", json=told, timeout=30)


def main(
    rows: int = 300,
    kills: int = 5,
    freezes: int = 1,
    faults: float = 0.2,
    seed: int = 1,
    keys: str = "honoured",
    on: str = "",
    redis_kills: int = 0,
    flushes: int = 0,
    postgres_restarts: int = 0,
    call_seconds: float = 2.0,
    limit: float = 3600,
    **variables: str,
) -> dict[str, Any]:
    """One run; `passed`: every invariant holds, and nothing was lost, doubled or left open.

    `keys`: `ignored` lets every repeat act again, and the product knows it; then doubt may remain.  `on`: `sqlite`,
    `postgres` (servers of its own, which may be struck), or what the environment says.  `call_seconds` is what a call
    may take; leases, and with them the sleep of a frozen worker, follow from it.  `variables` go into the environment
    of the product.  Raises `servers.Missing`.
    """
    strikes = {"kill": kills, "freeze": freezes, "redis": redis_kills, "flush": flushes, "postgres": postgres_restarts}
    ignored = {"SANDBOX_LAGS": "1", "CHERT_KEYS": "ignored"} if keys == "ignored" else {}
    variables = {"CALL_SECONDS": str(call_seconds), **ignored, **variables}
    with _ground(on) as (ours, place), running(**place, **variables) as site, _database(site) as database:
        small = _two_shops(site, rows)
        _make_trouble(site, faults, seed, keys, hang_s=1.5 * call_seconds)
        stops = sorted(random.Random(seed).uniform(0.1, 0.8) for _ in range(rows // ONE_STOPS_IN))
        run = Run(
            site,
            database,
            Nemesis(site, strikes, seed, _longest_lease(call_seconds), ours),
            Watch(database),
            Transactions(site, limit=0.9 * call_seconds),
            2 * (rows + small),
            stops,
        )
        campaigns = [site.command("launch", "--business", slug, "--name", "Chaos")["campaign"] for slug in (BIG, SMALL)]
        took = _lived(run, limit)
        time.sleep(1.5 * call_seconds)  # a call that hung may still be taken
        ledger = site.ledger()
        site.stop()  # the books are read when nobody writes any more
        found = _found(run, ledger, campaigns, small, keys)
        found["database"] = "PostgreSQL" if site.is_on_postgresql else "SQLite"
    given = {
        "rows": rows,
        "small_shop": small,
        "faults": faults,
        "kinds": KINDS,
        "seed": seed,
        "keys": keys,
        "call_seconds": call_seconds,
    }
    return found | given | {"seconds": round(took, 1)}


def _longest_lease(call_seconds: float) -> float:
    """That of a message with its picture still to come, where a call may take so long; seconds, as in the settings."""
    room = 2 * settings.ALLOWED_SKEW + settings.HANDFUL_SECONDS
    return 4 * call_seconds + max(2 * call_seconds, 1.5 * call_seconds + room)


@contextlib.contextmanager
def _ground(on: str) -> Iterator[tuple[Servers | None, dict[str, str]]]:
    """Where it is played: servers that may be struck, if they are ours, and the variables that lead there."""
    if on == "postgres":
        with servers() as ours:
            yield ours, ours.variables
    else:
        yield None, {"DATABASE_URL": "", "REDIS_URL": ""} if on == "sqlite" else {}


@contextlib.contextmanager
def _database(site: Site) -> Iterator[Any]:
    """A reader that falls with nobody."""
    with contextlib.closing(Patient(site.reader)) as database:
        yield database


def _two_shops(site: Site, rows: int) -> int:
    """A large one without any pace, and a small one whose line has a gap; returns how many customers that one has.

    The sandbox knows both before the workers do, who would else take their secrets for wrong ones.  It frees the lines
    once more after: whatever pace is kept is our own doing.
    """
    free_the_line(site)
    provisioned(site, rows)
    free_the_line(site)
    few = max(3, min(40, rows // 20))
    site.environ["CHERT_SIGNING_SECRET"] = SECRET[::-1]
    little = {"slug": SMALL, "number": "+15125550101", "secret": SECRET[::-1]}
    free_the_line(site, **little)
    wanted = ["--name", "Corner Shop", "--sender", "Ada", "--email", "ada@corner.example", "--line", little["number"]]
    pace = ["--line-budget", str(few), "--line-gap", str(GAP), "--ask-after", "0", "--window", "00:00-24:00"]
    site.command("provision", *wanted, *pace, "--place-id", "ChIJ_benchmark_place_001")
    free_the_line(site, **little)
    people = str(customers_file(site.folder, few))
    site.command("import_customers", people, "--business", SMALL, "--consent", "They are customers")
    return few


def _make_trouble(site: Site, faults: float, seed: int, keys: str, hang_s: float) -> None:
    """A call that hangs is taken, or answered, when we have long given up."""
    shares = dict.fromkeys(KINDS, faults * (1 - SHARE_OF_429) / (len(KINDS) - 1)) | {"p429": faults * SHARE_OF_429}
    site.weather(seed=seed, hang_s=hang_s, keys_ignored=keys == "ignored", **shares)


def _lived(run: Run, limit: float) -> float:
    """Seconds from the launch until everything was at rest."""
    begun = time.monotonic()
    run.transactions.start()
    try:
        run.until_rest(limit)
    finally:
        run.nemesis.end()
        run.watch.seen.long_transactions = run.transactions.end()
    return time.monotonic() - begun


def _found(run: Run, ledger: dict[str, Any], campaigns: list[int], small: int, keys: str) -> dict[str, Any]:
    read = records.read(run.site, run.database, ledger, campaigns, run.watch.seen, {SMALL: (GAP, small)})
    verdict, totals, nemesis = books.verdict(read), books.totals(read), run.nemesis
    is_clean = not (totals["lost"] or totals["duplicates"] or totals["stuck"]) and not any(verdict.values())
    log = "".join(path.read_text(errors="replace") for path in run.site.folder.glob("*.txt"))
    return {
        "passed": is_clean and nemesis.is_done and (keys == "ignored" or not totals["in_doubt"]),
        "invariants": {name: {"holds": not broken, "broken": broken[:5]} for name, broken in verdict.items()},
        **totals,
        "statuses": records.statuses(read),
        "messages_at_the_sandbox": len(read.effects),
        "requests_per_message": round(len(read.tries) / max(len(read.effects), 1), 3),
        "calls_per_delivery": round(ledger["calls"] / max(sum(c.total for c in read.campaigns), 1), 2),
        "strikes": dict(nemesis.struck),
        "stopped": len(read.seen.stopped),
        "recovery_seconds": _spread(nemesis.recoveries),
        "longest_lease_overdue_seconds": round(read.seen.longest_overdue, 1),
        "long_transactions": read.seen.long_transactions,
        "hung_calls": read.hung,
        "database_is_locked": log.count("database is locked"),
        "troubles": dict(Counter(TROUBLE.findall(log)).most_common(5)),
    }


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {}
    return {"p50": round(ordered[len(ordered) // 2], 2), "max": round(ordered[-1], 2), "of": len(ordered)}
