"""Pictures on their way in: a slot, its bytes, and whether a message may refer to them (contract §7.6)."""

import uuid
from collections.abc import Sequence
from typing import Any

from . import contract, ledger
from .call import Call
from .problems import Problem
from .store import Row, Store
from .times import stamp
from .wire import Response, TooLarge, as_json

MAX_BYTES = 100 * 1024 * 1024
ACCEPTED = frozenset(
    [
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/heic",
        "image/heif",
        "image/tiff",
        "image/bmp",
        "video/mp4",
        "video/quicktime",
        "video/x-m4v",
        "audio/mpeg",
        "audio/mp4",
        "audio/x-m4a",
        "audio/aac",
        "audio/wav",
        "audio/x-caf",
        "application/pdf",
        "text/plain",
        "text/csv",
        "text/vcard",
        "text/calendar",
        "application/zip",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-",
        "officedocument.presentationml.presentation",
    ]
)


def reserve(call: Call) -> Response:
    """POST /attachments: a slot to upload to, on this same host."""
    body = call.body("filename", "content_type", "size_bytes")
    contract.required(body, "filename", "content_type", "size_bytes")
    filename, kind = contract.text_field(body, "filename"), contract.text_field(body, "content_type")
    size = body["size_bytes"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise Problem(1002, "size_bytes must be a positive number of bytes.")
    if size > MAX_BYTES:
        raise Problem(5002)
    if kind not in ACCEPTED:
        raise Problem(5003)
    return as_json(_slot(call, filename, kind, size))


def _slot(call: Call, filename: str, kind: str, size: int) -> Row:
    attachment_id, expires = uuid.uuid4().hex, call.now + call.knobs.slot_lifetime
    call.store.insert(
        "attachments",
        id=attachment_id,
        tenant=call.tenant.slug,
        filename=filename,
        content_type=kind,
        size=size,
        expires_at=expires,
    )
    origin = "https://uploads.elsewhere.example" if call.knobs.foreign_upload else call.request.origin
    return {
        "attachment_id": attachment_id,
        "upload_url": f"{origin}/api/v1/attachments/{attachment_id}/upload",
        "required_headers": {"authorization": f"Bearer {call.tenant.secret}", "content-type": kind},
        "expires_at": stamp(expires),
    }


def upload(call: Call, id: str) -> Response:
    """PUT the raw bytes: no more and no fewer than were announced, while the slot is open."""
    row = _find(call.store, call.tenant.slug, id)
    if row is None or row["expires_at"] <= call.now:
        raise Problem(5001)
    if call.request.content_type != row["content_type"]:
        raise Problem(1002, "The content type is not the registered one.")
    content = _content(call, row["size"])
    with call.store.transaction():
        fresh = call.store.run("UPDATE attachments SET content = ? WHERE id = ? AND content IS NULL", content, id)
        if fresh:
            ledger.write(call.store, call.tenant.slug, "upload", call.now, key=id)
    return as_json({"attachment_id": id, "status": "uploaded"})


def _content(call: Call, size: int) -> bytes:
    try:
        content = call.request.read(size)
    except TooLarge:
        raise Problem(5002, "More bytes than were registered.") from None
    if len(content) < size:
        raise Problem(1002, "Fewer bytes than were registered.")
    return content


def download(call: Call, id: str) -> Response:
    """GET the bytes of an attachment."""
    row = _find(call.store, call.tenant.slug, id)
    if row is None:
        raise Problem(5001)
    if row["content"] is None:
        raise Problem(5004)
    return Response(200, bytes(row["content"]), {"Content-Type": row["content_type"]})


def check(call: Call, parts: Sequence[dict[str, Any]]) -> None:
    """Every picture these parts refer to is there and whole.  Raises Problem 1011, 5001 or 5004."""
    for part in parts:
        if part["type"] == "media":
            contract.check_media(part, call.knobs)
            if part.get("attachment_id"):
                _check_reference(call, part["attachment_id"])


def _check_reference(call: Call, attachment_id: str) -> None:
    row = call.store.one(
        "SELECT content IS NOT NULL AS whole, uses FROM attachments WHERE id = ? AND tenant = ?",
        *(attachment_id, call.tenant.slug),
    )
    if row is None:
        raise Problem(5001)
    if not row["whole"]:
        raise Problem(5004)
    if row["uses"] and not call.knobs.attachment_reuse:
        raise Problem(1012, "This attachment was already sent.")


def use(store: Store, parts: Sequence[dict[str, Any]]) -> None:
    """Note that these pictures have been sent."""
    for part in parts:
        if part.get("attachment_id"):
            store.run("UPDATE attachments SET uses = uses + 1 WHERE id = ?", part["attachment_id"])


def picture(store: Store, attachment_id: str) -> Row | None:
    """The bytes of any tenant's attachment, for the phones page."""
    return store.one(
        "SELECT content_type, content FROM attachments WHERE id = ? AND content IS NOT NULL", attachment_id
    )


def _find(store: Store, tenant: str, attachment_id: str) -> Row | None:
    return store.one("SELECT * FROM attachments WHERE id = ? AND tenant = ?", attachment_id, tenant)
