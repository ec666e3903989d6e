"""What one can do to a thread besides writing: read, type, react, edit, groups, contact cards (contract §7.8-7.14)."""

import json
import re
from typing import Any
from urllib.parse import unquote

from . import contract, lines, sending, threads
from .call import Call
from .problems import Problem
from .threads import Chat
from .times import stamp
from .wire import Response, as_json

REACTIONS = ("love", "like", "dislike", "laugh", "emphasize", "question")
EDIT_WINDOW = 900
TYPING_SHOWS = 12  # seconds without another sign
SMALLEST_GROUP = 3  # with us
ADDRESS = re.compile(r"\+[1-9]\d{6,14}|[^@\s]+@[^@\s]+\.[^@\s]+")
CONTACT_FIELDS = {"full_name", "given_name", "family_name", "organization", "phones", "emails"}


def mark_read(call: Call, id: str) -> Response:
    """POST /chats/{id}/mark-read"""
    chat = call.chat(id)
    call.store.run("UPDATE chats SET looked_at = ? WHERE id = ?", call.now, chat.id)
    return as_json({"chat_id": chat.id, "status": "read"})


def typing(call: Call, id: str) -> Response:
    """POST /chats/{id}/typing"""
    chat, state = call.chat(id), call.body("state").get("state")
    if state not in ("typing", "stopped"):
        raise Problem(1002, "state is typing or stopped.")
    until = call.now + TYPING_SHOWS if state == "typing" else None
    call.store.run("UPDATE chats SET typing_until = ? WHERE id = ?", until, chat.id)
    return as_json({"status": "sent", "chat_id": chat.id, "state": state})


def react(call: Call, id: str) -> Response:
    """POST /messages/{id}/react: each call posts another tapback."""
    message, reaction = call.message(id), call.body("reaction").get("reaction")
    if reaction not in REACTIONS:
        raise Problem(1002, f"reaction is one of {', '.join(REACTIONS)}.")
    call.store.run("UPDATE messages SET reaction = ? WHERE id = ?", reaction, message.id)
    return as_json({"status": "sent", "message_id": message.id, "reaction": reaction})


def edit(call: Call, id: str) -> Response:
    """POST /messages/{id}/edit: our own words, within 15 minutes."""
    message, body = call.message(id), call.body("new_text", "edited_part_index")
    text, at = contract.text_field(body, "new_text"), body.get("edited_part_index", 0)
    parts = message.content
    if not text.strip() or message.direction != "outbound":
        raise Problem(1002, "new_text is required, and only outbound messages can be edited.")
    if not isinstance(at, int) or not 0 <= at < len(parts) or parts[at]["type"] != "text":
        raise Problem(1002, "There is no text part at this index.")
    if call.now - message.created_at > EDIT_WINDOW:
        raise Problem(4001, "The edit window has passed.")
    parts[at]["value"] = text
    call.store.run("UPDATE messages SET parts = ? WHERE id = ?", json.dumps(parts, ensure_ascii=False), message.id)
    edited = {"status": "edited", "message_id": message.id, "new_text": text, "date_edited": stamp(call.now)}
    return as_json(edited | {"edit_history": None})


def rename(call: Call, id: str) -> Response:
    """PUT /chats/{id}: the name and picture of a group."""
    chat, body = _group(call, id), call.body("display_name", "group_chat_icon")
    name = contract.text_field(body, "display_name").strip() if "display_name" in body else chat.display_name
    icon = contract.text_field(body, "group_chat_icon") if "group_chat_icon" in body else chat.icon
    if (not name and "display_name" in body) or (icon and not icon.startswith("https://")):
        raise Problem(1002, "display_name may not be empty, and group_chat_icon is an https address.")
    call.store.run("UPDATE chats SET display_name = ?, icon = ? WHERE id = ?", name, icon, chat.id)
    shown = {"id": chat.id, "display_name": name, "group_chat_icon": icon, "is_group": True}
    return as_json({"chat": shown})


def add_participant(call: Call, id: str) -> Response:
    """POST /chats/{id}/participants: adding somebody twice changes nothing."""
    body = call.body("address", "handle")
    address = contract.text_field(body, "address") or contract.text_field(body, "handle")
    contract.required({"address": address}, "address")
    if not ADDRESS.fullmatch(address):
        raise Problem(1003)
    chat = _group(call, id)
    people = chat.people if address in chat.people else [*chat.people, address]
    return as_json({"chat_id": chat.id, "added": address, "participants": _keep_people(call, chat, people)})


def remove_participant(call: Call, id: str, address: str) -> Response:
    """DELETE /chats/{id}/participants/{address}: a group keeps at least three members."""
    chat, address = _group(call, id), unquote(address)
    if address not in chat.people:
        raise Problem(1001, "This person is not in the group.")
    people = [each for each in chat.people if each != address]
    if len(people) + 1 < SMALLEST_GROUP:
        raise Problem(1002, "A group keeps at least three members.")
    return as_json({"chat_id": chat.id, "removed": address, "participants": _keep_people(call, chat, people)})


def leave(call: Call, id: str) -> Response:
    """POST /chats/{id}/leave: three others must stay."""
    chat = _group(call, id)
    if chat.left_at is not None or len(chat.people) < SMALLEST_GROUP:
        raise Problem(1002, "A group keeps at least three members.")
    call.store.run("UPDATE chats SET left_at = ? WHERE id = ?", call.now, chat.id)
    return as_json({"chat_id": chat.id, "status": "left"})


def _group(call: Call, chat_id: str) -> Chat:
    chat = call.chat(chat_id)
    if not chat.is_group:
        raise Problem(1006, "This chat is not a group.")
    return chat


def _keep_people(call: Call, chat: Chat, people: list[str]) -> list[str]:
    call.store.run("UPDATE chats SET handles = ? WHERE id = ?", json.dumps(people), chat.id)
    return people


def send_contact(call: Call, id: str = "") -> Response:
    """POST /chats/{id}/send-contact, or /chats/send-contact with ``to``: a contact card."""
    body = call.body("contact", "vcard_text", *(() if id else ("to", "from")))
    vcard, contact = contract.text_field(body, "vcard_text"), body.get("contact")
    if not vcard:
        contract.required(body, "contact")
        _check_contact(call, contact)
    return _carded(call, id, body, {"type": "contact", "contact": contact or {"full_name": "Contact"}}, "sent")


def _check_contact(call: Call, contact: Any) -> None:
    if not isinstance(contact, dict) or not any(contact.values()):
        raise Problem(1002, "contact needs at least one identifying field.")
    contract.known(contact, CONTACT_FIELDS, call.knobs)


def share_contact_info(call: Call, id: str = "") -> Response:
    """POST /chats/{id}/share-contact-info, or /chats/share-contact-info with ``to``: the line's own card."""
    body = {} if id else call.body("to", "from")
    return _carded(call, id, body, {"type": "contact", "contact": {"full_name": call.tenant.name}}, "shared")


def _carded(call: Call, chat_id: str, body: dict[str, Any], part: dict[str, Any], word: str) -> Response:
    with call.store.transaction():
        chat, starts = (call.chat(chat_id), call.now) if chat_id else _chat_to(call, body)
        sending.accept(call, chat, [part], "", starts)
    return as_json({"chat_id": chat.id, "status": word})


def _chat_to(call: Call, body: dict[str, Any]) -> tuple[Chat, float]:
    """The chat with the person in ``to``, opened if need be."""
    contract.required(body, "to")
    contract.check_phones([body["to"]])
    chat = threads.chat_with(call.store, call.tenant.slug, body["to"])
    if chat is not None:
        return chat, call.now
    line = lines.choose(call.store, call.tenant.slug, call.knobs, call.now)
    return sending.first_touch(call, line, [body["to"]], "")
