"""What is real and what a test left behind: the everyday manager sees only the former."""

from typing import Any, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


class Real(models.Manager[Row]):
    """Rows that are no test's.  First in its model, so `objects` and every related manager forget tests by themselves.

    Whoever carries a test as well (the outbox, receipts, replies, links) says so, by `everything`.  Columns that point
    to a row always find it.
    """

    def get_queryset(self) -> Any:
        """Without the tests."""
        return super().get_queryset().filter(is_test=False)


class RealPeople(Real[Row]):
    """The same for customers: nobody who was erased, and of two that were joined the one that stayed."""

    def get_queryset(self) -> Any:
        """Without tests, the erased and the joined."""
        return super().get_queryset().filter(erased_at=None, merged_into=None)
