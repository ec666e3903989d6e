"""The books of a fault run: the pretend Chert's ledger and our tables laid side by side, invariant by invariant.

Values in, sentences out: an invariant holds when there is no sentence about it.  The numbers are those of the contract
(reliability §2.1).  What a look at the end cannot show (leases, locks, words that went back) is watched during the run.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from campaigns import status

#: Chert's answer to a key that comes with another body (contract §4.2).
CONFLICT = 1012
#: The ledger tells milliseconds, our rows microseconds.
ROUNDING = 0.002
#: A lease may lie that long before somebody takes it (I2).
OVERDUE = 15.0


@dataclass(frozen=True)
class Row:
    """One of our messages.  Moments are seconds since the epoch."""

    id: int
    tenant: str
    phone: str
    kind: str
    status: str
    key: str
    body: bytes | None
    chert_id: str
    reason: str
    is_due: bool
    is_leased: bool
    delivery: int | None
    round: int = 1

    @property
    def is_open(self) -> bool:
        """Work is still to be done on it."""
        return self.status in status.OPEN

    @property
    def went_out(self) -> bool:
        """We say that Chert took it."""
        return self.status in status.WENT_OUT

    def is_about(self) -> str:
        """For a sentence."""
        return f"{self.kind} {self.id} ({self.status})"


@dataclass(frozen=True)
class Try:
    """One call of ours to send a message."""

    message: int
    at: float
    code: int | None = None


@dataclass(frozen=True)
class Effect:
    """A message that a customer got."""

    tenant: str
    phone: str
    message_id: str
    key: str
    parts: Any
    at: float


@dataclass(frozen=True)
class Campaign:
    """What the pages say of a campaign in the end."""

    tenant: str
    state: str
    total: int
    counts: Mapping[str, int]
    #: The word of each delivery, by its id.
    words: Mapping[int, str]


@dataclass
class Seen:
    """What was watched during the run."""

    longest_overdue: float = 0.0
    #: Which message that was, and how its account stood.
    overdue: str = ""
    went_back: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    #: When each customer's stop was first seen in the database, by tenant and phone.
    stopped: dict[tuple[str, str], float] = field(default_factory=dict)
    #: Transactions open as long as a call that hangs, while nobody was frozen.
    long_transactions: int = 0


@dataclass
class Books:
    """Everything the verdict is made of."""

    rows: list[Row]
    tries: list[Try]
    effects: list[Effect]
    campaigns: list[Campaign]
    seen: Seen
    #: Seconds between first touches and how many a day, by tenant.
    paces: Mapping[str, tuple[float, int]]
    #: How many calls were left hanging: a transaction held over calls would be seen about as often.
    hung: int = 0

    def __post_init__(self) -> None:
        self.by_key = {row.key: row for row in self.rows}
        self.sends = defaultdict(list)
        for one in sorted(self.tries, key=lambda one: one.at):
            self.sends[one.message].append(one)

    def begun(self, effect: Effect) -> float | None:
        """When the call began that had this effect: our latest one before it."""
        row = self.by_key.get(effect.key)
        before = [one.at for one in self.sends[row.id] if one.at <= effect.at + ROUNDING] if row else []
        return before[-1] if before else None


def nothing_twice(books: Books) -> Iterator[str]:
    """I1: each customer got each step not at all or once."""
    seen = Counter((e.tenant, e.phone, _kind(books, e)) for e in books.effects)
    for (_, phone, kind), times in seen.items():
        if times > 1:
            yield f"{phone} got the {kind} {times} times"


def _kind(books: Books, effect: Effect) -> str:
    row = books.by_key.get(effect.key)
    return f"{row.kind} of round {row.round}" if row else "unknown"


def nothing_is_left_open(books: Books) -> Iterator[str]:
    """I2: everything has ended or waits for a person, and nobody holds anything."""
    for row in books.rows:
        if row.is_open and row.is_due:
            yield f"{row.is_about()} is still open"
        if row.is_leased:
            yield f"a lease is left on {row.is_about()}"
    yield from (f"the campaign of {c.tenant} is {c.state}" for c in books.campaigns if c.state != "finished")
    if books.seen.longest_overdue > OVERDUE:
        yield f"a lease lay {books.seen.longest_overdue:.0f} s after its time: {books.seen.overdue}"


def what_says_sent_was_sent(books: Books) -> Iterator[str]:
    """I3: sent means exactly one message with that very id; refused, cancelled and expired mean none."""
    got = defaultdict(list)
    for effect in books.effects:
        got[effect.key].append(effect.message_id)
    for row in books.rows:
        ids = got[row.key]
        if row.went_out and ids != [row.chert_id]:
            yield f"{row.is_about()} is {row.chert_id} for us, and {ids} for Chert"
        if row.status in ("refused", "cancelled", "expired") and ids:
            yield f"{row.is_about()} reached the customer"


def repeats_are_the_same(books: Books) -> Iterator[str]:
    """I4: what arrived are the bytes that were frozen, and no key came with another body."""
    conflicts = {one.message for one in books.tries if one.code == CONFLICT}
    yield from (f"message {pk} was repeated with other bytes" for pk in conflicts)
    for effect in books.effects:
        row = books.by_key.get(effect.key)
        if row and row.body and _parts(row.body) != effect.parts:
            yield f"{row.is_about()} arrived with other parts than those written down"


def _parts(body: bytes) -> Any:
    return json.loads(body)["message"]["parts"]


def intent_came_first(books: Books) -> Iterator[str]:
    """I5: whatever arrived had been written down before: its row, its bytes and the call."""
    for effect in books.effects:
        row = books.by_key.get(effect.key)
        if row is None or row.body is None or books.begun(effect) is None:
            yield f"nothing was written down before {effect.message_id} reached {effect.phone}"


def no_transaction_over_a_call(books: Books) -> Iterator[str]:
    """I6: hung calls held nobody up.  A busy machine may show a few long ones, a fault shows one for each hung call."""
    if books.seen.long_transactions > max(2, books.hung / 20):
        yield f"{books.seen.long_transactions} transactions were open as long as a hung call ({books.hung})"


def old_hands_write_nothing(books: Books) -> Iterator[str]:
    """I7: what became of a message was written once; a worker that woke up too late changed nothing."""
    yield from books.seen.changed


def words_go_forward(books: Books) -> Iterator[str]:
    """I8: nothing was seen to move back."""
    yield from books.seen.went_back


def stopped_is_stopped(books: Books) -> Iterator[str]:
    """I9: once a stop was in the database, no call for that number began."""
    for row in books.rows:
        since = books.seen.stopped.get((row.tenant, row.phone))
        late = since is not None and any(one.at > since for one in books.sends[row.id])
        if late and row.kind != "confirmation":
            yield f"{row.is_about()} was called after the stop of {row.phone}"


def counts_add_up(books: Books) -> Iterator[str]:
    """I10: the counters are the rows, and each delivery's word follows from its messages."""
    said = defaultdict(list)
    for row in books.rows:
        if row.kind != "reminder":
            said[row.delivery].append(status.Stand(row.kind, row.status, row.round, row.reason))
    for campaign in books.campaigns:
        if sum(campaign.counts.values()) != campaign.total or Counter(campaign.words.values()) != campaign.counts:
            yield f"the counters of {campaign.tenant} are {dict(campaign.counts)}"
        for delivery, word in campaign.words.items():
            if said[delivery] and (right := status.of_delivery(said[delivery])[0]) != word:
                yield f"delivery {delivery} says {word}, its messages say {right}"


def doubt_is_shown(books: Books) -> Iterator[str]:
    """I11: who is in doubt stands so on the page, with a reason, and nothing is tried any more."""
    words = {delivery: word for campaign in books.campaigns for delivery, word in campaign.words.items()}
    asked = {row.delivery for row in books.rows if row.went_out and row.kind != "greeting"}
    for row in books.rows:
        hidden = row.delivery not in asked and words.get(row.delivery or 0) != "in_doubt"
        if row.status == "in_doubt" and (not row.reason or row.is_leased or hidden):
            yield f"{row.is_about()} is not shown"


def lines_are_paced(books: Books) -> Iterator[str]:
    """I12: first touches keep the line's gap and its budget, by the moments at which their calls began."""
    touches = defaultdict(list)
    for effect in books.effects:
        row = books.by_key.get(effect.key)
        begun = books.begun(effect)
        if row and row.kind == "greeting" and begun:
            touches[row.tenant].append(begun)
    for tenant, (gap, budget) in books.paces.items():
        if close := [b - a for a, b in pairwise(sorted(touches[tenant])) if b - a < gap]:
            yield f"{len(close)} first touches of {tenant} came too soon, one after {min(close):.2f} s"
        if len(touches[tenant]) > budget:
            yield f"{tenant} had {len(touches[tenant])} first touches, the budget is {budget}"


INVARIANTS: Mapping[str, Callable[[Books], Iterable[str]]] = {
    "I1": nothing_twice,
    "I2": nothing_is_left_open,
    "I3": what_says_sent_was_sent,
    "I4": repeats_are_the_same,
    "I5": intent_came_first,
    "I6": no_transaction_over_a_call,
    "I7": old_hands_write_nothing,
    "I8": words_go_forward,
    "I9": stopped_is_stopped,
    "I10": counts_add_up,
    "I11": doubt_is_shown,
    "I12": lines_are_paced,
}


def verdict(books: Books) -> dict[str, list[str]]:
    """For each invariant what speaks against it: nothing, where it holds."""
    return {name: list(broken(books)) for name, broken in INVARIANTS.items()}


def totals(books: Books) -> dict[str, int]:
    """Of what is owed to customers who did not stop.  Lost: neither arrived nor in doubt.  Stuck: still open.

    In doubt is not lost.  A stop that comes while nobody knows whether a call arrived leaves doubt, rightly.
    """
    arrived = {effect.key for effect in books.effects}
    owed = [row for row in books.rows if (row.tenant, row.phone) not in books.seen.stopped]
    parked = {(row.delivery, row.round) for row in books.rows if row.status == "in_doubt"}
    missing = [row for row in owed if row.key not in arrived and (row.delivery, row.round) not in parked]
    per_step = Counter((e.tenant, e.phone, _kind(books, e)) for e in books.effects)
    return {
        "lost": len(missing),
        "duplicates": sum(times - 1 for times in per_step.values()),
        "stuck": sum(row.is_open and row.is_due for row in books.rows),
        "in_doubt": sum(row.status == "in_doubt" for row in owed),
    }
