"""Commits whose loss would cost a little work and no promise."""

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
