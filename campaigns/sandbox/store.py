"""What the pretend Chert remembers: one SQLite file, one connection, one lock."""

import json
import threading
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .knobs import Knobs, turned
from .sqlite import sqlite3

Row = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tenants (
    slug TEXT PRIMARY KEY, secret TEXT NOT NULL, name TEXT NOT NULL, names TEXT NOT NULL,
    multi_tenant INTEGER NOT NULL, suspended INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS lines (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, number TEXT NOT NULL, budget INTEGER, gap INTEGER NOT NULL,
    is_active INTEGER NOT NULL, position INTEGER NOT NULL, UNIQUE (tenant, number)
);
CREATE TABLE IF NOT EXISTS first_touches (line_id TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS first_touches_by_line ON first_touches (line_id, at);
CREATE TABLE IF NOT EXISTS chats (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, line_id TEXT NOT NULL, phone TEXT, handles TEXT NOT NULL,
    is_group INTEGER NOT NULL, display_name TEXT, icon TEXT, left_at REAL, created_at REAL NOT NULL,
    imessage INTEGER NOT NULL, moved INTEGER NOT NULL, answered INTEGER NOT NULL, stopped INTEGER NOT NULL,
    typing_until REAL, looked_at REAL, UNIQUE (tenant, phone)
);
CREATE INDEX IF NOT EXISTS chats_by_move ON chats (moved);
CREATE INDEX IF NOT EXISTS chats_by_phone ON chats (phone);
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, chat_id TEXT NOT NULL,
    direction TEXT NOT NULL, sender TEXT NOT NULL, parts TEXT NOT NULL, created_at REAL NOT NULL,
    delivers_at REAL, reads_at REAL, fails_at REAL, reaction TEXT, tapback TEXT
);
CREATE INDEX IF NOT EXISTS messages_by_chat ON messages (chat_id, seq);
CREATE TABLE IF NOT EXISTS keys (
    tenant TEXT NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
    status INTEGER NOT NULL, answer BLOB NOT NULL, at REAL NOT NULL, PRIMARY KEY (tenant, route, key)
);
CREATE TABLE IF NOT EXISTS attachments (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, filename TEXT NOT NULL, content_type TEXT NOT NULL,
    size INTEGER NOT NULL, content BLOB, uses INTEGER NOT NULL DEFAULT 0, expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS subscriptions (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, url TEXT NOT NULL, events TEXT NOT NULL, version TEXT NOT NULL,
    is_active INTEGER NOT NULL, secret TEXT NOT NULL, created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, type TEXT NOT NULL,
    event_id TEXT NOT NULL, chat_id TEXT NOT NULL, payload TEXT NOT NULL, dev_inbox INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_time ON events (tenant, created_ms, seq);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, subscription_id TEXT NOT NULL,
    state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, due_at REAL, attempts TEXT NOT NULL DEFAULT '[]',
    delivered_at REAL
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due_at);
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event_id);
CREATE VIEW IF NOT EXISTS event_rows AS
SELECT events.*, (
    SELECT CASE
        WHEN count(*) = 0 THEN CASE WHEN events.dev_inbox THEN 'dev_inbox' ELSE 'pending' END
        WHEN sum(state = 'pending') THEN 'pending'
        WHEN sum(state = 'failed') THEN 'failed'
        ELSE 'delivered' END
    FROM deliveries WHERE deliveries.event_id = events.id
) AS status FROM events;
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, phone TEXT, kind TEXT NOT NULL, message_id TEXT,
    chat_id TEXT, key TEXT, parts TEXT NOT NULL, said TEXT NOT NULL, at REAL NOT NULL,
    same_key INTEGER NOT NULL, same_words INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS ledger_by_phone ON ledger (tenant, phone);
CREATE INDEX IF NOT EXISTS ledger_again ON ledger (tenant) WHERE same_key OR same_words;
CREATE TABLE IF NOT EXISTS phones (number TEXT PRIMARY KEY, imessage INTEGER NOT NULL, reads INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS taps (chat_id TEXT NOT NULL, message_id TEXT NOT NULL, url TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS taps_by_chat ON taps (chat_id);
"""
VERSION = zlib.crc32(SCHEMA.encode()) & 0x7FFFFFFF
FORGOTTEN = [
    "counts",
    "first_touches",
    "chats",
    "messages",
    "keys",
    "attachments",
    "events",
    "deliveries",
    "ledger",
    "taps",
]


@dataclass(frozen=True)
class Line:
    """One of a tenant's numbers.  ``budget`` is first touches a day, None for no limit; ``gap`` is seconds."""

    id: str
    tenant: str
    number: str
    budget: int | None
    gap: int
    is_active: int
    position: int


@dataclass(frozen=True)
class Tenant:
    """An account: its secret, its business name, and the names of customers if a demo gave them."""

    slug: str
    secret: str
    name: str
    names: str
    multi_tenant: int
    suspended: int

    def name_of(self, phone: str) -> str:
        return str(json.loads(self.names).get(phone, ""))


class Store:
    """The pretend Chert's memory at ``path``, or in this process only with ``:memory:``."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None, timeout=30)
        self._db.row_factory = _as_dict
        self._knobs = ("", Knobs())
        with self._lock:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=OFF")  # a power cut may take the pretend world with it
            self._lay_out()

    def _lay_out(self) -> None:
        """Make the tables; those of another version hold nothing worth keeping."""
        if self.number("PRAGMA user_version") != VERSION:
            for row in self.all("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL AND type != 'index'"):
                if not row["name"].startswith("sqlite_"):
                    self.run(f"DROP {row['type']} {row['name']}")
            self.run(f"PRAGMA user_version = {VERSION}")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    # --- the few ways to ask -------------------------------------------------------------------------

    def all(self, sql: str, *args: Any) -> list[Row]:
        with self._lock:
            return list(self._db.execute(sql, args))

    def one(self, sql: str, *args: Any) -> Row | None:
        rows = self.all(sql, *args)
        return rows[0] if rows else None

    def number(self, sql: str, *args: Any) -> int:
        """The single number a query gives; 0 for null."""
        row = self.one(sql, *args)
        return int(next(iter(row.values())) or 0) if row else 0

    def run(self, sql: str, *args: Any) -> int:
        """How many rows changed."""
        with self._lock:
            return int(self._db.execute(sql, args).rowcount)

    def insert(self, table: str, **values: Any) -> None:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())  # noqa: S608  # names are ours

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and nobody in between."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # --- counts and knobs -----------------------------------------------------------------------------

    def count(self, name: str) -> int:
        """Add one and give the new number."""
        return self.number(
            "INSERT INTO counts VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1 RETURNING n", name
        )

    def counted(self, name: str) -> int:
        return self.number("SELECT n FROM counts WHERE name = ?", name)

    def knobs(self) -> Knobs:
        row = self.one("SELECT value FROM settings WHERE name = 'knobs'")
        text = str(row["value"]) if row else ""
        known, knobs = self._knobs
        if text != known:
            knobs = turned(Knobs(), json.loads(text)) if text else Knobs()
            self._knobs = (text, knobs)
        return knobs

    def keep_knobs(self, knobs: Knobs) -> None:
        self.run("INSERT OR REPLACE INTO settings VALUES ('knobs', ?)", json.dumps(asdict(knobs)))

    def turn(self, **changes: Any) -> Knobs:
        """Turn some knobs and keep the rest.  Raises BadKnob."""
        with self.transaction():
            knobs = turned(self.knobs(), changes)
            self.keep_knobs(knobs)
        return knobs

    def start_over(self) -> None:
        """Forget every call and every thread and calm the weather; tenants, lines and subscriptions stay."""
        with self.transaction():
            for table in FORGOTTEN:
                self.run(f"DELETE FROM {table}")  # noqa: S608  # the names are ours
            self.keep_knobs(Knobs())

    # --- tenants, lines, phones --------------------------------------------------------------------------

    def tenant(self, slug: str) -> Tenant | None:
        row = self.one("SELECT * FROM tenants WHERE slug = ?", slug)
        return Tenant(**row) if row else None

    def tenants(self) -> list[Tenant]:
        return [Tenant(**row) for row in self.all("SELECT * FROM tenants ORDER BY slug")]

    def keep_tenant(self, tenant: Tenant, lines: list[Row]) -> list[Line]:
        """Make or update a tenant; its lines become exactly these."""
        with self.transaction():
            self.run(
                "INSERT OR REPLACE INTO tenants (slug, secret, name, names, multi_tenant, suspended)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                *(tenant.slug, tenant.secret, tenant.name, tenant.names, tenant.multi_tenant, tenant.suspended),
            )
            self.run("DELETE FROM lines WHERE tenant = ?", tenant.slug)
            for position, line in enumerate(lines):
                # the same number keeps its id, so chats stay pinned to it
                line_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant.slug}/{line['number']}"))
                self.insert("lines", id=line_id, tenant=tenant.slug, position=position, **line)
        return self.lines(tenant.slug)

    def lines(self, tenant: str) -> list[Line]:
        return [Line(**row) for row in self.all("SELECT * FROM lines WHERE tenant = ? ORDER BY position", tenant)]

    def line(self, line_id: str) -> Line | None:
        row = self.one("SELECT * FROM lines WHERE id = ?", line_id)
        return Line(**row) if row else None


def _as_dict(cursor: Any, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}
