"""The two questions a machine may ask."""

import sqlite3

import pytest
from django.db import connection

from campaigns import cards
from campaigns.apps import names_can_be_drawn
from campaigns.cards import heic, typefaces
from reviews import celery, health, sqlite


def test_healthz_asks_no_database(client):
    assert client.get("/healthz").content == b"ok"


def test_a_probe_may_ask_by_any_address(client):
    assert client.get("/healthz", headers={"host": "10.1.2.3:8000"}).status_code == 200


@pytest.fixture
def heart(settings, tmp_path):
    settings.HEARTBEAT = tmp_path / "heartbeat"
    settings.HEARTBEAT.touch()
    return settings.HEARTBEAT


@pytest.mark.django_db
def test_readyz_is_content_when_all_is_well(client, heart):
    answer = client.get("/readyz")
    assert answer.json() == {"ready": True, "checks": dict.fromkeys(health.CHECKS, "ok"), "notes": []}
    assert answer.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("shaping", "said"), [(True, []), (False, ["Indic"])])
def test_readyz_and_the_system_check_say_which_names_cannot_be_drawn(client, heart, monkeypatch, shaping, said):
    monkeypatch.setattr(typefaces, "SHAPING", shaping)
    notes, warnings = client.get("/readyz").json()["notes"], names_can_be_drawn()
    assert [word in note for word, note in zip(said, notes, strict=True)] == [True] * len(said)
    assert [warning.msg for warning in warnings] == notes
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(("gone", "said"), [("lost", "Removed.ttf"), ("heic", "pillow-heif")])
def test_what_else_is_missing_is_named(monkeypatch, gone, said):
    monkeypatch.setattr(typefaces, "SHAPING", True)
    if gone == "lost":
        monkeypatch.setattr(typefaces, "SHIPPED", (typefaces.Face("Removed.ttf"),))
    else:
        monkeypatch.setattr(heic, "is_here", lambda: False)
    (sentence,) = cards.shortcomings()
    assert said in sentence


@pytest.mark.django_db
def test_readyz_says_when_chert_finds_our_clock_wrong(client, heart, ada, clock):
    """F-33."""
    ada.organization.pause("clock", "The clock is wrong.", clock())
    answer = client.get("/readyz")
    assert (answer.status_code, "set it right" in answer.json()["checks"]["clock"]) == (503, True)


@pytest.mark.django_db
def test_readyz_says_when_the_worker_is_gone(client, heart):
    heart.unlink()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"] == "Nothing is being sent: the worker has given no sign of life."


@pytest.mark.django_db
def test_readyz_says_when_the_worker_is_late(client, heart, time_machine):
    time_machine.move_to(heart.stat().st_mtime + health.HEARTBEAT_MAX_AGE + 1)
    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_readyz_says_when_a_migration_is_missing(client, heart):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'campaigns'")
    assert "manage.py migrate" in client.get("/readyz").json()["checks"]["migrations"]


def test_readyz_survives_a_database_that_cannot_be_asked(client, heart, caplog):
    answer = client.get("/readyz")  # no django_db mark: every query is an error
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "This could not be checked; the log says why."


@pytest.mark.django_db
def test_not_being_ready_is_an_answer_and_no_error_in_the_log(client, heart, caplog):
    heart.unlink()
    assert client.get("/readyz").status_code == 503
    assert caplog.records == []


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 4), (3, 50, 7), (3, 44, 6), (4, 0, 0)])
def test_a_repaired_sqlite_is_known(version):
    assert sqlite.is_fixed(version)


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 46, 1), (3, 51, 2), (3, 50, 6), (3, 44, 5), (3, 45, 9)])
def test_a_faulty_sqlite_is_known(version):
    assert not sqlite.is_fixed(version)


@pytest.mark.parametrize(("version", "said"), [((3, 46, 1), ["WARNING"]), ((3, 51, 3), [])])
def test_the_worker_says_in_its_log_what_to_do_about_a_faulty_one(settings, monkeypatch, caplog, version, said):
    settings.DATABASE_URL = ""
    monkeypatch.setattr(celery.sqlite3, "sqlite_version_info", version)
    celery.warn_of_sqlite()
    assert [record.levelname for record in caplog.records] == said
    assert all("install pysqlite3" in record.message for record in caplog.records)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks about SQLite")
def test_readyz_says_what_to_do_about_a_faulty_one(client, heart, monkeypatch):
    monkeypatch.setattr(health.sqlite3, "sqlite_version_info", (3, 46, 1))
    assert "install pysqlite3 or upgrade SQLite" in client.get("/readyz").json()["checks"]["sqlite"]


def test_this_python_uses_a_repaired_sqlite():
    assert sqlite.is_fixed(sqlite3.sqlite_version_info)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite about itself")
@pytest.mark.parametrize(("name", "value"), [("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 8)])
def test_sqlite_keeps_what_it_has_promised(name, value):
    with connection.cursor() as cursor:
        assert cursor.execute(f"PRAGMA {name}").fetchone() == (value,)
