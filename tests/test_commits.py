"""Commits that need not reach the disk at once, and all others, which must."""

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns import commits
from campaigns.models import Tag

on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite knows one kind of commit")


def waits_for_the_disk() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return bool(cursor.fetchone()[0] == "on")


@pytest.fixture(autouse=True)
def as_in_life(transactional_db):
    """Without the transaction, and the impatience, of a test."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO on")
    yield
    connection.close()


@on_postgresql
def test_what_can_be_done_again_does_not_wait_and_what_comes_after_does():
    with commits.repeatable():
        assert not waits_for_the_disk()
    assert waits_for_the_disk()
    with transaction.atomic():
        assert waits_for_the_disk()


@on_postgresql
def test_inside_a_lasting_transaction_it_is_as_lasting_as_that():
    with transaction.atomic():
        with commits.repeatable():
            assert waits_for_the_disk()
        assert waits_for_the_disk()


@on_postgresql
def test_also_where_that_one_has_no_savepoint():
    with transaction.atomic(), transaction.atomic(savepoint=False), commits.repeatable():
        assert waits_for_the_disk()


def test_it_is_whole_or_not_at_all(ada):
    with pytest.raises(IntegrityError):
        twice(ada.business)
    assert not Tag.objects.filter(name="Half").exists()


@commits.repeatable()
def twice(business):
    for name in ("Half", "HALF"):
        Tag.objects.create(business=business, name=name, folded="half")
