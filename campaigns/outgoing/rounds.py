"""What is due is told: taken by compare-and-set, called, and written down; what was not taken comes back later.

A process that dies in a call leaves the row behind, due again after the lease.  So an event is told at least once, and
its id tells the other side when it was told twice.
"""

import logging
import random
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import F

from campaigns import topic
from campaigns.models import AuditEntry, WebhookCall, WebhookEndpoint
from campaigns.outgoing.calling import LONGEST, Answer, call

log = logging.getLogger(__name__)

#: Seconds from one failed try to the next: ten tries within three days and four hours (Standard Webhooks).
WAITS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
#: For how long a call is ours.
LEASE = timedelta(seconds=4 * LONGEST)
#: An address that has taken nothing for so long is told nothing any more.
PATIENCE = timedelta(days=3)
#: Addresses that are called at the same time, and calls to one of them in one go.
HANDS, HANDFUL = 4, 50

_chance = random.SystemRandom()


def run(clock: Callable[[], datetime], *, seconds: float = 2.0, hands: int = HANDS) -> int:
    """Tell what is due, for about so many seconds and what the last calls take; returns how many calls were made.

    `hands` is the number of threads; 0 works in this one.  An address that does not take what it is told is left alone
    until the next run, so one that hangs holds up no other for long.
    """
    waiting = _due(clock())
    if not waiting:
        return 0
    if not hands:
        return sum(_tell_one_address(calls, clock, seconds) for calls in waiting)
    with ThreadPoolExecutor(hands, thread_name_prefix="webhooks") as pool:
        return sum(pool.map(lambda calls: _hand(calls, clock, seconds), waiting))


def _due(now: datetime) -> list[list[WebhookCall]]:
    """The next few of each address, the longest due first; of an account that is being closed they wait."""
    rows = WebhookCall.objects.filter(due_at__lte=now, endpoint__disabled_at=None)
    rows = rows.filter(endpoint__organization__closes_at=None)
    rows = rows.select_related("event__customer", "endpoint__organization").order_by("due_at", "pk")
    found: dict[int, list[WebhookCall]] = defaultdict(list)
    for each in rows[: HANDS * HANDFUL]:
        found[each.endpoint_id].append(each)
    return list(found.values())


def _hand(calls: list[WebhookCall], clock: Callable[[], datetime], seconds: float) -> int:
    try:
        return _tell_one_address(calls, clock, seconds)
    finally:
        connections.close_all()


def _tell_one_address(calls: list[WebhookCall], clock: Callable[[], datetime], seconds: float) -> int:
    end, made = clock() + timedelta(seconds=seconds), 0
    for each in calls[:HANDFUL]:
        if clock() > end:
            break
        if not _take(each, clock()):
            continue
        made += 1
        if not _one(each, clock):
            break
    return made


def _take(each: WebhookCall, now: datetime) -> bool:
    """From here on it is ours for the length of a lease; of two who want it one gets it."""
    mine = WebhookCall.objects.filter(pk=each.pk, due_at=each.due_at, tries=each.tries)
    if not mine.update(due_at=now + LEASE, tries=F("tries") + 1, tried_at=now):
        return False
    each.tries += 1
    return True


def _one(each: WebhookCall, clock: Callable[[], datetime]) -> bool:
    """Make one call and write down what came of it; False when it was not taken."""
    with topic.about(organization_id=each.endpoint.organization_id, webhook_id=each.endpoint_id):
        try:
            answer = call(each.event, each.endpoint, clock())
        except Exception:
            log.exception("webhook call %s could not be made", each.pk)
            answer = Answer(trouble="Something went wrong on our side.")
        _write_down(each, answer, clock())
    return answer.is_taken


def _write_down(each: WebhookCall, answer: Answer, now: datetime) -> None:
    seen = {"answered": answer.status, "detail": answer.trouble[:200]}
    mine = WebhookCall.objects.filter(pk=each.pk, tries=each.tries)
    endpoint = WebhookEndpoint.objects.filter(pk=each.endpoint_id)
    with transaction.atomic():
        if answer.is_taken:
            if mine.update(due_at=None, told_at=now, given_up_at=None, **seen):
                endpoint.exclude(failing_since=None).update(failing_since=None)
            return
        log.info("webhook call %s was not taken, HTTP %s", each.pk, answer.status)
        last = each.tries > len(WAITS) or answer.is_gone
        if last:
            mine.update(due_at=None, given_up_at=now, **seen)
        else:
            mine.update(due_at=now + _rest(each.tries, answer), **seen)
        endpoint.filter(failing_since=None).update(failing_since=now)
        _perhaps_disable(each, answer, now)


def _rest(tries: int, answer: Answer) -> timedelta:
    """Ever longer, a little apart from others, and never shorter than the other side wishes."""
    return timedelta(seconds=max(answer.wait, WAITS[tries - 1] * _chance.uniform(1.0, 1.1)))


def _perhaps_disable(each: WebhookCall, answer: Answer, now: datetime) -> None:
    """It said that it is gone, or three days have passed in which it took nothing."""
    why = ""
    if answer.is_gone:
        why = "It answered 410, which means that it wants to hear nothing any more."
    elif each.tries > len(WAITS):
        why = "It has taken nothing for three days."
    live = WebhookEndpoint.objects.filter(pk=each.endpoint_id, disabled_at=None)
    if not answer.is_gone:
        live = live.filter(failing_since__lte=now - PATIENCE)
    if why and live.update(disabled_at=now, disabled_why=why):
        AuditEntry.write(each.endpoint.organization, "webhook switched off", each.endpoint, None, why)
