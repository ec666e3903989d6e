"""How a seed is lived: a database without fsync, no drawing, our transport, our chance, our workers."""

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection as database
from django.utils import timezone

from campaigns import connection, launch
from campaigns.brakes import absence, minute, skew
from campaigns.outbox import leases, patience, pictures
from tests.simulation.database import wipe
from tests.simulation.life import STARTS, Life
from tests.simulation.watch import Violation

run = import_module("campaigns.outbox.run")  # the package calls its function so too


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="live this one seed of the simulation and print its story")
    parser.addoption("--seeds", type=int, help="how many seeds of the simulation to live, from 0 on")
    parser.addoption("--stats", action="store_true", help="and print what the lives had to put up with")


@pytest.fixture
def live(transactional_db, monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[Callable[[int], Life]]:
    """Live one seed; a `Violation` carries its story."""
    settings.ALLOWED_ABSENCE = timedelta(days=3650)  # days pass in a leap
    settings.CHERT_API_BASE = "https://chert.example/api/v1"  # no loopback: the limits of the real Chert hold
    monkeypatch.setattr(pictures.cards, "render", lambda design, words: words["first_name"].encode())
    monkeypatch.setattr(launch, "_findings", lambda campaign, people: [])
    monkeypatch.setattr(pictures, "drawing", lambda card: None)
    _keep_pictures_in_memory(monkeypatch)
    # One connection for all workers: none of them may close it, for its age or because it failed one of them.
    database.close_at = None
    monkeypatch.setattr(database, "close_if_unusable_or_obsolete", lambda: None)
    logging.disable()
    gc.disable()  # what one life leaves is collected before the next dozen
    with time_machine.travel(STARTS[0], tick=False) as traveller:
        yield lambda seed: _one(seed, traveller)
    gc.enable()
    logging.disable(logging.NOTSET)
    connection.transport = None
    connection.forget()
    database.close()


def _keep_pictures_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, bytes] = {}
    monkeypatch.setattr(pictures, "_keep", kept.__setitem__)
    monkeypatch.setattr(pictures, "picture_path", lambda name: SimpleNamespace(read_bytes=lambda: kept[name]))


def _one(seed: int, traveller: time_machine.Traveller) -> Life:
    wipe()
    leases._IN_HAND.clear()
    minute.forget()
    if seed % 50 == 0:
        gc.collect()
    life = Life(seed, traveller)
    with pytest.MonkeyPatch.context() as patch, database.execute_wrapper(life.statement):
        patch.setattr(connection, "transport", lambda: life.world)
        patch.setattr(patience, "_chance", life.chance)
        patch.setattr(leases, "_served", 0)
        patch.setattr(leases, "me", life.name_of_worker)
        patch.setattr(leases, "free_the_dead", life.free_the_dead)
        patch.setattr(leases, "_note", lambda: None)  # `_IN_HAND` outlives those who die here
        patch.setattr(run, "_suspect", nullcontext())  # each worker is a process of its own
        patch.setattr(run, "HANDFUL", life.chance.choice([1, 12]))
        patch.setattr(skew, "database_time", timezone.now)
        patch.setattr(absence, "remembered", lambda: life.beat)
        patch.setattr(absence, "_remember", life.remember)
        connection.forget()
        try:
            life.live()
        except Violation as violation:
            told = "\n".join(life.story)
            raise Violation(f"seed {seed}: {violation}\n\n{told}\n\npython -m tests.simulation {seed}") from None
        finally:
            life.nemesis.is_calm = True
    return life
