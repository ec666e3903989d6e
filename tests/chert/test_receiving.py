"""How much of an answer is read, and in which wrappings."""

import gzip
import tracemalloc
import zlib

import httpx
import pytest

from campaigns.chert import Unknown
from campaigns.chert.receiving import LARGEST_ANSWER

from .conftest import Clock, Drip, connect

LINES = b'{"phone_numbers": []}'


def packed(content, encoding, chunk=65536):
    pieces = [content[start : start + chunk] for start in range(0, len(content), chunk)]
    headers = {"content-type": "application/json", "content-encoding": encoding}
    return httpx.Response(200, stream=Drip(Clock(), pieces, 0), headers=headers)


def far_too_much():
    for _ in range(500):
        yield b" " * 65536


def test_an_endless_answer_is_left_at_a_mebibyte():
    """F-22."""
    drip = Drip(Clock(), far_too_much(), 0)
    client, _ = connect(httpx.Response(200, stream=drip))
    with pytest.raises(Unknown):
        client.phone_numbers()
    assert drip.given == LARGEST_ANSWER // 65536 + 1


def test_an_answer_of_exactly_a_mebibyte_is_read():
    client, _ = connect(packed(LINES.ljust(LARGEST_ANSWER), "identity"))
    assert client.phone_numbers() == []


def test_one_byte_more_is_not():
    client, _ = connect(packed(LINES.ljust(LARGEST_ANSWER + 1), "identity"))
    with pytest.raises(Unknown):
        client.phone_numbers()


def test_a_packed_bomb_takes_no_memory():
    """F-22."""
    bomb = gzip.compress(b" " * 50_000_000)
    client, _ = connect(packed(bomb, "gzip"))
    tracemalloc.start()
    with pytest.raises(Unknown):
        client.phone_numbers()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("content", "encoding"), [(gzip.compress(LINES), "gzip"), (zlib.compress(LINES), "deflate"), (LINES, "Identity")]
)
def test_a_packed_answer_is_unpacked(content, encoding):
    client, _ = connect(packed(content, encoding, chunk=5))
    assert client.phone_numbers() == []


@pytest.mark.parametrize(("content", "encoding"), [(LINES, "br"), (LINES, "gzip"), (LINES, "gzip, gzip")])
def test_what_cannot_be_unpacked_is_not_believed(content, encoding):
    client, _ = connect(packed(content, encoding))
    with pytest.raises(Unknown):
        client.phone_numbers()


def test_no_packing_is_asked_for():
    client, wire = connect(packed(LINES, "identity"))
    client.phone_numbers()
    assert wire.last.headers["accept-encoding"] == "identity"


def test_a_json_dialect_is_json():
    client, _ = connect(
        httpx.Response(200, content=LINES, headers={"content-type": "application/hal+json; charset=utf-8"})
    )
    assert client.phone_numbers() == []


def test_an_answer_cut_off_in_the_middle_is_not_believed(greeting):
    """F-26."""

    def broken():
        yield b'{"chat":{"id":"c"},'
        raise httpx.ReadError("reset")

    client, _ = connect(httpx.Response(200, stream=Drip(Clock(), broken(), 0)))
    with pytest.raises(Unknown):
        client.send(greeting)
