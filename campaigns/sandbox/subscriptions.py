"""Webhook subscriptions (contract §7.15): the secret is shown once, when the subscription is made."""

import json
import secrets
import uuid
from typing import Any
from urllib.parse import urlsplit

from . import contract, events
from .addresses import is_loopback
from .call import Call
from .problems import Problem
from .store import Row
from .times import stamp
from .wire import Response, as_json

DEFAULT_VERSION = "2026-04-01"


def create(call: Call) -> Response:
    """POST /webhook-subscriptions: each call makes another one."""
    body = call.body("url", "events", "version")
    contract.required(body, "url")
    row: Row = {
        "id": str(uuid.uuid4()),
        "tenant": call.tenant.slug,
        "is_active": 1,
        "secret": secrets.token_hex(32),
        "created_at": call.now,
        "events": "[]",
        "version": DEFAULT_VERSION,
        **_fields(body),
    }
    call.store.insert("subscriptions", **row)
    return as_json({"subscription": _shown(row) | {"secret": row["secret"]}}, 201)


def index(call: Call) -> Response:
    """GET /webhook-subscriptions"""
    return as_json({"subscriptions": [_shown(row) for row in events.subscriptions(call.store, call.tenant.slug)]})


def show(call: Call, id: str) -> Response:
    """GET /webhook-subscriptions/{id}"""
    return as_json({"subscription": _shown(_found(call, id))})


def change(call: Call, id: str) -> Response:
    """PATCH /webhook-subscriptions/{id}"""
    body = call.body("url", "events", "version", "is_active")
    row = _found(call, id) | _fields(body)
    call.store.run(
        "UPDATE subscriptions SET url = ?, events = ?, version = ?, is_active = ? WHERE id = ?",
        *(row["url"], row["events"], row["version"], row["is_active"], id),
    )
    return as_json({"subscription": _shown(row)})


def delete(call: Call, id: str) -> Response:
    """DELETE /webhook-subscriptions/{id}"""
    _found(call, id)
    call.store.run("DELETE FROM subscriptions WHERE id = ?", id)
    return as_json({"id": id, "deleted": True})


def _fields(body: dict[str, Any]) -> Row:
    """What the body says, checked and in the form it is kept.  Raises Problem 1002."""
    said: Row = {}
    if "url" in body:
        said["url"] = _checked_url(body["url"])
    if "events" in body:
        said["events"] = json.dumps(_checked_names(body["events"]))
    if contract.text_field(body, "version"):
        said["version"] = body["version"]
    if "is_active" in body:
        said["is_active"] = int(_checked_flag(body["is_active"]))
    return said


def _checked_url(url: Any) -> str:
    if not isinstance(url, str) or not contract.HTTP_URL.fullmatch(url):
        raise Problem(1002, "url must be a public https address.")
    parts = urlsplit(url)
    if parts.scheme.lower() != "https" and not is_loopback(parts.hostname or ""):
        raise Problem(1002, "url must be a public https address; plain http only on this machine.")
    return url


def _checked_names(names: Any) -> list[str]:
    if names is None:
        return []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Problem(1002, "events must be a list of names.")
    return names


def _checked_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Problem(1002, "is_active must be true or false.")
    return value


def _found(call: Call, subscription_id: str) -> Row:
    row = events.subscription(call.store, subscription_id, call.tenant.slug)
    if row is None:
        raise Problem(2011, "Subscription not found.")
    return row


def _shown(row: Row) -> Row:
    return {
        "id": row["id"],
        "url": row["url"],
        "events": json.loads(row["events"]),
        "version": row["version"],
        "is_active": bool(row["is_active"]),
        "created_at": stamp(row["created_at"]),
    }
