"""The database of a backup: copied while others write, and put back whole or not at all.

Where a copy is put back, it says that it was: nothing goes out by itself before a person has looked (F-54).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from django.db import connection, connections

from campaigns.brakes import absence
from campaigns.management import postgres

PATIENCE = 20.0  # seconds to wait for a writer


class Unusable(Exception):
    """The database could not be copied or put back; nothing was changed.  The sentence is for people."""


class InUse(Exception):
    """Somebody is at work on it.  The sentence is for people."""


@dataclass(frozen=True)
class Facts:
    """What a copy holds: rows by table, migrations ("app.name"), and the beat (campaigns/brakes/absence.py)."""

    counts: dict[str, int]
    migrations: list[str]
    beat: int

    def as_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {"counts": self.counts, "migrations": self.migrations, "beat": self.beat}


class Database(Protocol):
    """Either kind."""

    vendor: str
    part: str

    def copy(self, to: Path) -> Facts:
        """Write one moment of it into a file, and say what that holds.  Raises `Unusable`."""

    def alone(self) -> None:
        """Make sure that nobody else is at work on it.  Raises `InUse`."""

    def put_back(self, staged: Path, kept: Path, facts: Facts, made_at: datetime) -> str:
        """Check such a file, hold it and swap it in; returns where the old one is kept.  Raises `Unusable`."""


class SQLite:
    """One file in DATA_DIR."""

    vendor, part = "sqlite", "database.sqlite3"

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(connection.settings_dict["NAME"])

    def copy(self, to: Path) -> Facts:
        """`VACUUM INTO` reads one moment and holds up nobody; what was deleted is not in the copy."""
        if not self.path.exists():
            raise Unusable("There is no database yet, and nothing to keep.")
        with _trouble("copied"):
            with closing(sqlite3.connect(self.path, timeout=PATIENCE)) as source:
                source.execute("VACUUM INTO ?", [str(to)])
            with closing(sqlite3.connect(to)) as copied:
                return _facts(copied.cursor(), TABLES)

    def alone(self) -> None:
        """Nobody has it open, and all of it is in its one file.

        One that is damaged, which may be why we are here, stays as it is.
        """
        connections.close_all()
        if not self.path.exists():
            return
        try:
            with closing(sqlite3.connect(self.path, timeout=0)) as database:
                database.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.DatabaseError as problem:
            if "locked" in str(problem):
                raise InUse("Another program has the database open. Stop it first.") from problem

    def put_back(self, staged: Path, kept: Path, facts: Facts, made_at: datetime) -> str:
        """By renaming, after everything has been looked at."""
        with _trouble("put back"), closing(sqlite3.connect(staged)) as database:
            if database.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
                raise Unusable("The database in this backup is damaged. Nothing was changed.")
            if _facts(database.cursor(), TABLES) != facts:
                raise Unusable("The database in this backup is not the one that was put in. Nothing was changed.")
            with database:
                for statement in _hold("", f"{made_at:%Y-%m-%d %H:%M:%S.%f}"):
                    database.execute(statement)
        absence.foretell_restore(facts.beat)
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + ending).rename(kept / f"{self.path.name}{ending}")
        staged.rename(self.path)
        return str(kept)


class PostgreSQL:
    """A server, by its own tools."""

    vendor, part = "postgresql", "database.dump"

    def copy(self, to: Path) -> Facts:
        """Counted and dumped by the same moment of the database."""
        with _trouble("copied"), postgres.moment() as (cursor, snapshot):
            postgres.dump(to, snapshot)
            return _facts(cursor, postgres.TABLES)

    def alone(self) -> None:
        """Nobody else is connected."""
        with _trouble("put back"):
            others = postgres.others()
        if others:
            raise InUse(f"Others are connected to this database ({others}). Stop every Goodword that uses it first.")

    def put_back(self, staged: Path, kept: Path, facts: Facts, made_at: datetime) -> str:
        """In one transaction: the old schema gets another name, the new one is made, counted and held."""
        schema = kept.name.replace("-", "_")
        with _trouble("put back"):
            postgres.check(staged)
            absence.foretell_restore(facts.beat)
            postgres.restore(staged, schema, facts.counts, _hold("public.", made_at.isoformat()))
        return f"the schema {schema} of the database"


def here() -> Database:
    """The one that this program runs on."""
    return PostgreSQL() if connection.vendor == "postgresql" else SQLite()


TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations"
BEAT = "SELECT coalesce(max(beat), 0) FROM campaigns_pulse"


def _facts(cursor: Any, tables: str) -> Facts:
    names = [name for (name,) in _rows(cursor, tables)]
    counts = {name: _rows(cursor, f'SELECT count(*) FROM "{name}"')[0][0] for name in names}  # noqa: S608  its own
    return Facts(counts, sorted(name for (name,) in _rows(cursor, MIGRATIONS)), _rows(cursor, BEAT)[0][0])


def _rows(cursor: Any, question: str) -> list[Any]:
    cursor.execute(question)
    return list(cursor.fetchall())


def _hold(schema: str, moment: str) -> list[str]:
    """The row of beats says when this copy was made, and that it has been at work: then it is held for certain."""
    row = f"{schema}campaigns_pulse"
    return [
        f"INSERT INTO {row} (id, beat, seen_at) SELECT {absence.ROW}, 0, '{moment}' "  # noqa: S608  our own values
        f"WHERE NOT EXISTS (SELECT 1 FROM {row})",
        f"UPDATE {row} SET seen_at = '{moment}', beat = CASE WHEN beat < 1 THEN 1 ELSE beat END",  # noqa: S608
    ]


@contextmanager
def _trouble(what: str) -> Iterator[None]:
    """What the database or its tools complain about, in one sentence."""
    try:
        yield
    except (sqlite3.Error, postgres.Trouble) as problem:
        said = (str(problem).strip() or type(problem).__name__).splitlines()[0]
        raise Unusable(f"The database could not be {what}: {said}") from problem
