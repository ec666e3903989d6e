"""How long somebody is taken for who they are (S7), and how lately they have shown it (S8).

Three moments stand in the session: when it began, when its person last did something, and when they last proved
themselves.  A page that asks by itself (a list that follows a campaign) is nobody doing something.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from campaigns.models import SignInLink, User

Answer = Callable[[HttpRequest], HttpResponse]
BEGAN, SEEN, PROVED = "began", "seen", "proved"


def begin(sender: type[User], request: HttpRequest, user: User, **_: Any) -> None:
    """A session begins with its person's proof.  Django tells of every way in by a signal."""
    now = time.time()
    request.session.set_expiry(None)
    request.session.update({BEGAN: now, SEEN: now, PROVED: now})


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
                UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())
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
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    return sum(_end(each) for each in others)


def end(request: HttpRequest, user: User, pk: int) -> bool:
    """End one of this person's other sessions; False when there is no such one."""
    others = UserSession.objects.filter(user=user, pk=pk).exclude(session_key=request.session.session_key)
    return bool(sum(_end(each) for each in others))


def forget(now: datetime) -> None:
    """Throw away sessions that nobody can use any more, with the addresses they came from."""
    Session.objects.filter(expire_date__lt=now).delete()
    longest = timedelta(seconds=settings.SESSION_LONGEST)
    UserSession.objects.filter(created_at__lt=now - longest).delete()
    SignInLink.objects.filter(expires_at__lt=now - longest).delete()


def _end(session: UserSession) -> bool:
    session.end()
    return True


def _is_over(request: HttpRequest) -> bool:
    """A session without these moments is from before they were kept: it ends too."""
    now, began, seen = time.time(), float(request.session.get(BEGAN, 0)), float(request.session.get(SEEN, 0))
    return now - began > float(settings.SESSION_LONGEST) or now - seen > float(settings.SESSION_IDLE)


def _asks_by_itself(request: HttpRequest) -> bool:
    return request.method == "GET" and "HX-Request" in request.headers
