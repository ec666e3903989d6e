"""How soon does a STOP bite while a campaign runs at full speed?

    python3 manage.py bench stops [--rows 1000] [--stops 200]

Real site, worker and sandbox.  1,000 customers are asked without any gap; meanwhile customers who have their greeting,
and whose picture has still to come, write STOP on their phone, ten a second.  The sandbox tells us by webhook.  Seconds
count from the webhook's arrival, and once more from the moment the words were written, with the sandbox's own delivery
in them.  They end when another connection sees that the customer is stopped, and that nothing of theirs is left that
could be called.  `started_after` counts calls that began after that moment.  On PostgreSQL and Redis with DATABASE_URL
and REDIS_URL.
"""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from benchmarks.harness import SLUG, Site, free_the_line, provisioned, running
from campaigns.chert.events import event_from_json

EVERY = 0.1  # seconds from one STOP to the next
ASK_AFTER = 6  # seconds between greeting and picture: long enough to write STOP in
OPEN = "m.status IN ('planned', 'rendered', 'uploaded')"
MAY_STOP = (
    "SELECT c.phone FROM campaigns_customer c JOIN campaigns_message m ON m.customer_id = c.id"
    f" WHERE c.stopped_at IS NULL AND c.chat_id <> '' AND m.kind = 'ask' AND {OPEN} ORDER BY m.id"
)
STOPPED = "SELECT phone FROM campaigns_customer WHERE stopped_at IS NOT NULL"
#: Whose words came, and of whom something could still be called.
LEFT_OPEN = (
    "SELECT DISTINCT c.phone FROM campaigns_customer c JOIN campaigns_message m ON m.customer_id = c.id"
    f" WHERE {OPEN} AND m.kind <> 'confirmation' AND NOT m.is_calling"
)
CALLS = (
    "SELECT c.phone, a.started_at FROM campaigns_attempt a JOIN campaigns_message m ON m.id = a.message_id"
    " JOIN campaigns_customer c ON c.id = m.customer_id WHERE a.step = 'send' AND m.kind <> 'confirmation'"
)
CONFIRMED = (
    "SELECT count(*) FROM campaigns_message WHERE kind = 'confirmation' AND status IN ('sent', 'delivered', 'read')"
)
CAME = "SELECT payload, received_at FROM campaigns_chertevent WHERE came_by = 'webhook' ORDER BY id"


@dataclass
class Stops:
    """What the watcher has seen: moments by phone, in seconds since the epoch."""

    written: dict[str, float] = field(default_factory=dict)
    stopped: dict[str, float] = field(default_factory=dict)
    silent: dict[str, float] = field(default_factory=dict)

    def look(self, database: Any) -> None:
        """Note what is new in the database."""
        seen = {phone for (phone,) in rows(database, STOPPED)} & self.written.keys()
        left = {phone for (phone,) in rows(database, LEFT_OPEN)}
        now = time.time()
        for phone in seen - self.stopped.keys():
            self.stopped[phone] = now
        for phone in (seen - left) - self.silent.keys():
            self.silent[phone] = now

    @property
    def is_done(self) -> bool:
        """Everybody who wrote is left in peace."""
        return len(self.silent) == len(self.written)


def main(rows: int = 1000, stops: int = 200, **variables: str) -> dict[str, Any]:
    """One run; `variables` go into the environment of the product."""
    with running(**variables) as site, _database(site) as database:
        provisioned(site, rows, ask_after=ASK_AFTER)
        free_the_line(site)
        site.command("launch", "--business", SLUG, "--name", "Benchmark")
        seen = _write_stops(site, database, stops)
        return {"customers": rows, "stops": len(seen.written)} | _verdict(database, seen)


@contextlib.contextmanager
def _database(site: Site) -> Iterator[Any]:
    with contextlib.closing(site.database()) as database:
        if hasattr(database, "autocommit"):  # a reader that never stands in anybody's way
            database.autocommit = True
        yield database


def rows(database: Any, question: str) -> list[Any]:
    """Ask the product's database."""
    return list(database.execute(question).fetchall())


def _write_stops(site: Site, database: Any, count: int, limit: float = 240) -> Stops:
    """One STOP after the other, until so many were written and all have taken effect."""
    seen, begun = Stops(), time.monotonic()
    with httpx.Client(base_url=site.sandbox, timeout=30) as phones:
        while len(seen.written) < count or not seen.is_done:
            passed = time.monotonic() - begun
            if passed > limit:
                break
            if len(seen.written) < min(count, passed / EVERY):
                _one_stop(phones, database, seen)
            seen.look(database)
            time.sleep(0.02)
    return seen


def _one_stop(phones: httpx.Client, database: Any, seen: Stops) -> None:
    """The one whose picture is due next writes: that is where it is closest."""
    nearest = [phone for (phone,) in rows(database, MAY_STOP) if phone not in seen.written]
    if nearest:
        now = time.time()
        told = phones.post(f"/sandbox/phones/{nearest[0]}/reply", json={"text": "STOP", "tenant": SLUG})
        if told.is_success:
            seen.written[nearest[0]] = now


def _verdict(database: Any, seen: Stops) -> dict[str, Any]:
    time.sleep(2)  # what would still begin now would be found below
    late = [phone for phone, at in rows(database, CALLS) if seconds(at) > seen.silent.get(phone, float("inf"))]
    arrived = came(database)
    return {
        "stopped_seconds": spread(arrived, seen.stopped),
        "taken_back_seconds": spread(arrived, seen.silent),
        "taken_back_seconds_after_the_words": spread(seen.written, seen.silent),
        "started_after": len(late),
        "not_taken_back": len(seen.written.keys() - seen.silent.keys()),
        "by_webhook": len(arrived),
        "confirmed": rows(database, CONFIRMED)[0][0],
    }


def came(database: Any) -> dict[str, float]:
    """When each customer's webhook came in, by phone."""
    found: dict[str, float] = {}
    for payload, at in rows(database, CAME):
        event = event_from_json(json.loads(payload) if isinstance(payload, str) else payload)
        if event.is_inbound:
            found.setdefault(event.sender, seconds(at))
    return found


def seconds(at: datetime | str) -> float:
    """SQLite keeps moments as text, in UTC."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at
    return moment.timestamp()


def spread(begun: dict[str, float], ended: dict[str, float]) -> dict[str, float]:
    ordered = sorted(ended[phone] - at for phone, at in begun.items() if phone in ended)
    places = {"p50": 0.50, "p99": 0.99, "max": 1.0}
    return {name: round(ordered[min(int(part * len(ordered)), len(ordered) - 1)], 2) for name, part in places.items()}
