"""One customer's story: what we said, what the customer did, day by day."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from campaigns import merge, status
from campaigns.asking import together
from campaigns.models import Attempt, AuditEntry, Campaign, Customer, Delivery, Message, User

Kind = Message.Kind
Outcome = Attempt.Outcome


@dataclass(frozen=True)
class Entry:
    """One thing that happened, or is planned.  `look` says whose hand: theirs, quiet, doubt, bad, stop or ours."""

    at: datetime
    icon: str
    title: str
    look: str = ""
    hints: tuple[str, ...] = ()
    #: The customer's words, and ours.
    quote: str = ""
    said: str = ""
    #: The delivery whose picture went out, and the words on it.
    picture_of: int | None = None
    drawn: str = ""
    tries: tuple[Attempt, ...] = ()
    campaign: Campaign | None = None


@dataclass(frozen=True)
class Day:
    """The entries of one date that belong together."""

    date: date
    title: str
    campaign: Campaign | None
    entries: list[Entry]


@dataclass(frozen=True)
class Held:
    """What the story is told from: the customer's row with those that turned out to be the same, and the deliveries."""

    rows: list[Customer]
    deliveries: list[Any]

    @property
    def newest(self) -> Delivery | None:
        """The last campaign that meant them."""
        real = [each for each in self.deliveries if not each.is_test]
        return max(real, key=lambda each: int(each.pk), default=None)


def held(customer: Customer, joined: list[Customer] | None = None) -> Held:
    """Look it up; `joined` are the other rows where they are known."""
    found = list(Customer.everything.filter(merged_into=customer)) if joined is None else joined
    rows = [customer, *found]
    mine = Delivery.everything.filter(customer__in=rows).select_related("campaign", "together_with").order_by("pk")
    by_people = Q(clicks__is_robot=False)
    opened = mine.annotate(
        times=Count("clicks", filter=by_people),
        robots=Count("clicks", filter=Q(clicks__is_robot=True)),
        first_opened=Min("clicks__at", filter=by_people),
    )
    return Held(rows, list(opened))


def days(customer: Customer, now: datetime, known: Held | None = None) -> list[Day]:
    """Everything about this customer, the newest day first, each day in its own order.  Times are the reader's.

    Whoever opens the page wants to know how things stand, so the newest is on top; but what happened on one day is a
    story (greeted, sent, delivered, read, replied) and is told from its beginning.
    """
    today = timezone.localdate(now)
    entries = sorted(_entries(customer, known or held(customer)), key=lambda entry: entry.at)
    by_day = {day: list(group) for day, group in groupby(entries, key=lambda entry: timezone.localdate(entry.at))}
    return [
        Day(day, day_title(day, today), campaign, list(group))
        for day in sorted(by_day, reverse=True)
        for campaign, group in groupby(by_day[day], key=lambda entry: entry.campaign)
    ]


def day_title(day: date, today: date) -> str:
    """'Today', 'Yesterday', '4 August', with the year when it is another one."""
    near = {today: "Today", today - timedelta(days=1): "Yesterday", today + timedelta(days=1): "Tomorrow"}
    year = "" if day.year == today.year else f" {day.year}"
    return near.get(day, f"{day.day} {day:%B}{year}")


def _entries(customer: Customer, known: Held) -> Iterator[Entry]:
    yield _added(customer)
    for delivery in known.deliveries:
        if delivery.status == status.Delivery.SKIPPED:
            yield _skipped(delivery)
        if delivery.times:
            yield _opened(delivery)
    for message in _messages(known):
        yield from _of_message(message, customer)
    acts = list(_acts(known.rows))
    yield from acts
    if customer.stopped_at and not any(entry.look == "stop" for entry in acts):
        yield Entry(customer.stopped_at, "hand", "Stopped", "stop", _some(customer.stopped_how))


def _skipped(delivery: Delivery) -> Entry:
    at, why = delivery.created_at, _some(delivery.reason)
    if delivery.household_id is not None:
        return Entry(at, "users", "In a group", "quiet", why, campaign=delivery.campaign)
    return Entry(at, "circle-minus", "Not asked", "quiet", why, campaign=delivery.campaign)


def _messages(known: Held) -> QuerySet[Message]:
    """Of this customer, of rows that turned out to be the same, and what was said to all of their household."""
    theirs = Q(customer__in=known.rows)
    if groups := [each.together_with_id for each in known.deliveries if each.together_with_id is not None]:
        theirs |= Q(delivery__in=groups, household__isnull=False, kind__in=TO_ALL)
    said = Message.objects.filter(theirs).select_related(
        *("delivery__campaign__card", "delivery__campaign__card_b", "by", "business", "customer")
    )
    return said.prefetch_related("tries").order_by("pk")


def _added(customer: Customer) -> Entry:
    title = f"Added from {customer.consent_source}" if customer.consent_source else "Added by hand"
    by = _some(f"By {_person(customer.consent_by)}" if customer.consent_by else "")
    return Entry(customer.created_at, "file-up" if customer.consent_source else "user-plus", title, "quiet", by)


# --- messages -------------------------------------------------------------------------------------------------------

#: What goes to everybody in a group.
TO_ALL = (Kind.GREETING, Kind.ASK, Kind.REMINDER)
SENT_AS: Mapping[str, tuple[str, str]] = {
    Kind.GREETING: ("message-circle", "Greeted"),
    Kind.ASK: ("send", "Picture, text and link sent"),
    Kind.ALL: ("send", "Picture, text and link sent, all at once"),
    Kind.REMINDER: ("bell", "Reminder sent"),
    Kind.CONFIRMATION: ("send", "Told them that we stop"),
    Kind.ANSWER: ("message-square-reply", "Answered"),
}
PLANNED_AS: Mapping[str, str] = {
    Kind.GREETING: "Greeting planned",
    Kind.ASK: "Picture, text and link planned",
    Kind.ALL: "Picture, text and link planned",
    Kind.REMINDER: "Reminder planned",
    Kind.CONFIRMATION: "Confirmation planned",
    Kind.ANSWER: "Answer planned",
}
ENDED_AS: Mapping[str, tuple[str, str, str]] = {
    status.Message.IN_DOUBT: ("circle-question-mark", "May have been sent", "doubt"),
    status.Message.REFUSED: ("circle-x", "Refused", "bad"),
    status.Message.EXPIRED: ("clock-alert", "Expired", "quiet"),
    status.Message.CANCELLED: ("ban", "Cancelled", "quiet"),
}


REMINDER_ENDED_AS: Mapping[str, str] = {
    status.Message.IN_DOUBT: "The reminder may have been sent",
    status.Message.REFUSED: "Reminder refused",
    status.Message.EXPIRED: "Reminder expired",
    status.Message.CANCELLED: "No reminder needed",
}


def _of_message(message: Message, customer: Customer) -> Iterator[Entry]:
    campaign = message.delivery.campaign if message.delivery else None
    if not message.is_outbound:
        at = message.sent_at or message.created_at
        yield Entry(at, "reply", "Replied", "theirs", _in_group(message), quote=message.text, campaign=campaign)
        return
    if message.sent_at:
        yield from _sent(message, customer, message.sent_at, campaign)
    if message.status in status.OPEN:
        yield _planned(message, campaign)
    elif message.status in ENDED_AS:
        yield _ended(message, campaign)


def _sent(message: Message, customer: Customer, at: datetime, campaign: Campaign | None) -> Iterator[Entry]:
    icon, title = SENT_AS[message.kind]
    tries = tuple(message.tries.all())
    hints = _some(_again(message), _answered_by(message), *_in_group(message), *try_words(tries))
    customer = together.speaking(message.delivery) if message.household_id and message.delivery else customer
    failed = any(each.outcome != Outcome.SENT for each in tries)
    shown: dict[str, Any] = {"campaign": campaign, "said": _said(message, customer), "tries": tries if failed else ()}
    if not message.needs_picture:
        yield Entry(at, icon, title, hints=(*hints, *_some(_arrived(message))), **shown)
        return
    picture = message.delivery_id if message.picture else None
    yield Entry(at, icon, title, hints=hints, picture_of=picture, drawn=_drawn(message, customer), **shown)
    if message.delivered_at:
        yield Entry(message.delivered_at, "check", "Delivered", campaign=campaign)
    if message.read_at:
        yield Entry(message.read_at, "check-check", "Read", campaign=campaign)


def _said(message: Message, customer: Customer) -> str:
    """The words exactly as they went out: from the frozen request, for the row itself keeps them with merge fields."""
    if message.kind == Kind.ANSWER:
        return message.text
    if message.body is None:
        return merge.fill(message.text, customer.words(message.language), message.language)
    sent = json.loads(bytes(message.body))
    parts = sent.get("message", sent).get("parts", [])
    return "\n".join(part["value"] for part in parts if part.get("type") == "text")


def _arrived(message: Message) -> str:
    """A greeting's receipts on one line, so that the request stands out."""
    known = (("delivered", message.delivered_at), ("read", message.read_at))
    words = ", ".join(f"{word} {timezone.localtime(at):%-H:%M}" for word, at in known if at)
    return words[:1].upper() + words[1:]


def _planned(message: Message, campaign: Campaign | None) -> Entry:
    at = message.due_at or message.created_at
    follows = "" if message.due_at else "Follows the greeting."
    unless = "Unless they open the link or answer first." if message.kind == Kind.REMINDER else ""
    hints = _some(_again(message), message.reason, follows, unless, *try_words(tuple(message.tries.all())))
    return Entry(at, "calendar-clock", PLANNED_AS[message.kind], "quiet", hints, campaign=campaign)


def _ended(message: Message, campaign: Campaign | None) -> Entry:
    icon, title, look = ENDED_AS[message.status]
    tries = tuple(message.tries.all())
    at = max((each.started_at for each in tries), default=message.created_at)
    if message.kind == Kind.REMINDER:
        title, at = REMINDER_ENDED_AS[message.status], message.due_at or at
    hints = _some(_again(message), message.reason, *try_words(tries))
    return Entry(at, icon, title, look, hints, tries=tries, campaign=campaign)


def _again(message: Message) -> str:
    if message.round == 1:
        return ""
    by = f" by {_person(message.by)}" if message.by else ""
    return f"Sent again{by}" + (f": “{message.note}”" if message.note else ".")


def _in_group(message: Message) -> tuple[str, ...]:
    return ("In the group of the household.",) if message.household_id is not None else ()


def _answered_by(message: Message) -> str:
    return f"By {_person(message.by)}" if message.kind == Kind.ANSWER and message.by else ""


def _drawn(message: Message, customer: Customer) -> str:
    """The words on the picture, for those who cannot see it."""
    card = message.delivery.card if message.delivery else None
    boxes = card.design.get("boxes", []) if card else []
    return " ".join(merge.fill(box["text"], customer.words()) for box in boxes if box.get("text"))


# --- tries ----------------------------------------------------------------------------------------------------------

WHY: Mapping[str, str] = {
    Outcome.NOT_SENT: "was not accepted and was not sent",
    Outcome.UNKNOWN: "got no clear answer",
    Outcome.ACCOUNT: "was turned away because the account had trouble",
    Outcome.REFUSED: "was refused",
    "": "was cut off in the middle",
}
COUNTED: Mapping[str, str] = {
    Outcome.NOT_SENT: "not accepted",
    Outcome.UNKNOWN: "without a clear answer",
    Outcome.ACCOUNT: "turned away because the account had trouble",
    Outcome.REFUSED: "refused",
    "": "cut off in the middle",
}


def try_words(tries: Sequence[Attempt]) -> tuple[str, ...]:
    """How many tries it took, in plain sentences; none when the first one did it."""
    uploads = [each for each in tries if each.step == "upload"]
    sends = [each for each in tries if each.step != "upload"]
    slow = f"The picture was handed over at try {len(uploads)}." if len(uploads) > 1 and sends else ""
    return _some(slow, _failed_words(sends or uploads))


def _failed_words(tries: Sequence[Attempt]) -> str:
    failed = [each.outcome for each in tries if each.outcome != Outcome.SENT]
    if not failed:
        return ""
    if len(failed) == 1 and tries[-1].outcome == Outcome.SENT:
        same = "; the very same message went again, which counts once" if failed[0] == Outcome.UNKNOWN else ""
        return f"Second try. The first {WHY[failed[0]]}{same}."
    if len(failed) == 1:
        return f"The try {WHY[failed[0]]}."
    counted = ", ".join(f"{number} {COUNTED[outcome]}" for outcome, number in Counter(failed).items())
    return f"{len(failed)} tries did not go through: {counted}."


# --- what the customer did, and what staff did ----------------------------------------------------------------------

TIMES = {1: "Opened the link", 2: "Opened the link, twice"}


def _opened(delivery: Any) -> Entry:
    title = TIMES.get(delivery.times, f"Opened the link, {delivery.times} times")
    hints = _some("Preview robots looked too; they are not counted." if delivery.robots else "")
    return Entry(delivery.first_opened, "mouse-pointer-click", title, "theirs", hints, campaign=delivery.campaign)


#: The acts of the book that belong into the story: icon and words.
ACTS: Mapping[str, tuple[str, str]] = {
    "mark insider": ("user-x", "Marked as employee or relative"),
    "not an insider": ("user", "No employee or relative any more"),
    "mark reviewed": ("check-check", "Marked as reviewed"),
    "not reviewed": ("undo-2", "Counts as not reviewed again"),
    "read their words": ("eye", "Their words were read, and they may be asked again"),
    "not their review": ("user-round-x", "A likely review was not theirs"),
    "change customer": ("pencil-line", "Profile changed"),
    "say it is a customer": ("badge-check", "Somebody said that we served them"),
    "name is fine": ("user-check", "The name is fine as it is"),
    "join customers": ("merge", "Another entry turned out to be the same customer"),
    "export customer": ("download", "Everything about them was handed out as a file"),
    "start": ("play", "Wrote START: may be asked again"),
    "stop": ("hand", "Stopped"),
    "join household": ("users", "Joined in a household, to be asked together"),
    "leave household": ("user", "Asked alone from now on"),
    "tell apart": ("user", "Not a household with somebody of the same name"),
    "propose again": ("users", "May be proposed as a household again"),
}
#: Acts whose words in the book say more than who did it.
TOLD = frozenset({"stop", "read their words"})
#: What the parts of a profile are called.
PARTS: Mapping[str, str] = {"last_visit": "last visit", "first_name": "first name", "last_name": "last name"}


def _acts(rows: list[Customer]) -> Iterator[Entry]:
    about = [f"customer {row.pk}" for row in rows]
    organization = rows[0].business.organization_id
    found = AuditEntry.objects.filter(organization=organization, about__in=about, act__in=ACTS)
    for act in found.select_related("by").order_by("at", "pk"):
        icon, title = ACTS[act.act]
        by = f"By {_person(act.by)}" if act.by else ""
        look = "stop" if act.act == "stop" else "quiet"
        yield Entry(act.at, icon, title, look, _some(_told(act), by))


def _told(act: AuditEntry) -> str:
    if act.act == "change customer":
        changed = [PARTS.get(part, part) for part in act.words.split(", ")]
        return f"Changed: {', '.join(changed)}." if act.words else ""
    return act.words if act.act in TOLD else ""


def _person(user: User | None) -> str:
    return (user.get_full_name() or user.email) if user else ""


def _some(*hints: str) -> tuple[str, ...]:
    return tuple(hint for hint in hints if hint)
