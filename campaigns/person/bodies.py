"""What Chert told us, as it came: the bodies of webhooks and of its log."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce

from campaigns.chert.events import event_from_json
from campaigns.models import ChertEvent
from campaigns.person.whose import Whose

#: Needles looked for with one statement.
AT_ONCE = 50


def held(whose: Whose) -> list[dict[str, Any]]:
    """Each event about them, with its body; of a group only what they wrote there themselves, without the others."""
    return [
        {"event": row.event_id, "type": row.type, "received": row.received_at, "by": row.came_by, "body": body}
        for row in _about(whose)
        if (body := _without_others(row.payload, whose))
    ]


def _without_others(payload: dict[str, Any], whose: Whose) -> dict[str, Any]:
    event = event_from_json(payload)
    if event.chat_id not in whose.group_chats:
        return payload
    return {"message": event.message_id, "text": event.text} if event.sender in whose.numbers else {}


def forget(whose: Whose, now: datetime) -> int:
    """The row stays, so that the same event is known when it comes once more; its body goes."""
    found = [row.pk for row in _about(whose)]
    for start in range(0, len(found), AT_ONCE):
        rows = ChertEvent.objects.filter(pk__in=found[start : start + AT_ONCE])
        rows.update(payload={}, handled_at=Coalesce(F("handled_at"), Value(now)))
    return len(found)


def _about(whose: Whose) -> Iterator[ChertEvent]:
    """Whatever names their number, their chat or one of their messages; not what somebody else wrote about them."""
    needles = [*whose.numbers, *sorted(whose.chats | whose.group_chats), *sorted(whose.chert_ids)]
    seen: set[int] = set()
    rows = ChertEvent.objects.filter(organization=whose.organization).exclude(payload={})
    said = rows.annotate(said=Cast("payload", TextField()))
    for start in range(0, len(needles), AT_ONCE):
        wanted = Q()
        for needle in needles[start : start + AT_ONCE]:
            wanted |= Q(said__contains=needle)
        for row in said.filter(wanted).order_by("pk").iterator(500):
            if row.pk not in seen and _is_theirs(row, whose):
                seen.add(row.pk)
                yield row


def _is_theirs(row: ChertEvent, whose: Whose) -> bool:
    event = event_from_json(row.payload)
    if event.sender in whose.numbers or event.message_id in whose.chert_ids:
        return True
    if event.chat_id in whose.chats | whose.group_chats:  # a group's names everybody in it, whoever wrote
        return True
    return not event.is_inbound
