"""Who we are to Chert."""

import pytest

from campaigns.chert import BadCredentials, Bearer, Signed
from campaigns.chert.signing import sign

from .conftest import NOW, SECRET, answer, connect

BODY = b'{"phone":"+15005550006","body":"hello"}'


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (BODY, "aeffa525e04520890cb276f1c5db6f4f73b8c1c7f85e79daa99b7529437f6991"),
        (b"", "70819cf68f0350420d9835c5a18ffd553cc29ac8151c903571dcdd926e67b625"),
    ],
)
def test_the_signature_matches_the_published_vectors(body, signature):
    assert sign(SECRET, NOW, body) == signature
    assert Signed(SECRET, "ada").headers(body, NOW + 0.9) == {
        "x-chert-tenant": "ada",
        "x-chert-signature": f"v1,{NOW},{signature}",
    }


def test_a_bearer_sends_the_secret_and_its_tenant_if_it_has_one():
    assert Bearer(SECRET).headers(BODY, NOW) == {"authorization": f"Bearer {SECRET}"}
    assert Bearer(SECRET, "ada").headers(BODY, NOW)["x-chert-tenant"] == "ada"


def test_the_bytes_on_the_wire_are_what_was_signed(greeting):
    client, wire = connect(credentials=Signed(SECRET, "ada"))
    client.send(greeting)
    signature = wire.last.headers["x-chert-signature"].split(",")[2]
    assert signature == sign(SECRET, NOW, wire.last.content)
    assert "authorization" not in wire.last.headers


def test_a_call_without_a_body_is_signed_over_none():
    client, wire = connect(answer(200, {"phone_numbers": []}), credentials=Signed(SECRET, "ada"))
    client.phone_numbers()
    assert wire.last.headers["x-chert-signature"] == f"v1,{NOW},{sign(SECRET, NOW, b'')}"


def test_every_attempt_is_signed_at_its_own_time(greeting):
    now = [NOW]
    client, wire = connect(credentials=Signed(SECRET, "ada"), clock=lambda: now[0])
    client.send(greeting)
    now[0] += 400
    client.send(greeting)
    first, second = (request.headers["x-chert-signature"] for request in wire.requests)
    assert first != second
    assert second.startswith(f"v1,{NOW + 400},")


@pytest.mark.parametrize(
    "secret", ["", "short", "with space in it", "line\nbreak\r\nx: y", "schlüssel-lang", "x" * 600, None]
)
def test_a_secret_that_cannot_be_right_is_refused_and_not_repeated(secret):
    with pytest.raises(BadCredentials) as caught:
        Bearer(secret)
    assert not secret or secret not in str(caught.value)


@pytest.mark.parametrize("tenant", ["", "a b", "a\r\nb", "ä"])
def test_a_tenant_that_cannot_be_right_is_refused(tenant):
    with pytest.raises(BadCredentials):
        Signed(SECRET, tenant)
