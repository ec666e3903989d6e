"""SQLite with many writers: whoever waits for the lock asks for it every few milliseconds.

SQLite itself asks less and less often, in the end ten times a second.  While the outbox sends, the lock is free only
for moments in between: whoever sleeps a tenth of a second misses them all, and somebody's STOP waited for seconds.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.backends.sqlite3 import base

#: Seconds that a statement waits for the lock in all.
PATIENCE = 20.0

_patience: ContextVar[float | None] = ContextVar("patience", default=None)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """In here a statement waits only so long for the lock."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


class Cursor(base.SQLiteCursorWrapper):
    """Repeats what found the database locked.  That is safe: a writer takes the lock with its first statement
    (`BEGIN IMMEDIATE`), so nothing of a refused one has happened."""

    def execute(self, query: Any, params: Any = None) -> Any:
        return _insist(lambda: base.SQLiteCursorWrapper.execute(self, query, params))

    def executemany(self, query: Any, param_list: Any) -> Any:
        rows = list(param_list)
        return _insist(lambda: base.SQLiteCursorWrapper.executemany(self, query, rows))


def _insist(act: Callable[[], Any]) -> Any:
    own = _patience.get()
    end = time.monotonic() + (PATIENCE if own is None else min(own, PATIENCE))
    while True:
        try:
            return act()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own but for the cursor."""

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)
