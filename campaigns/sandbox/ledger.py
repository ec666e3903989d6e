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
    said = json.dumps([_said(part) for part in parts], ensure_ascii=False, sort_keys=True)
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
        said=said,
        same_key=int(bool(key) and kind == "message" and _before(store, tenant, phone, "key", key)),
        same_words=int(kind == "message" and _before(store, tenant, phone, "said", said)),
    )


def _before(store: Store, tenant: str, phone: str, column: str, value: str) -> bool:
    """Whether this phone got a message with the same key, or the same words, already."""
    sql = f"SELECT count(*) FROM ledger WHERE tenant = ? AND phone = ? AND kind = 'message' AND {column} = ?"  # noqa: S608
    return store.number(sql, tenant, phone, value) > 0


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
    again = store.one(
        "SELECT count(*) AS either, sum(same_key) AS by_key, sum(same_words) AS by_words FROM ledger"
        " WHERE (same_key OR same_words) AND (? = '' OR tenant = ?)",
        *(tenant, tenant),
    )
    assert again is not None
    return {
        "calls": store.counted("calls"),
        "turned_away": store.counted("turned_away"),
        "duplicate_keys": again["by_key"] or 0,
        "duplicate_contents": again["by_words"] or 0,
        "duplicates": again["either"],
    }


def _rows(store: Store, tenant: str) -> list[Row]:
    return store.all("SELECT * FROM ledger WHERE ? = '' OR tenant = ? ORDER BY seq", tenant, tenant)


def _effect(row: Row) -> Row:
    names = ("tenant", "phone", "kind", "message_id", "chat_id", "key")
    return {name: row[name] for name in names} | {"parts": json.loads(row["parts"]), "at": stamp(row["at"])}
