"""SQLite with many writers: who finds the database locked asks again and again, soon, and gives up in the end."""

import sqlite3
import threading

import pytest
from django.db import connection

from campaigns.models import Business
from reviews.sqlite3 import base
from tests.cast import at_once

LOCKED = sqlite3.OperationalError("database is locked")


def refusing(*errors):
    """Something that fails with each of these, and then succeeds."""
    left = list(errors)

    def act():
        if left:
            raise left.pop(0)
        return "done"

    return act


def test_a_locked_database_is_asked_again():
    assert base._insist(refusing(LOCKED, LOCKED, LOCKED)) == "done"


def test_patience_ends(monkeypatch):
    monkeypatch.setattr(base, "PATIENCE", -1)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        base._insist(refusing(LOCKED))


def test_what_is_no_question_of_waiting_is_told_at_once():
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        base._insist(refusing(sqlite3.OperationalError("no such table: cakes")))


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL waits in its own way")
def test_a_writer_who_was_refused_writes_as_soon_as_the_other_is_done(ada, monkeypatch):
    held, refused, insist = threading.Event(), threading.Event(), base._insist

    def noticing(act):
        def noticed():
            try:
                return act()
            except sqlite3.OperationalError:
                refused.set()
                raise

        return insist(noticed)

    def hold():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            held.set()
            assert refused.wait(10)
            cursor.execute("ROLLBACK")

    monkeypatch.setattr(base, "_insist", noticing)
    written = at_once([hold, lambda: held.wait(10) and Business.objects.update(name="Ada's Cakes")])
    assert written == [None, 1]
