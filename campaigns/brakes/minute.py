"""The calls of the last minute: what breaker and budget judge an account by.

What was tried is written down anyway, so those rows are counted, and only when a call has failed: while all is well
the database is asked nothing.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, Min, Q, QuerySet, Sum, Value, When

from campaigns.models import Attempt, Organization
from campaigns.prepared import Prepared

WINDOW = timedelta(seconds=60)
#: A failure that took so long (milliseconds) counts twice: four hands make only sixteen such calls a minute.
SLOW = 10_000
#: Said with the status of an outage, and Chert is well.
LINES_FULL = 4002
#: What a repeat costs, more the less was heard of the call before it, and what each call that was taken earns.
REPEAT, AFTER_SILENCE, EARNED = 5, 10, 5
#: Of so many calls one second more or less changes little, and counting them takes its time: what was counted is
#: believed for `FRESH`.
MANY = 300
FRESH = timedelta(seconds=1)

_O = Attempt.Outcome
_FAILED = (
    (Q(http_status=None) | Q(http_status__gte=500)) & Q(outcome__in=(_O.NOT_SENT, _O.UNKNOWN)) & ~Q(code=LINES_FULL)
)
_WEIGHT = Case(When(_FAILED & Q(milliseconds__gte=SLOW), then=Value(2)), default=Value(1))
_COST = Case(
    When(outcome=_O.SENT, then=Value(-EARNED)),
    When(outcome=_O.UNKNOWN, http_status=None, then=Value(AFTER_SILENCE)),
    When(outcome__in=(_O.NOT_SENT, _O.UNKNOWN), then=Value(REPEAT)),
    default=Value(0),
)


class Minute(NamedTuple):
    """Calls and failures with their weights, the first failure, and what the repeats cost beyond what they earned."""

    calls: int
    failed: int
    since: datetime | None
    spent: int


class _Counted(NamedTuple):
    at: datetime
    back_at: datetime | None
    minute: Minute

    def holds(self, organization: Organization, now: datetime) -> bool:
        is_fresh = self.at <= now < self.at + FRESH and self.back_at == organization.back_at
        return is_fresh and self.minute.calls >= MANY


# What this process counted last for each organization.
_LAST: dict[int, _Counted] = {}


def of(organization: Organization, now: datetime) -> Minute:
    """The calls of this account in the minute before `now`, since Chert was away last."""
    last = _LAST.get(organization.pk)
    if last is None or not last.holds(organization, now):
        last = _LAST[organization.pk] = _Counted(now, organization.back_at, _count(organization, now))
    return last.minute


def forget() -> None:
    """Count anew, whatever has been counted: another database is at work from now on."""
    _LAST.clear()


def _count(organization: Organization, now: datetime) -> Minute:
    begin = max(filter(None, (now - WINDOW, organization.back_at)))
    [found] = _CALLS.rows(organization=organization.pk, begin=begin)
    return Minute(*found)


def _calls(organization: int, begin: datetime) -> QuerySet[Attempt, Any]:
    """The organization is named inside the sums alone: so the calls are found by their time, and no history is read."""
    mine = Q(message__organization=organization)
    return (
        Attempt.objects.filter(started_at__gt=begin)
        .order_by()
        .values(all=Value(1))
        .annotate(
            calls=Sum(_WEIGHT, filter=mine & ~Q(outcome=""), default=0),
            failed=Sum(_WEIGHT, filter=mine & _FAILED, default=0),
            since=Min("started_at", filter=mine & _FAILED),
            spent=Sum(_COST, filter=mine, default=0),
        )
        .values_list("calls", "failed", "since", "spent")
    )


_CALLS = Prepared(_calls, "organization", "begin")
