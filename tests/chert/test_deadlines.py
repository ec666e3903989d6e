"""A call ends in time, however slowly the other side speaks or listens."""

import time
from contextlib import contextmanager

import httpx
import pytest

from campaigns.chert import AttachmentId, Bearer, Client, Deadlines, NotSent, Unknown, UploadSlot
from campaigns.chert.transport import uptime

from . import peers
from .conftest import BASE, SECRET, Clock, Drip, connect

SHORT = Deadlines(json=0.3, upload=0.3)


@contextmanager
def ends_within(seconds):
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


def test_the_figures_are_those_of_the_contract():
    assert Deadlines() == Deadlines(json=30, upload=120, connect=5, read=15, write=15, pool=5)


def test_no_step_may_take_longer_than_the_whole():
    """F-18."""
    timeout = Deadlines(read=15, connect=5).timeout(3)
    assert (timeout.read, timeout.connect) == (3, 3)


def test_a_dripping_answer_is_cut_at_the_deadline(greeting):
    """F-21."""
    clock = Clock()
    drip = Drip(clock, [b" "] * 1000, seconds=1)
    client, _ = connect(httpx.Response(200, stream=drip), monotonic=clock)
    with pytest.raises(Unknown):
        client.send(greeting)
    assert drip.given == 30


def test_a_slow_answer_within_the_deadline_is_read(greeting):
    clock = Clock()
    pieces = [b'{"chat":{"id":"c"},', b'"message":{"id":"m"}}']
    reply = httpx.Response(200, stream=Drip(clock, pieces, seconds=14), headers={"content-type": "application/json"})
    client, _ = connect(reply, monotonic=clock)
    assert client.send(greeting).message_id == "m"


def test_a_slow_refusal_to_take_more_is_still_one(greeting):
    clock = Clock()
    reply = httpx.Response(429, stream=Drip(clock, [b" "] * 99, seconds=1), headers={"retry-after": "9"})
    client, _ = connect(reply, monotonic=clock)
    with pytest.raises(NotSent) as caught:
        client.send(greeting)
    assert caught.value.retry_after == 9


def test_an_upload_has_more_time():
    clock = Clock()
    drip = Drip(clock, [b" "] * 1000, seconds=1)
    client, wire = connect(httpx.Response(200, stream=drip), monotonic=clock)
    client.upload(UploadSlot(AttachmentId("a"), f"{BASE}/attachments/a/upload", {}, None), b"picture")
    assert drip.given == 120
    assert wire.last.extensions["timeout"] == {"connect": 5, "read": 15, "write": 15, "pool": 5}


@pytest.mark.parametrize("behaviour", [peers.drips_headers, peers.drips_the_body])
def test_a_real_connection_that_drips_is_cut(behaviour):
    """F-21."""
    with peers.peer(behaviour) as peer:
        client = Client(peer.base, Bearer(SECRET), deadlines=SHORT)
        with client, ends_within(2), pytest.raises(Unknown):
            client.phone_numbers()


def test_a_real_connection_that_sips_an_upload_is_cut():
    with peers.peer(peers.sips_the_upload) as peer, Client(peer.base, Bearer(SECRET), deadlines=SHORT) as client:
        slot = UploadSlot(AttachmentId("a"), f"{peer.base}/attachments/a/upload", {}, None)
        with ends_within(2), pytest.raises(Unknown):
            client.upload(slot, b"x" * 50_000_000)


def test_a_connection_cut_after_the_request_was_heard_proves_nothing(greeting):
    """F-17, F-19."""
    with peers.peer(peers.hangs_up_after_hearing) as peer:
        client = Client(peer.base, Bearer(SECRET))
        with client, pytest.raises(Unknown):
            client.send(greeting)


def test_a_closed_port_is_certainly_not_sent(greeting):
    """F-42."""
    with peers.peer(peers.answers_politely) as peer:
        address = peer.base
    with Client(address, Bearer(SECRET)) as client, pytest.raises(NotSent):
        client.send(greeting)


def test_connections_are_kept(greeting):
    with peers.peer(peers.answers_politely) as peer, Client(peer.base, Bearer(SECRET)) as client:
        for _ in range(10):
            client.phone_numbers()
            client.send(greeting)
        assert peer.connections == 1


def test_a_call_whose_time_ran_out_while_connecting_never_begins():
    clock = Clock()

    def late(request):
        clock.now += 60
        raise httpx.ConnectTimeout("at last")

    client, _ = connect(late, monotonic=clock)
    with pytest.raises(NotSent):
        client.phone_numbers()


def test_a_call_that_was_written_down_and_slept_over_lets_no_byte_leave(greeting):
    """F-07."""
    clock = Clock()
    client, wire = connect(httpx.Response(200), monotonic=clock)
    deadline = client.deadline()
    clock.now += 30
    with pytest.raises(NotSent):
        client.send(greeting, deadline=deadline)
    assert wire.requests == []


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="only Linux has a clock that goes on in its sleep")
def test_the_time_of_a_call_goes_on_while_the_machine_sleeps(monkeypatch):
    slept = {time.CLOCK_BOOTTIME: 9000.0}
    monkeypatch.setattr(time, "clock_gettime", slept.__getitem__)
    assert uptime() == 9000
    with Client(BASE, Bearer(SECRET), deadlines=SHORT) as client:
        deadline = client.deadline()
        slept[time.CLOCK_BOOTTIME] += 1
        assert deadline.is_over
