"""The slot book of the lines: who may make the next first touch, and when (M12, I12)."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from campaigns import connection, pacing, status
from campaigns.models import AuditEntry, Business, Line, Message, Organization, User
from campaigns.prepared import Prepared

#: Kinds of messages that open a chat.
FIRST = (Message.Kind.GREETING, Message.Kind.ALL)

NEXT = "Next in line"


class NoSlot(Exception):
    """No line may make a first touch now."""

    def __init__(self, until: datetime | None, reason: str) -> None:
        super().__init__(reason)
        self.until = until
        self.reason = reason


def active(business: Business) -> QuerySet[Line]:
    """The lines this business may use."""
    return _active(business.pk, business.organization_id)


def _active(business: int, organization: int) -> QuerySet[Line]:
    mine = Q(business=business) | Q(business=None)
    return Line.objects.filter(mine, organization=organization, is_active=True)


def without(organization: Organization) -> int:
    """How many locations of this account have no line in use."""
    in_use = organization.lines.filter(is_active=True)
    if in_use.filter(business=None).exists():
        return 0
    return organization.businesses.exclude(pk__in=in_use.values("business")).count()


def usable(business: Business) -> list[Line]:
    """Those of them that may make first touches at all, the least used first."""
    return _USABLE.objects(business=business.pk, organization=business.organization_id)


def _usable(business: int, organization: int) -> QuerySet[Line]:
    return _active(business, organization).filter(budget__gt=0).order_by("used", "pk")


_USABLE = Prepared(_usable, "business", "organization")


def budget(line: Line) -> int:
    """First touches a day: the line's own, and never more than Chert allows, except where Chert is a sandbox (M12)."""
    return line.budget if connection.is_loopback() else min(line.budget, pacing.MOST_A_DAY)


def gap(line: Line) -> int:
    """Seconds between two first touches: the line's own, and never less than Chert asks for, as with the budget."""
    return line.gap if connection.is_loopback() else max(line.gap, pacing.LEAST_GAP)


def brake(organization: Organization) -> pacing.Brake:
    """When a line of this account rests: its own figures, never looser than the rule's, as with the budget (M12)."""
    own = pacing.Brake(organization.least_replies, max(1, organization.enough_to_judge))
    return own if connection.is_loopback() else own.no_looser_than(pacing.BRAKE)


def too_few(organization: Organization) -> str:
    """Why a line rests, in the figures that hold: "fewer than 15 of 100 replied this week"."""
    return f"fewer than {brake(organization).least_replies} of 100 replied this week"


def paces(lines: list[Line], business: Business, now: datetime) -> list[pacing.Pace]:
    """What each of these may still do, for a plan."""
    day, rests = now.astimezone(business.zone).date(), resting(business.organization, lines, now)
    free = {line.pk: max(filter(None, (line.next_at, rests.get(line.pk))), default=None) for line in lines}
    return [pacing.Pace(budget(line), gap(line), _used(line, day), free[line.pk], seed=line.number) for line in lines]


def _mature(organization: int, now: datetime) -> QuerySet[Message, Any]:
    """A first touch on any line of the account that has had its time to be answered: until there is one, none rests."""
    over = {"sent_at__gt": now - pacing.REPLIES_OVER, "sent_at__lte": now - pacing.TIME_TO_ANSWER}
    touches = Message.real.filter(line__organization=organization, kind__in=FIRST, status__in=status.WENT_OUT, **over)
    return touches.order_by().values_list("pk")[:1]


_MATURE = Prepared(_mature, "organization", "now")


def resting(organization: Organization, lines: Iterable[Line], now: datetime) -> dict[int, datetime]:
    """Those of these lines of the account that rest because too few answer, by pk, with the moment until when (M12).

    Only first touches wait: replies and what follows in a chat go on.
    """
    theirs = Message.objects.filter(kind=Message.Kind.INBOUND, created_at__gte=OuterRef("sent_at"))
    answers = theirs.filter(customer=OuterRef("customer"))
    of_the_group = theirs.filter(household=OuterRef("household"))  # anybody's in it; of no group nothing equals
    if not _MATURE.rows(organization=organization.pk, now=now):
        return {}
    since = {line.pk: line.released_at for line in lines}
    sent = Message.real.filter(
        line__in=since, kind__in=FIRST, status__in=status.WENT_OUT, sent_at__gt=now - pacing.REPLIES_OVER
    )
    touches: dict[int, list[tuple[datetime, bool]]] = {pk: [] for pk in since}
    seen = sent.annotate(answered=Exists(answers) | Exists(of_the_group))
    rows: Iterable[Any] = seen.values_list("line", "sent_at", "answered")
    for line, at, answered in rows:
        released = since[line]
        if released is None or at > released:
            touches[line].append((at, answered))
    brakes = brake(organization)
    found = {line: pacing.rests_until(list_, now, brakes) for line, list_ in touches.items()}
    return {line: until for line, until in found.items() if until}


def release(line: Line, by: User | None, now: datetime) -> None:
    """A person ends the line's rest: its answers are counted anew from now on."""
    with transaction.atomic():
        Line.objects.filter(pk=line.pk).update(released_at=now)
        AuditEntry.write(line.organization, "release line", line, by)


def _used(line: Line, day: date) -> int:
    """First touches counted against the budget of that day; a clock that was set back, or a business that moved west,
    gets no second budget for a day that was begun already."""
    return budget(line) if line.day and line.day > day else line.used_on(day)


def take_slot(business: Business, now: datetime, people: int = 1, among: list[Line] | None = None) -> Line:
    """Take a first-touch slot, by one guarded update per line, and return its line.

    A group takes one for each of its `people`, one behind the other: budget and gap count whom we write to, not calls.
    `among`: the usable lines, from whoever has read them a moment ago.
    Call inside the transaction that freezes the request: slot and request are kept together or not at all.
    Raises `NoSlot` with the moment of the next one, or without when no line will ever have one.
    """
    lines = usable(business) if among is None else among
    rests = resting(business.organization, lines, now)
    awake = [line for line in lines if line.pk not in rests]
    for line in awake:
        if _book(line, now, business, people):
            return line
    if lines and not awake:
        raise NoSlot(min(rests.values()), f"The line is resting: {too_few(business.organization)}")
    raise _none(awake, now, business, people)


def _book(line: Line, now: datetime, business: Business, people: int) -> bool:
    """Take the line's slots if they are still free; one that was seen full a moment ago is not asked again."""
    day, wanted = now.astimezone(business.zone).date(), _slots(line, people)
    if (line.next_at and line.next_at > now) or _used(line, day) + wanted > budget(line):
        return False
    taken = range(line.used_on(day) + 1, line.used_on(day) + 1 + wanted)
    jittered = (pacing.gap_with_jitter(gap(line), line.number, day, nth) for nth in taken)
    after = sum(jittered, now) if gap(line) else None
    free = Line.objects.filter(Q(next_at=None) | Q(next_at__lte=now), pk=line.pk)
    same_day = free.filter(day=day, used__lte=budget(line) - wanted)
    if line.day != day and free.filter(Q(day=None) | Q(day__lt=day)).update(day=day, used=wanted, next_at=after):
        return True
    return bool(same_day.update(used=F("used") + wanted, next_at=after))


def _slots(line: Line, people: int) -> int:
    """What so many people take; those who are more than the whole budget take all of a day."""
    return max(1, min(people, budget(line)))


def keep_slot(line: Line, business: Business, since: datetime, now: datetime, people: int = 1) -> Line:
    """A first touch that was tried at `since` goes once more on its line: the gap counts from this try on (I12).

    On another day it takes a slot of that day.  Call inside the transaction that writes the try down.  Raises `NoSlot`
    while another first touch has the line.
    """
    fresh, zone = Line.objects.get(pk=line.pk), business.zone
    if since.astimezone(zone).date() != now.astimezone(zone).date():
        if not _book(fresh, now, business, people):
            raise _none([fresh], now, business, people)
        return fresh
    seen, longest = fresh.next_at, pacing.longest_gap(gap(fresh))
    if seen and seen > max(now, since + longest):  # nobody else's slot ends so soon after ours began
        raise NoSlot(seen, NEXT)
    after = max(now + longest, seen or now) if gap(fresh) else None
    if not Line.objects.filter(pk=line.pk, next_at=seen).update(next_at=after):
        raise NoSlot(now + timedelta(milliseconds=50), NEXT)
    return fresh


def _none(lines: list[Line], now: datetime, business: Business, people: int) -> NoSlot:
    if not lines:
        return NoSlot(None, "No active line may send a first message")
    fresh = Line.objects.filter(pk__in=[line.pk for line in lines])
    until, why = min(_next(line, now, business, people) for line in fresh)
    return NoSlot(until, why)


def _next(line: Line, now: datetime, business: Business, people: int) -> tuple[datetime, str]:
    zone = business.zone
    day = now.astimezone(zone).date()
    if _used(line, day) + _slots(line, people) > budget(line):
        tomorrow = datetime.combine(max(day, line.day or day) + timedelta(days=1), time(0), tzinfo=zone)
        if _used(line, day) < budget(line):
            return max(tomorrow, now), f"The line has too few first messages left today for {people} people"
        return max(tomorrow, now), f"The line has made its {budget(line)} first messages of today"
    return max(line.next_at or now, now + timedelta(milliseconds=50)), NEXT


def rest(line: Line, until: datetime) -> None:
    """Chert says this line is full: no first touch on it before then.  Never shortens a gap (I12)."""
    Line.objects.filter(Q(next_at=None) | Q(next_at__lt=until), pk=line.pk).update(next_at=until)


def switch_off(line: Line) -> None:
    """Chert says this line is not the account's: nothing goes out on it until a person has looked."""
    Line.objects.filter(pk=line.pk).update(is_active=False)
