"""Queries whose SQL is written once, and planned once.

Django writes it anew each time a query is asked.  The claim's has a dozen conditions: to write it takes forty times as
long as to run it, every look of every hand pays for it, and on SQLite all others wait for the lock meanwhile.

PostgreSQL would plan it anew each time as well, for nine milliseconds of its own, a third of all that it had to do.  So
there it is sent apart from its values, and each connection keeps its plan.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet, Value
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler


class Given(Value):
    """A place for a value that comes with each asking, by its name.  Where a span is added it stands for a moment."""

    def __init__(self, name: str, later: timedelta = timedelta()) -> None:
        super().__init__(name)
        self.later = later

    def __add__(self, other: Any) -> Any:
        return Given(self.value, self.later + other)

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def among(self, given: dict[str, Any]) -> Any:
        """Its value, as the database takes it."""
        value = given[self.value]
        if isinstance(value, datetime):
            return connection.ops.adapt_datetimefield_value(value + self.later)
        return value


@cache
def _planned_once(cursor: type[Any]) -> type[Any]:
    """The driver's own cursor, which leaves values out of the SQL; and every plan is kept.  Django's writes them in."""

    class PlannedOnce(cursor):  # type: ignore[misc]  # known only where there is a PostgreSQL
        def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
            return super().execute(query, params, prepare=True)

    return PlannedOnce


def _cursor() -> CursorWrapper:
    """Whoever looks at the queries (DEBUG, tests) is shown them with their values, and nothing is planned before."""
    if connection.vendor != "postgresql" or connection.queries_logged:
        return connection.cursor()
    connection.close_if_health_check_failed()  # as Django's own begins: it may have been cut since the last request
    connection.ensure_connection()
    driver: Any = connection.Database  # type: ignore[attr-defined]  # psycopg, as Django loaded it
    return connection.make_cursor(_planned_once(driver.Cursor)(connection.connection))


class Prepared:
    """A query made by calling `query` with a `Given` for each of `names`."""

    def __init__(self, query: Callable[..., QuerySet[Any, Any]], *names: str) -> None:
        self._query, self._names = query, names

    def rows(self, **given: Any) -> list[tuple[Any, ...]]:
        """Ask a query by `values_list`: the same rows as the query that it was made of."""
        return [tuple(row) for row in self._ask(given)]

    def objects(self, **given: Any) -> list[Any]:
        """Ask a query of models: the same objects, with all that it selects beside them."""
        if not (found := self._ask(given)):
            return []
        return list(ModelIterable(_Answered(self._written.compiler, found)))  # type: ignore[arg-type]  # no query set

    def _ask(self, given: dict[str, Any]) -> list[Any]:
        written = self._written
        params = [place.among(given) if isinstance(place, Given) else place for place in written.places]
        with _cursor() as cursor:
            cursor.execute(written.sql, params)
            found = cursor.fetchall()
        return list(written.compiler.apply_converters(found, written.converters))

    @cached_property
    def _written(self) -> "_Written":
        """In one piece: of two threads that write it at once, neither is given half of the other's."""
        places = {name: Given(name) for name in self._names}
        compiler = self._query(**places).query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        return _Written(compiler, sql, params, compiler.get_converters([column for column, *_ in compiler.select]))


class _Written(NamedTuple):
    compiler: SQLCompiler
    sql: str
    places: tuple[Any, ...]
    #: What makes a moment of what the database says, and the like.
    converters: Any


class _Answered:
    """What Django makes objects of: a query set, its query and the compiler of that in one, and the answer is there."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, compiler: SQLCompiler, found: list[Any]) -> None:
        self.query, self._found = self, found
        self.select, self.klass_info = compiler.select, compiler.klass_info
        self.annotation_col_map = compiler.annotation_col_map

    def get_compiler(self, using: str) -> "_Answered":
        return self

    def execute_sql(self, **_: Any) -> list[Any]:
        return self._found

    def results_iter(self, results: list[Any]) -> list[Any]:
        return results
