"""A request that comes twice with one Idempotency-Key is done once: the repeat gets the answer of the first.

The key's row is committed before anything is done, so of two at once one goes on.  What is done and its answer are
committed together, so a crash leaves either both or neither.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from campaigns.api.problems import Problem
from campaigns.models import ApiCall, ApiToken
from campaigns.models.fields import sealed
from campaigns.models.programs import ANSWER_KEPT

LONGEST = 255
#: After this nobody can still be at it: whoever comes then does it anew.
AT_MOST = timedelta(minutes=2)
KEY_HEADER = "Idempotency-Key"


def once(token: ApiToken, request: HttpRequest, work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Do the work, or answer as it was answered.  An answer that is an error is not kept: then nothing was done."""
    key = _key(request)
    call, is_ours = _begin(token, key, _asked(request), timezone.now())
    if not is_ours:
        return _again(call)
    try:
        with transaction.atomic():
            answer = work()
            if isinstance(answer, HttpResponse) and answer.status_code < 400:
                _keep(call, answer)
                return answer
        _let_go(call)
        return answer
    except BaseException:
        _let_go(call)
        raise


def _key(request: HttpRequest) -> str:
    key = request.headers[KEY_HEADER].strip()
    if not key or len(key) > LONGEST or not key.isascii() or not key.isprintable():
        raise Problem(400, "bad_key", f"An {KEY_HEADER} has 1 to {LONGEST} printable ASCII characters.")
    return key


def _asked(request: HttpRequest) -> str:
    told = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(told).hexdigest()


def _begin(token: ApiToken, key: str, asked: str, now: datetime) -> tuple[ApiCall, bool]:
    """The row of this key, and whether the work is ours to do."""
    ApiCall.objects.filter(token=token, key=key, started_at__lt=now - ANSWER_KEPT).delete()
    call, is_new = ApiCall.objects.get_or_create(token=token, key=key, defaults={"asked": asked, "started_at": now})
    if is_new:
        return call, True
    if call.asked != asked:
        raise Problem(422, "key_reused", f"This {KEY_HEADER} was used for another request. Nothing was done.")
    if call.answered is not None:
        return call, False
    left_behind = ApiCall.objects.filter(pk=call.pk, answered=None, started_at=call.started_at)
    if now - call.started_at > AT_MOST and left_behind.update(started_at=now):
        call.started_at = now
        return call, True
    detail = f"The first request with this {KEY_HEADER} is still being done. Try again in a moment."
    raise Problem(409, "in_progress", detail, headers={"Retry-After": "1"})


def _keep(call: ApiCall, answer: HttpResponse) -> None:
    """Inside the transaction of the work: who was too slow, and has been overtaken, does nothing after all."""
    text = answer.content.decode()
    mine = ApiCall.objects.filter(pk=call.pk, started_at=call.started_at, answered=None)
    named = sorted(set(_customers(json.loads(text)))) if text else []
    if not mine.update(answered=answer.status_code, answer=sealed(call, "answer", text), customers=named):
        raise Problem(409, "in_progress", "Another request with this key was quicker. Nothing was done here.")


def _let_go(call: ApiCall) -> None:
    ApiCall.objects.filter(pk=call.pk, started_at=call.started_at, answered=None).delete()


def _again(call: ApiCall) -> HttpResponse:
    if call.answered == ApiCall.FORGOTTEN:
        detail = "This was done. Its answer was thrown away, because somebody named in it was erased since."
        raise Problem(410, "answer_forgotten", detail)
    answer = HttpResponse(call.answer, status=call.answered, content_type="application/json; charset=utf-8")
    answer["Idempotency-Replayed"] = "true"
    return answer


def _customers(said: Any) -> Iterator[int]:
    """Our ids of everybody an answer names."""
    if isinstance(said, list):
        for each in said:
            yield from _customers(each)
    elif isinstance(said, dict):
        if isinstance(said.get("customer"), int):
            yield said["customer"]
        if "phone" in said and isinstance(said.get("id"), int):
            yield said["id"]
        for each in said.values():
            yield from _customers(each)
