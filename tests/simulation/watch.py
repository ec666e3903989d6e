"""The invariants (reliability §2.1) that hold at every moment: at the instant a call begins, after every step, and
whenever a worker has found nothing more to do."""

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

import httpx
from django.conf import settings
from django.db import connection
from django.utils import timezone

from campaigns import pacing, status
from campaigns.asking import audience
from campaigns.models import Attempt, AuditEntry, Customer, Message
from campaigns.prepared import Prepared
from tests.simulation.nemesis import key_of
from tests.simulation.world import SENDS, World, secret_of

#: A worker may freeze for a moment between its last question and its call.
MOMENT = timedelta(seconds=61)
#: So long a lease may outlive its time while somebody is at work (I2).
LATE = timedelta(seconds=15)
#: Hours at the customer's own clock outside which nobody may write, whatever a business says (policy M6).
EARLIEST, LATEST = 8, 21
#: The way of a message, for looking at it every few steps.
RANK = {word: rank for rank, word in enumerate(("planned", "rendered", "uploaded", "sent", "delivered", "read"))}
#: The two ways out of doubt, by the word that follows: what the audit must say (I11).
WAYS_OUT = {
    "cancelled": "send again after doubt",
    "sent": "it arrived",
    "delivered": "it arrived",
    "read": "it arrived",
}

#: All by hand: they are asked a dozen times in each life.
MESSAGES = """
    SELECT id, status, kind, round, reason, delivery_id FROM campaigns_message WHERE kind <> 'inbound' ORDER BY id
"""
DELIVERIES = """
    SELECT d.id, d.status, d.campaign_id, c.business_id, d.remind_at FROM campaigns_delivery d
    JOIN campaigns_campaign c ON c.id = d.campaign_id
"""
OVERDUE_LEASES = """
    SELECT m.kind, m.lease_until FROM campaigns_message m
    JOIN campaigns_organization o ON o.id = m.organization_id
    LEFT JOIN campaigns_delivery d ON d.id = m.delivery_id
    LEFT JOIN campaigns_campaign c ON c.id = d.campaign_id
    WHERE m.status IN ('planned', 'rendered', 'uploaded') AND m.lease_until < %s AND m.due_at <= %s
    AND o.paused_at IS NULL AND o.away_since IS NULL AND (o.slow_until IS NULL OR o.slow_until <= %s)
    AND (d.id IS NULL OR (o.unheard_since IS NULL AND c.state NOT IN ('draft', 'paused', 'held')))
"""


class Violation(BaseException):
    """An invariant does not hold.  Goes through every `except Exception` of the engine."""


CALLED = Prepared(
    lambda key: Message.objects.filter(key=key).select_related(
        "customer__business", "organization", "delivery__campaign", "household"
    ),
    "key",
)


def held(true: object, words: str) -> None:
    """Raise `Violation` with these words unless it is true."""
    if not true:
        raise Violation(words)


class Row(NamedTuple):
    """What is looked at of a message."""

    pk: int
    status: str
    kind: str
    round: int
    reason: str
    delivery: int | None


class Watch:
    """Looks over the engine's shoulder."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._words: dict[int, str] = {}
        #: How many each campaign asks or leaves out, since it was first seen running.
        self._audience: dict[int, int] = {}
        #: Its own questions to the database are nobody's seam.
        self.is_looking = False
        #: Campaigns that ran when the database was put back: nothing of them leaves before somebody has looked (F-54).
        self.waits_for_a_person: set[int] = set()
        #: And nothing before Chert's log has been read: somebody may have written STOP in the time that is forgotten.
        self._has_to_hear = False

    def forget(self, since: datetime, now: datetime, *, is_noticed: bool) -> None:
        """The database was put back: what was seen since then is not so any more."""
        self._words, self._audience = {}, {}
        self._world.forgotten = since, now
        self._world.bodies.clear()
        self._has_to_hear = is_noticed
        if is_noticed:  # somebody was at work since the backup: that can be known
            with connection.cursor() as cursor:
                cursor.execute("SELECT id FROM campaigns_campaign WHERE state IN ('running', 'paused')")
                self.waits_for_a_person = {pk for (pk,) in cursor.fetchall()}

    # --- as a call begins --------------------------------------------------------------------------------------------

    def call(self, name: str, request: httpx.Request) -> None:
        """Before the first byte of a call: I6; for a message also I5, I4, I9, and whether anybody still wants it."""
        held(not connection.in_atomic_block, f"I6: a transaction is open during “{name}”")
        if name in SENDS:
            self.is_looking = True
            self._message(name, request)
            self.is_looking = False

    def _message(self, name: str, request: httpx.Request) -> None:
        found: list[Message] = CALLED.objects(key=key_of(request))
        held(len(found) == 1, f"I5: {name} without a row")
        [row] = found
        held(row.organization.chert_secret == secret_of(request), f"S19: {row.kind} goes out on another's account")
        self._is_written_down(row, request)
        self._is_held_long_enough(row, timezone.now())
        self._is_wanted(row)

    def _is_written_down(self, row: Message, request: httpx.Request) -> None:
        held(bytes(row.body or b"") == request.content, f"I4: {row.kind}: other bytes than those frozen")
        held(request.url.path.endswith(row.path) and row.path, f"I4: {row.kind}: another address than the frozen one")
        is_open = Attempt.objects.filter(message=row, step="send", outcome="").exists()
        held(row.is_calling and is_open, f"I5: {row.kind}: the call was not written down before")

    @staticmethod
    def _is_held_long_enough(row: Message, now: datetime) -> None:
        """F-07: whoever slept over its lease begins nothing; nobody sleeps between that question and this one."""
        call = timedelta(seconds=settings.CALL_SECONDS)
        lasts = row.lease_until is not None and row.lease_until >= now + call
        held(lasts, f"F-07: {row.kind} begun at {now} under a lease until {row.lease_until}")

    def _is_wanted(self, row: Message) -> None:
        delivery = row.delivery
        held(row.organization.paused_at is None, f"F-32: {row.kind} begun while the account is paused")
        if row.kind == Message.Kind.CONFIRMATION:
            return
        home = row.household
        held(home is None or home.closed_at is None, f"I9: {row.kind} begun in a group that is closed")
        people = list(Customer.everything.filter(household=home)) if home else [row.customer]
        for customer in people:
            self._is_wanted_by(customer, row)
        assert delivery is not None
        state = delivery.campaign.state
        ended = state == status.Campaign.CANCELLED and row.round == 1
        held(not ended and state not in ("draft", "paused", "held"), f"F-14: {row.kind} begun, campaign is {state}")
        held(delivery.campaign_id not in self.waits_for_a_person, f"F-54: {row.kind} begun before anybody has looked")
        quiet = delivery.replied_at is None and delivery.clicked_at is None
        held(row.kind != Message.Kind.REMINDER or quiet, f"{row.customer.first_name} is reminded after an answer")

    def _is_wanted_by(self, customer: Customer, row: Message) -> None:
        held(customer.stopped_at is None, f"I9: {row.kind} begun after the stop of {customer.first_name}")
        is_meant = customer.paused_at is not None and row.created_at <= customer.paused_at
        wish = self._world.wished_before(customer.phone) if self._has_to_hear else ""
        # Words that are perhaps a stop are for a person, who may ask again: then they have been heard (M2, below).
        unheard = wish == "STOP" or (wish != "" and customer.paused_at is None)
        held(not unheard, f"F-54: {row.kind} begun, and {customer.first_name} wrote STOP before the backup came back")
        held(not is_meant, f"M2: {row.kind} begun although {customer.first_name} wants to be left alone")
        self._is_open(row, customer, timezone.now())

    @staticmethod
    def _is_open(row: Message, customer: Customer, now: datetime) -> None:
        """By the engine's own reckoning, and by the clock on the customer's wall."""
        opens = pacing.opens_at(now - MOMENT, audience.hours(customer.business), audience.zones(customer))
        held(opens <= now, f"M6: {row.kind} begun at night")
        for zone in audience.zones(customer):
            hours = {(now - MOMENT).astimezone(zone).hour, now.astimezone(zone).hour}
            held(any(EARLIEST <= hour < LATEST for hour in hours), f"M6: {row.kind} begun at {hours} o'clock in {zone}")

    # --- after a step ------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """No word goes back (I8), doubt is left by hand and on record (I11), the pages say what is so (I10)."""
        with connection.cursor() as cursor:
            cursor.execute(MESSAGES)
            rows = [Row(*row) for row in cursor.fetchall()]
            cursor.execute(DELIVERIES)
            deliveries = cursor.fetchall()
        for row in rows:
            before = self._words.get(row.pk, row.status)
            held(may_come_after(before, row.status), f"I8: {row.kind}: {row.status} after {before}")
            if before == "in_doubt" != row.status:
                _is_on_record(row)
            self._words[row.pk] = row.status
        _pages_follow(rows, deliveries)
        self._everybody_stands_somewhere(deliveries)

    def _everybody_stands_somewhere(self, deliveries: list[tuple]) -> None:
        """I10: nobody is added to a campaign that runs, and nobody gets lost."""
        counts = Counter(campaign for _, _, campaign, _, _ in deliveries)
        for campaign, people in counts.items():
            before = self._audience.setdefault(campaign, people)
            held(people == before, f"I10: campaign {campaign} counts {people}, and had {before}")
        self._audience = {pk: people for pk, people in self._audience.items() if pk in counts}  # undone: a draft again

    # --- when nothing is left to do ----------------------------------------------------------------------------------

    def leases(self, now: datetime) -> None:
        """A worker has found nothing more to do: then no lease of anybody's has outlived its time for long (I2)."""
        late, now_ = (connection.ops.adapt_datetimefield_value(moment) for moment in (now - LATE, now))
        self.is_looking = True
        with connection.cursor() as cursor:
            cursor.execute(OVERDUE_LEASES, [late, now_, now_])
            rows = cursor.fetchall()
        self.is_looking = False
        held(not rows, f"I2: a worker goes home at {now}, and these leases ran out before: {rows}")


def may_come_after(old: str, new: str) -> bool:
    """May the second word be seen some steps after the first?"""
    if old == new or (old, new) == ("uploaded", "rendered"):
        return True
    if old in ("expired", "cancelled", "refused"):
        return False
    if old == "in_doubt":
        return new in WAYS_OUT
    if old in ("sent", "delivered", "read"):
        return (new in RANK and RANK[new] > RANK[old]) or (old, new) == ("sent", "refused")
    return True


def _is_on_record(row: Row) -> None:
    """I11: out of doubt there are two ways, both somebody's, and the audit names the one that was taken, once."""
    acts = AuditEntry.objects.filter(about=f"message {row.pk}", act__in=set(WAYS_OUT.values()))
    words = sorted(acts.values_list("act", flat=True))
    held(words == [WAYS_OUT[row.status]], f"I11: a {row.kind} is {row.status} after doubt, and on record is {words}")


def _pages_follow(rows: list[Row], deliveries: list[tuple]) -> None:
    """I10: each delivery's word follows from its messages; I11: and whoever is in doubt is seen to be."""
    said: dict[int | None, list[Row]] = {}
    for row in rows:
        said.setdefault(row.delivery, []).append(row)
    for pk, word, _, _, remind_at in deliveries:
        mine = said.get(pk, [])
        asked = [row for row in mine if row.kind != "reminder"]
        if not asked:
            continue
        follows, _ = status.of_delivery(status.Stand(row.kind, row.status, row.round, row.reason) for row in asked)
        held(follows == word, f"I10: the page says {word}, its messages say {follows}")
        reminds = any(row.kind == "reminder" and row.status in status.OPEN for row in mine)
        held(reminds == (remind_at is not None), f"I10: a reminder is to come: {reminds}; the page: {remind_at}")
        newest = max(row.round for row in asked)
        doubt = any(row.status == "in_doubt" for row in asked if row.round == newest)
        arrived = any(row.status in status.WENT_OUT for row in asked if row.kind != "greeting")
        held(word == "in_doubt" or not doubt or arrived, f"I11: somebody is in doubt, and the page says {word}")
