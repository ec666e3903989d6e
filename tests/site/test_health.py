"""The two questions a machine may ask."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.utils import timezone

from campaigns import cards, launch, outbox, their_clock
from campaigns import events as chert_events
from campaigns.apps import names_can_be_drawn
from campaigns.cards import heic, typefaces
from campaigns.models import Attempt, Campaign, Message
from reviews import celery, health, sqlite
from tests.cast import NOON, make_campaign, make_customer, turn


def test_healthz_asks_no_database(client):
    assert client.get("/healthz").content == b"ok"


def test_a_probe_may_ask_by_any_address(client):
    assert client.get("/healthz", headers={"host": "10.1.2.3:8000"}).status_code == 200


@pytest.fixture
def heart(settings, tmp_path):
    """A worker that beats, and has swept just now."""
    settings.HEARTBEAT, settings.SWEPT = tmp_path / "heartbeat", tmp_path / "swept"
    settings.HEARTBEAT.touch()
    settings.SWEPT.touch()
    caches["spare"].clear()
    their_clock.forget()
    return settings.HEARTBEAT


@pytest.fixture
def beats(heart, settings, clock):
    """Let the worker of the test's time beat and sweep now."""

    def beat():
        for path in (heart, settings.SWEPT):
            os.utime(path, (clock().timestamp(), clock().timestamp()))

    beat()
    return beat


@pytest.mark.django_db
def test_readyz_is_content_when_all_is_well(client, heart):
    answer = client.get("/readyz")
    told = answer.json()
    assert (told["ready"], told["checks"], told["notes"]) == (True, dict.fromkeys(health.CHECKS, "ok"), [])
    assert answer.status_code == 200


@pytest.mark.django_db
def test_readyz_names_the_sqlite_it_uses(client, heart):
    version = sqlite3.sqlite_version if connection.vendor == "sqlite" else None
    assert client.get("/readyz").json()["sqlite"] == version


@pytest.mark.django_db
def test_readyz_has_figures_and_those_that_nobody_knows_are_null(client, heart):
    figures = client.get("/readyz").json()["seen"]
    assert figures.pop("last_sweep_seconds") < 60
    assert figures == {"oldest_due_seconds": None, "last_poll_seconds": None, "clock_skew_seconds": None}


def test_readyz_says_how_old_the_oldest_message_and_the_last_poll_are(client, beats, campaign, clock):
    first = Message.objects.exclude(due_at=None).get().due_at
    chert_events.poll(clock)
    clock.to(first + timedelta(seconds=100))
    figures = client.get("/readyz").json()["seen"]
    assert figures["oldest_due_seconds"] == 100
    assert figures["last_poll_seconds"] == 100 + (first - NOON).total_seconds()


def test_what_may_leave_and_is_left_lying_makes_it_unready_after_two_minutes(client, beats, campaign, clock):
    clock.go(minutes=1, seconds=30)
    beats()
    assert client.get("/readyz").json()["checks"]["queue"] == "ok"
    clock.go(minutes=1)
    beats()
    assert "more than two minutes" in client.get("/readyz").json()["checks"]["queue"]


def test_what_somebody_is_working_at_is_not_left_lying(client, beats, campaign, clock):
    """A long queue may be due for hours: as long as calls are made, all is well."""
    clock.go(minutes=10)
    beats()
    message = Message.objects.exclude(due_at=None).get()
    Attempt.objects.create(message=message, step="send", started_at=clock() - timedelta(seconds=90))
    assert client.get("/readyz").json()["checks"]["queue"] == "ok"


def test_what_is_held_in_a_live_hand_is_not_left_lying(client, beats, campaign, rival, clock):
    make_customer(rival.business)
    launch.launch(make_campaign(rival), rival.user, clock())
    clock.go(minutes=10)
    beats()
    Message.objects.update(lease_until=clock() + timedelta(minutes=1), lease_token="me")
    assert client.get("/readyz").json()["checks"]["queue"] == "ok"


@pytest.mark.parametrize(
    "standing",
    [
        lambda ada: Campaign.objects.update(state="paused"),
        lambda ada: ada.organization.pause("credit", "No credit.", timezone.now()),
        lambda ada: ada.organization.slow(timezone.now() + timedelta(hours=1)),
        lambda ada: Campaign.objects.update(rests_until=timezone.now() + timedelta(hours=1)),
    ],
    ids=["paused", "no credit", "slowed", "rests"],
)
def test_what_may_not_leave_is_not_left_lying(client, beats, ada, campaign, clock, standing):
    clock.go(minutes=10)
    beats()
    standing(ada)
    assert client.get("/readyz").json()["checks"]["queue"] == "ok"


def test_one_account_at_work_does_not_hide_another_that_nobody_serves(client, beats, campaign, rival, clock):
    make_customer(rival.business)
    launch.launch(make_campaign(rival), rival.user, clock())
    clock.go(minutes=10)
    beats()
    Attempt.objects.create(message=campaign.deliveries.get().messages.first(), step="send", started_at=clock())
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").json()["checks"]["queue"] != "ok"


def test_readyz_says_when_nobody_sweeps(client, beats, ada, settings, clock):
    outbox.sweep(clock())
    assert client.get("/readyz").json()["checks"]["sweep"] == "ok"
    clock.go(seconds=61)
    assert "nobody has swept" in client.get("/readyz").json()["checks"]["sweep"]
    settings.SWEPT.unlink()
    assert "nobody has swept" in client.get("/readyz").json()["checks"]["sweep"]


def test_readyz_says_when_nobody_reads_the_log(client, beats, ada, clock):
    chert_events.poll(clock)
    clock.go(minutes=9)
    assert client.get("/readyz").json()["checks"]["poll"] == "ok"
    clock.go(minutes=2)
    assert "Nobody reads Chert's log" in client.get("/readyz").json()["checks"]["poll"]
    ada.organization.pause("key", "The key is wrong.", clock())  # then it is told elsewhere, and to somebody
    assert client.get("/readyz").json()["checks"]["poll"] == "ok"


def test_a_log_that_cannot_be_read_is_a_note_for_a_restart_would_not_mend_it(client, beats, ada, sandbox, clock):
    chert_events.poll(clock)
    turn(sandbox, away=True)
    for _ in range(11):
        clock.go(minutes=1)
        chert_events.poll(clock)
    beats()
    told = client.get("/readyz").json()
    assert (told["checks"]["poll"], told["notes"]) == ("ok", [health._unread()])
    turn(sandbox, away=False)
    clock.go(minutes=1)
    chert_events.poll(clock)
    assert client.get("/readyz").json()["notes"] == []


@pytest.mark.django_db
@pytest.mark.parametrize(("ahead", "said"), [(31, "31 seconds ahead of Chert's"), (-45, "45 seconds behind"), (30, "")])
def test_a_clock_that_chert_does_not_share_is_told(client, heart, ahead, said):
    their_clock.notice(ahead)
    word = client.get("/readyz").json()["checks"]["clock"]
    assert (word == "ok") is (said == "")
    assert said in word
    assert client.get("/readyz").json()["seen"]["clock_skew_seconds"] == ahead


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


def test_a_database_that_is_away_is_waited_for_once(client, heart, caplog):
    """Its time-out is ten seconds, and a probe has less patience than that times the number of checks."""
    told = client.get("/readyz").json()
    assert {told["checks"][name] for name in health.ASK_THE_DATABASE} == {health.NOT_ASKED}
    assert (told["notes"], told["seen"], told["checks"]["worker"]) == ([], {}, "ok")
    assert len([record for record in caplog.records if record.name == "reviews.health"]) == 1


def test_what_readyz_says_holds_nothing_of_anybody(client, beats, campaign, grace, ada, clock):
    clock.go(minutes=10)
    told = client.get("/readyz").content.decode()
    secrets = [grace.phone[2:], grace.first_name, ada.organization.name, ada.organization.chert_secret, campaign.name]
    assert [word for word in secrets if word in told] == []


def test_since_when_a_check_says_so_is_remembered(client, beats, ada, clock):
    began = clock()
    client.get("/readyz")
    clock.go(hours=1)
    beats()
    their_clock.notice(60)
    turned = clock()
    client.get("/readyz")
    clock.go(minutes=1)
    beats()
    since = {finding.name: finding.since for finding in health.examine()}
    assert (since["database"], since["clock"]) == (began, turned)


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


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite about itself")
@pytest.mark.parametrize(
    ("name", "value"), [("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("mmap_size", 2**28)]
)
def test_sqlite_keeps_what_it_has_promised(settings, tmp_path, name, value):
    """Asked of a connection as the product makes it: those of the tests wait for no disk."""
    with closing(sqlite3.connect(tmp_path / "new.sqlite3")) as made:
        made.executescript(settings.DATABASES["default"]["OPTIONS"]["init_command"])
        assert made.execute(f"PRAGMA {name}").fetchone() == (value,)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks SQLite about itself")
def test_sqlite_itself_waits_for_the_lock_a_moment_only():
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (8,)
