"""Leases: who is at which message, and how a dead worker's are found at once.

A lease runs out by itself.  On the same host we need not wait for that: each worker process holds a lock on a file of
its own, the kernel lets go of it when the process dies however it dies, and whoever can take the lock knows.
"""

import fcntl
import logging
import os
import secrets
import threading
from collections import Counter, defaultdict
from copy import copy
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone as clock

from campaigns import commits, status, tallies
from campaigns.asking import together
from campaigns.brakes import breaker
from campaigns.models import Business, Campaign, Delivery, Message, Organization, by_hand, open_messages
from campaigns.outbox import poison
from campaigns.prepared import Prepared

log = logging.getLogger(__name__)

#: Campaigns of which nothing leaves.  What is left open in one that has ended goes out (sent again, or "it arrived"),
#: or is ended by its walk.
STANDING = (status.Campaign.DRAFT, status.Campaign.PAUSED, status.Campaign.HELD)

#: Where several organizations have something due, a claim takes at most this part of what it might.
SMALLEST_SHARE = 4

_CONFIRMATIONS_FIRST = Case(When(kind=Message.Kind.CONFIRMATION, then=Value(0)), default=Value(1))
#: A lease that ran out is let go of so much later: an answer that is being written down this moment is no old one.
LATE = timedelta(seconds=5)

# The organization this process has served last: its next claim begins behind it.
_served = 0

# This process's own lock, by pid: a fork must not believe that it holds its parent's.
_HELD: dict[int, tuple[str, IO[str]]] = {}
_FIRST = threading.Lock()

# What each worker of this process is at just now, by its name: one message for each hand.
_IN_HAND: defaultdict[str, set[int]] = defaultdict(set)
_NOTING = threading.Lock()


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "workers"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def me() -> str:
    """The name of this worker process; its first call takes the lock that lasts as long as the process."""
    pid = os.getpid()
    with _FIRST:
        while pid not in _HELD:
            name = secrets.token_hex(8)
            handle = (_folder() / name).open("w")
            fcntl.flock(handle, fcntl.LOCK_EX)
            if (_folder() / name).exists():  # a sweep may have looked between the two lines above
                _HELD[pid] = (name, handle)
    return _HELD[pid][0]


def take_in_hand(message: Message) -> None:
    """Note in this worker's own file that it is at this message: whoever finds us dead reads there what it was (F-09).

    The file needs no commit: it outlives the process, and a death of the whole machine blames nobody.
    """
    with _NOTING:
        _IN_HAND[me()].add(message.pk)
        _note()


def put_down(message: Message) -> None:
    """The walk of this message is over, and we live."""
    with _NOTING:
        _IN_HAND[me()].discard(message.pk)
        _note()


def _note() -> None:
    """One write over the last one; what stands behind its first line is older."""
    line = " ".join(map(str, sorted(_IN_HAND[me()])))
    os.pwrite(_HELD[os.getpid()][1].fileno(), f"{line}\n".encode(), 0)


def _noted(handle: IO[str]) -> list[int]:
    return [int(word) for word in handle.readline().split() if word.isdecimal()]


def due(now: datetime) -> QuerySet[Message]:
    """Messages that may be taken up now: due, free, and neither account nor campaign is paused.

    Where customers may have written what is not known yet, only a STOP is confirmed.
    """
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    not_slowed = Q(organization__slow_until=None) | Q(organization__slow_until__lte=now)
    has_turn = breaker.has_turn(now, "organization__")
    heard = Q(kind=Message.Kind.CONFIRMATION) | Q(organization__unheard_since=None)
    going = Q(delivery=None) | ~Q(delivery__campaign__state__in=STANDING)
    return (
        open_messages()
        .filter(free, not_slowed, has_turn, heard, going, ~resting(now))
        .filter(due_at__lte=now, organization__paused_at=None)
        .order_by("due_at", "pk")
    )


def resting(now: datetime) -> Q:
    """What somebody sent to another day.  Not what has begun: a picture follows its greeting, a try is tried again."""
    begun = Q(delivery__status=status.Delivery.GREETED)
    return Q(delivery__campaign__rests_until__gt=now, round=1, first_attempt_at=None) & ~begun


def claim(now: datetime, most: int) -> list[Message]:
    """Take up to `most` due messages for this worker.  Nobody else gets them while the lease lasts.

    They are one organization's, the oldest first, and the next claim goes to the next organization: three messages of
    a small shop do not wait for the five thousand of a large one.
    """
    global _served
    work = with_work(now)
    turn = sorted(work, key=lambda pk: (pk <= _served, pk))
    share = max(1, most // min(max(len(turn), 1), SMALLEST_SHARE))
    for organization in turn:  # of one whose rows are all being claimed this moment there is nothing to get
        _served = organization
        if claimed := _claim_of(organization, now, 1 if work[organization] else share):
            return claimed
    return []


def with_work(now: datetime) -> dict[int, datetime | None]:
    """The organizations that have something due, with the moment since when Chert is away for them."""
    return dict(_WITH_WORK.rows(now=now))


def _accounts(now: datetime) -> QuerySet[Organization, Any]:
    waiting = Exists(due(now).filter(organization=OuterRef("pk")))
    # Asked of the account first: else each of a paused one's hundred thousand rows is looked at, every second.
    going = Organization.objects.filter(paused_at=None)
    return going.filter(waiting).values_list("pk", "away_since")


_WITH_WORK = Prepared(_accounts, "now")


def _claim_of(organization: int, now: datetime, most: int) -> list[Message]:
    token = f"{me()}:{secrets.token_hex(8)}"
    with commits.repeatable():
        found = _next(organization, now, most)
        ids = [pk for pk, _ in found]
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        if not ids or not open_messages().filter(free, pk__in=ids).update(lease_token=token, lease_until=_until(now)):
            return []
    _note_lost(organization, sum(until is not None for _, until in found), now)
    return _read(ids, token)


def _read(ids: list[int], token: str) -> list[Message]:
    """Those of them that this token has, with everything a walk asks for; what goes to a group speaks for all of it."""
    places = _places(1 << (len(ids) - 1).bit_length())
    filled = ids + ids[:1] * (len(places) - len(ids))
    messages: list[Message] = _claimed(places).objects(token=token, **dict(zip(places, filled, strict=True)))
    if messages:
        _give_what_they_share(messages)
    for message in messages:
        together.attach(message)
    return messages


def _places(number: int) -> tuple[str, ...]:
    """A name for each of so many messages.  What stays free is filled with the first: few sizes, few plans."""
    return tuple(f"message{each}" for each in range(number))


@cache
def _claimed(places: tuple[str, ...]) -> Prepared:
    def query(token: str, **messages: Any) -> QuerySet[Message]:
        mine = Message.objects.filter(pk__in=list(messages.values()), lease_token=token)
        return mine.select_related("customer", "household", "delivery").order_by("due_at", "pk")

    return Prepared(query, "token", *places)


_ACCOUNT = Prepared(lambda pk: Organization.objects.filter(pk=pk), "pk")
_SHOP = Prepared(lambda pk: Business.objects.filter(pk=pk), "pk")
_CAMPAIGN = Prepared(lambda pk: Campaign.everything.select_related("card", "card_b").filter(pk=pk), "pk")


def _give_what_they_share(messages: list[Message]) -> None:
    """Account, locations, and campaigns with their cards are read once for all, instead of once for each row.

    Each has the account for itself, though: who is admitted to ask whether Chert is back is noted on it.
    """
    [account] = _ACCOUNT.objects(pk=messages[0].organization_id)
    places = {message.business_id for message in messages} | {message.customer.business_id for message in messages}
    shops = {shop.pk: shop for place in places for shop in _SHOP.objects(pk=place)}
    for shop in shops.values():
        shop.organization = account
    named = {message.delivery.campaign_id for message in messages if message.delivery}
    campaigns = {campaign.pk: campaign for pk in named for campaign in _CAMPAIGN.objects(pk=pk)}
    for message in messages:
        message.organization = copy(account)
        message.business = shops[message.business_id]
        message.customer.business = shops[message.customer.business_id]
        if message.delivery:
            message.delivery.campaign = campaigns[message.delivery.campaign_id]


def _note_lost(organization: int, number: int, now: datetime) -> None:
    """So many were in somebody's hands, who did not finish: frozen, killed, or on a host that is gone."""
    if number:
        log.warning("%s messages of organization %s were left unfinished", number, organization)
        tallies.count(tallies.LOST_LEASES, organization, now, number)


def _next(organization: int, now: datetime, most: int) -> list[tuple[Any, ...]]:
    """The oldest, each with the end of the lease it had; but confirmations of a STOP before all, for their five
    minutes run (M5), and then answers by hand: somebody waits for each."""
    given = {"organization": organization, "now": now}
    return _written_by_hand(most).rows(**given) or _oldest(most).rows(**given)


@cache
def _written_by_hand(most: int) -> Prepared:
    def query(organization: int, now: datetime) -> QuerySet[Message, Any]:
        return by_hand(_free_of(organization, now)).order_by(_CONFIRMATIONS_FIRST, "due_at", "pk")[:most]

    return Prepared(query, "organization", "now")


@cache
def _oldest(most: int) -> Prepared:
    return Prepared(lambda organization, now: _free_of(organization, now)[:most], "organization", "now")


def _free_of(organization: int, now: datetime) -> QuerySet[Message, Any]:
    mine = due(now).filter(organization=organization).values_list("pk", "lease_until")
    if connection.features.has_select_for_update_skip_locked:
        mine = mine.select_for_update(skip_locked=True, of=("self",))
    return mine


def _until(now: datetime) -> Case:
    """An upload takes longer than a call, so what still has its picture to come is lent for longer."""
    picture_to_come = When(
        kind__in=[Message.Kind.ASK, Message.Kind.ALL],
        status__in=[status.Message.PLANNED, status.Message.RENDERED],
        then=Value(now + timedelta(seconds=settings.UPLOAD_LEASE_SECONDS)),
    )
    return Case(picture_to_come, default=Value(now + timedelta(seconds=settings.LEASE_SECONDS)))


def stands_still(message: Message, now: datetime) -> bool:
    """Were account or campaign paused, held or sent to another day, while this message was being claimed?"""
    if message.organization.paused_at is not None:
        return True
    if message.organization.unheard_since is not None and message.kind != Message.Kind.CONFIRMATION:
        return True
    if message.delivery is None:
        return False
    return message.delivery.campaign.state in STANDING or _rests(message, message.delivery, now)


def _rests(message: Message, delivery: Delivery, now: datetime) -> bool:
    is_new = message.round == 1 and message.first_attempt_at is None and delivery.status != status.Delivery.GREETED
    return is_new and delivery.campaign.rests(now)


def lasts(message: Message, seconds: float, now: datetime) -> bool:
    """Will the lease outlive a call of so many seconds, by the clock of any host?  If not, it must not be begun.

    Ours may be behind the database's and theirs ahead of it, each by as much as is allowed (F-61).
    """
    call = timedelta(seconds=seconds + 2 * settings.ALLOWED_SKEW)
    return message.lease_until is not None and message.lease_until >= now + call


def free_the_dead() -> int:
    """Let go of every lease whose worker process on this host is dead; returns how many messages came free."""
    return sum(_free_if_dead(path) for path in _folder().iterdir())


def free_the_late(now: datetime) -> int:
    """Let go of leases that ran out: of workers that sleep, or are dead on another host.  Returns how many came free.

    Whoever claims next would take them all the same; but while an account is slowed, paused, or its one question to
    Chert is out, nobody claims, and they would lie for as long (I2).
    """
    return sum(_free(_late(now).filter(organization=pk)) for (pk,) in _WITH_LATE.rows(now=now))


def _late(now: datetime) -> QuerySet[Message]:
    return open_messages().filter(due_at__lte=now, lease_until__lt=now - LATE)


def _with_late(now: datetime) -> QuerySet[Organization, Any]:
    return Organization.objects.filter(Exists(_late(now).filter(organization=OuterRef("pk")))).values_list("pk")


_WITH_LATE = Prepared(_with_late, "now")


def _free(messages: QuerySet[Message]) -> int:
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:  # somebody may have fallen asleep while writing one
            messages = messages.select_for_update(skip_locked=True, of=("self",))
        ids = list(messages.values_list("pk", "lease_token"))
        return sum(
            open_messages().filter(pk=pk, lease_token=token).update(lease_token="", lease_until=None)
            for pk, token in ids
        )


def _free_if_dead(path: Path) -> int:
    try:
        with path.open("r+") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            freed = _let_go(path.name, _noted(handle))
            path.unlink(missing_ok=True)
            return freed
    except OSError:  # alive, or another sweep was here first
        return 0


def _let_go(worker: str, in_hand: list[int]) -> int:
    held = open_messages().filter(lease_token__startswith=f"{worker}:")
    with transaction.atomic():
        lost = Counter(held.order_by().values_list("organization", flat=True))
        poison.blame(held.filter(pk__in=in_hand), clock.now())
        freed = held.update(lease_token="", lease_until=None)
    for organization, number in lost.items():
        _note_lost(organization, number, clock.now())
    return freed
