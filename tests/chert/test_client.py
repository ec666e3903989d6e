"""Every method: what it asks, and what it makes of the answer."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from campaigns.chert import (
    AttachmentId,
    ChatId,
    ChertError,
    Media,
    MessageId,
    PhoneNumber,
    Sent,
    Signed,
    Subscription,
    SubscriptionId,
    Text,
    Unknown,
    send_message,
)

from .conftest import ACCEPTED, BASE, SECRET, answer, connect

MESSAGE = {
    "id": "message-1",
    "chat_id": "chat-1",
    "status": "sent",
    "direction": "outbound",
    "created_at": "2026-05-24T01:35:34.123Z",
    "delivered_at": None,
    "read_at": None,
    "parts": [{"type": "text", "value": "Hi"}, {"type": "media", "attachment_id": "att-1"}],
    "service": "imessage",
    "something_new": {"deep": True},
}


def asked(wire):
    return wire.last.method, wire.last.url.raw_path.decode(), json.loads(wire.last.content or "null")


def test_it_works(greeting):
    client, wire = connect(answer(200, ACCEPTED, x_trace_id="trace-1"))
    assert client.send(greeting) == Sent(ChatId("chat-1"), MessageId("message-1"), "sent", "trace-1", 200)
    assert asked(wire) == ("POST", "/api/v1/chats", json.loads(greeting.body))
    assert wire.last.headers["content-type"] == "application/json"
    assert wire.last.headers["authorization"] == f"Bearer {SECRET}"


def test_a_follow_up_needs_only_the_message_id():
    client, wire = connect(answer(201, {"message": {"id": "message-2"}}))
    sent = client.send(send_message(ChatId("iMessage;+;chat42"), [Text("Hi")], "k"))
    assert (sent.chat_id, sent.message_id, sent.status) == ("iMessage;+;chat42", "message-2", "")
    assert wire.last.url.raw_path == b"/api/v1/chats/iMessage%3B%2B%3Bchat42/messages"


def test_the_lines_of_the_account():
    lines = [
        {
            "id": "pl_1",
            "phone_number": "+15005550001",
            "is_active": True,
            "capabilities": ["imessage", 7],
            "new": 1,
        },
        {"phone_line_id": "pl_2", "phone_number": "+15005550002", "is_active": "yes"},
    ]
    client, wire = connect(answer(200, {"phone_numbers": lines}))
    assert client.phone_numbers() == [
        PhoneNumber("pl_1", "+15005550001", True, ("imessage",)),
        PhoneNumber("pl_2", "+15005550002", False),
    ]
    assert asked(wire) == ("GET", "/api/v1/phone-numbers", None)


@pytest.mark.parametrize("body", [{}, [], {"phone_numbers": {}}, {"phone_numbers": [7]}, {"phone_numbers": [{}]}])
def test_lines_of_the_wrong_shape_are_not_believed(body):
    client, _ = connect(answer(200, body))
    with pytest.raises(Unknown):
        client.phone_numbers()


def test_a_place_for_a_picture():
    body = {
        "attachment_id": "att-1",
        "upload_url": f"{BASE}/attachments/att-1/upload",
        "required_headers": {
            "Authorization": "Bearer stolen",
            "Content-Type": "image/jpeg",
            "X-Chert-Tenant": "evil",
            "X-Upload-Token": "abc",
            "Host": "evil.test",
            "Content-Length": "1",
            "x-bad": "a\r\nb",
            "cookie": "a",
        },
        "expires_at": "2026-05-24T02:00:00Z",
    }
    client, wire = connect(answer(200, body))
    slot = client.reserve_upload("ada.jpg", "image/jpeg", 7)
    assert slot.attachment_id == "att-1"
    assert slot.headers == {"content-type": "image/jpeg", "x-upload-token": "abc"}
    assert slot.expires_at == datetime(2026, 5, 24, 2, tzinfo=UTC)
    assert asked(wire)[1:] == (
        "/api/v1/attachments",
        {"filename": "ada.jpg", "content_type": "image/jpeg", "size_bytes": 7},
    )


def test_a_place_without_headers_keeps_the_type_that_was_asked_for():
    client, _ = connect(answer(200, {"attachment_id": "a", "upload_url": "/x"}))
    slot = client.reserve_upload("a.png", "image/png", 1)
    assert (slot.headers, slot.expires_at) == ({"content-type": "image/png"}, None)


@pytest.mark.parametrize(
    "body", [{"attachment_id": "a"}, {"upload_url": "/"}, {"attachment_id": "a", "upload_url": ""}]
)
def test_a_place_that_is_not_named_is_not_believed(body):
    client, _ = connect(answer(200, body))
    with pytest.raises(Unknown):
        client.reserve_upload("a.png", "image/png", 1)


def test_an_upload_wants_no_words_in_return():
    client, _ = connect(answer(200, {"attachment_id": "a", "upload_url": "/x"}), httpx.Response(204))
    assert client.upload(client.reserve_upload("a.png", "image/png", 1), b"x") is None


@pytest.mark.parametrize("wrap", [lambda message: message, lambda message: {"message": message, "trace": 1}])
def test_one_message_wrapped_or_bare(wrap):
    client, wire = connect(answer(200, wrap(MESSAGE)))
    message = client.message(MessageId("message-1"))
    assert (message.id, message.chat_id, message.direction, message.state) == (
        "message-1",
        "chat-1",
        "outbound",
        "in_flight",
    )
    assert message.created_at == datetime(2026, 5, 24, 1, 35, 34, 123000, tzinfo=UTC)
    assert message.parts == (Text("Hi"), Media(AttachmentId("att-1")))
    assert (message.text, asked(wire)) == ("Hi", ("GET", "/api/v1/messages/message-1", None))


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        ({"status": "sent"}, "in_flight"),
        ({"status": "teleported"}, "in_flight"),
        ({"status": None}, "in_flight"),
        ({"status": "delivered"}, "delivered"),
        ({"status": "Read"}, "delivered"),
        ({"status": "sent", "delivered_at": "2026-05-24T01:35:34Z"}, "delivered"),
        ({"status": "delivered", "read_at": "2026-05-24T01:35:34Z"}, "read"),
        ({"status": "failed"}, "failed"),
        ({"status": "ERROR"}, "failed"),
        ({"status": "undelivered"}, "failed"),
        ({"status": "failed", "delivered_at": "2026-05-24T01:35:34Z"}, "delivered"),
        ({"status": "sent", "delivered_at": "yesterday", "read_at": 7}, "in_flight"),
    ],
)
def test_what_has_become_of_a_message(seen, state):
    client, _ = connect(answer(200, {**MESSAGE, **seen}))
    assert client.message(MessageId("message-1")).state == state


def test_the_messages_of_a_chat():
    client, wire = connect(
        answer(200, {"messages": [MESSAGE, {"id": "in-1", "direction": "inbound"}], "has_more": False})
    )
    assert [message.id for message in client.messages(ChatId("chat-1"))] == ["message-1", "in-1"]
    assert asked(wire) == ("GET", "/api/v1/chats/chat-1/messages", None)


def test_small_gestures():
    client, wire = connect(answer(200, {"status": "sent"}))
    client.react(MessageId("in-1"), "love")
    assert asked(wire) == ("POST", "/api/v1/messages/in-1/react", {"reaction": "love"})
    client.typing(ChatId("chat-1"))
    assert asked(wire) == ("POST", "/api/v1/chats/chat-1/typing", {"state": "typing"})
    client.typing(ChatId("chat-1"), typing=False)
    assert asked(wire)[2] == {"state": "stopped"}
    client.mark_read(ChatId("chat-1"))
    assert asked(wire) == ("POST", "/api/v1/chats/chat-1/mark-read", None)
    assert "content-type" not in wire.last.headers


@pytest.mark.parametrize(
    "body",
    [
        {"subscription": {"id": "sub-1", "url": "https://a.test/", "secret": "shh", "is_active": True}},
        {"id": "sub-1", "url": "https://a.test/", "webhook_secret": "shh"},
    ],
)
def test_a_subscription_tells_its_secret_once(body):
    client, wire = connect(answer(201, body))
    made = client.subscribe("https://a.test/", ["message.received"])
    assert made == Subscription(SubscriptionId("sub-1"), "https://a.test/", "shh")
    assert asked(wire) == (
        "POST",
        "/api/v1/webhook-subscriptions",
        {"url": "https://a.test/", "events": ["message.received"], "version": "2026-05-04"},
    )


@pytest.mark.parametrize("body", [{"subscription": {"id": "s"}}, {"subscription": {"secret": "shh"}}, {}])
def test_a_subscription_without_id_or_secret_is_not_believed(body):
    client, _ = connect(answer(201, body))
    with pytest.raises(Unknown):
        client.subscribe("https://a.test/")


@pytest.mark.parametrize("wrap", [lambda rows: {"subscriptions": rows}, lambda rows: {"data": rows}, lambda rows: rows])
def test_subscriptions_in_any_wrapper(wrap):
    client, wire = connect(answer(200, wrap([{"id": "sub-1", "url": "https://a.test/", "is_active": False}])))
    assert client.subscriptions() == [Subscription(SubscriptionId("sub-1"), "https://a.test/", is_active=False)]
    assert asked(wire)[:2] == ("GET", "/api/v1/webhook-subscriptions")


def test_ending_a_subscription():
    client, wire = connect(httpx.Response(204))
    client.unsubscribe(SubscriptionId("sub-1"))
    assert asked(wire)[:2] == ("DELETE", "/api/v1/webhook-subscriptions/sub-1")


def test_the_events_log_is_asked_page_by_page():
    client, wire = connect(answer(200, {"events": [], "next_cursor": "2026|evt_1"}), answer(200, {"events": []}))
    page = client.events(since=datetime(2026, 5, 24, 1, 2, 3, 456789, tzinfo=UTC), type="message.received")
    assert dict(wire.last.url.params) == {
        "since": "2026-05-24T01:02:03.456Z",
        "limit": "200",
        "type": "message.received",
    }
    assert client.events(cursor=page.next_cursor, limit=999).next_cursor is None
    assert dict(wire.last.url.params) == {"cursor": "2026|evt_1", "limit": "200"}


def test_rows_of_the_log_that_are_none_are_passed_over():
    client, _ = connect(answer(200, {"events": [7, {"event_id": "e", "type": "message.received"}]}))
    assert [event.event_id for event in client.events().events] == ["e"]


@pytest.mark.parametrize("odd", ["", ".", "..", "a\nb"])
def test_an_id_that_is_none_is_not_asked_for(odd):
    client, wire = connect()
    with pytest.raises(ValueError, match="id"):
        client.message(MessageId(odd))
    assert wire.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.message(MessageId("m")),
        lambda client: client.messages(ChatId("c")),
        lambda client: client.phone_numbers(),
        lambda client: client.reserve_upload("a", "image/jpeg", 1),
        lambda client: client.subscribe("https://a.test/"),
        lambda client: client.subscriptions(),
        lambda client: client.unsubscribe(SubscriptionId("s")),
        lambda client: client.events(),
        lambda client: client.react(MessageId("m"), "love"),
        lambda client: client.typing(ChatId("c")),
        lambda client: client.mark_read(ChatId("c")),
    ],
)
@pytest.mark.parametrize("reply", [httpx.Response(500), httpx.Response(404, json={"error": {"code": 2002}})])
def test_every_method_ends_in_a_value_or_one_of_our_errors(call, reply):
    client, _ = connect(reply)
    with pytest.raises(ChertError):
        call(client)


def test_a_client_shows_no_secret():
    client, _ = connect(credentials=Signed(SECRET, "ada"))
    assert repr(client) == f"Client('{BASE}', Signed(tenant='ada'))"
