"""The routes that only look: one message, a thread's history, the lines (contract §7.4, §7.5, §7.7)."""

from . import threads
from .call import Call
from .store import Line, Row
from .wire import Response, as_json

HISTORY = 200


def message(call: Call, id: str) -> Response:
    """GET /messages/{id}"""
    found = call.message(id).as_json(call.now)
    return as_json({"message": found} if call.knobs.wrap_message else found)


def history(call: Call, id: str) -> Response:
    """GET /chats/{id}/messages: the 200 most recent, oldest first; there is no cursor."""
    chat = call.chat(id)
    until = call.now - call.knobs.list_lag
    said = [each for each in threads.in_chat(call.store, chat.id) if each.created_at <= until]
    rows = [each.as_json(call.now) for each in said[-HISTORY:]]
    return as_json({"messages": rows, "has_more": len(said) > HISTORY})


def phone_numbers(call: Call) -> Response:
    """GET /phone-numbers"""
    return as_json({"phone_numbers": [_line(line) for line in call.store.lines(call.tenant.slug)]})


def _line(line: Line) -> Row:
    return {
        "id": line.id,
        "phone_line_id": line.id,
        "phone_number": line.number,
        "service": "imessage",
        "is_active": bool(line.is_active),
        "capabilities": ["imessage", "send", "receive"],
    }
