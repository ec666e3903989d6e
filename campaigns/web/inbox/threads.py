"""One conversation told: every message with its bubbles, how far it has come, and the tapbacks on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from campaigns import answering, gestures, sounds, status
from campaigns.asking import together
from campaigns.models import Conversation, Gesture, Message, Tapback, User
from campaigns.web import phone, story, timeline

#: A pause so long shows the time again.
PAUSE = timedelta(minutes=15)
#: As many of the newest messages are shown.
MOST = 200
#: How long after its moment an answer that has not left is still "sending".
SOON = timedelta(seconds=30)

Kind = Message.Kind
S = status.Message


@dataclass(frozen=True)
class State:
    """How far one of ours has come: `name` for the look and the buttons, icon, words, and a sentence beneath."""

    name: str
    icon: str
    words: str
    at: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class Said:
    """One message in the thread."""

    message: Message
    ours: bool
    bubbles: list[phone.Bubble]
    at: datetime
    shows_time: bool = False
    #: The first of some that all of their household read.
    shows_group: bool = False
    state: State | None = None
    #: The customer's tapback on it, and ours with whether it is on its way.
    theirs: str = ""
    mine: str = ""
    mine_state: str = ""

    @property
    def by(self) -> str:
        """Which of us wrote an answer."""
        writer = self.message.by if self.message.kind == Kind.ANSWER else None
        return (writer.get_short_name() or writer.email) if writer else ""

    @property
    def may_be_tapped(self) -> bool:
        """Chert knows it by an id of its own."""
        return not self.ours and bool(self.message.chert_id)


@dataclass(frozen=True)
class Thread:
    """All of it, with what the newest words sound like."""

    said: list[Said]
    sound: sounds.Sound
    #: What a writer has seen by now: see `answering.newest`.
    seen: int
    is_cut: bool

    def print(self, talk: Conversation, writer: User | None) -> tuple[object, ...]:
        """Changes whenever the thread would look different."""
        person = talk.customer
        return (
            *((s.message.pk, s.state, s.theirs, s.mine, s.mine_state) for s in self.said),
            *(person.stopped_at, person.paused_at, person.reviewed_at, talk.assigned_to_id, talk.done_at),
            *(talk.unread, writer.pk if writer else None),
        )


def thread(talk: Conversation, now: datetime) -> Thread:
    """The conversation as it stands, oldest first."""
    rows = list(_messages(talk)[: MOST + 1])
    kept = sorted(filter(_is_shown, rows[:MOST]), key=_moment)
    said = _with_times([_said(message, now, nxt) for message, nxt in zip(kept, [*kept[1:], None], strict=True)])
    theirs = [m for m in kept if not m.is_outbound]
    answered = bool(kept) and bool(theirs) and any(m.kind == Kind.ANSWER and m.pk > theirs[-1].pk for m in kept)
    open_words = theirs[-1].text if theirs and not answered and talk.done_at is None else ""
    seen = max((m.pk for m in kept if m.kind in (Kind.INBOUND, Kind.ANSWER)), default=0)
    return Thread(said, sounds.read(open_words) if open_words else sounds.Sound.NONE, seen, len(rows) > MOST)


def _messages(talk: Conversation) -> "Sequence[Message]":
    rows = Message.objects.filter(_theirs(talk)).select_related(
        *("organization", "business", "customer__business__organization", "by", "tapback"),
        *("delivery__campaign__card", "delivery__campaign__card_b"),
    )
    return rows.prefetch_related("gestures").order_by("-pk")  # type: ignore[return-value]  # sliced by the caller


def _theirs(talk: Conversation) -> Q:
    """Said by them or to them; what went to all of their household, too."""
    rows = talk.customer.deliveries.filter(together_with__isnull=False)
    asked = list(rows.values_list("together_with", flat=True))
    to_all = Q(delivery__in=asked, household__isnull=False, kind__in=timeline.TO_ALL)
    return Q(customer=talk.customer) | to_all if asked else Q(customer=talk.customer)


def _is_shown(message: Message) -> bool:
    """What has been said, or may have been; and answers in any state."""
    return (
        not message.is_outbound or message.kind == Kind.ANSWER or bool(message.sent_at) or message.status == S.IN_DOUBT
    )


def _moment(message: Message) -> tuple[bool, datetime, int]:
    """What has not left yet stands at the end."""
    waits = message.is_outbound and message.status in status.OPEN
    return waits, message.sent_at or message.created_at, message.pk


def _said(message: Message, now: datetime, follower: Message | None) -> Said:
    at = message.sent_at or message.created_at
    theirs = _lying_on(message)
    if not message.is_outbound:
        mine, mine_state = _ours_on(message)
        return Said(
            message, False, [phone.Bubble("text", message.text)], at, theirs=theirs, mine=mine, mine_state=mine_state
        )
    is_last = follower is None or not follower.is_outbound or follower.kind == Kind.ANSWER
    shown = state(message, now) if is_last or message.kind == Kind.ANSWER or message.status == S.IN_DOUBT else None
    return Said(message, True, _bubbles(message), at, state=shown, theirs=theirs)


def _bubbles(message: Message) -> list[phone.Bubble]:
    delivery = message.delivery
    address = reverse("delivery_thumbnail", args=[delivery.pk]) if delivery and delivery.picture else ""
    person = together.speaking(delivery) if delivery and message.household_id else message.customer
    words = story.picture_words(delivery.card, person) if delivery and message.needs_picture else ""
    found = phone.as_sent(message, address, words)
    return [bubble for bubble in found if bubble.kind != "picture" or bubble.address]


def _with_times(said: list[Said]) -> list[Said]:
    shown, before, group = [], None, None
    for each in said:
        far, home = before is None or abs(each.at - before) > PAUSE, each.message.household_id
        shown.append(replace(each, shows_time=far, shows_group=home is not None and home != group))
        before, group = each.at, home
    return shown


def _lying_on(message: Message) -> str:
    tapback: Tapback | None = getattr(message, "tapback", None)
    return gestures.TAPBACKS.get(tapback.word, "") if tapback else ""


def _ours_on(message: Message) -> tuple[str, str]:
    """Our newest tapback on their words, and whether it has gone."""
    kept = [g for g in message.gestures.all() if g.kind == Gesture.Kind.TAPBACK and g.outcome != "dropped"]
    if not kept:
        return "", ""
    newest = max(kept, key=lambda gesture: gesture.pk)
    states = {"": "On its way", "refused": "Not taken by Chert", "unknown": "May have been sent"}
    return gestures.TAPBACKS.get(newest.word, ""), states.get(newest.outcome, "")


_ENDED = {
    S.READ: ("read", "check-check", "Read"),
    S.DELIVERED: ("delivered", "check", "Delivered"),
    S.SENT: ("sent", "send", "Sent"),
    S.IN_DOUBT: ("doubt", "circle-question-mark", "May have been sent"),
    S.REFUSED: ("lost", "circle-x", "Not sent"),
    S.EXPIRED: ("lost", "clock-alert", "Not sent"),
    S.CANCELLED: ("ended", "ban", "Not sent"),
}


def state(message: Message, now: datetime) -> State:
    """How far one of ours has come."""
    word = S(message.status)
    if word not in _ENDED:
        return _open(message, now)
    name, icon, words = _ENDED[word]
    if word == S.REFUSED and message.sent_at:  # taken by Chert, and lost on the way
        words = "Not delivered"
    at = {"read": message.read_at, "delivered": message.delivered_at, "sent": message.sent_at}.get(name)
    return State(name, icon, words, at, message.reason)


def _open(message: Message, now: datetime) -> State:
    account = message.organization
    if account.paused_at:
        return State("waits", "hourglass", "Waits", why="Sending stands still for the whole account; see Settings")
    if account.away_since:
        return State("waits", "cloud-off", "Waits", why="Chert does not answer just now; it goes by itself")
    if message.due_at and message.due_at > now + SOON and not message.first_attempt_at:
        return State("waits", "moon", "Goes", message.due_at, message.reason)
    opens = None if message.at_any_hour or message.first_attempt_at else answering.opening(message, now)
    if opens:
        return State("waits", "moon", "Goes", opens)
    return State("sending", "hourglass", "Sending", why=message.reason if message.attempts else "")
