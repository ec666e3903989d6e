"""No error, repr or log line gives away a secret, a phone number or what was said."""

import logging
import pickle
import traceback

import httpx
import pytest

from campaigns.chert import Bearer, ChertError, Signed, Text, open_chat
from campaigns.chert.envelope import hide_digits

from .conftest import SECRET, answer, connect

PHONE = "+15005550006"
WORDS = "Canary words for Ada"
CANARIES = (SECRET, PHONE, PHONE[1:], WORDS)
LOUD = {"error": {"code": 1002, "retryable": False, "message": f"{PHONE} got {WORDS} by {SECRET}"}}


def message():
    return open_chat("+15005550001", [PHONE], [Text(WORDS)], "key-1")


@pytest.mark.parametrize("credentials", [Bearer(SECRET), Signed(SECRET, "ada")])
@pytest.mark.parametrize(
    "reply",
    [
        answer(400, LOUD),
        answer(500, LOUD),
        answer(401, {"error": {**LOUD["error"], "code": 2004}}),
        httpx.Response(502, html=f"<p>{PHONE} {WORDS} {SECRET}</p>"),
        httpx.ReadTimeout("silence"),
    ],
)
def test_an_error_gives_nothing_away(credentials, reply, caplog):
    caplog.set_level(logging.DEBUG)
    client, _ = connect(reply, credentials=credentials)
    with pytest.raises(ChertError) as caught:
        client.send(message())
    told = [str(caught.value), repr(caught.value), caught.value.detail, caplog.text]
    told += traceback.format_exception(caught.value)
    assert not any(canary in text for canary in CANARIES for text in told)


def test_nothing_we_hold_shows_itself():
    held = (Bearer(SECRET, "ada"), Signed(SECRET, "ada"), message())
    assert not any(canary in repr(thing) for canary in CANARIES for thing in held)


def test_cherts_own_words_are_kept_apart_and_without_numbers():
    client, _ = connect(answer(400, LOUD))
    with pytest.raises(ChertError) as caught:
        client.send(message())
    assert "•••" in caught.value.said
    assert PHONE[1:] not in caught.value.said


@pytest.mark.parametrize("text", ["+15005550006", "(500) 555-0006", "500.555.0006", "call 5005550006 now"])
def test_numbers_are_hidden_however_they_are_written(text):
    assert "0006" not in hide_digits(text)


def test_short_numbers_stay():
    assert hide_digits("parts[2]: at most 10, code 1006") == "parts[2]: at most 10, code 1006"


def test_foreign_words_become_one_short_line():
    assert hide_digits("a\nb\x1b[31m" + "x" * 900).count("\n") == 0
    assert len(hide_digits("x" * 900)) == 200
    assert hide_digits(None) == ""


def test_an_error_survives_the_way_to_another_process():
    client, _ = connect(answer(429, {"error": {"code": 1007, "retryable": True, "retry_after": 9}}))
    with pytest.raises(ChertError) as caught:
        client.send(message())
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), again.retry_after, str(again)) == (type(caught.value), 9, str(caught.value))
