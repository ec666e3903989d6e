"""Long lists, a page at a time: the cursor names the last row, so nothing is skipped or doubled while rows come in."""

import base64
import binascii
from typing import Any, Generic, TypeVar

from django.http import HttpRequest

from campaigns.api.problems import Problem
from campaigns.api.shapes import Said

Item = TypeVar("Item")
LARGEST = 2**63 - 1


class Page(Said, Generic[Item]):
    """Some of them, and where the next ones begin; null at the end."""

    items: list[Item]
    next: str | None


def after(cursor: str | None, count: int = 1) -> tuple[int, ...] | None:
    """The numbers in a cursor; None where there is none.  Raises a 422 for one that is not ours."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"==").decode()
        numbers = tuple(int(part) for part in text.split(".") if part.isascii() and part.isdecimal() and len(part) < 20)
    except (ValueError, binascii.Error):
        numbers = ()
    if len(numbers) != count or any(number > LARGEST for number in numbers):
        detail = "This cursor is none of ours. Take the one that the last page gave."
        raise Problem(422, "invalid", detail, errors=[{"parameter": "cursor", "detail": detail}])
    return numbers


def cursor_of(*numbers: int) -> str:
    """A cursor behind this row."""
    return base64.urlsafe_b64encode(".".join(map(str, numbers)).encode()).decode().rstrip("=")


def refuse_strangers(request: HttpRequest, known: type[Said]) -> None:
    """A parameter nobody knows is a mistake, as in a body: a filter that is misspelt must not show everything."""
    strange = sorted(set(request.GET) - set(known.model_fields))
    if strange:
        errors: list[Any] = [{"parameter": name[:100], "detail": "This parameter is not known."} for name in strange]
        raise Problem(422, "invalid", "A parameter is not known. Nothing was done.", errors=errors)
