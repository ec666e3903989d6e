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
from campaigns.models import Attempt, AuditEntry, Campaign, Click, Customer, Delivery, Message, User

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


def days(customer: Customer, now: datetime) -> list[Day]:
    """Everything about this customer, the newest day first, each day in its own order.  Times are the reader's."""
    today = timezone.localdate(now)
    entries = sorted(_entries(customer), key=lambda entry: entry.at)
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


def _entries(customer: Customer) -> Iterator[Entry]:
    yield _added(customer)
    for delivery in _deliveries(customer).filter(status=status.Delivery.SKIPPED):
        yield Entry(
            delivery.created_at,
            "circle-minus",
            "Not asked",
            "quiet",
            _some(delivery.reason),
            campaign=delivery.campaign,
        )
    for message in _messages(customer):
        yield from _of_message(message, customer)
    yield from _clicks(customer)
    yield from _acts(customer)
    if customer.stopped_at:
        yield Entry(customer.stopped_at, "hand", "Stopped", "stop", _some(customer.stopped_how))


def _deliveries(customer: Customer) -> QuerySet[Delivery]:
    return Delivery.everything.filter(customer=customer).select_related("campaign")


def _messages(customer: Customer) -> QuerySet[Message]:
    return customer.messages.select_related("delivery__campaign__card", "by").prefetch_related("tries").order_by("pk")


def _added(customer: Customer) -> Entry:
    title = f"Added from {customer.consent_source}" if customer.consent_source else "Added by hand"
    by = _some(f"By {_person(customer.consent_by)}" if customer.consent_by else "")
    return Entry(customer.created_at, "file-up" if customer.consent_source else "user-plus", title, "quiet", by)


# --- messages -------------------------------------------------------------------------------------------------------

SENT_AS: Mapping[str, tuple[str, str]] = {
    Kind.GREETING: ("message-circle", "Greeted"),
    Kind.ASK: ("send", "Picture, text and link sent"),
    Kind.ALL: ("send", "Picture, text and link sent, all at once"),
    Kind.REMINDER: ("bell", "Reminder sent"),
    Kind.CONFIRMATION: ("send", "Told them that we stop"),
}
PLANNED_AS: Mapping[str, str] = {
    Kind.GREETING: "Greeting planned",
    Kind.ASK: "Picture, text and link planned",
    Kind.ALL: "Picture, text and link planned",
    Kind.REMINDER: "Reminder planned",
    Kind.CONFIRMATION: "Confirmation planned",
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
        yield Entry(at, "reply", "Replied", "theirs", quote=message.text, campaign=campaign)
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
    hints = _some(_again(message), *try_words(tries))
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


def _drawn(message: Message, customer: Customer) -> str:
    """The words on the picture, for those who cannot see it."""
    card = message.delivery.campaign.card if message.delivery else None
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


def _clicks(customer: Customer) -> Iterator[Entry]:
    rows = Click.objects.filter(delivery__customer=customer).values("delivery")
    rows = rows.annotate(
        times=Count("pk", filter=Q(is_robot=False)),
        robots=Count("pk", filter=Q(is_robot=True)),
        first=Min("at", filter=Q(is_robot=False)),
    )
    by_delivery = {row["delivery"]: row for row in rows if row["times"]}
    for delivery in _deliveries(customer).filter(pk__in=by_delivery):
        row = by_delivery[delivery.pk]
        title = TIMES.get(row["times"], f"Opened the link, {row['times']} times")
        hints = _some("Preview robots looked too; they are not counted." if row["robots"] else "")
        yield Entry(row["first"], "mouse-pointer-click", title, "theirs", hints, campaign=delivery.campaign)


#: The acts of the book that belong into the story: icon and words.
ACTS: Mapping[str, tuple[str, str]] = {
    "mark insider": ("user-x", "Marked as employee or relative"),
    "not an insider": ("user", "No employee or relative any more"),
    "mark reviewed": ("check-check", "Marked as reviewed"),
    "not reviewed": ("undo-2", "Counts as not reviewed again"),
    "read their words": ("eye", "Their words were read, and they may be asked again"),
    "not their review": ("user-round-x", "A likely review was not theirs"),
    "change customer": ("pencil-line", "Profile changed"),
}


def _acts(customer: Customer) -> Iterator[Entry]:
    about = f"customer {customer.pk}"
    rows = AuditEntry.objects.filter(organization=customer.business.organization, about=about, act__in=ACTS)
    for act in rows.select_related("by"):
        icon, title = ACTS[act.act]
        yield Entry(act.at, icon, title, "quiet", _some(f"By {_person(act.by)}" if act.by else ""))


def _person(user: User | None) -> str:
    return (user.get_full_name() or user.email) if user else ""


def _some(*hints: str) -> tuple[str, ...]:
    return tuple(hint for hint in hints if hint)
