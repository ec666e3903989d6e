"""The promise, from outside: real processes, the sender killed on the way, what the pretend Chert counted (F-08)."""

import sys

import pytest

from benchmarks import chaos, deliveries
from benchmarks.servers import Missing, program
from tests.site.processes import own_database

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def test_a_sender_killed_twice_loses_nothing_and_doubles_nothing():
    """F-08."""
    with own_database() as database:
        seen = deliveries.measure(rows=60, kills=2, **database)
    assert (seen["lost"], seen["duplicates"], seen["database_is_locked"], seen["total"]) == (0, 0, 0, 60)


def test_every_promise_holds_in_bad_weather_while_workers_are_killed_and_frozen():
    with own_database() as database:
        seen = chaos.main(rows=40, kills=3, freezes=1, seed=7, call_seconds=1, **database)
    assert seen["passed"], seen


def has_servers() -> bool:
    try:
        return all(program(name, "it") for name in ("redis-server", "initdb", "pg_ctl", "postgres"))
    except Missing:
        return False


@pytest.mark.once
@pytest.mark.skipif(not has_servers(), reason="there is no PostgreSQL or no Redis on this machine to be mistreated")
def test_every_promise_holds_while_redis_is_killed_and_emptied_and_postgresql_restarted_hard():
    """F-58, F-59."""
    strikes = {"redis_kills": 1, "flushes": 1, "postgres_restarts": 2}
    seen = chaos.main(rows=40, kills=2, freezes=1, seed=3, call_seconds=1, on="postgres", **strikes)
    assert seen["passed"], seen
    assert seen["strikes"] == {"kill": 2, "freeze": 1, "redis": 1, "flush": 1, "postgres": 2}


@pytest.mark.once
def test_where_chert_heeds_no_key_at_all_nothing_is_doubled_and_doubt_is_parked():
    """F-39, G3."""
    seen = chaos.main(rows=40, kills=2, freezes=0, seed=5, call_seconds=1, keys="ignored", on="sqlite")
    assert seen["passed"], seen
    assert (seen["duplicates"], seen["lost"], seen["stuck"]) == (0, 0, 0)
