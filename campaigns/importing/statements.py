"""Many rows by few statements.

`bulk_create` builds an object and a long statement for every fifty rows and holds SQLite's write lock for it; one
prepared statement and plain values do the same in a tenth of the time, so sending hardly waits for an import.
PostgreSQL would plan that one anew for each row: there a statement takes whole columns at a time.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection, models

_CHUNK = 5_000

#: The values of some fields of a row, in their order, as the database takes them.
Values = Sequence[Any]


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Values], conflict: str = "") -> None:
    """INSERT these fields of new rows.  `conflict` is what stands behind it: what to do with one that is there."""
    statement = f"INSERT INTO {_table(model)} ({', '.join(column(model, name) for name in names)})"
    for some in _chunks(rows):
        if connection.vendor == "postgresql":
            given = _Given(model, names, some)
            whole = f"{statement} SELECT {', '.join(given.values)} FROM {given} {conflict}"  # noqa: S608  names only
            _execute(whole, given.parameters)
        else:
            _execute_each(f"{statement} VALUES ({', '.join('%s' for _ in names)}) {conflict}", some)


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Values]) -> None:
    """UPDATE these fields; the row's number stands behind its values."""
    table, key = _table(model), column(model, "id")
    for some in _chunks(rows):
        if connection.vendor == "postgresql":
            given = _Given(model, [*names, "id"], some)
            changes = (f"{column(model, n)} = {value}" for n, value in zip(names, given.values, strict=False))
            statement = f"UPDATE {table} SET {', '.join(changes)} FROM {given} WHERE {table}.{key} = {given.values[-1]}"  # noqa: S608
            _execute(statement, given.parameters)
        else:
            changes = (f"{column(model, name)} = %s" for name in names)
            _execute_each(f"UPDATE {table} SET {', '.join(changes)} WHERE {key} = %s", some)  # noqa: S608  names


def column(model: type[models.Model], name: str) -> str:
    """The quoted column of a field."""
    return connection.ops.quote_name(str(_field(model, name).column))


class _Given:
    """Rows as a table of PostgreSQL's, a JSON array for each column: arrays of its own are put together in Python."""

    def __init__(self, model: type[models.Model], names: Sequence[str], rows: Sequence[Values]) -> None:
        self.names = [f"c{place}" for place in range(len(names))]
        self.values = [
            f"given.{short}::{_type(_field(model, name))}" for short, name in zip(self.names, names, strict=True)
        ]
        self.parameters = [json.dumps(column, default=_iso) for column in zip(*rows, strict=True)]

    def __str__(self) -> str:
        arrays = ", ".join("json_array_elements_text(%s)" for _ in self.names)
        return f"ROWS FROM ({arrays}) AS given ({', '.join(self.names)})"


def _iso(moment: date) -> str:
    return moment.isoformat()


def _type(field: "models.Field[Any, Any]") -> str:
    """Without its length: a cast would cut off what is too long, where the column refuses it."""
    return re.sub(r"\(.*\)", "", str(field.db_type(connection)))


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if field.name == name)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _chunks(rows: Iterable[Values]) -> Iterator[list[Values]]:
    left = iter(rows)
    while some := list(islice(left, _CHUNK)):
        yield some


def _execute(statement: str, parameters: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _execute_each(statement: str, rows: Sequence[Values]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
