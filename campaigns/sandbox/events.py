"""What the pretend Chert has to tell: kept first, then owed to whoever subscribed (contract §9, §10)."""

import json
import random
import uuid
from typing import Any

from .knobs import Knobs
from .store import Row, Store
from .threads import Chat, Message
from .times import stamp

DEV_INBOX = "https://dev-inbox"
ECHO_AFTER = 2.0


def message_received(store: Store, knobs: Knobs, chat: Chat, message: Message) -> None:
    """A customer answered."""
    _keep(store, knobs, chat, message, "message.received", f"chert:msg:{message.id}", message.created_at)


def reacted(store: Store, knobs: Knobs, chat: Chat, message: Message, number: str, reaction: str, at: float) -> None:
    """A customer put a tapback on a message, or (an empty `reaction`) took it off.  The payload is a guess (§9.1)."""
    name = "reaction.added" if reaction else "reaction.removed"
    event_id = f"chert:{name}:{uuid.uuid4().hex}"
    told = {"reaction": {"type": reaction or message.tapback, "sender_handle": _handle(number, is_me=False)}}
    _keep(store, knobs, chat, message, name, event_id, at, told)


def message_sent(store: Store, knobs: Knobs, chat: Chat, message: Message) -> None:
    """What becomes of our own message, as events of their own where the knob asks for them (contract §8)."""
    if not knobs.status_events:
        return
    moments = {
        "message.sent": message.created_at,
        "message.delivered": message.delivers_at,
        "message.read": message.reads_at,
        "message.failed": message.fails_at,
    }
    for name, at in moments.items():
        if at is not None:
            _keep(store, knobs, chat, message, name, f"chert:{name}:{message.id}", at)


def _keep(
    store: Store,
    knobs: Knobs,
    chat: Chat,
    message: Message,
    name: str,
    event_id: str,
    at: float,
    more: Row | None = None,
) -> None:
    """Keep the event and owe it to every subscription that wants it; both may lie ahead."""
    owed = [row for row in subscriptions(store, chat.tenant) if row["is_active"] and wants(row, name)]
    row_id = f"evt_{uuid.uuid4().hex}"
    told = envelope(store, chat, message, name, event_id, at)
    told["data"] |= more or {}
    store.insert(
        "events",
        id=row_id,
        tenant=chat.tenant,
        type=name,
        event_id=event_id,
        chat_id=chat.id,
        payload=json.dumps(told, ensure_ascii=False),
        dev_inbox=int(any(row["url"] == DEV_INBOX for row in owed)),
        created_ms=int(at * 1000),
    )
    for row in owed:
        if row["url"] != DEV_INBOX:
            owe(store, knobs, row_id, row["id"], at)


def owe(store: Store, knobs: Knobs, event_row: str, subscription: str, at: float) -> None:
    """Plan the delivery of an event; in an echo, plan it twice."""
    late = random.Random(f"{knobs.seed}/{event_row}").uniform(0, knobs.webhook_delay)
    for due in (at + late, at + late + ECHO_AFTER)[: 2 if knobs.echo else 1]:
        store.insert("deliveries", event_id=event_row, subscription_id=subscription, state="pending", due_at=due)


def subscriptions(store: Store, tenant: str) -> list[Row]:
    return store.all("SELECT * FROM subscriptions WHERE tenant = ? ORDER BY created_at, id", tenant)


def wants(subscription: Row, name: str) -> bool:
    """No filter means everything; otherwise the name must match exactly."""
    names = json.loads(subscription["events"])
    return not names or name in names


def envelope(store: Store, chat: Chat, message: Message, name: str, event_id: str, at: float) -> dict[str, Any]:
    """The body of a webhook (contract §9.1)."""
    line = store.line(chat.line_id)
    ours = _handle(line.number if line else "", is_me=True)
    return {
        "event": name,
        "event_type": name,
        "event_id": event_id,
        "timestamp": stamp(at),
        "api_version": "v1",
        "webhook_version": "2026-05-04",
        "trace_id": uuid.uuid4().hex,
        "partner_id": chat.tenant,
        "data": {
            "chat": {
                "id": chat.id,
                "is_group": bool(chat.is_group),
                "handles": [ours, *(_handle(address, is_me=False) for address in chat.people)],
                "owner_handle": ours,
            },
            "message": _said(message, ours, at),
        },
    }


def _said(message: Message, ours: dict[str, Any], at: float) -> dict[str, Any]:
    inbound = message.direction == "inbound"
    return {
        "id": message.id,
        "direction": message.direction,
        "sender_handle": _handle(message.sender, is_me=False) if inbound else ours,
        "parts": message.content,
        "sent_at": stamp(message.created_at),
    }


def _handle(number: str, *, is_me: bool) -> dict[str, Any]:
    return {"handle": number, "service": "imessage", "is_me": is_me}


def row_json(store: Store, row: Row) -> dict[str, Any]:
    """A row of ``event_rows`` as the log shows it (contract §10.1)."""
    deliveries = store.all(
        "SELECT attempts, delivered_at, url FROM deliveries LEFT JOIN subscriptions"
        " ON subscriptions.id = deliveries.subscription_id WHERE event_id = ? ORDER BY deliveries.id",
        row["id"],
    )
    done = [each["delivered_at"] for each in deliveries if each["delivered_at"] is not None]
    return {
        "id": row["id"],
        "type": row["type"],
        "event_id": row["event_id"],
        "lead_id": row["chat_id"],
        "convo_id": f"convo-{row['chat_id'][:8]}",
        "payload": json.loads(row["payload"]),
        "delivery": {
            "status": row["status"],
            "url": DEV_INBOX if row["dev_inbox"] else next((each["url"] for each in deliveries), None),
            "attempts": [attempt for each in deliveries for attempt in json.loads(each["attempts"])],
            "delivered_at": stamp(max(done)) if done else None,
        },
        "created_at": stamp(row["created_ms"] / 1000),
    }


def subscription(store: Store, subscription_id: str, tenant: str = "") -> Row | None:
    return store.one(
        "SELECT * FROM subscriptions WHERE id = ? AND (? = '' OR tenant = ?)", subscription_id, tenant, tenant
    )
