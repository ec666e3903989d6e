"""SQLite without the fault that can corrupt a database written by several processes."""

import sys
from importlib import import_module

# Every release from 3.7.0 to 3.51.2 can corrupt a WAL database when two connections checkpoint and commit at the wrong
# moment (https://sqlite.org/wal.html#walresetbug), and web, worker and commands write together here.  Debian 12 ships
# 3.40.1.
FIXED = (3, 51, 3)
BACKPORTS: dict[tuple[int, ...], tuple[int, ...]] = {(3, 50): (3, 50, 7), (3, 44): (3, 44, 6)}


FAULTY = (
    "This SQLite can corrupt a database that several processes write: "
    "install pysqlite3 or upgrade SQLite to 3.51.3, or set DATABASE_URL to a PostgreSQL."
)


def use_fixed() -> None:
    """Let `import sqlite3` mean pysqlite3, which carries a fixed SQLite.  Called before Django looks for sqlite3.

    Where no pysqlite3 wheel fits the machine, the system's SQLite stays and /readyz says what it is.
    """
    try:
        fixed = import_module("pysqlite3")
    except ImportError:
        return
    sys.modules["sqlite3"] = fixed
    sys.modules["sqlite3.dbapi2"] = import_module("pysqlite3.dbapi2")


def is_fixed(version: tuple[int, ...]) -> bool:
    """Whether this SQLite release is free of the fault."""
    return version >= BACKPORTS.get(version[:2], FIXED)
