"""Is it really Chert, and what does it say?"""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaigns.chert import BadEvent, BadSignature
from campaigns.chert.webhooks import headers_for, parse, sign, verify

from .conftest import NOW, SECRET

KEY = "whsub_secret_example"
BODY = b'{"event":"message.received","event_id":"chert:msg:test"}'
SIGNATURE = "45e9147ab0bec41594cf0d3005ad75c01468dcd064c966e6675f58ea14d9dc5e"
NEW = f"t={NOW},v1={SIGNATURE}"
OLD = f"v1,{NOW},{SIGNATURE}"


def is_accepted(headers, body=BODY, secrets=(KEY,), now=NOW):
    try:
        return verify(headers, body, secrets, now) is None
    except BadSignature:
        return False


def test_the_signature_matches_the_published_vector():
    assert sign(KEY, NOW, BODY) == SIGNATURE


@pytest.mark.parametrize("name", ["X-Webhook-Signature", "x-chert-signature", "X-CHERT-SIGNATURE"])
@pytest.mark.parametrize(
    "value", [NEW, OLD, f"t={NOW}, v1={SIGNATURE}", f"v1={SIGNATURE},t={NOW}", OLD.upper().replace("V1", "v1")]
)
def test_both_forms_are_taken_in_either_header(name, value):
    assert is_accepted({name: value})


def test_what_we_sign_ourselves_is_accepted_by_each_header_alone():
    for name, value in headers_for(KEY, NOW, b"anything").items():
        assert is_accepted({name: value}, b"anything")


def test_any_of_several_secrets_will_do():
    assert is_accepted({"x-webhook-signature": NEW}, secrets=["another", KEY])
    assert not is_accepted({"x-webhook-signature": NEW}, secrets=["another", "third"])


def test_one_good_signature_among_others_will_do():
    assert is_accepted({"x-webhook-signature": f"t={NOW},v1={'0' * 64},v1={SIGNATURE}"})
    assert is_accepted({"x-webhook-signature": "nonsense", "x-chert-signature": OLD})


@pytest.mark.parametrize(("seconds", "accepted"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_the_window_is_five_minutes_to_either_side(seconds, accepted):
    assert is_accepted({"x-webhook-signature": NEW}, now=NOW + seconds) is accepted


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-other": NEW},
        {"x-webhook-signature": ""},
        {"x-webhook-signature": SIGNATURE},
        {"x-webhook-signature": f"sha256={SIGNATURE}"},
        {"x-webhook-signature": NEW[:-1]},
        {"x-webhook-signature": NEW.replace("v1", "v0")},
        {"x-webhook-signature": NEW.replace("45e9", "45ea")},
        {"x-webhook-signature": f"t=,v1={SIGNATURE}"},
        {"x-webhook-signature": f"t={NOW + 1},v1={SIGNATURE}"},
        {"x-webhook-signature": f"t=-{NOW},v1={SIGNATURE}"},
        {"x-webhook-signature": f"t={NOW}.0,v1={SIGNATURE}"},
        {"x-webhook-signature": f"t={'9' * 5000},v1={SIGNATURE}"},
        {"x-webhook-signature": f"t=١٧٨٠٠٠٠٠٠٠,v1={SIGNATURE}"},
        {"x-webhook-signature": f"t={NOW},v1={'é' * 64}"},
        {"x-webhook-signature": "," * 10},
        {"x-webhook-signature": f"{OLD},"},
        {"x-webhook-signature": f"v1,{NOW},{SIGNATURE},{SIGNATURE}"},
        {"x-webhook-signature": "x" * 1024 * 1024},
        {"x-webhook-signature": "v1=," * 262_144},
        {"x-webhook-signature": NEW + "," + "v1=" + SIGNATURE * 1000},
        {"x-webhook-signature": "\x00\ud800"},
        {"x-webhook-signature": None},
        {"x-webhook-signature": NEW.encode()},
    ],
)
def test_anything_else_is_refused(headers):
    assert not is_accepted(headers)


def test_a_changed_body_is_refused():
    assert not is_accepted({"x-webhook-signature": NEW}, BODY + b" ")


def test_an_empty_secret_opens_nothing():
    assert not is_accepted(headers_for("", NOW, BODY), secrets=[""])
    assert not is_accepted({"x-webhook-signature": NEW}, secrets=[])


def test_a_single_secret_by_mistake_is_not_taken_letter_by_letter():
    assert is_accepted({"x-webhook-signature": NEW}, secrets=KEY)
    assert not is_accepted(headers_for("w", NOW, BODY), secrets=KEY)


def test_the_secret_of_the_api_opens_nothing():
    assert not is_accepted(headers_for(SECRET, NOW, BODY))


SETTLED = settings(derandomize=True, deadline=None, max_examples=150)
HOSTILE = st.text() | st.from_regex(r"(t=|v1=|v1,|[0-9]{0,20}|,|[0-9a-f]{0,70}){0,12}") | st.none() | st.binary()


@SETTLED
@given(name=st.sampled_from(["x-webhook-signature", "X-Chert-Signature"]) | st.text(), value=HOSTILE, body=st.binary())
@example("x-webhook-signature", f"t={NOW},v1={'é' * 64}", b"")
def test_whatever_comes_the_only_complaint_is_a_bad_signature(name, value, body):
    with pytest.raises(BadSignature):
        verify({name: value}, body, [KEY], NOW)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"7", b"null", b'"text"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_a_bad_event(raw):
    with pytest.raises(BadEvent):
        parse(raw)


NAMES = st.sampled_from(
    ["data", "chat", "message", "id", "parts", "type", "event", "event_id", "payload", "sender_handle", "value"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | NAMES, inner, max_size=4),
    max_leaves=20,
)


@SETTLED
@given(st.dictionaries(NAMES, JSON, max_size=6))
def test_any_object_can_be_read_as_an_event(body):
    event = parse(json.dumps(body).encode())
    assert event.event_id
    assert isinstance(event.text, str)
