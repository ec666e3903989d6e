"""Programs beside us: what they were answered about somebody, and what they were told of them."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from campaigns.models import ApiCall, OutgoingEvent, WebhookCall
from campaigns.person.whose import Whose


def held(whose: Whose) -> list[dict[str, Any]]:
    """What a file for them tells of it."""
    return [*_told(whose), *_answered(whose)]


def _told(whose: Whose) -> list[dict[str, Any]]:
    rows = WebhookCall.objects.filter(event__customer__in=whose.rows).select_related("event", "endpoint").order_by("pk")
    return [
        {"told": each.event.type, "happened": each.event.at, "to": each.endpoint.url, "taken": each.told_at}
        for each in rows
    ]


def _answered(whose: Whose) -> list[dict[str, Any]]:
    return [{"answer_to_a_program": each.answer, "asked": each.started_at} for each in _about(whose)]


def forget(whose: Whose, now: datetime) -> int:
    """What was to be told is told to nobody any more; answers are emptied, and their repeats say so."""
    gone = OutgoingEvent.objects.filter(customer__in=whose.rows).delete()[1].get("campaigns.OutgoingEvent", 0)
    answers = [each.pk for each in _about(whose)]
    ApiCall.objects.filter(pk__in=answers).update(answered=ApiCall.FORGOTTEN, answer="", customers=[])
    return gone + len(answers)


def _about(whose: Whose) -> Iterator[ApiCall]:
    """Answers that name them, by our id, or by number or name in the words of what could not be entered."""
    mine = {person.pk for person in whose.rows}
    digits = {re.sub(r"\D", "", number)[-10:] for number in whose.numbers}
    kept = ApiCall.objects.filter(token__organization=whose.organization).exclude(answer="")
    for call in kept.order_by("pk").iterator(200):
        said = re.sub(r"\D", "", call.answer)
        named = any(number in said for number in digits) or any(name in call.answer for name in whose.names)
        if named or mine & set(call.customers):
            yield call
