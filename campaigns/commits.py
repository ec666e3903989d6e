"""Commits whose loss would cost a little work and no promise; and those for which others wait."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def repeatable() -> Iterator[None]:
    """A transaction that need not be on the disk before we go on: all that it writes would be found out anew.

    A picture drawn or uploaded, a lease, a receipt.  Not for what says that Chert is about to be called, for what Chert
    answered, nor for anything a person asked for.  PostgreSQL then writes it within a second, and before whatever is
    committed later; only a crash of the server itself can undo it, never one of ours.  SQLite has no such choice for
    one transaction.  Inside another transaction it is a part of that one, and as lasting.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql" and len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO off")
        yield


class _Mine(threading.local):
    """What this thread has to do with turns."""

    takes = False
    has: "threading.Lock | None" = None


_MINE = _Mine()
_TURNS: dict[int, threading.Lock] = {}


@contextmanager
def in_turn() -> Iterator[None]:
    """Within, this thread stands in line among its neighbours here before it does for a campaign's row.

    Of a process that freezes one such thread at most then holds that row, or is the next to be given it, and is cut off
    for it: five in line would be given it one after the other, and sleep on it five times as long (F-07).
    """
    if _MINE.takes:
        yield
        return
    _MINE.takes = True
    try:
        yield
    finally:
        _MINE.takes = False
        _end_turn()


def take_turn(campaign: int) -> None:
    """The row of this campaign is about to be locked until the commit, and with it the turn ends.

    Whoever holds a turn waits for nobody who waits for one: what is locked after that row, is locked by them alone.
    """
    if _MINE.takes and _MINE.has is None:
        turn = _TURNS.setdefault(campaign, threading.Lock())
        turn.acquire()
        _MINE.has = turn
        transaction.on_commit(_end_turn)


def _end_turn() -> None:
    turn, _MINE.has = _MINE.has, None
    if turn is not None:
        turn.release()
