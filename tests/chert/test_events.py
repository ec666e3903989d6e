"""An event is the same, whichever way it came."""

import json
from datetime import UTC, datetime

import pytest

from campaigns.chert import AttachmentId
from campaigns.chert.events import event_from_json
from campaigns.chert.webhooks import parse

US = {"handle": "+15005550001", "service": "imessage", "is_me": True}
ADA = {"handle": "+15005550006", "service": "imessage", "is_me": False}
REPLY = {
    "event": "message.received",
    "event_type": "message.received",
    "event_id": "chert:msg:1",
    "timestamp": "2026-05-24T01:35:34.000Z",
    "partner_id": "ada",
    "data": {
        "chat": {"id": "chat-1", "is_group": False, "handles": [US, ADA], "owner_handle": US},
        "message": {
            "id": "APPLE-GUID",
            "direction": "inbound",
            "sender_handle": ADA,
            "parts": [{"type": "media", "attachment_id": "in_1"}, {"type": "text", "value": "STOP"}],
        },
    },
}
ROW = {
    "id": "evt_1",
    "type": "message.received",
    "event_id": "chert:msg:1",
    "lead_id": "chat-1",
    "convo_id": "convo-1",
    "payload": REPLY,
    "delivery": {"status": "failed"},
    "created_at": "2026-05-24T01:35:35.000Z",
}


def changed(**message):
    return {**REPLY, "data": {**REPLY["data"], "message": {**REPLY["data"]["message"], **message}}}


def test_a_reply():
    event = parse(json.dumps(REPLY).encode())
    assert (event.event_id, event.type, event.is_inbound) == ("chert:msg:1", "message.received", True)
    assert (event.chat_id, event.message_id) == ("chat-1", "APPLE-GUID")
    assert (event.sender, event.line, event.text) == ("+15005550006", "+15005550001", "STOP")
    assert event.attachments == (AttachmentId("in_1"),)
    assert event.timestamp == datetime(2026, 5, 24, 1, 35, 34, tzinfo=UTC)
    assert event.raw == REPLY


def test_a_row_of_the_log_tells_the_same():
    hook, row = event_from_json(REPLY), event_from_json(ROW)
    for name in ("event_id", "type", "timestamp", "chat_id", "sender", "line", "text", "message_id", "is_inbound"):
        assert getattr(row, name) == getattr(hook, name)
    assert row.recorded_at == datetime(2026, 5, 24, 1, 35, 35, tzinfo=UTC)


def test_a_row_whose_payload_is_thin_is_read_from_its_own_fields():
    event = event_from_json({**ROW, "payload": {}})
    assert (event.event_id, event.type, event.chat_id) == ("chert:msg:1", "message.received", "chat-1")


def test_a_legacy_delivery_is_read_from_the_top():
    event = event_from_json(
        {
            "event": "message.received",
            "event_id": "e",
            "from": "+15005550006",
            "to": "+15005550001",
            "text": "stop",
            "message_guid": "GUID",
        }
    )
    assert (event.sender, event.line, event.text, event.message_id) == ("+15005550006", "+15005550001", "stop", "GUID")
    assert event.is_inbound


@pytest.mark.parametrize(
    ("body", "inbound"),
    [
        (changed(direction="outbound"), False),
        (changed(direction=None), True),
        (changed(direction="sideways"), True),
        (changed(direction=None, sender_handle=US), False),
        ({**REPLY, "event": "reaction.added"}, False),
        ({**changed(direction=None), "event": "message.delivered"}, False),
        ({"event": "lead_reply"}, False),
    ],
)
def test_what_counts_as_said_by_the_customer(body, inbound):
    assert event_from_json(body).is_inbound is inbound


def test_an_event_without_an_id_gets_one_that_stays():
    bare = {name: value for name, value in REPLY.items() if name != "event_id"}
    row = {**ROW, "payload": dict(reversed(bare.items())), "event_id": None}
    assert event_from_json(bare).event_id == event_from_json(row).event_id
    assert event_from_json(bare).event_id != event_from_json({**bare, "timestamp": ""}).event_id


@pytest.mark.parametrize(
    ("kind", "message", "state"),
    [
        ("message.sent", {}, "in_flight"),
        ("message.delivered", {}, "delivered"),
        ("message.read", {}, "read"),
        ("message.failed", {}, "failed"),
        ("message.edited", {}, "in_flight"),
        ("something.else", {"status": "delivered"}, "delivered"),
        ("message.updated", {"read_at": "2026-05-24T01:35:34Z"}, "read"),
    ],
)
def test_news_of_our_own_messages_should_it_come(kind, message, state):
    event = event_from_json({**changed(direction="outbound", **message), "event": kind})
    assert event.state == state


def test_a_repr_holds_no_words_of_the_customer():
    assert "STOP" not in repr(event_from_json(REPLY))
