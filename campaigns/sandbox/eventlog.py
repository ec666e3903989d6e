"""The log of events: pages, one row, replay, the live stream and the dev inbox (contract §10)."""

import json
from collections.abc import Iterator

from . import events
from .call import Call
from .delivery import attempt
from .problems import Problem
from .store import Row
from .times import stamp, unstamp
from .wire import Response, as_json

PAGE, MAX_PAGE = 50, 200
STATUSES = ("pending", "delivered", "failed", "dev_inbox")
HEARTBEAT, CONNECTION = 15.0, 60.0
LOOK_EVERY = 0.5


def index(call: Call) -> Response:
    """GET /events: newest first, strictly after ``since``, page by page."""
    limit, cursor = _limit(call), call.request.asked("cursor")
    wanted = "tenant = ? AND created_ms <= ? AND created_ms > ?"
    values = [call.tenant.slug, int(call.now * 1000), _since_ms(call)]
    for name, column in (("type", "type"), ("status", "status"), ("lead_id", "chat_id")):
        if asked := call.request.asked(name):
            wanted, values = f"{wanted} AND {column} = ?", [*values, asked]
    if cursor:
        wanted, values = f"{wanted} AND (created_ms, seq) < (?, ?)", [*values, *_place(call, cursor)]
    rows = call.store.all(
        f"SELECT * FROM event_rows WHERE {wanted} ORDER BY created_ms DESC, seq DESC LIMIT ?",  # noqa: S608
        *(*values, limit + 1),
    )
    return as_json(_page(call, rows, limit))


def _page(call: Call, rows: list[Row], limit: int) -> Row:
    shown = [events.row_json(call.store, row) for row in rows[:limit]]
    last = shown[-1] if len(rows) > limit else None
    return {
        "events": shown,
        "next_cursor": f"{last['created_at']}|{last['id']}" if last else None,
        "count": len(shown),
    }


def _limit(call: Call) -> int:
    said = call.request.asked("limit", str(PAGE))
    if not said.isascii() or not said.isdigit() or not 1 <= int(said) <= MAX_PAGE:
        raise Problem(1002, "limit is a number from 1 to 200.")
    if call.request.asked("status") not in ("", *STATUSES):
        raise Problem(1002, "There is no such status.")
    return int(said)


def _since_ms(call: Call) -> int:
    said = call.request.asked("since")
    try:
        return round(unstamp(said) * 1000) if said else 0
    except ValueError:
        raise Problem(1002, "since is not an ISO-8601 moment.") from None


def _place(call: Call, cursor: str) -> tuple[int, int]:
    row = call.store.one(
        "SELECT created_ms, seq FROM events WHERE id = ? AND tenant = ?", cursor.rpartition("|")[2], call.tenant.slug
    )
    if row is None:
        raise Problem(1002, "This cursor is not ours.")
    return row["created_ms"], row["seq"]


def show(call: Call, id: str) -> Response:
    """GET /events/{id}"""
    row = _row(call, id)
    if row is None:
        raise Problem(2011, "Event not found.")
    return as_json(events.row_json(call.store, row))


def _row(call: Call, event_id: str) -> Row | None:
    return call.store.one("SELECT * FROM event_rows WHERE id = ? AND tenant = ?", event_id, call.tenant.slug)


def replay(call: Call, id: str) -> Response:
    """POST /events/{id}/replay: deliver the stored event again, now; its own shape of answer (contract §10.3)."""
    row = _row(call, id)
    if row is None:
        return _replayed(call, Problem(2011, "Event not found."))
    aims = _aims(call)
    if not aims:
        return _replayed(call, Problem(1002, "There is nowhere to deliver this event to."))
    outcomes = [_again(call, row, subscription) for subscription in aims]
    failed = next((status for state, status in outcomes if state != "delivered"), 200)
    if failed == 200:
        return as_json({"ok": True, "error": None, "downstream_status": outcomes[0][1]})
    return _replayed(call, Problem(3004), failed)


def _aims(call: Call) -> list[Row]:
    asked = call.request.asked("subscription_id")
    rows = events.subscriptions(call.store, call.tenant.slug)
    return [row for row in rows if row["url"] != events.DEV_INBOX and row["is_active"] and asked in ("", row["id"])]


def _again(call: Call, row: Row, subscription: Row) -> tuple[str, int | None]:
    delivery_id = call.store.number(
        "INSERT INTO deliveries (event_id, subscription_id, state) VALUES (?, ?, 'replay') RETURNING id",
        *(row["id"], subscription["id"]),
    )
    owed = call.store.one("SELECT * FROM deliveries WHERE id = ?", delivery_id)
    assert owed is not None
    outcome = attempt(call.store, owed | {"tries": 99}, call.now, call.world.post)  # one attempt only
    return outcome


def _replayed(call: Call, problem: Problem, downstream: int | None = None) -> Response:
    body = {"ok": False, "error": str(problem), "downstream_status": downstream}
    words = {"code": problem.code, "message": str(problem), "retryable": problem.retryable, "trace_id": call.trace_id}
    return as_json(body | words, problem.http)


def stream(call: Call) -> Response:
    """GET /events/stream: server-sent events for a minute, with a comment every 15 seconds."""
    since = _since_ms(call) or int(call.now * 1000)
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    return Response(200, _streamed(call, since), headers)


def _streamed(call: Call, created_ms: int) -> Iterator[bytes]:
    began = beat = call.world.clock()
    seq = 1 << 62  # "since" is strict: nothing more of that very millisecond
    yield b": connected\n\n"
    while (now := call.world.clock()) - began < CONNECTION:
        for row in _new(call, created_ms, seq, now):
            created_ms, seq = row["created_ms"], row["seq"]
            yield b"data: " + json.dumps(events.row_json(call.store, row)).encode() + b"\n\n"
        if now - beat >= HEARTBEAT:
            beat = now
            yield b": heartbeat\n\n"
        call.world.sleep(LOOK_EVERY)
    yield b"event: close\ndata: " + json.dumps({"since": stamp(created_ms / 1000)}).encode() + b"\n\n"


def _new(call: Call, created_ms: int, seq: int, now: float) -> list[Row]:
    return call.store.all(
        "SELECT * FROM event_rows WHERE tenant = ? AND created_ms <= ? AND (created_ms, seq) > (?, ?)"
        " ORDER BY created_ms, seq LIMIT 200",
        *(call.tenant.slug, int(now * 1000), created_ms, seq),
    )


def dev_inbox(call: Call) -> Response:
    """GET /dev-inbox: events of subscriptions whose address is https://dev-inbox, newest first."""
    rows = call.store.all(
        "SELECT * FROM event_rows WHERE tenant = ? AND dev_inbox AND created_ms <= ?"
        " ORDER BY created_ms DESC, seq DESC LIMIT ?",
        *(call.tenant.slug, int(call.now * 1000), _limit(call)),
    )
    return as_json({"events": [events.row_json(call.store, row) for row in rows], "count": len(rows)})
