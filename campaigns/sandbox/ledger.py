"""What really happened, for checkers: every effect once, in order, and how many happened twice."""

import json
from collections.abc import Sequence
from typing import Any

from .store import Row, Store
from .times import stamp


def write(
    store: Store,
    tenant: str,
    kind: str,
    now: float,
    *,
    phone: str = "",
    message_id: str = "",
    chat_id: str = "",
    key: str = "",
    parts: Sequence[dict[str, Any]] = (),
) -> None:
    """Note one effect: ``chat`` opened, ``message`` accepted, ``upload`` finished."""
    store.insert(
        "ledger",
        tenant=tenant,
        kind=kind,
        at=now,
        phone=phone or None,
        message_id=message_id or None,
        chat_id=chat_id or None,
        key=key or None,
        parts=json.dumps(list(parts), ensure_ascii=False),
        said=json.dumps([_said(part) for part in parts], ensure_ascii=False, sort_keys=True),
    )


def _said(part: dict[str, Any]) -> dict[str, Any]:
    """The part as the customer sees it: which upload carried a picture does not matter."""
    return {name: value for name, value in part.items() if name != "attachment_id"}


def read(store: Store, tenant: str = "") -> Row:
    """The ledger of one tenant, or of all.

    ``duplicate_keys`` counts messages beyond the first with the same phone and key, ``duplicate_contents`` those
    with the same phone and the same words, ``duplicates`` those that are either; a clean campaign has none.
    """
    return {"effects": [_effect(row) for row in _rows(store, tenant)], **counts(store, tenant)}


def counts(store: Store, tenant: str = "") -> Row:
    """The numbers without the rows."""
    again = store.all(
        "SELECT key IS NOT NULL AND row_number() OVER (PARTITION BY tenant, phone, key ORDER BY seq) > 1 AS by_key,"
        " row_number() OVER (PARTITION BY tenant, phone, said ORDER BY seq) > 1 AS by_words"
        " FROM ledger WHERE kind = 'message' AND (? = '' OR tenant = ?)",
        *(tenant, tenant),
    )
    return {
        "calls": store.counted("calls"),
        "turned_away": store.counted("turned_away"),
        "duplicate_keys": sum(row["by_key"] for row in again),
        "duplicate_contents": sum(row["by_words"] for row in again),
        "duplicates": sum(1 for row in again if row["by_key"] or row["by_words"]),
    }


def _rows(store: Store, tenant: str) -> list[Row]:
    return store.all("SELECT * FROM ledger WHERE ? = '' OR tenant = ? ORDER BY seq", tenant, tenant)


def _effect(row: Row) -> Row:
    names = ("tenant", "phone", "kind", "message_id", "chat_id", "key")
    return {name: row[name] for name in names} | {"parts": json.loads(row["parts"]), "at": stamp(row["at"])}
