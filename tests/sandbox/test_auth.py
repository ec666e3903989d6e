import json

import pytest

from campaigns.sandbox.auth import sign

from .conftest import LINE, SECRET, code, signed

LINES = "/api/v1/phone-numbers"


def test_the_signature_is_the_documented_one():
    body = b'{"phone":"+15005550006","body":"hello"}'
    assert sign(SECRET, 1780000000, body) == "aeffa525e04520890cb276f1c5db6f4f73b8c1c7f85e79daa99b7529437f6991"
    assert sign(SECRET, 1780000000, b"") == "70819cf68f0350420d9835c5a18ffd553cc29ac8151c903571dcdd926e67b625"


def test_a_bearer_token_opens_the_door(ada):
    lines = ada.get("/phone-numbers").json()["phone_numbers"]
    assert [line["phone_number"] for line in lines] == [LINE]
    assert lines[0]["id"] == lines[0]["phone_line_id"]


def test_a_signature_opens_the_door(http, ada, clock):
    assert http.get(LINES, headers=signed(SECRET, "ada", b"", clock.now)).status_code == 200


def test_a_signature_covers_the_body_byte_for_byte(http, ada, clock):
    body = json.dumps({"url": "https://dev-inbox"}).encode()
    headers = signed(SECRET, "ada", body, clock.now) | {"content-type": "application/json"}
    assert http.post("/api/v1/webhook-subscriptions", headers=headers, content=body).status_code == 201
    assert code(http.post("/api/v1/webhook-subscriptions", headers=headers, content=body + b" ")) == (401, 2004)


def test_the_signature_is_looked_at_before_the_token(http, ada, clock):
    headers = ada.auth | signed("wrong", "ada", b"", clock.now)
    assert code(http.get(LINES, headers=headers)) == (401, 2004)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (401, 2012)),
        ({"authorization": "Bearer "}, (401, 2012)),
        ({"authorization": f"Basic {SECRET}"}, (401, 2012)),
        ({"authorization": "Bearer nobody"}, (401, 2004)),
        ({"authorization": f"Bearer {SECRET}", "x-chert-tenant": "nobody"}, (404, 2001)),
        ({"x-chert-signature": "v1,1780000000,00"}, (401, 2012)),
        ({"x-chert-signature": "v1,1780000000,00", "x-chert-tenant": "nobody"}, (404, 2001)),
        ({"x-chert-signature": "v2,1780000000,00", "x-chert-tenant": "ada"}, (401, 2004)),
        ({"x-chert-signature": "garbage", "x-chert-tenant": "ada"}, (401, 2004)),
    ],
)
def test_bad_credentials_are_told_apart(http, ada, headers, expected):
    assert code(http.get(LINES, headers=headers)) == expected


@pytest.mark.parametrize(("off", "status"), [(300, 200), (-300, 200), (301, 401), (-301, 401)])
def test_a_signature_is_good_for_five_minutes_either_way(http, ada, clock, off, status):
    response = http.get(LINES, headers=signed(SECRET, "ada", b"", clock.now + off))
    assert response.status_code == status
    assert status == 200 or code(response) == (401, 2013)


def test_an_upload_takes_no_signature(http, ada, clock):
    slot = ada.reserve()
    headers = signed(SECRET, "ada", b"a picture", clock.now) | {"content-type": "image/jpeg"}
    assert code(http.put(slot["upload_url"], headers=headers, content=b"a picture")) == (401, 2012)


def test_a_suspended_tenant_is_forbidden(http, ada):
    http.put("/sandbox/tenants/ada", json={"secret": SECRET, "suspended": True}).raise_for_status()
    assert code(ada.get("/phone-numbers")) == (403, 2005)


def test_an_account_with_many_tenants_must_name_one(http, ada):
    http.put("/sandbox/tenants/ada", json={"secret": SECRET, "multi_tenant": True}).raise_for_status()
    assert code(ada.get("/phone-numbers")) == (401, 2012)
    assert http.get(LINES, headers=ada.auth | {"x-chert-tenant": "ada"}).status_code == 200


def test_a_tenant_sees_nothing_of_another(ada, rival):
    chat, picture = ada.chat(), ada.upload()
    said = ada.get(f"/chats/{chat}/messages").json()["messages"][0]["id"]
    assert code(rival.get(f"/chats/{chat}/messages")) == (404, 2002)
    assert code(rival.get(f"/messages/{said}")) == (404, 2003)
    assert code(rival.get(f"/attachments/{picture}/content")) == (404, 5001)


def test_every_answer_carries_a_trace_id(http, ada):
    good, bad = ada.get("/phone-numbers"), http.get(LINES)
    assert good.headers["x-trace-id"]
    assert bad.headers["x-trace-id"] == bad.json()["trace_id"]


def test_unknown_paths_and_methods_are_refused(ada):
    assert code(ada.get("/chats")) == (405, 1002)
    assert ada.get("/chats").headers["allow"] == "POST"
    assert code(ada.get("/chat")) == (404, 2011)
    assert code(ada.get("/chats/")) == (404, 2011)
