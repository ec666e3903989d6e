"""The slot book of the lines: who may make the next first touch, and when (M12, I12)."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from campaigns import connection, pacing, status
from campaigns.models import AuditEntry, Business, Line, Message, Organization, User

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
    mine = Q(business=business) | Q(business=None)
    return Line.objects.filter(mine, organization=business.organization_id, is_active=True)


def usable(business: Business) -> list[Line]:
    """Those of them that may make first touches at all, the least used first."""
    return list(active(business).filter(budget__gt=0).order_by("used", "pk"))


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


def resting(organization: Organization, lines: Iterable[Line], now: datetime) -> dict[int, datetime]:
    """Those of these lines of the account that rest because too few answer, by pk, with the moment until when (M12).

    Only first touches wait: replies and what follows in a chat go on.
    """
    answers = Message.objects.filter(
        customer=OuterRef("customer"), kind=Message.Kind.INBOUND, created_at__gte=OuterRef("sent_at")
    )
    since = {line.pk: line.released_at for line in lines}
    sent = Message.real.filter(
        line__in=since, kind__in=FIRST, status__in=status.WENT_OUT, sent_at__gt=now - pacing.REPLIES_OVER
    )
    mature = sent.filter(sent_at__lte=now - pacing.TIME_TO_ANSWER).values("line")
    if not mature.exists():
        return {}
    touches: dict[int, list[tuple[datetime, bool]]] = {pk: [] for pk in since}
    for line, at, answered in sent.values_list("line", "sent_at", Exists(answers)):
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


def take_slot(business: Business, now: datetime) -> Line:
    """Take a first-touch slot, by one guarded update per line, and return its line.

    Call inside the transaction that freezes the request: slot and request are kept together or not at all.
    Raises `NoSlot` with the moment of the next one, or without when no line will ever have one.
    """
    lines = usable(business)
    rests = resting(business.organization, lines, now)
    awake = [line for line in lines if line.pk not in rests]
    for line in awake:
        if _book(line, now, business):
            return line
    if lines and not awake:
        raise NoSlot(min(rests.values()), f"The line is resting: {too_few(business.organization)}")
    raise _none(awake, now, business)


def _book(line: Line, now: datetime, business: Business) -> bool:
    """Take the line's slot if it is still free; one that was seen full a moment ago is not asked again."""
    day = now.astimezone(business.zone).date()
    if (line.next_at and line.next_at > now) or _used(line, day) >= budget(line):
        return False
    jittered = pacing.gap_with_jitter(gap(line), line.number, day, line.used_on(day) + 1)
    after = now + jittered if gap(line) else None
    free = Line.objects.filter(Q(next_at=None) | Q(next_at__lte=now), pk=line.pk)
    same_day = free.filter(day=day, used__lt=budget(line))
    if line.day != day and free.filter(Q(day=None) | Q(day__lt=day)).update(day=day, used=1, next_at=after):
        return True
    return bool(same_day.update(used=F("used") + 1, next_at=after))


def keep_slot(line: Line, business: Business, since: datetime, now: datetime) -> Line:
    """A first touch that was tried at `since` goes once more on its line: the gap counts from this try on (I12).

    On another day it takes a slot of that day.  Call inside the transaction that writes the try down.  Raises `NoSlot`
    while another first touch has the line.
    """
    fresh, zone = Line.objects.get(pk=line.pk), business.zone
    if since.astimezone(zone).date() != now.astimezone(zone).date():
        if not _book(fresh, now, business):
            raise _none([fresh], now, business)
        return fresh
    seen, longest = fresh.next_at, pacing.longest_gap(gap(fresh))
    if seen and seen > max(now, since + longest):  # nobody else's slot ends so soon after ours began
        raise NoSlot(seen, NEXT)
    after = max(now + longest, seen or now) if gap(fresh) else None
    if not Line.objects.filter(pk=line.pk, next_at=seen).update(next_at=after):
        raise NoSlot(now + timedelta(milliseconds=50), NEXT)
    return fresh


def _none(lines: list[Line], now: datetime, business: Business) -> NoSlot:
    if not lines:
        return NoSlot(None, "No active line may send a first message")
    fresh = Line.objects.filter(pk__in=[line.pk for line in lines])
    until, why = min(_next(line, now, business) for line in fresh)
    return NoSlot(until, why)


def _next(line: Line, now: datetime, business: Business) -> tuple[datetime, str]:
    zone = business.zone
    day = now.astimezone(zone).date()
    if _used(line, day) >= budget(line):
        tomorrow = datetime.combine(max(day, line.day or day) + timedelta(days=1), time(0), tzinfo=zone)
        return max(tomorrow, now), f"The line has made its {budget(line)} first messages of today"
    return max(line.next_at or now, now + timedelta(milliseconds=50)), NEXT


def rest(line: Line, until: datetime) -> None:
    """Chert says this line is full: no first touch on it before then.  Never shortens a gap (I12)."""
    Line.objects.filter(Q(next_at=None) | Q(next_at__lt=until), pk=line.pk).update(next_at=until)


def switch_off(line: Line) -> None:
    """Chert says this line is not the account's: nothing goes out on it until a person has looked."""
    Line.objects.filter(pk=line.pk).update(is_active=False)
