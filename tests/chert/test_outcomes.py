"""What each unhappy end means: the table of consequences, walked row by row."""

import socket
import ssl

import httpx
import pytest

from campaigns.chert import AccountTrouble, Answer, ChertError, NotSent, Refused, Unknown, classify

from .conftest import ACCEPTED, answer, connect, envelope


def caught(greeting, reply, attempt=1):
    client, _ = connect(reply)
    with pytest.raises(ChertError) as caught:
        client.send(greeting, attempt=attempt)
    return caught.value


@pytest.mark.parametrize(
    ("consequence", "error"),
    [
        (NotSent, httpx.PoolTimeout("no connection")),
        (NotSent, httpx.ConnectTimeout("too slow")),
        (NotSent, httpx.ConnectError("refused")),
        (Unknown, httpx.WriteTimeout("stuck")),
        (Unknown, httpx.ReadTimeout("silence")),
        (Unknown, httpx.WriteError("broken pipe")),
        (Unknown, httpx.ReadError("reset")),
        (Unknown, httpx.CloseError("closed")),
        (Unknown, httpx.RemoteProtocolError("disconnected without an answer")),
        (Unknown, httpx.LocalProtocolError("too little data")),
        (Unknown, ConnectionResetError("reset")),
    ],
)
def test_a_broken_call_is_certainly_not_sent_only_if_no_connection_stood(greeting, consequence, error):
    assert type(caught(greeting, error)) is consequence


@pytest.mark.parametrize(
    ("consequence", "status", "code", "retryable"),
    [
        # one customer, for good
        (Refused, 400, 1003, False),
        (Refused, 400, 1005, False),
        (Refused, 404, 2002, False),
        (Refused, 422, 4099, False),
        (Refused, 501, 4099, False),
        (Refused, 409, 1012, False),
        (Refused, 404, 5001, False),
        # come back
        (NotSent, 429, 1007, True),
        (NotSent, 503, 4002, True),
        (NotSent, 400, 5004, True),
        (NotSent, 409, 1012, True),
        # perhaps sent
        (Unknown, 500, 3001, True),
        (Unknown, 503, 3002, True),
        (Unknown, 502, 3004, True),
        (Unknown, 502, 4001, True),
        # the account
        (AccountTrouble, 404, 2001, False),
        (AccountTrouble, 401, 2004, False),
        (AccountTrouble, 403, 2005, False),
        (AccountTrouble, 403, 2007, False),
        (AccountTrouble, 402, 2008, False),
        (AccountTrouble, 401, 2012, False),
        (AccountTrouble, 401, 2013, False),
        (AccountTrouble, 500, 3003, False),
        (AccountTrouble, 500, 3003, True),
        # the flag wins over the status and over the code's habit
        (Refused, 500, 3001, False),
        (Refused, 503, 4002, False),
        (Refused, 429, 1007, False),
        (NotSent, 400, 1003, True),
        # without the flag, Chert's table of codes speaks, then the status
        (NotSent, 429, 1007, None),
        (NotSent, 503, 4002, None),
        (Unknown, 502, 4001, None),
        (Refused, 400, 4098, None),
        (Refused, 422, 4099, None),
        (Refused, 400, 1002, None),
        (Unknown, 500, None, None),
        (Refused, 418, None, None),
        # codes newer than this client
        (Refused, 400, 1999, False),
        (Unknown, 500, 3999, True),
        (Refused, 400, 9999, None),
    ],
)
def test_an_error_of_cherts_own_is_judged_by_its_envelope(greeting, consequence, status, code, retryable):
    error = caught(greeting, answer(status, envelope(status, code, retryable)))
    assert (type(error), error.code, error.http_status) == (consequence, code, status)


@pytest.mark.parametrize(
    "status", [200, 201, 301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 413, 500, 502, 503, 504]
)
def test_a_page_of_someone_in_between_proves_nothing(greeting, status):
    """F-25."""
    assert type(caught(greeting, httpx.Response(status, html="<h1>Nope</h1>"))) is Unknown


def test_a_redirect_proves_nothing_whatever_it_says(greeting):
    """F-34."""
    assert type(caught(greeting, answer(303, envelope(303, 1003, False)))) is Unknown


def test_too_many_requests_is_not_sent_whoever_says_it(greeting):
    error = caught(greeting, httpx.Response(429, html="slow down", headers={"retry-after": "7"}))
    assert (type(error), error.retry_after) == (NotSent, 7)


def test_a_conflict_on_a_repeat_may_mean_that_the_first_try_arrived(greeting):
    """F-38."""
    conflict = answer(409, envelope(409, 1012, False))
    assert type(caught(greeting, conflict, attempt=1)) is Refused
    assert type(caught(greeting, conflict, attempt=2)) is Unknown


def test_trouble_with_the_account_stays_that_on_a_repeat(greeting):
    assert type(caught(greeting, answer(401, envelope(401, 2004, False)), attempt=5)) is AccountTrouble


@pytest.mark.parametrize(
    "body",
    [
        {"status": "failed", "code": 1003, "message": "bad phone", "retryable": False},
        {"status": "failed", "message": "bad phone"},
        {"code": "1003", "retryable": False},
        {"success": False, "error": {"message": "bad phone"}},
        {"error": {"retryable": False}},
    ],
)
def test_the_flat_and_the_spare_forms_of_the_envelope_are_read(greeting, body):
    assert type(caught(greeting, answer(400, body))) is Refused


@pytest.mark.parametrize(
    "body",
    [[], "text", 7, None, {}, {"error": "no"}, {"detail": "Not found"}, {"error": {"code": True}}, {"code": 1.5}],
)
def test_json_that_is_no_envelope_proves_nothing(greeting, body):
    assert type(caught(greeting, answer(400, body))) is Unknown


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"chat": {"id": "c"}},
        {"message": {"id": "m"}},
        {"chat": {"id": "c"}, "message": {"id": None}},
        {"chat": {"id": "c"}, "message": {"id": 7}},
        {"chat": {"id": "c"}, "message": {"id": ""}},
        {"chat": {"id": 7}, "message": {"id": "m"}},
        {"chat": "c", "message": {"id": "m"}},
        {"chat": {"id": "c"}, "message": ["m"]},
        {"chat": {"id": "c"}, "message": {"id": "x" * 300}},
        {"chat": {"id": "c"}, "message": {"id": "a\nb"}},
        envelope(400, 1003, False),
        None,
        [ACCEPTED],
    ],
)
def test_a_success_without_both_ids_is_not_believed(greeting, body):
    """F-28."""
    error = caught(greeting, answer(200, body))
    assert (type(error), error.http_status) == (Unknown, 200)


@pytest.mark.parametrize("content", [b"", b"{", b'{"chat": {"id": "c"', b"\xff\xfe", b"[" * 100_000, b"1" * 5000])
def test_a_success_with_a_broken_body_is_not_believed(greeting, content):
    """F-26."""
    reply = httpx.Response(200, content=content, headers={"content-type": "application/json"})
    assert type(caught(greeting, reply)) is Unknown


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", "application/octet-stream", ""])
def test_a_success_that_does_not_call_itself_json_is_not_believed(greeting, content_type):
    """F-27."""
    reply = httpx.Response(200, json=ACCEPTED, headers={"content-type": content_type})
    assert type(caught(greeting, reply)) is Unknown


def test_the_trace_comes_from_the_header_or_the_body(greeting):
    body = envelope(400, 1003, False)
    assert caught(greeting, answer(400, body, x_trace_id="trace-header")).trace_id == "trace-header"
    assert caught(greeting, answer(400, body)).trace_id == "trace-body"
    assert caught(greeting, answer(400, body, x_trace_id="x" * 500)).trace_id == "trace-body"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (2001, "key"),
        (2004, "key"),
        (2012, "key"),
        (2005, "permission"),
        (2007, "unverified"),
        (2008, "payment"),
        (2013, "clock"),
        (3003, "not_configured"),
    ],
)
def test_trouble_with_the_account_has_a_reason_and_advice(greeting, code, reason):
    error = caught(greeting, answer(401, envelope(401, code, False)))
    assert error.reason == reason
    assert error.advice.endswith(".")


def test_a_wrong_clock_is_named(greeting):
    """F-33."""
    assert "clock" in str(caught(greeting, answer(401, envelope(401, 2013, False))))


@pytest.mark.parametrize(
    ("behind", "word"),
    [
        (socket.gaierror(-2, "Name or service not known"), "DNS"),
        (ssl.SSLCertVerificationError("self-signed"), "certificate"),
        (ConnectionRefusedError(111, "refused"), "refused"),
        (None, "could not be reached"),
    ],
)
def test_a_connection_that_never_stood_says_why(behind, word):
    """F-42."""
    error = httpx.ConnectError("all the same")
    error.__cause__ = behind
    assert word in classify(error).detail


def test_a_status_is_believed_although_the_words_were_cut_off():
    assert type(classify(Answer(429, {}, None))) is NotSent
    assert type(classify(Answer(200, {}, None))) is Unknown
    assert type(classify(Answer(400, {}, None))) is Unknown


def test_every_verdict_speaks_in_a_sentence(greeting):
    for status in (200, 302, 400, 429, 500):
        for body in (None, envelope(status, 1003), envelope(status, 9999)):
            assert caught(greeting, answer(status, body)).detail.endswith(".")
