"""The breaker: where most calls of an account fail because Chert is away, one message asks for all of them (F-41).

It opens when `CALLS` calls or more of the last minute, half of them at least, failed at Chert or on the way there.
From then on one message in fifteen seconds goes out and finds out; the others wait, and nobody's tries are used up.
The first that Chert itself answers closes it.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from campaigns import chert
from campaigns.brakes import minute
from campaigns.models import Organization, give_back, open_messages

log = logging.getLogger(__name__)

CALLS = 20
#: Between two messages that ask whether Chert is back.
GAP = timedelta(seconds=15)
#: Where no message is to go out for so long, another good answer of Chert's may close it.
SOON = timedelta(minutes=5)


def admits(organization: Organization, now: datetime) -> bool:
    """May Chert be called for this account now?  While it is away the one that asks is chosen by a guarded update.

    Who has been admitted stays so for as long as it holds this organization in its hand.
    """
    if organization.away_since is None or organization.is_asking:
        return True
    turn = Organization.objects.filter(has_turn(now), pk=organization.pk)
    organization.is_asking = bool(turn.update(probe_at=now + GAP))
    return organization.is_asking


def has_turn(now: datetime, account: str = "") -> Q:
    """Accounts of which something may go out: Chert is there, or it is time to ask; `account` is the way to them.

    A turn farther away than any was ever set is left by a clock that has been put back since.
    """
    is_time = Q(**{f"{account}probe_at__lte": now}) | Q(**{f"{account}probe_at__gt": now + GAP})
    return Q(**{f"{account}away_since": None}) | is_time


def hand_back(organization: Organization, now: datetime) -> None:
    """Whoever was admitted found no reason to call: the next may ask at once."""
    if organization.is_asking:
        organization.is_asking = False
        Organization.objects.filter(pk=organization.pk, away_since__isnull=False).update(probe_at=now)


def failed(organization: Organization, error: chert.ChertError, now: datetime) -> None:
    """A call of this account went wrong, and that is written down: does the breaker open, or close?"""
    if error.code is not None and error.http_status is not None and error.http_status < 500:
        answered(organization, now)
    elif organization.away_since is None and is_fault(error) and (since := _away_since(organization, now)):
        _open(organization, since, now)


def answered(organization: Organization, now: datetime) -> None:
    """Chert itself has answered a message of this account: it is back."""
    if organization.away_since is None:
        return
    away = Organization.objects.filter(pk=organization.pk, away_since__isnull=False)
    if away.update(away_since=None, probe_at=None, back_at=now):
        log.info("Chert is back for organization %s, away since %s", organization.pk, organization.away_since)
    organization.away_since, organization.back_at = None, now


def seen(organization: Organization, now: datetime) -> None:
    """Chert has answered something that was no message; believed where no message will find out soon.

    It may well show its log and be unable to send.
    """
    if organization.away_since and not _finds_out(organization, now):
        answered(organization, now)


def is_fault(error: chert.ChertError) -> bool:
    """Did this fail at Chert or on the way there, whatever was asked?"""
    is_silence = error.http_status is None or error.http_status >= 500
    return isinstance(error, (chert.NotSent, chert.Unknown)) and is_silence and error.code != minute.LINES_FULL


def _finds_out(organization: Organization, now: datetime) -> bool:
    return open_messages().filter(organization=organization, due_at__lte=now + SOON).exists()


def _away_since(organization: Organization, now: datetime) -> datetime | None:
    """Since when Chert is away for this account, by the calls of the last minute; None when too few failed."""
    found = minute.of(organization, now)
    is_away = found.calls >= CALLS and 2 * found.failed >= found.calls
    return found.since if is_away else None


def _open(organization: Organization, since: datetime, now: datetime) -> None:
    """From now on one asks for all: what is claimed and not being called is given back."""
    well = Organization.objects.filter(pk=organization.pk, away_since=None)
    if well.update(away_since=since, probe_at=now + GAP):
        log.warning("Chert is away for organization %s since %s", organization.pk, since)
        give_back(organization.messages.all())
