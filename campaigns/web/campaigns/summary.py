"""Where a campaign stands, in one query and in words.  The eight numbers add up to the audience, always (I10)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from campaigns import plans, status
from campaigns.models import Campaign

D = status.Delivery
S = status.Campaign

WAITING = Q(status__in=status.DELIVERY_OPEN - {D.GREETED})
NEEDS_A_LOOK = Q(status__in=[D.IN_DOUBT, D.REFUSED, D.EXPIRED]) | Q(
    customer__paused_at__isnull=False, customer__stopped_at=None
)
LEFT_OUT = Q(status__in=[D.SKIPPED, D.CANCELLED])

#: The eight numbers in the order of the bar: look, label, who is counted, the filter that shows them.
PILES = (
    ("read", "Read", Q(status=D.READ), "read"),
    ("delivered", "Delivered", Q(status=D.DELIVERED), "delivered"),
    ("sent", "Sent", Q(status=D.SENT), "sent"),
    ("greeted", "Greeted", Q(status=D.GREETED), "greeted"),
    ("doubt", "In doubt", Q(status=D.IN_DOUBT), "doubt"),
    ("refused", "Failed", Q(status__in=[D.REFUSED, D.EXPIRED]), "failed"),
    ("skipped", "Left out", LEFT_OUT, "left"),
    ("wait", "Waiting", WAITING, "waiting"),
)

#: What the page may be filtered by, beside "all".
FILTERS = {
    **{key: q for _, _, q, key in PILES},
    "look": NEEDS_A_LOOK,
    "opened": Q(clicked_at__isnull=False),
    "replied": Q(replied_at__isnull=False),
    "stopped": Q(stopped_at__isnull=False),
    "remind": Q(remind_at__isnull=False),
    "reminded": Q(reminded_at__isnull=False),
}

#: A finished campaign is still watched so long after its last change: receipts come in for a while.
WATCHED_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Pile:
    """One of the eight numbers."""

    look: str
    label: str
    count: int
    show: str


@dataclass(frozen=True)
class Segment:
    """A stretch of the bar, in percent of its width."""

    look: str
    x: str
    width: str


@dataclass(frozen=True)
class Summary:
    """The numbers of one campaign at one moment."""

    campaign: Campaign
    total: int
    piles: tuple[Pile, ...]
    look: int
    opened: int
    replied: int
    stopped: int
    today: int
    next_at: datetime | None
    done_at: datetime | None
    now: datetime
    #: Reminders still to come, the last of them, and those that went.  They stand beside the eight numbers.
    to_remind: int = 0
    remind_until: datetime | None = None
    reminded: int = 0
    #: When each who waits is expected to be asked, by delivery; empty unless it runs.
    times: Mapping[int, datetime] = field(default_factory=dict)

    def count(self, look: str) -> int:
        """One of the eight numbers."""
        return next(pile.count for pile in self.piles if pile.look == look)

    @property
    def asked(self) -> int:
        """Whose request for a review Chert has taken."""
        return self.count("read") + self.count("delivered") + self.count("sent")

    @property
    def to_ask(self) -> int:
        """Everybody who is not left out."""
        return self.total - self.count("skipped")

    @property
    def waiting(self) -> int:
        """Not yet asked, and work is still to be done."""
        return self.count("wait") + self.count("greeted")

    @property
    def percent(self) -> int:
        """How far it is; floored, so that 499 of 500 is not 100."""
        return self.asked * 100 // self.to_ask if self.to_ask else 100

    @property
    def reminders_until(self) -> datetime | None:
        """When the last reminder is expected, of those planned and of those that the requests to come bring."""
        return plans.reminders_until(self.campaign, self.done_at, self.remind_until)

    @property
    def is_settled(self) -> bool:
        """Nothing moves any more, so nobody needs to look again."""
        if self.campaign.state not in (S.FINISHED, S.CANCELLED) or self.waiting:
            return False
        on_the_way = self.count("sent") + self.count("delivered")
        return not on_the_way or self.now - (self.campaign.changed_at or self.now) > WATCHED_AFTER

    @property
    def segments(self) -> list[Segment]:
        """The bar: everything but the waiting, then today's share of them."""
        return list(_segments(self))

    @property
    def title(self) -> str:
        """For the tab: '68/198 · Autumn regulars'."""
        return f"{self.asked}/{self.to_ask} · {self.campaign.name}"

    @property
    def said(self) -> str:
        """The one large sentence."""
        return f"{self.asked} of {self.to_ask} asked."

    @property
    def bar_words(self) -> str:
        """The bar for those who do not see it."""
        numbers = ", ".join(f"{pile.count} {pile.label.lower()}" for pile in self.piles if pile.count)
        return f"{self.said} {self.percent} percent. {numbers}"


def of(campaign: Campaign, now: datetime) -> Summary:
    """Count one campaign: a fixed number of queries, however many customers."""
    times = plans.expected(campaign, now)
    counts = campaign.deliveries.aggregate(
        total=Count("pk"),
        look=Count("pk", filter=NEEDS_A_LOOK),
        opened=Count("clicked_at"),
        replied=Count("replied_at"),
        stopped=Count("stopped_at"),
        to_remind=Count("remind_at"),
        remind_until=Max("remind_at"),
        reminded=Count("reminded_at"),
        **{f"pile_{look}": Count("pk", filter=q) for look, _, q, _ in PILES},
    )
    piles = tuple(Pile(look, label, counts.pop(f"pile_{look}"), show) for look, label, _, show in PILES)
    return Summary(campaign=campaign, piles=piles, now=now, **_foreseen(campaign, times, now), **counts)


def _foreseen(campaign: Campaign, times: Mapping[int, datetime], now: datetime) -> dict[str, Any]:
    """From what is left to do now, not from what was planned once."""
    today = timezone.localdate(now)
    return {
        "times": times,
        "today": sum(timezone.localdate(at) == today for at in times.values()),
        "next_at": min(times.values(), default=None),
        "done_at": max(times.values(), default=None),
    }


def _segments(summary: Summary) -> Iterator[Segment]:
    at = 0
    widths = [(pile.look, pile.count) for pile in summary.piles if pile.look != "wait"]
    for look, count in [*widths, ("today", summary.today)]:
        if count:
            yield Segment("hatch" if look == "greeted" else look, _percent(at, summary), _percent(count, summary))
            at += count


def _percent(part: int, summary: Summary) -> str:
    return f"{part * 100 / summary.total:.2f}%"
