"""The broker in files: a ring is heard whole or not at all."""

import fcntl
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from reviews import doorbell


@pytest.fixture
def channel(tmp_path: Path):
    doorbell.make_known()
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path / "c")}
    with Connection("doorbell://localhost/", transport_options=folders) as connection:
        yield connection.default_channel


def test_a_ring_is_heard(channel):
    channel._put("celery", {"look": 1})
    assert channel._get("celery") == {"look": 1}


def test_a_half_written_ring_is_not_heard(channel, tmp_path):
    (tmp_path / "1_x.celery.msg").write_text("")
    with pytest.raises(Empty):
        channel._get("celery")


def test_a_ring_being_written_is_not_seen(channel, tmp_path):
    (tmp_path / ".1_x.celery.msg").write_text("{")
    assert channel._size("celery") == 0


def test_who_was_frozen_while_ringing_keeps_nobody_from_listening(channel):
    """F-07: the list of listeners is in a sleeper's hand."""
    channel._queue_bind("bell", "look", "", "celery")
    with channel._exchange_file("bell").open("rb+") as sleeper:
        fcntl.flock(sleeper, fcntl.LOCK_EX)
        channel._queue_bind("bell", "look", "", "another")
        assert {each.queue for each in channel.get_table("bell")} == {"celery", "another"}


def test_who_listens_already_is_not_listed_twice(channel):
    for _ in range(2):
        channel._queue_bind("bell", "look", "", "celery")
    assert [each.queue for each in channel.get_table("bell")] == ["celery"]


def test_nobody_listens_where_there_is_no_list(channel):
    assert channel.get_table("nobody") == []
