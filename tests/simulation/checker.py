"""The invariants (reliability §2.1), read from the world's ledger and from our tables.

`Watch` looks at every call at the instant it begins, and at the words after every step; `the_books` at the end.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import httpx
from django.db import connection
from django.utils import timezone

from campaigns import audience, lines, pacing, status
from campaigns.models import Attempt, Business, Campaign, Customer, Delivery, Line, Message
from campaigns.outbox.walk import HORIZON
from tests.simulation.nemesis import key_of
from tests.simulation.world import SENDS, Effect, World

BY_HAND = "May have been sent; was sent again by hand"
#: A worker may freeze for a moment between its last question and its call.
MOMENT = timedelta(seconds=61)
#: Behind the horizon of twelve hours comes the next morning, which on a Sunday is noon.
OVERDUE = HORIZON + timedelta(hours=36)
#: The way of a message, for looking at it every few steps.
RANK = {word: rank for rank, word in enumerate(("planned", "rendered", "uploaded", "sent", "delivered", "read"))}


class Violation(BaseException):
    """An invariant does not hold.  Goes through every `except Exception` of the engine."""


def held(true: object, words: str) -> None:
    """Raise `Violation` with these words unless it is true."""
    if not true:
        raise Violation(words)


class Watch:
    """Looks over the engine's shoulder."""

    def __init__(self) -> None:
        self._words: dict[int, str] = {}
        #: Its own questions to the database are nobody's seam.
        self.is_looking = False

    def call(self, name: str, request: httpx.Request) -> None:
        """Before the first byte of a call: I6; for a message also I5, I4, I9, and whether anybody still wants it."""
        held(not connection.in_atomic_block, f"I6: a transaction is open during “{name}”")
        if name in SENDS:
            self.is_looking = True
            self._message(name, request)
            self.is_looking = False

    def _message(self, name: str, request: httpx.Request) -> None:
        row = (
            Message.objects.filter(key=key_of(request))
            .select_related("customer__business", "organization", "delivery__campaign")
            .first()
        )
        held(row, f"I5: {name} without a row")
        assert row is not None
        self._is_written_down(row, request)
        self._is_wanted(row)

    def _is_written_down(self, row: Message, request: httpx.Request) -> None:
        held(bytes(row.body or b"") == request.content, f"I4: {row.kind}: other bytes than those frozen")
        held(request.url.path.endswith(row.path) and row.path, f"I4: {row.kind}: another address than the frozen one")
        is_open = Attempt.objects.filter(message=row, step="send", outcome="").exists()
        held(row.is_calling and is_open, f"I5: {row.kind}: the call was not written down before")

    def _is_wanted(self, row: Message) -> None:
        customer, delivery, now = row.customer, row.delivery, timezone.now()
        held(row.organization.paused_at is None, f"F-32: {row.kind} begun while the account is paused")
        if row.kind == Message.Kind.CONFIRMATION:
            return
        held(customer.stopped_at is None, f"I9: {row.kind} begun after the stop of {customer.first_name}")
        is_meant = customer.paused_at is not None and row.created_at <= customer.paused_at
        held(not is_meant, f"M2: {row.kind} begun although {customer.first_name} wants to be left alone")
        opens = pacing.opens_at(now - MOMENT, audience.hours(customer.business), audience.zones(customer))
        held(opens <= now, f"M6: {row.kind} begun at night")
        assert delivery is not None
        state = delivery.campaign.state
        ended = state == status.Campaign.CANCELLED and row.round == 1
        held(not ended and state not in ("draft", "paused", "held"), f"F-14: {row.kind} begun, campaign is {state}")
        quiet = delivery.replied_at is None and delivery.clicked_at is None
        held(row.kind != Message.Kind.REMINDER or quiet, f"{customer.first_name} is reminded after an answer")

    def step(self) -> None:
        """After each step: no word goes back (I8), and everybody of a campaign stands somewhere (I10)."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, status, kind FROM campaigns_message WHERE kind <> 'inbound'")
            rows = cursor.fetchall()
        for pk, word, kind in rows:
            before = self._words.get(pk, word)
            held(may_come_after(before, word), f"I8: {kind}: {word} after {before}")
            self._words[pk] = word


def may_come_after(old: str, new: str) -> bool:
    """May the second word be seen some steps after the first?"""
    if old == new or (old, new) == ("uploaded", "rendered"):
        return True
    if old in ("expired", "cancelled", "refused"):
        return False
    if old == "in_doubt":
        return new in ("sent", "delivered", "read", "cancelled")
    if old in ("sent", "delivered", "read"):
        return (new in RANK and RANK[new] > RANK[old]) or (old, new) == ("sent", "refused")
    return True


def the_books(world: World, now: datetime) -> None:
    """When everything has come to rest."""
    rows = list(Message.objects.exclude(kind="inbound").select_related("customer", "delivery__campaign"))
    nothing_is_left_open(rows, now)
    every_effect_has_its_row(world.effects, {row.key: row for row in rows})
    every_row_has_its_effect(rows, world.effects)
    every_repeat_is_the_same(world)
    the_lines_are_paced(world.effects)
    the_pages_are_right()


def nothing_is_left_open(rows: list[Message], now: datetime) -> None:
    """I2: terminal or parked, and nobody holds anything."""
    doubt = {(row.delivery_id, row.round) for row in rows if row.status == status.Message.IN_DOUBT}
    for row in rows:
        parked = row.due_at is None and (row.delivery_id, row.round) in doubt
        held(row.status not in status.OPEN or parked, f"I2: {row.customer.first_name}'s {row.kind} is {row.status}")
        held(not row.lease_token and row.lease_until is None, f"I2: a lease is left on a {row.kind}")


def every_effect_has_its_row(effects: list[Effect], rows: dict[str, Message]) -> None:
    """I1, I3: each message that a customer got is one row that says so, or that it may be so."""
    again = [key for key, count in Counter(effect.key for effect in effects).items() if count > 1]
    held(not again, f"I1: the same message twice: {[e.text for e in effects if e.key in again]}")
    for effect in effects:
        row = rows.get(effect.key)
        held(row, f"I1: nobody knows of “{effect.text}” to {effect.phone}")
        assert row is not None
        same = row.chert_id in ("", effect.id)
        known = row.status in status.WENT_OUT and same
        doubt = row.status == status.Message.IN_DOUBT or row.reason == BY_HAND
        failed_later = row.status == status.Message.REFUSED and row.chert_id == effect.id
        held(known or doubt or failed_later, f"I3: {row.customer.first_name} got the {row.kind}, which is {row.status}")


def every_row_has_its_effect(rows: list[Message], effects: list[Effect]) -> None:
    """I3: what says sent, was sent, as that very message."""
    ids = {effect.id: effect.key for effect in effects}
    for row in rows:
        if row.status in status.WENT_OUT and row.chert_id:
            held(ids.get(row.chert_id) == row.key, f"I3: {row.kind} is {row.status}, and nobody got it")


def every_repeat_is_the_same(world: World) -> None:
    """I4: one key, one address, one body."""
    for key, bodies in world.bodies.items():
        held(len(bodies) == 1, f"I4: {len(bodies)} different requests under one key {key}")


def the_lines_are_paced(effects: list[Effect]) -> None:
    """I12: by the times at which the calls of the ledger began.

    A clock that is put forward is not the engine's fault, one set back is.
    """
    book = {line.number: line for line in Line.objects.all()}
    zone = Business.objects.get().zone
    touches = defaultdict(list)
    for effect in effects:
        if effect.line:
            touches[effect.line].append(effect.begun)
    for number, unordered in touches.items():
        first = sorted(unordered, key=lambda begun: begun.at)
        gap = timedelta(seconds=lines.gap(book[number]))
        for one, next_ in pairwise(first):
            apart = next_.at - one.at + (next_.leapt - one.leapt)
            held(apart >= gap, f"I12: first touches on {number} {apart} apart, {gap} is the gap")
        days = Counter(begun.ours.astimezone(zone).date() for begun in first)
        most = max(days.values())
        held(most <= lines.budget(book[number]), f"I12: {most} first touches on {number} in a day")


def the_pages_are_right() -> None:
    """I10: counts add up, each delivery's word follows from its messages, an ended campaign has nothing to come."""
    people = Customer.objects.count()
    for campaign in Campaign.objects.exclude(state=status.Campaign.DRAFT):
        held(sum(campaign.counts().values()) == people, f"I10: {campaign} counts {campaign.counts()}")
        held(campaign.state in ("finished", "cancelled"), f"I2: {campaign} is {campaign.state} in the end")
    for delivery in Delivery.objects.exclude(status=status.Delivery.SKIPPED).prefetch_related("messages"):
        said = [m for m in delivery.messages.all() if m.kind not in ("inbound", "reminder")]
        word, _ = status.of_delivery(status.Stand(m.kind, m.status, m.round, m.reason) for m in said)
        held(word == delivery.status, f"I10: the page says {delivery.status}, its messages say {word}")


def nothing_is_overdue(now: datetime) -> None:
    """I2: a message whose tries began so long ago has ended, unless it is a reminder's wait."""
    late = Message.objects.filter(status__in=status.OPEN, first_attempt_at__lt=now - OVERDUE, due_at__isnull=False)
    held(not late.exists(), "I2: tries go on behind the horizon")
