"""Many rows by few statements: what arrives is what was given, on either database."""

from datetime import UTC, date, datetime

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from campaigns.importing import statements
from campaigns.models import Customer, CustomerImport, ImportRow
from tests.cast import make_customer

MOMENT = datetime(2026, 3, 2, 18, 0, 0, 123456, tzinfo=UTC)
AWKWARD = 'a "quote", a \\ and a {brace}, 100 % %s, \U0001f9fe, a\tb\nc, Siobhán'
#: Of the fields that may not be nothing, those that say nothing here.
WITHOUT = {"cells": "[]", "is_mended": False, "kind": "", "phone": "", "notes": "[]", "wants_look": False}
WITHOUT |= {"said": "{}", "is_saved": False, "before": "", "wrote": "", "undone": ""}
NAMES = ["record", "number", "reason", "customer", *WITHOUT]


@pytest.fixture
def record(ada):
    return CustomerImport.objects.create(business=ada.business, file_name="customers.csv")


def insert(record, *reasons: str) -> None:
    rows = ([record.pk, number, reason, None, *WITHOUT.values()] for number, reason in enumerate(reasons, start=2))
    statements.insert(ImportRow, NAMES, rows)


def reasons(record) -> list[str]:
    return list(record.rows.order_by("number").values_list("reason", flat=True))


def test_words_arrive_as_they_are_and_nothing_is_nothing(record):
    insert(record, AWKWARD, "", "null")
    assert reasons(record) == [AWKWARD, "", "null"]
    assert not record.rows.exclude(customer=None, is_mended=False).exists()


def test_more_rows_than_one_statement_takes_arrive_in_their_order(record, monkeypatch):
    monkeypatch.setattr(statements, "_CHUNK", 2)
    insert(record, *"abcde")
    assert reasons(record) == [*"abcde"]
    assert list(record.rows.order_by("pk").values_list("number", flat=True)) == [2, 3, 4, 5, 6]


def test_each_row_gets_its_own_values_and_no_other_row_any(record):
    insert(record, "a", "b", "c")
    first, second, _ = record.rows.order_by("number")
    statements.update(ImportRow, ["reason", "customer"], [[AWKWARD, 7, second.pk], ["z", None, first.pk]])
    assert reasons(record) == ["z", AWKWARD, "c"]
    assert list(record.rows.order_by("number").values_list("customer", flat=True)) == [None, 7, None]


def test_no_rows_are_no_statement(record, django_assert_num_queries):
    with django_assert_num_queries(0):
        insert(record)


def test_moments_and_days_are_kept_to_the_last_digit(ada):
    marcus = make_customer(ada.business, 1)
    given = [connection.ops.adapt_datetimefield_value(MOMENT), date(2024, 2, 29), marcus.pk]
    statements.update(Customer, ["consent_at", "last_visit"], [given])
    marcus.refresh_from_db()
    assert (marcus.consent_at, marcus.last_visit) == (MOMENT, date(2024, 2, 29))


def test_what_is_there_already_refuses_all_of_them(record):
    insert(record, "a", "b")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(record, "c", "d", "e")
    assert reasons(record) == ["a", "b"]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's columns take words of any length")
def test_what_is_too_long_for_its_column_is_refused_and_not_cut(record):
    with pytest.raises(DataError), transaction.atomic():
        insert(record, "x" * 401)
    assert reasons(record) == []
