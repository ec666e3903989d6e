"""How long somebody is taken for who they are (S7), and how lately they have shown it (S8).

Three moments stand in the session: when it began, when its person last did something, and when they last proved
themselves.  A page that asks by itself (a list that follows a campaign) is nobody doing something.
"""

import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from campaigns.accounts.session_keys import name_of
from campaigns.models import SignInLink, User

Answer = Callable[[HttpRequest], HttpResponse]
BEGAN, SEEN, PROVED = "began", "seen", "proved"


def begin(sender: type[User], request: HttpRequest, user: User, **_: Any) -> None:
    """A session begins with its person's proof.  Django tells of every way in by a signal."""
    now = time.time()
    request.session.set_expiry(None)
    request.session.update({BEGAN: now, SEEN: now, PROVED: now})


def list_by_name(sender: type[UserSession], instance: UserSession, **_: Any) -> None:
    """The library's list names sessions as their store does, each once: who signs in again in theirs is not two."""
    instance.session_key = name_of(instance.session_key)
    UserSession.objects.filter(session_key=instance.session_key).exclude(pk=instance.pk).delete()


def here(request: HttpRequest) -> str:
    """The name of this request's session."""
    return name_of(request.session.session_key or "")


def only_for_now(request: HttpRequest) -> None:
    """A session of somebody who is not signed in: for what they are about to do, and gone soon."""
    if not request.user.is_authenticated:
        request.session.set_expiry(settings.ACCOUNT_LOGIN_TIMEOUT)


def ages(answer: Answer) -> Answer:
    """End sessions that are too old, or whose person was away for too long."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            if _is_over(request):
                logout(request)
            elif time.time() - request.session[SEEN] > settings.SESSION_BREATH and not _asks_by_itself(request):
                request.session[SEEN] = time.time()
                UserSession.objects.filter(session_key=here(request)).update(last_seen_at=timezone.now())
        return answer(request)

    return middleware


def is_fresh(request: HttpRequest) -> bool:
    """Did they prove themselves only just now?"""
    return time.time() - float(request.session.get(PROVED, 0)) <= settings.PROOF_LASTS


def prove(request: HttpRequest) -> None:
    """They did: right now."""
    request.session[PROVED] = time.time()


def end_others(request: HttpRequest, user: User) -> int:
    """End all sessions of this person but this one; returns how many."""
    others = UserSession.objects.filter(user=user).exclude(session_key=here(request))
    return sum(_end(each) for each in others)


def end(request: HttpRequest, user: User, pk: int) -> bool:
    """End one of this person's other sessions; False when there is no such one."""
    others = UserSession.objects.filter(user=user, pk=pk).exclude(session_key=here(request))
    return bool(sum(_end(each) for each in others))


def forget(now: datetime) -> None:
    """Throw away sessions that nobody can use any more, with the addresses they came from."""
    Session.objects.filter(expire_date__lt=now).delete()
    longest = timedelta(seconds=settings.SESSION_LONGEST)
    UserSession.objects.filter(created_at__lt=now - longest).delete()
    SignInLink.objects.filter(expires_at__lt=now - longest).delete()


def forget_those_of(people: Collection[int], locations: Collection[int]) -> None:
    """Sessions of these people end, who are nobody any more; no other has one of these locations chosen any longer."""
    gone, closed = {str(pk) for pk in people}, set(locations)
    for row in Session.objects.iterator(chunk_size=500):
        said = row.get_decoded()
        if said.get(SESSION_KEY) in gone:
            row.delete()
        elif said.get("business") in closed:
            without = {name: value for name, value in said.items() if name != "business"}
            same = Session.objects.filter(pk=row.pk, session_data=row.session_data)  # not over one written meanwhile
            same.update(session_data=Session.objects.encode(without))


def _end(session: UserSession) -> bool:
    session.end()
    return True


def _is_over(request: HttpRequest) -> bool:
    """A session without these moments is from before they were kept: it ends too."""
    now, began, seen = time.time(), float(request.session.get(BEGAN, 0)), float(request.session.get(SEEN, 0))
    return now - began > float(settings.SESSION_LONGEST) or now - seen > float(settings.SESSION_IDLE)


def _asks_by_itself(request: HttpRequest) -> bool:
    return request.method == "GET" and "HX-Request" in request.headers
