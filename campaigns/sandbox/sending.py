"""The routes that say something to a customer: POST /chats, POST /chats/{id}/messages, POST /send, POST /locations."""

from collections.abc import Sequence
from typing import Any

from . import attachments, contract, ledger, lines, threads
from .call import Call
from .events import message_sent
from .problems import Problem
from .store import Line
from .threads import Chat, Message
from .wire import Response, as_json

CHAT_FIELDS = ("from", "to", "message", "service", "test_lead")
SEND_FIELDS = (
    *("phone", "body", "idempotency_key", "name", "external_id"),
    *("phone_line_id", "attachments", "effect", "test_lead"),
)
LOCATION_FIELDS = (
    *("phone", "chat_id", "latitude", "longitude", "label", "address"),
    *("fallback_mode", "expires_at", "phone_line_id", "idempotency_key"),
)


def open_chat(call: Call) -> Response:
    """POST /chats: a new thread and its first message (contract §7.2)."""
    body = call.body(*CHAT_FIELDS)
    contract.required(body, "from", "to", "message")
    draft = contract.draft(body, call.knobs)
    return call.once(draft.key, lambda: _opened(call, body, draft))


def _opening(call: Call, body: dict[str, Any], draft: contract.Draft) -> Line:
    """Check everything about an opening, in the documented order; gives the line it comes from."""
    people = body["to"]
    if not isinstance(people, list):
        raise Problem(1002, "to must be a list.")
    if len(people) > contract.MAX_RECIPIENTS:
        raise Problem(1006, "A group has at most 31 recipients.", http=422)
    contract.check_phones([body["from"], *people])
    if contract.text_field(body, "service") not in ("", "imessage"):
        raise Problem(1010)
    line = _own_line(call, body["from"], group=len(people) > 1)
    _check_draft(call, draft)
    if len(people) > 1:
        contract.check_group_first(draft.parts, call.knobs)
    elif call.knobs.first_by_route or threads.chat_with(call.store, call.tenant.slug, people[0]) is None:
        contract.check_first(draft.parts, call.knobs)
    return line


def _opened(call: Call, body: dict[str, Any], draft: contract.Draft) -> Response:
    line, people = _opening(call, body, draft), body["to"]
    call.weather.rate()
    chat = threads.chat_with(call.store, call.tenant.slug, people[0]) if len(people) == 1 else None
    starts = call.now
    if chat is None:
        chat, starts = first_touch(call, line, people, draft.subject)
    message = accept(call, chat, draft.parts, draft.key, starts)
    return as_json({"chat": chat.as_json(), "message": message.as_json(call.now)})


def follow_up(call: Call, id: str) -> Response:
    """POST /chats/{id}/messages: something more in a thread that exists (contract §7.3)."""
    body = call.body("message", "test_lead")
    draft = contract.draft(body, call.knobs)
    return call.once(draft.key, lambda: _followed(call, call.chat(id), draft))


def _followed(call: Call, chat: Chat, draft: contract.Draft) -> Response:
    _check_draft(call, draft)
    contract.check_follow_up(draft.parts)
    call.weather.rate()
    if chat.left_at is not None:
        raise Problem(1012, "This line has left the group.")
    line = call.store.line(chat.line_id)
    if line is None or not line.is_active:
        raise Problem(3002, "This line is not active.", retry_after=60)
    message = accept(call, chat, draft.parts, draft.key, call.now)
    return as_json({"message": message.as_json(call.now)})


def send(call: Call) -> Response:
    """POST /send: phone and body, nothing else needed (contract §7.1)."""
    body = call.body(*SEND_FIELDS)
    contract.required(body, "phone", "body")
    contract.check_phones([body["phone"]])
    key = contract.key(contract.text_field(body, "idempotency_key"))
    return call.once(key, lambda: _sent(call, body, key))


def _sent(call: Call, body: dict[str, Any], key: str) -> Response:
    asked = _asked_line(call, contract.text_field(body, "phone_line_id"))
    chat = threads.chat_with(call.store, call.tenant.slug, body["phone"])
    parts = _send_parts(call, body, first=chat is None)
    call.weather.rate()
    created, starts = chat is None, call.now
    if chat is None:
        line = asked or lines.choose(call.store, call.tenant.slug, call.knobs, call.now)
        chat, starts = first_touch(call, line, [body["phone"]], contract.text_field(body, "name"))
    line_id = _pinned(call, chat, asked)
    message = accept(call, chat, parts, key, starts)
    return as_json(
        {
            "status": "sent",
            "message_id": message.id,
            "lead_id": chat.id,
            "lead_created": created,
            "convo_id": f"convo-{chat.id[:8]}",  # for show only: it opens no route (contract §2.2)
            "phone_line_id": line_id,
        }
    )


def _send_parts(call: Call, body: dict[str, Any], *, first: bool) -> list[dict[str, Any]]:
    """The attachments and the text of /send as parts, checked.  Raises Problem."""
    parts = [*_media(body.get("attachments")), {"type": "text", "value": contract.text_field(body, "body")}]
    contract.check_parts(parts, call.knobs)
    contract.check_effect(contract.text_field(body, "effect"))
    attachments.check(call, parts)
    if first:
        contract.check_first(parts, call.knobs)
    return parts


def _pinned(call: Call, chat: Chat, asked: Line | None) -> str:
    """The line of this chat; naming another one moves the pin."""
    if asked is None or asked.id == chat.line_id:
        return chat.line_id
    call.store.run("UPDATE chats SET line_id = ? WHERE id = ?", asked.id, chat.id)
    return asked.id


def _media(entries: Any) -> list[dict[str, Any]]:
    """The ``attachments`` of /send in any of their documented forms.  Raises Problem 1002 or 1011."""
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise Problem(1002, "attachments must be a list.")
    return [{"type": "media", "attachment_id": _reference(entry, index)} for index, entry in enumerate(entries)]


def _reference(entry: Any, index: int) -> str:
    if isinstance(entry, dict) and "url" in entry:
        raise Problem(1011, "Attachments by URL are not accepted here.", attachment_index=index)
    found = entry.get("attachment_id") or entry.get("id") if isinstance(entry, dict) else entry
    if not isinstance(found, str) or not found:
        raise Problem(1002, "An attachment needs an id.", attachment_index=index)
    return found


def send_location(call: Call) -> Response:
    """POST /locations: one fixed pin, accepted for later (contract §7.12)."""
    body = call.body(*LOCATION_FIELDS)
    contract.required(body, "latitude", "longitude")
    if ("phone" in body) == ("chat_id" in body):
        raise Problem(1002, "Give phone or chat_id, not both.")
    if not all(isinstance(body[name], int | float) for name in ("latitude", "longitude")):
        raise Problem(1002, "latitude and longitude are numbers.")
    if "chat_id" in body:  # a delivery chat id such as iMessage;+;chat42, which this world does not have
        raise Problem(2002)
    contract.check_phones([body["phone"]])
    key = contract.key(contract.text_field(body, "idempotency_key"))
    return call.once(key, lambda: _located(call, body, key))


def _located(call: Call, body: dict[str, Any], key: str) -> Response:
    asked = _asked_line(call, contract.text_field(body, "phone_line_id"))
    call.weather.rate()
    chat, starts = threads.chat_with(call.store, call.tenant.slug, body["phone"]), call.now
    if chat is None:
        line = asked or lines.choose(call.store, call.tenant.slug, call.knobs, call.now)
        chat, starts = first_touch(call, line, [body["phone"]], "")
    place = {name: body.get(name) for name in ("latitude", "longitude", "label", "address")}
    message = accept(call, chat, [{"type": "location", **place}], key, starts)
    shown = place | {"mode": "balloon", "fallback_mode_requested": body.get("fallback_mode", "auto")}
    answer = {"message_id": message.id, "status": "queued", "phone_line_id": chat.line_id, "delivery": "queued"}
    return as_json(answer | {"location": shown}, 202)


def _own_line(call: Call, number: str, *, group: bool) -> Line:
    for line in call.store.lines(call.tenant.slug):
        if line.number == number:
            return line
    raise Problem(2006, http=403 if group else 400)


def _asked_line(call: Call, line_id: str) -> Line | None:
    if not line_id:
        return None
    line = call.store.line(line_id)
    if line is None or line.tenant != call.tenant.slug:
        raise Problem(2006)
    return line


def _check_draft(call: Call, draft: contract.Draft) -> None:
    contract.check_parts(draft.parts, call.knobs)
    contract.check_effect(draft.effect)
    attachments.check(call, draft.parts)


def first_touch(call: Call, line: Line, people: Sequence[str], name: str) -> tuple[Chat, float]:
    """A new thread and the moment its first message starts.  Raises Problem 3002 or 4002."""
    starts = lines.touch(call.store, line, call.knobs, call.now)
    chat = threads.open_chat(call.store, line, people, name, call.knobs, call.now)
    ledger.write(call.store, call.tenant.slug, "chat", call.now, phone=people[0], chat_id=chat.id)
    return chat, starts


def accept(call: Call, chat: Chat, parts: list[dict[str, Any]], key: str, starts: float) -> Message:
    """From here on the customer will get it."""
    attachments.use(call.store, parts)
    message = threads.say(call.store, chat, parts, call.knobs, call.now, starts)
    phone = ",".join(chat.people)
    ledger.write(
        *(call.store, call.tenant.slug, "message", call.now),
        phone=phone,
        message_id=message.id,
        chat_id=chat.id,
        key=key,
        parts=parts,
    )
    message_sent(call.store, call.knobs, chat, message)
    return message
