"""The list of conversations: what sounds like a wish to stop, then what nobody has read, then by time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import BooleanField, Case, Count, Max, OuterRef, Q, QuerySet, Subquery, Value, When

from campaigns import conversations, sounds, status
from campaigns.models import Business, Conversation, Message, User

PAGE = 40
#: What the list can be narrowed to: address, words.  "mine" is the reader's own.
FILTERS: Mapping[str, str] = {"open": "Open", "mine": "Mine", "done": "Done", "stopped": "Stopped"}
_OPEN = Q(done_at=None)
_STOPPED = Q(customer__stopped_at__isnull=False)


@dataclass(frozen=True)
class Mark:
    """What words sound like, as a chip: look, icon and word."""

    look: str
    icon: str
    word: str


PAUSED = Mark("warn", "pause", "Paused by us")
MARKS = {
    sounds.Sound.COMPLAINT: Mark("warn", "message-circle-warning", "Sounds like a complaint"),
    sounds.Sound.DONE: Mark("replied", "check-check", "Sounds reviewed"),
}
DOUBT = Mark("in_doubt", "circle-question-mark", "Answer may have been sent")
LOST = Mark("refused", "circle-x", "Answer not sent")


@dataclass(frozen=True)
class Row:
    """One conversation in the list."""

    talk: Conversation
    mark: Mark | None
    #: Our newest answer, where it is newer than their words.
    answered: Message | None
    is_shown: bool = False

    @property
    def in_group(self) -> bool:
        """Their newest words stand in the group of their household."""
        return getattr(self.talk, "group", None) is not None

    @property
    def is_new(self) -> bool:
        """Something in it nobody has read."""
        return self.talk.unread > 0 and self.talk.done_at is None


@dataclass(frozen=True)
class Group:
    """Rows under one title."""

    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Show:
    """One of the filters: its address, words and number."""

    show: str
    label: str
    count: int
    is_current: bool


def of(business: Business, show: str, reader: User) -> QuerySet[Conversation]:
    """Conversations under this filter, in the order of the list."""
    conditions = {"open": _OPEN, "mine": _OPEN & Q(assigned_to=reader), "stopped": _STOPPED}
    rows = business.conversations.filter(conditions.get(show, ~_OPEN & ~_STOPPED))
    newest = Message.objects.filter(customer=OuterRef("customer"), kind=Message.Kind.INBOUND).order_by("-pk")
    return (
        rows.annotate(group=Subquery(newest.values("household")[:1]))
        .annotate(first=_true(Q(customer__paused_at__isnull=False)), new=_true(Q(unread__gt=0, done_at=None)))
        .select_related("customer__business", "assigned_to")
        .order_by("-first", "-new", "-said_at", "-pk")
    )


def _true(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def after(rows: QuerySet[Conversation], last: Conversation | None) -> QuerySet[Conversation]:
    """Those behind this one in the list."""
    if last is None:
        return rows
    behind = Q(said_at__lt=last.said_at) | Q(said_at=last.said_at, pk__lt=last.pk)
    first, new = last.customer.paused_at is not None, last.unread > 0 and last.done_at is None
    lower = Q(first=first, new=new) & behind
    if new:
        lower |= Q(first=first, new=False)
    return rows.filter(lower | Q(first=False) if first else lower)


def told(talks: Sequence[Conversation], shown: int | None) -> list[Row]:
    """Each with what it sounds like and whether it has been answered; one query more for all."""
    answers = _newest_answers(talks)
    return [_row(talk, answers.get(talk.customer_id), shown) for talk in talks]


def _row(talk: Conversation, answer: Message | None, shown: int | None) -> Row:
    answered = answer if answer and answer.created_at >= talk.said_at else None
    return Row(talk, _mark(talk, answered), answered, talk.pk == shown)


def _mark(talk: Conversation, answered: Message | None) -> Mark | None:
    if talk.customer.paused_at and not talk.customer.stopped_at:
        return PAUSED
    if answered:
        return {status.Message.IN_DOUBT: DOUBT, status.Message.REFUSED: LOST, status.Message.EXPIRED: LOST}.get(
            status.Message(answered.status)
        )
    return MARKS.get(sounds.read(talk.words)) if talk.done_at is None else None


def _newest_answers(talks: Sequence[Conversation]) -> dict[int, Message]:
    people = [talk.customer_id for talk in talks]
    newest = Message.objects.filter(customer__in=people, kind=Message.Kind.ANSWER).values("customer")
    rows = Message.objects.filter(pk__in=newest.annotate(newest=Max("pk")).values("newest"))
    return {row.customer_id: row for row in rows.select_related("by")}


def groups(rows: Sequence[Row], show: str) -> list[Group]:
    """The rows under their titles; only what is open has two."""
    if show not in ("open", "mine"):
        return [Group("", list(rows))] if rows else []
    titles = {True: "Sounds like no", False: "To answer"}
    return [Group(titles[first], list(some)) for first, some in groupby(rows, key=lambda row: row.mark is PAUSED)]


def filters(business: Business, show: str, reader: User) -> list[Show]:
    """Every filter with its number; one query."""
    numbers = business.conversations.aggregate(
        open=Count("pk", filter=_OPEN),
        mine=Count("pk", filter=_OPEN & Q(assigned_to=reader)),
        done=Count("pk", filter=~_OPEN & ~_STOPPED),
        stopped=Count("pk", filter=_STOPPED),
    )
    return [Show(name, label, numbers[name], name == show) for name, label in FILTERS.items()]


def print_of(rows: Sequence[Row], shows: Sequence[Show]) -> tuple[object, ...]:
    """Changes whenever the list would look different."""
    return (
        *((each.show, each.count) for each in shows),
        *((r.talk.pk, r.talk.words, r.talk.said_at, r.is_new, r.mark, r.talk.assigned_to_id, _stand(r)) for r in rows),
    )


def _stand(row: Row) -> tuple[int, str] | None:
    return (row.answered.pk, row.answered.status) if row.answered else None


def newest_unread(business: Business) -> tuple[int, Conversation | None, datetime | None]:
    """In how many something is new, and the newest of them."""
    if not (count := conversations.unread(business)):
        return 0, None, None
    fresh = business.conversations.filter(unread__gt=0, done_at=None)
    newest = fresh.select_related("customer").order_by("-said_at", "-pk").first()
    return count, newest, newest.said_at if newest else None
