"""The promise, from outside: real processes, the sender killed on the way, what the pretend Chert counted (F-08)."""

import sys

import pytest

from benchmarks import chaos, deliveries
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
