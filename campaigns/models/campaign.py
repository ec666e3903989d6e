"""Campaigns and deliveries: what is said to whom, and where each customer stands."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone as clock

from campaigns import commits, languages, status
from campaigns.filters import Filter
from campaigns.models.business import Business
from campaigns.models.card import Card
from campaigns.models.customer import Customer
from campaigns.models.household import Household
from campaigns.models.people import User
from campaigns.models.real import Real
from campaigns.prepared import Prepared

#: The two sides of a campaign that tries two wordings or pictures; "" is none, for who is no part of it.
FIRST_SIDE, SECOND_SIDE = "A", "B"
#: The least and the most days after which a reminder may follow (policy §5).
REMIND_AFTER = (1, 14)
#: When each thing that may become of a request became of it.
REACHED = ("delivered_at", "read_at", "clicked_at", "replied_at", "reviewed_at", "stopped_at")


def picture_path(name: str) -> Path:
    """Where a customer's drawn picture lies."""
    return Path(settings.DATA_DIR) / "pictures" / name


class Campaign(models.Model):
    """One asking: words, card and audience.

    Its own words are in its own language, and go to everybody whose language it has no other `Wording` for.
    """

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=120)
    card = models.ForeignKey(Card, on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns")
    language = models.CharField(max_length=languages.LONGEST, default=languages.ENGLISH)
    greeting = models.TextField(max_length=1000)
    ask = models.TextField(max_length=2000)
    #: What its second side says and shows where two are tried side by side; what is empty is as on the first.
    greeting_b = models.TextField(max_length=1000, default="", db_default="", blank=True)
    ask_b = models.TextField(max_length=2000, default="", db_default="", blank=True)
    card_b = models.ForeignKey(Card, on_delete=models.PROTECT, null=True, blank=True, related_name="second_in")
    flow = models.CharField(max_length=20, choices=Business.Flow, default=Business.Flow.GREETING_FIRST)
    #: Days from the request to its one reminder, and the words of that; None sends none.
    remind_after = models.PositiveSmallIntegerField(null=True, blank=True)
    reminder = models.TextField(max_length=2000, default="", blank=True)
    #: Whom it means, as `Filter.as_json` writes it; empty is everybody.
    who = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=status.Campaign, default=status.Campaign.DRAFT)
    #: Counts every visible change, so that a page can ask "anything new since 41?".
    version = models.PositiveBigIntegerField(default=0)
    #: Customers somebody took out of this campaign by hand, on the contact sheet.
    left_out = models.ManyToManyField(Customer, blank=True, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    #: Until when nobody new is asked, because somebody sent the rest to another day.
    rests_until = models.DateTimeField(null=True, blank=True)
    #: Since when it waits for a person, and why, in sentences.
    held_at = models.DateTimeField(null=True, blank=True)
    held_reason = models.CharField(max_length=400, default="", blank=True)
    #: A test: a campaign of its own for one of us, with the words as they stood then.  `objects` does not see it.
    is_test = models.BooleanField(default=False)
    #: What was tested; None once that draft was thrown away.
    test_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = Real["Campaign"]()
    everything = models.Manager["Campaign"]()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(remind_after=None) | Q(remind_after__range=REMIND_AFTER), name="reminder_within_two_weeks"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def wordings(self) -> "list[Wording]":
        """The words in each of its languages, its own first; what is not kept yet has no others."""
        own = Wording(
            campaign=self, language=self.language, greeting=self.greeting, ask=self.ask, reminder=self.reminder
        )
        return [own, *(self.other_wordings.all() if self.pk else ())]

    def wording(self, language: str, variant: str = "") -> "Wording":
        """What it says to somebody of this language ("" when nobody knows it), on this side of it."""
        own, *others = self.wordings()
        if variant == SECOND_SIDE:
            own = self.second_wording
        return next((each for each in others if each.language == language), own)

    @property
    def second_wording(self) -> "Wording":
        """The words of its second side.  The reminder is one for both."""
        greeting, ask = self.greeting_b.strip() or self.greeting, self.ask_b.strip() or self.ask
        return Wording(campaign=self, language=self.language, greeting=greeting, ask=ask, reminder=self.reminder)

    @property
    def is_split(self) -> bool:
        """Are two wordings or pictures tried side by side?"""
        has_card = self.card_b_id is not None and self.card_b_id != self.card_id
        return has_card or self.second_wording.says != (self.greeting.strip(), self.ask.strip())

    def side_of(self, customer: Customer) -> str:
        """Which of the two sides this customer gets, by chance and always the same; "" for who is no part of it.

        One bit of a hash over campaign and customer: near half and half, and nothing about the customer counts.  Who
        reads another language than the campaign's own gets the words there are in it, and is no part of it.
        """
        if not self.is_split or self.wording(customer.language).language != self.language:
            return ""
        drawn = hashlib.blake2b(f"{self.pk}:{customer.pk}".encode(), digest_size=1).digest()[0]
        return SECOND_SIDE if drawn & 1 else FIRST_SIDE

    def sides_of(self, customers: "Iterable[Customer]") -> dict[int, str]:
        """The same for many, with one look at its languages; by the customer's number."""
        if self.is_split and self.pk:
            models.prefetch_related_objects([self], "other_wordings")
        return {customer.pk: self.side_of(customer) for customer in customers}

    def card_of(self, variant: str) -> Card | None:
        """The card of this side."""
        return self.card_b if variant == SECOND_SIDE and self.card_b_id else self.card

    def rests(self, now: datetime) -> bool:
        """Has somebody sent the rest of it to a later day than this?"""
        return self.rests_until is not None and self.rests_until > now

    @property
    def only(self) -> Filter:
        """Whom it means."""
        return Filter.of(self.who)

    def touch(self) -> int:
        """Count one visible change and return the new number.

        Inside a transaction this also locks the campaign's row until the commit, so numbers become visible in order.
        Take message rows first, then this, then delivery rows: one order everywhere, no deadlock.
        """
        commits.take_turn(self.pk)
        with connection.cursor() as cursor:
            cursor.execute(  # one statement instead of two, several times per message
                "UPDATE campaigns_campaign SET version = version + 1, changed_at = %s WHERE id = %s RETURNING version",
                [connection.ops.adapt_datetimefield_value(clock.now()), self.pk],
            )
            return int(cursor.fetchone()[0])

    def counts(self) -> Counter[str]:
        """Deliveries by status; the sum is the audience, always (I10)."""
        rows = self.deliveries.order_by().values_list("status").annotate(n=models.Count("pk"))
        return Counter(dict(rows))

    def finish_if_done(self, now: datetime) -> bool:
        """Running, every delivery terminal or parked, and no reminder to come: then it is finished.

        A finished campaign sends nothing more by itself.  While reminders are to come it runs, so that it can be
        paused and cancelled like any other.
        """
        mine = Delivery.everything.filter(campaign=self)
        if mine.filter(Q(status__in=status.DELIVERY_OPEN) | Q(remind_at__isnull=False)).exists():
            return False
        done = Campaign.everything.filter(pk=self.pk, state=status.Campaign.RUNNING).update(
            state=status.Campaign.FINISHED, finished_at=now, version=F("version") + 1, changed_at=now
        )
        return bool(done)


class Wording(models.Model):
    """A campaign's words in one more language."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="other_wordings")
    language = models.CharField(max_length=languages.LONGEST)
    greeting = models.TextField(max_length=1000)
    ask = models.TextField(max_length=2000)
    reminder = models.TextField(max_length=2000, default="", blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "language"], name="one_wording_per_language")
        ]

    def __str__(self) -> str:
        return f"wording {self.language} of campaign {self.campaign_id}"

    @property
    def says(self) -> tuple[str, str]:
        """What it says first."""
        return (self.greeting.strip(), self.ask.strip())


def link_token() -> str:
    """The token of a customer's link: 256 random bits (S18, S34)."""
    return secrets.token_urlsafe(32)


class Delivery(models.Model):
    """One customer in one campaign: what the page shows.

    `status` and the times are computed from the messages (`refresh`); the facts `clicked_at`, `replied_at` and
    `reviewed_at` stand beside it, for they are not steps.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="deliveries")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="deliveries")
    status = models.CharField(max_length=10, choices=status.Delivery, default=status.Delivery.PLANNED)
    #: Why, in a sentence a person understands; for a skipped one also the word it is counted under.
    reason = models.CharField(max_length=300, default="", blank=True)
    reason_code = models.CharField(max_length=30, default="", blank=True)
    token = models.CharField(max_length=64, unique=True, default=link_token)
    version = models.PositiveBigIntegerField(default=0)

    planned_for = models.DateTimeField(null=True, blank=True)
    picture = models.CharField(max_length=100, default="", blank=True)
    greeted_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    replied_words = models.CharField(max_length=300, default="", blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    #: When its reminder is to go (None: none is to come), and when it went.  No steps either: the word stays the ask's.
    remind_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    #: Which side of its campaign they got, where two are tried side by side; settled when the campaign starts.
    variant = models.CharField(max_length=1, default="", db_default="", blank=True)
    #: Asked in a group: the household, which counts once; and on the rows of its others the delivery that asks them.
    household = models.ForeignKey(
        Household, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    together_with = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="companions"
    )
    #: As its campaign says.  `objects` does not see it.
    is_test = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    objects = Real["Delivery"]()
    everything = models.Manager["Delivery"]()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "customer"], name="one_delivery_per_customer")
        ]
        indexes: ClassVar = [
            models.Index(fields=["campaign", "status"], name="delivery_by_status"),
            models.Index(fields=["campaign", "version"], name="delivery_by_version"),
            models.Index(  # all that results count: of a year they read this and no row (results/counting.py)
                fields=["campaign", "sent_at", "customer", *REACHED],
                condition=Q(sent_at__isnull=False, is_test=False),
                name="delivery_asked",
            ),
            models.Index(
                fields=["campaign", "replied_at"], condition=Q(replied_at__isnull=False), name="delivery_replied"
            ),
            models.Index(
                fields=["campaign", "greeted_at"],
                condition=Q(sent_at__isnull=True, greeted_at__isnull=False),
                name="delivery_only_greeted",
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"

    @property
    def card(self) -> Card | None:
        """The card their picture is drawn from."""
        return self.campaign.card_of(self.variant)

    def refresh(self) -> None:
        """Compute word, reason and times anew from the messages.  Call inside the transaction that moved them."""
        refresh([self])

    def note(self, **facts: Any) -> None:
        """Write down facts that are not steps (a click, an answer), visibly."""
        with transaction.atomic():
            version = self.campaign.touch()
            Delivery.everything.filter(pk=self.pk).update(version=version, **facts)


def refresh(deliveries: Iterable[Delivery]) -> None:
    """`Delivery.refresh` for many, with one count per campaign.  Message rows must have been written before."""
    versions: dict[int, int] = {}
    for delivery in sorted(deliveries, key=lambda d: (d.campaign_id, d.pk)):
        if delivery.campaign_id not in versions:
            versions[delivery.campaign_id] = delivery.campaign.touch()
        _write(delivery, versions[delivery.campaign_id])


class _Said(NamedTuple):
    """What one message contributes to the word of its delivery."""

    kind: str
    status: str
    round: int
    reason: str
    picture: str
    due_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None


def _said(delivery: int, **more: Any) -> models.QuerySet[Any, Any]:
    messages = apps.get_model("campaigns", "Message").objects.filter(delivery=delivery, **more)
    return messages.exclude(kind="inbound").order_by("pk").values_list(*_Said._fields)


_SAID = Prepared(_said, "delivery")
#: What was said to the group counts on the row that asked it.
_SAID_APART = Prepared(lambda delivery: _said(delivery, household=None), "delivery")


def _write(delivery: Delivery, version: int) -> None:
    said = _SAID_APART if delivery.together_with_id is not None else _SAID
    ours = [_Said(*row) for row in said.rows(delivery=delivery.pk)]
    messages = [m for m in ours if m.kind != "reminder"]
    if not messages:
        return
    reminder = next((m for m in ours if m.kind == "reminder"), None)
    word, reason = status.of_delivery(status.Stand(m.kind, m.status, m.round, m.reason) for m in messages)
    greetings = [m for m in messages if m.kind == "greeting"]
    asks = [m for m in messages if m.kind != "greeting"]
    _put(
        delivery.pk,
        word,
        reason or _reminder_trouble(reminder),
        version,
        next((m.picture for m in reversed(asks) if m.picture), ""),
        _first(m.sent_at for m in greetings),
        _first(m.sent_at for m in asks),
        _first(m.delivered_at for m in asks),
        _first(m.read_at for m in asks),
        (reminder.due_at or clock.now()) if reminder and reminder.status in status.OPEN else None,
        reminder.sent_at if reminder else None,
    )


#: Written out, for the campaign's row is locked meanwhile: Django takes longer to write it than the database to do it.
_WRITTEN = (
    "UPDATE campaigns_delivery SET status = %s, reason = %s, version = %s, picture = %s, greeted_at = %s, "
    "sent_at = %s, delivered_at = %s, read_at = %s, remind_at = %s, reminded_at = %s WHERE id = %s"
)


def _put(pk: int, *values: Any) -> None:
    adapted = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN, [*(adapted(each) if isinstance(each, datetime) else each for each in values), pk])


def _reminder_trouble(reminder: _Said | None) -> str:
    """What somebody should know about a reminder that ended badly; one that is not needed any more is no trouble."""
    if reminder is None or reminder.status not in (status.Message.IN_DOUBT, status.Message.REFUSED):
        return ""
    word = "The reminder may have been sent" if reminder.status == status.Message.IN_DOUBT else "No reminder"
    return f"{word}. {reminder.reason}".strip()[:300]


def _first(times: Iterable[datetime | None]) -> datetime | None:
    return min((t for t in times if t), default=None)
