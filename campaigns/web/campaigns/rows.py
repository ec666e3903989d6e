"""The rows of a campaign's table: fifty a page, in an order that never changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from campaigns import status, stuck
from campaigns.models import Business, Campaign, Delivery
from campaigns.templatetags.look import clock
from campaigns.web.campaigns import words
from campaigns.web.campaigns.summary import FILTERS
from campaigns.web.story import PER_PAGE, Story

D = status.Delivery


@dataclass(frozen=True)
class Choice:
    """What the person looks at: which deliveries, which page, and which of them are unfolded."""

    show: str = "all"
    query: str = ""
    page: int = 1
    opened: frozenset[int] = frozenset()

    @classmethod
    def of(cls, given: QueryDict) -> "Choice":
        """Read the address; whatever makes no sense is as if it were not there."""
        show = given.get("show", "all")
        return cls(
            show=show if show in FILTERS else "all",
            query=given.get("q", "").strip()[:100],
            page=max(1, _number(given.get("page"), 1)),
            opened=frozenset(_number(value, 0) for value in given.getlist("open")[:PER_PAGE]),
        )

    @property
    def may_change(self) -> bool:
        """Can a delivery enter or leave this list while one looks at it?"""
        return self.show != "all"

    def address(self, **changes: Any) -> str:
        """The query string of this choice with some of it changed."""
        wanted = QueryDict(mutable=True)
        for name, value in ({"show": self.show, "q": self.query, "page": self.page} | changes).items():
            if value and value not in ("all", 1):
                wanted[name] = str(value)
        return wanted.urlencode()


@dataclass(frozen=True)
class Row:
    """One delivery as a line of the table."""

    delivery: Delivery
    is_open: bool = False
    is_wet: bool = False
    story: Story | None = None
    #: When it is expected to be their turn, from what is left to do now; nobody knows while the campaign stands.
    expected_at: datetime | None = None
    #: Why it has not gone although its time has come.
    cause: stuck.Cause | None = None

    @property
    def waits(self) -> bool:
        """Nothing has gone out to them yet, and something is to."""
        return self.delivery.status in status.DELIVERY_OPEN and self.delivery.status != D.GREETED

    @property
    def when(self) -> datetime | None:
        """The last thing we did; for those who wait, when it is their turn."""
        d = self.delivery
        return self.expected_at if self.waits else d.read_at or d.delivered_at or d.sent_at or d.greeted_at

    @property
    def why(self) -> str:
        """The reason in words, under the chip."""
        d = self.delivery
        if self.waits and d.campaign.rests(timezone.now()):
            return f"Waits until {clock(d.campaign.rests_until)}, by hand"
        if self.cause and (self.cause.is_trouble or not d.reason):
            return words.stuck_row(self.cause)
        if d.reason:
            return d.reason
        if d.customer.paused_at and not d.customer.stopped_at:
            return "Paused until somebody has read these words"
        if d.status == D.GREETED:
            return _picture_follows(d)
        if d.remind_at:
            return f"Reminder {clock(d.remind_at)}"
        return f"Reminded {clock(d.reminded_at)}" if d.reminded_at else ""

    @property
    def facts(self) -> list[str]:
        """What the customer did, in the order of its weight."""
        d = self.delivery
        happened = (
            ("opened", d.clicked_at),
            ("replied", d.replied_at),
            ("reviewed", d.reviewed_at),
            ("stopped", d.stopped_at),
        )
        return [word for word, moment in happened if moment]

    @property
    def name(self) -> str:
        """How the row calls the customer; the number when no name is known."""
        if self.delivery.customer.erased_at:
            return "Erased"
        return self.delivery.customer.name or "No name"


def _picture_follows(delivery: Delivery) -> str:
    follows = (delivery.greeted_at or timezone.now()) + timedelta(seconds=delivery.campaign.business.ask_after)
    return f"Picture follows at {clock(follows)}" if follows > timezone.now() else "Picture follows"


def listed(campaign: Campaign, choice: Choice) -> QuerySet[Delivery]:
    """The deliveries of this choice, in stable order."""
    rows = campaign.deliveries.select_related("customer").order_by("pk")
    if choice.show in FILTERS:
        rows = rows.filter(FILTERS[choice.show])
    for word in choice.query.split():
        rows = rows.filter(_matches(word))
    return rows


def page_of(campaign: Campaign, choice: Choice) -> Page[Delivery]:
    """One page; beyond the end the last one."""
    return Paginator(listed(campaign, choice), PER_PAGE).get_page(choice.page)


def on_page(campaign: Campaign, choice: Choice) -> list[Delivery]:
    """The deliveries of the page without counting how many pages there are: what a poll asks every two seconds."""
    start = (choice.page - 1) * PER_PAGE
    return list(listed(campaign, choice)[start : start + PER_PAGE])


def rows(
    business: Business,
    deliveries: Sequence[Delivery],
    opened: Collection[int],
    times: Mapping[int, datetime],
    *,
    seen: int | None = None,
) -> list[Row]:
    """Rows for the table, with the expected `times` of those who wait; those changed since version `seen` are wet."""
    causes = stuck.of_deliveries(business, deliveries, timezone.now())
    return [
        Row(
            delivery,
            is_open=delivery.pk in opened,
            is_wet=seen is not None and delivery.version > seen,
            expected_at=times.get(delivery.pk),
            cause=causes.get(delivery.pk),
        )
        for delivery in deliveries
    ]


def _matches(word: str) -> Q:
    digits = "".join(character for character in word if character.isdigit())
    named = Q(customer__first_name__icontains=word) | Q(customer__last_name__icontains=word)
    return named | Q(customer__phone__contains=digits) if len(digits) >= 3 else named


def _number(value: object, otherwise: int) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else otherwise
