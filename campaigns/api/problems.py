"""What went wrong, as programs read it: application/problem+json (RFC 9457), and nothing of the inside."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from campaigns.asking.audience import Reason

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """The request ends here.  `code` is for programs and stays the same; `detail` is a sentence for people."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.more = errors, headers or {}, more

    def response(self) -> HttpResponse:
        """The answer."""
        body = {
            "type": f"urn:goodword:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.more,
        }
        if self.errors:
            body["errors"] = list(self.errors)
        answer = HttpResponse(json.dumps(body, ensure_ascii=False), status=self.status, content_type=MEDIA_TYPE)
        for name, value in self.headers.items():
            answer[name] = value
        return answer


def missing() -> Problem:
    """Nothing here; also for what belongs to somebody else, for that it exists is nobody's business (S12)."""
    return Problem(404, "not_found", "There is nothing at this address.")


def wrong(pointer: str, detail: str, code: str = "invalid") -> Problem:
    """One field of the body that cannot be taken."""
    return Problem(422, code, detail, errors=[{"pointer": pointer, "detail": detail}])


def not_asked(reason: Reason) -> Problem:
    """A customer who is not asked now: the reason's own word and sentence, and when it ends if it does."""
    until: dict[str, Any] = {"until": reason.until.isoformat()} if reason.until else {}
    return Problem(422, reason.code, f"{reason.sentence.rstrip('.')}. Nothing was sent.", **until)


def invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Fields that are missing, unknown or of the wrong kind, each with where it stands; never what was written."""
    found = [_where(error["loc"]) | {"detail": str(error["msg"])} for error in errors]
    count = "One field needs" if len(found) == 1 else f"{len(found)} fields need"
    return Problem(422, "invalid", f"{count} another look. Nothing was done.", errors=found[:100])


def _where(loc: Sequence[object]) -> dict[str, str]:
    """A pointer into the body (RFC 6901), or the parameter's name."""
    if loc and loc[0] == "body":
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in loc[2:])
        return {"pointer": "".join(f"/{_printable(step)}" for step in steps)}
    return {"parameter": _printable(str(loc[-1])) if loc else ""}


def _printable(text: str) -> str:
    """A field's name as somebody wrote it may hold anything."""
    return text.encode("utf-8", "replace").decode()[:100]
