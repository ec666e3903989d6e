"""One thing said, by us or by them.  Outbound messages are the outbox."""

import secrets
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django.db import connection, models, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone as clock

from campaigns import languages, status
from campaigns.models.business import Business, Line, Organization
from campaigns.models.campaign import Delivery
from campaigns.models.customer import Customer
from campaigns.models.household import Household
from campaigns.models.people import User


class LeaseLost(Exception):
    """Somebody else holds this message now, or it has moved on: write nothing (I7)."""


def new_key() -> str:
    """An idempotency key: 40 characters of [A-Za-z0-9_-], safe for every known rule (contract §5)."""
    return secrets.token_urlsafe(30)


class RealMessages(models.Manager["Message"]):
    """Messages between the business and its customers: no test, and no answer to one."""

    def get_queryset(self) -> "models.QuerySet[Message]":
        """Without the tests."""
        return super().get_queryset().filter(customer__is_test=False)


class Message(models.Model):
    """One message and everything that is needed to send it exactly once.

    The row is the queue: `due_at` says when (None: waits for another message), the lease says who is at it, and
    `path`, `body` and `key` are frozen before the first byte leaves, so every repeat sends the same bytes (I4, I5).
    """

    class Kind(models.TextChoices):
        GREETING = "greeting", "Greeting"
        ASK = "ask", "Picture, text and link"
        ALL = "all", "Everything at once"
        REMINDER = "reminder", "Reminder"
        ANSWER = "answer", "Answer by hand"
        CONFIRMATION = "confirmation", "Confirmation of the stop"
        INBOUND = "inbound", "Their words"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="messages")
    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="messages")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="messages")
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, null=True, blank=True, related_name="messages")
    #: Said in a group: to all of the household, or by one of them; `customer` is then who speaks, or for all.
    household = models.ForeignKey(Household, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages")
    kind = models.CharField(max_length=12, choices=Kind)
    #: 1 is the campaign's own asking; each sending again by hand is the next.
    round = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10, choices=status.Message, default=status.Message.PLANNED)
    reason = models.CharField(max_length=300, default="", blank=True)
    text = models.TextField(default="", blank=True)
    #: Of the text: what is said for a word that is not known, and on the link card, is said in it.
    language = models.CharField(max_length=languages.LONGEST, default=languages.ENGLISH)
    #: Who sent it again and why; empty for the campaign's own.
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, default="", blank=True)
    #: Of an answer by hand: the form it was written on, which can be sent once; and whether a person decided that quiet
    #: hours do not hold it.
    slip = models.CharField(max_length=64, null=True, blank=True)
    at_any_hour = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=clock.now)

    # the outbox
    due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=64, default="", blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    #: A call was made whose outcome is not known; only such a message may end in doubt.
    is_unclear = models.BooleanField(default=False)
    #: A call was begun and its answer is not written down yet.  After a crash it stays, and means: unclear.
    is_calling = models.BooleanField(default=False)
    #: So many workers died while they were at this very message, and since when they are counted (outbox/poison.py).
    #: The database knows the default too: a worker of the last release, still at work, leaves the column out.
    deaths = models.PositiveSmallIntegerField(default=0, db_default=0)
    deaths_since = models.DateTimeField(null=True, blank=True)
    path = models.CharField(max_length=200, default="", blank=True)
    body = models.BinaryField(null=True, blank=True)
    key = models.CharField(max_length=64, unique=True, default=new_key)
    line = models.ForeignKey(Line, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    # what each step gained
    picture = models.CharField(max_length=100, default="", blank=True)
    attachment_id = models.CharField(max_length=120, default="", blank=True)
    chat_id = models.CharField(max_length=120, default="", blank=True)
    chert_id = models.CharField(max_length=120, default="", blank=True, db_index=True)
    rendered_at = models.DateTimeField(null=True, blank=True)
    uploaded_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    # receipts
    checked_at = models.DateTimeField(null=True, blank=True)
    check_at = models.DateTimeField(null=True, blank=True)

    #: The outbox carries tests like everything else, so `objects` sees them.  Whoever counts looks at `real`.
    objects = models.Manager["Message"]()
    real = RealMessages()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["delivery", "kind", "round"],
                condition=~Q(kind="inbound"),
                name="one_message_per_kind_and_round",
            ),
            models.UniqueConstraint(
                fields=["delivery"], condition=Q(kind="reminder"), name="one_reminder_per_delivery"
            ),
            models.UniqueConstraint(fields=["customer", "slip"], name="one_answer_per_slip"),
            models.UniqueConstraint(
                fields=["organization", "chert_id"], condition=Q(kind="inbound"), name="one_inbound_per_chert_message"
            ),
        ]
        indexes: ClassVar = [
            # With the key, by which those are told apart that are due in one moment: a whole campaign is.
            models.Index(
                fields=["organization", "due_at", "id"],
                condition=Q(status__in=["planned", "rendered", "uploaded"]),
                name="message_due_in_turn",
            ),
            # Of these there are few, and each claim asks for them first.
            models.Index(
                fields=["organization", "kind", "due_at"],
                condition=Q(status__in=["planned", "rendered", "uploaded"], kind__in=["confirmation", "answer"]),
                name="message_by_hand",
            ),
            models.Index(fields=["line", "sent_at"], name="message_by_line"),
            models.Index(
                "customer",
                Coalesce("sent_at", "first_attempt_at").desc(),
                condition=~Q(kind="inbound"),
                name="message_written_last",
            ),
            models.Index(fields=["check_at"], condition=Q(check_at__isnull=False), name="message_to_check"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_outbound(self) -> bool:
        """Ours, not theirs."""
        return self.kind != Message.Kind.INBOUND

    @property
    def ids(self) -> dict[str, int | None]:
        """What a log entry about it names."""
        delivery = self.delivery
        return {
            "organization_id": self.organization_id,
            "campaign_id": delivery.campaign_id if delivery else None,
            "delivery_id": self.delivery_id,
            "message_id": self.pk,
        }

    @property
    def needs_picture(self) -> bool:
        """A picture belongs to it."""
        return self.kind in (Message.Kind.ASK, Message.Kind.ALL)

    @property
    def is_frozen(self) -> bool:
        """The exact request is written down: from here on only the same bytes may be sent."""
        return self.body is not None

    def move(self, new: str, *, token: str, **gained: Any) -> None:
        """Move to the next word and keep what the step gained, while the lease is still ours.

        This is the one writer of a message's status.  Compare-and-set on the word this reader saw and on the lease.
        Raises `LeaseLost` when either is no longer true, `status.NotAllowed` when the word may not follow.
        """
        with transaction.atomic():
            self.advance(new, token=token, **gained)
            self.show()

    def advance(self, new: str, *, token: str, **gained: Any) -> None:
        """As `move`, for whoever writes more in the same commit, and calls `show` at its end."""
        status.check(self.status, new)
        self._set(token, status=new, **gained)

    def keep(self, *, token: str, visible: bool = False, **gained: Any) -> None:
        """Keep something about this message without moving it, while the lease is ours; raises `LeaseLost`."""
        with transaction.atomic() if visible else nullcontext():  # one statement alone needs none
            self._set(token, **gained)
            if visible:
                self.show()

    def learn(self, new: str, **gained: Any) -> bool:
        """Move on by what Chert tells afterwards; False when it is old news.  Never moves back (I8).

        Call inside a transaction.
        """
        behind = Message.objects.filter(pk=self.pk, status__in=status.before(status.Message(new)))
        if not behind.exclude(status__in=status.OPEN).update(status=new, **gained):
            return False
        self.show()
        return True

    def _set(self, token: str, **values: Any) -> None:
        """Compare and set: every step of every message comes through here."""
        sql, fields = _setting(*values)
        with connection.cursor() as cursor:
            cursor.execute(sql, [*map(_for_the_database, fields, values.values()), self.pk, self.status, token])
            if not cursor.rowcount:
                raise LeaseLost(f"message {self.pk}")
        for name, value in values.items():
            setattr(self, name, value)

    def show(self) -> None:
        """Let the delivery say what has become of it.  Last before the commit: until then its campaign's row is locked,
        for which all others wait that have something to show.
        """
        if self.delivery is not None:
            self.delivery.refresh()


@cache
def _setting(*names: str) -> tuple[str, list[Any]]:
    """The statement that sets these fields while word and lease are what was seen, and the fields.

    Written once: Django takes longer to write it than the database to do it.
    """
    fields: list[Any] = [Message._meta.get_field(name) for name in names]
    gained = ", ".join(f"{field.column} = %s" for field in fields)
    where = "id = %s AND status = %s AND lease_token = %s"
    return f"UPDATE campaigns_message SET {gained} WHERE {where}", fields  # noqa: S608  names of our columns


def _for_the_database(field: Any, value: Any) -> Any:
    plain = value.pk if isinstance(value, models.Model) else value
    return field.get_db_prep_save(plain, connection)


def asking(
    delivery: Delivery, due_at: datetime | None, *, round: int = 1, by: User | None = None, note: str = ""
) -> list[Message]:
    """The messages of one asking, not yet saved: a greeting before the ask when we have never written, else the ask.

    The ask is due first: it has its picture drawn and uploaded, and then calls its greeting to the front.  A test says
    all of it, however often we have written before.  A household whose group is open is asked there, and a group opens
    with text alone (contract §6.3).
    """
    campaign, customer = delivery.campaign, delivery.customer
    household = delivery.household if delivery.together_with_id is None else None
    household = household if household is not None and household.is_open else None
    wording = campaign.wording(customer.language, delivery.variant)
    shared = {
        "organization": customer.business.organization,
        "business": customer.business,
        "customer": customer,
        "delivery": delivery,
        "household": household,
        "round": round,
        "by": by,
        "note": note[:300],
        "language": wording.language,
    }
    ask = Message(**shared, kind=Message.Kind.ASK, text=wording.ask, due_at=due_at)
    if (household.chat_id if household else customer.chat_id) and not customer.is_test:
        return [ask]
    if campaign.flow == Business.Flow.ALL_AT_ONCE and household is None:
        ask.kind = Message.Kind.ALL
        return [ask]
    return [Message(**shared, kind=Message.Kind.GREETING, text=wording.greeting), ask]


class _Word(Value):
    """A word of ours that stands in the statement itself, not beside it as a parameter."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return f"'{self.value}'", ()


def written_last() -> Subquery:
    """For a query of customers: when something of ours went to each last, or was first tried; None where nothing was.

    One step into an index, however much has been said.
    """
    at = Coalesce("sent_at", "first_attempt_at")
    ours: QuerySet[Message] = Message.objects.filter(customer=OuterRef("pk")).exclude(kind=_Word("inbound"))
    return Subquery(ours.exclude(sent_at=None, first_attempt_at=None).order_by(at.desc()).values_list(at)[:1])


#: SQLite takes a partial index only for a statement that shows the index's own condition, word for word.
_OPEN = [_Word(word) for word in sorted(status.OPEN)]


def open_messages(messages: "models.QuerySet[Message] | None" = None) -> "models.QuerySet[Message]":
    """Those on which work is still to be done."""
    return (Message.objects.all() if messages is None else messages).filter(status__in=_OPEN)


def by_hand(messages: "models.QuerySet[Message]") -> "models.QuerySet[Message]":
    """Confirmations of a STOP and answers somebody has written: what goes before everything else."""
    return messages.filter(kind__in=[_Word("confirmation"), _Word("answer")])


def take_back(messages: Iterable[Message], reason: str, now: datetime) -> list[Message]:
    """Take back what has not left yet, whoever holds it (I9); returns those whose word changed.

    1. Nothing was called, or every call surely failed: cancelled, and the lease token goes, so that a worker who was
       about to call finds that it may not.
    2. A call was made whose outcome nobody knows, and none is under way: in doubt, never called again, not even by a
       worker who has claimed it already.
    3. A call is under way this moment: left alone; its own answer decides, and nothing is repeated after it.

    A reminder keeps the moment of it in `due_at`: it was to go days later, and the story tells when that ended.  Call
    inside a transaction, and refresh the deliveries after.
    """
    changed = []
    for message in sorted(messages, key=lambda m: m.pk):
        mine = open_messages().filter(pk=message.pk)
        unsent = mine.filter(is_calling=False, is_unclear=False)
        idle = mine.filter(Q(is_calling=False) | Q(lease_until=None) | Q(lease_until__lt=now))
        gone: dict[str, Any] = {"reason": reason[:300], "lease_token": "", "lease_until": None}
        if message.kind == Message.Kind.REMINDER:
            gone["due_at"] = now
        if unsent.update(status=status.Message.CANCELLED, **gone) or idle.update(
            status=status.Message.IN_DOUBT, **gone
        ):
            changed.append(message)
    return changed


def give_back(messages: "models.QuerySet[Message]") -> int:
    """Take these out of the hands of whoever claimed them: who was about to call finds that it may not.

    A call under way this moment is left to its end.
    """
    claimed = open_messages(messages).filter(is_calling=False, lease_until__isnull=False)
    return claimed.update(lease_token="", lease_until=None)


class Attempt(models.Model):
    """One call to Chert, written down before it is made and completed after.  An empty outcome: we died in between."""

    class Outcome(models.TextChoices):
        SENT = "sent", "Accepted"
        REFUSED = "refused", "Refused"
        NOT_SENT = "not_sent", "Not accepted, will be tried again"
        UNKNOWN = "unknown", "No clear answer"
        ACCOUNT = "account", "The account has trouble"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tries")
    step = models.CharField(max_length=12)
    started_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, default="", blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    code = models.PositiveIntegerField(null=True)
    trace_id = models.CharField(max_length=120, default="", blank=True)
    milliseconds = models.PositiveIntegerField(null=True)
    detail = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["started_at"], name="attempt_by_time")]

    def __str__(self) -> str:
        return f"{self.step} {self.outcome or 'open'}"
