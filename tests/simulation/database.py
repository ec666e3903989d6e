"""What a life writes into the database: wiped between two lives, saved, and put back as it was (F-54)."""

from datetime import datetime

from django.db import connection, models, transaction

from campaigns.models import (
    Attempt,
    AuditEntry,
    Business,
    Campaign,
    Card,
    ChertEvent,
    Conversation,
    Customer,
    Delivery,
    Household,
    Line,
    Message,
    Organization,
    Pulse,
    Suppression,
)

#: Everything a life writes, what hangs on others first; the book of acts is closed while its account is there.
WRITTEN: tuple[type[models.Model], ...] = (
    Conversation,
    *(Attempt, Message, Delivery, Campaign, Card, ChertEvent),
    *(Suppression, Customer, Household, Line, Business, Organization, AuditEntry, Pulse),
)
TABLES = tuple(model._meta.db_table for model in WRITTEN)


def wipe() -> None:
    """Leave nothing of the last life."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")


class Backup:
    """Every row as it stood at one moment."""

    def __init__(self, now: datetime, beat: int | None) -> None:
        self.at = now
        #: What this machine's file said then (campaigns/brakes/absence.py): it is not part of a database.
        self.beat = beat
        self._rows: dict[str, tuple[list[str], list[tuple]]] = {}
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"SELECT * FROM {table}")
                self._rows[table] = [column[0] for column in cursor.description], cursor.fetchall()

    def put_back(self) -> None:
        """Forget whatever came after."""
        wipe()
        with transaction.atomic(), connection.cursor() as cursor:
            for table in reversed(TABLES):
                columns, rows = self._rows[table]
                if rows:
                    names = ", ".join(map(connection.ops.quote_name, columns))  # "window" is a word of PostgreSQL's own
                    places = ", ".join(["%s"] * len(columns))
                    cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)
