"""What can only be seen while it happens: words and ids that change, leases that lie, transactions that stay open."""

import sqlite3
import threading
import time
from datetime import UTC, datetime
from typing import Any

from benchmarks.chaos.books import Seen
from benchmarks.harness import Site
from benchmarks.servers import Patient
from campaigns import status

MESSAGES = (
    "SELECT m.id, m.kind, m.status, m.chert_id, m.sent_at, m.lease_until, o.away_since, o.slow_until"
    " FROM campaigns_message m JOIN campaigns_organization o ON o.id = m.organization_id WHERE m.kind <> 'inbound'"
)
STOPPED = (
    "SELECT o.slug, c.phone FROM campaigns_customer c JOIN campaigns_business b ON b.id = c.business_id"
    " JOIN campaigns_organization o ON o.id = b.organization_id WHERE c.stopped_at IS NOT NULL"
)
OPEN_FOR = (
    "SELECT max(extract(epoch FROM clock_timestamp() - xact_start)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
)
RANK = {word: rank for rank, word in enumerate(("planned", "rendered", "uploaded", "sent", "delivered", "read"))}
#: Seconds between two questions to the lock.  PostgreSQL says how long one has been open, however seldom one asks.
EVERY, SELDOM = 0.02, 0.25


class Watch:
    """Looks at the whole outbox whenever it is asked to."""

    def __init__(self, database: Any) -> None:
        self.seen = Seen()
        #: A frozen process may hold everybody up, and leases lie.
        self.is_excused = False
        self._database = database
        self._last: dict[int, tuple[str, str, Any]] = {}

    def look(self) -> None:
        """Compare with the last look."""
        now = time.time()
        for pk, kind, word, chert_id, sent_at, lease_until, *account in self._database.execute(MESSAGES).fetchall():
            before, id_before, sent_before = self._last.get(pk, (word, chert_id, sent_at))
            if not may_come_after(before, word):
                self.seen.went_back.append(f"{kind} {pk}: {word} after {before}")
            if before in status.WENT_OUT and (id_before, sent_before) != (chert_id, sent_at):
                self.seen.changed.append(f"{kind} {pk} was written again after it was {before}")
            if word in status.OPEN and lease_until and not self.is_excused:
                self._note_overdue(now - seconds(lease_until), f"{kind} {pk}", *account)
            self._last[pk] = (word, chert_id, sent_at)
        for tenant, phone in self._database.execute(STOPPED).fetchall():
            self.seen.stopped.setdefault((tenant, phone), time.time())

    def _note_overdue(self, late: float, which: str, away_since: Any, slow_until: Any) -> None:
        if late > self.seen.longest_overdue:
            self.seen.longest_overdue = late
            self.seen.overdue = f"{which}, Chert away since {away_since}, slowed until {slow_until}"


def may_come_after(old: str, new: str) -> bool:
    """May the second word be seen some steps after the first?"""
    if old == new or old in status.OPEN:
        return True
    if old == "in_doubt":
        return new in (*status.WENT_OUT, "cancelled")
    return old in status.WENT_OUT and RANK.get(new, -1) > RANK[old]


def seconds(at: datetime | str) -> float:
    """Since the epoch.  SQLite keeps moments as text, in UTC."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC) if isinstance(at, str) else at
    return moment.timestamp()


class Transactions(threading.Thread):
    """Counts the transactions that stay open for `limit` seconds while `is_excused` is false.

    SQLite has one writer at a time: whoever finds it taken at every question, and nothing committed in between, has
    found one transaction.  PostgreSQL tells by itself.
    """

    def __init__(self, site: Site, limit: float) -> None:
        super().__init__(daemon=True)
        self.long = 0
        self.is_excused = False
        self._site = site
        self._limit = limit
        self._version = 0
        self._over = threading.Event()

    def end(self) -> int:
        """How many there were."""
        self._over.set()
        self.join()
        return self.long

    def run(self) -> None:
        database, pause = self._site.database(), SELDOM
        if isinstance(database, sqlite3.Connection):
            pause = EVERY
            database.isolation_level = None
            database.execute("PRAGMA busy_timeout = 0")
        else:
            database.close()
            database = Patient(self._site.reader)
        ended_at, counted = time.monotonic(), False
        while not self._over.wait(pause):
            held = self._held(database, ended_at)
            if not held or self.is_excused:
                ended_at, counted = time.monotonic(), False
            elif held >= self._limit and not counted:
                self.long, counted = self.long + 1, True
        database.close()

    def _held(self, database: Any, ended_at: float) -> float:
        """Seconds for which the oldest transaction has been open; 0 for none.  `ended_at`: when none was, last."""
        if not isinstance(database, sqlite3.Connection):
            return float(database.execute(OPEN_FOR).fetchone()[0] or 0)
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return 0.0 if self._has_committed(database) else time.monotonic() - ended_at
        database.execute("ROLLBACK")
        return 0.0

    def _has_committed(self, database: sqlite3.Connection) -> bool:
        """Has anybody written since this was asked last?  Then it is another transaction that stands in the way now."""
        before, self._version = self._version, int(database.execute("PRAGMA data_version").fetchone()[0])
        return self._version != before
