"""The broker in files: a ring is heard whole or not at all."""

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
