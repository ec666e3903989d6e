"""Sessions are kept under names: the key is the cookie's alone, so that a copy of the database opens none (S6)."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from campaigns.prepared import Prepared

Answer = Callable[[HttpRequest], HttpResponse]
#: A name begins with it, and no key does.
MARK = "kept:"


def name_of(key: str) -> str:
    """Under which the session of this key is kept; the name of a name is itself."""
    return key if key.startswith(MARK) else MARK + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:35]


class SessionStore(db.SessionStore):
    """Django's would keep the key itself.  A name is as good as a key in here: the library's list knows only names."""

    def exists(self, session_key: str) -> bool:
        return super().exists(name_of(session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(name_of(key))

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = name_of(row.session_key)
        return row

    def _get_session_from_db(self) -> Session | None:
        found = _SESSION.objects(name=name_of(self.session_key or ""), now=timezone.now())
        if not found:
            self._session_key = None
        return next(iter(found), None)


def _session(name: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=name, expire_date__gt=now)


#: Asked at every request.
_SESSION = Prepared(_session, "name", "now")


def keys_alone(answer: Answer) -> Answer:
    """From outside a name opens nothing: whoever has read one in the database does not know the key."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME, "").startswith(MARK):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return answer(request)

    return middleware
