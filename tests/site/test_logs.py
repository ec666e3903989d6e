"""What a log line shows and what it hides (S48, S49)."""

import json
import logging

import pytest

from reviews import logs


def line(message: str, *args: object, trace: BaseException | None = None) -> str:
    info = (type(trace), trace, trace.__traceback__) if trace else None
    return logs.OneLine().format(logging.LogRecord("campaigns", logging.INFO, "", 0, message, args, info))


def message(text: str) -> str:
    return json.loads(line("%s", text))["message"]


@pytest.mark.parametrize(
    "number",
    [
        "+15125550142",
        "%2B15125550142",
        "15125550142",
        "5125550142",
        "(512) 555-0142",
        "512-555-0142",
        "+1 512 555 0142",
        "1.512.555.0142",
    ],
)
def test_a_phone_number_is_masked_however_it_is_written(number):
    assert message(f"to {number}, from us") == "to +1•••••0142, from us"


def test_a_number_of_another_country_keeps_its_ends():
    assert message("+4915112345678") == "+4•••••5678"


@pytest.mark.parametrize(
    "text", ["id 20261122134529", "12 of 500 in 1795344000.25", "9f86d081-884c-4d63-a1b2-512555014200"]
)
def test_other_numbers_stay(text):
    assert message(text) == text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Authorization: Bearer 0123456789abcdef.acme", "Authorization: ••• •••"),
        ("sent Bearer 0123456789abcdef.acme", "sent Bearer •••"),
        ('{"signing_secret": "abc123"}', '{"signing_secret": "•••"}'),
        ("password=hunter2&next=/", "password=•••&next=/"),
        ("GET /sign-in/Zk3vQm8RtY1uWx5bN7cD9eF2gH4jK6pL/", "GET /sign-in/•••/"),
        ("postgres://goodword:hunter2@db/goodword", "postgres://•••@db/goodword"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "•••"),
        ("grace@example.com signed in", "•••@example.com signed in"),
    ],
)
def test_a_secret_is_masked(said, shown):
    assert message(said) == shown


@pytest.mark.parametrize(
    "text", ["a\r\nb", "a\x1b[31mb", 'a", "level": "INFO', "a\u2028b", "a\x85b", "a\u202eb", "a\x00b"]
)
def test_whatever_is_said_stays_one_line_and_comes_back_whole(text):
    written = line("%s", text)
    assert len(written.splitlines()) == 1
    assert written.isprintable()
    assert json.loads(written)["message"] == text


def test_a_trace_is_part_of_the_line_and_masked():
    try:
        raise ValueError("Key (phone)=(+15125550142) already exists")
    except ValueError as problem:
        written = line("failed", trace=problem)
    assert len(written.splitlines()) == 1
    assert "0142" in written
    assert "5125550142" not in written


def test_a_line_carries_the_id_of_its_request():
    token = logs.request_id.set("abcdef0123456789")
    assert json.loads(line("hello"))["request"] == "abcdef0123456789"
    logs.request_id.reset(token)
