"""Why somebody's message has not left although its time has come: one cause, in words (reliability §9).

`cause` looks at one message and at what holds for all of its business's, asks nobody, and names the first thing that
stands in the way, the one that would stop it whatever else were mended first.  What is meant to wait (quiet hours, a
campaign that somebody paused) is not stuck.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q

from campaigns import lines, status
from campaigns.brakes import breaker, skew
from campaigns.models import Attempt, Business, Campaign, Delivery, Line, Message, Organization, open_messages
from campaigns.outbox import leases

#: Overdue for so long, and somebody should see why.  Half a minute less than the two that it may take to be seen.
LATE = timedelta(seconds=90)
#: No sign of life for so long: what sends is gone.
SILENT = timedelta(seconds=15)
#: So many overdue messages are looked at; where there are more, the same causes hold for them.
MOST = 200
#: Among so many of those that have been due longest: of a paused campaign they may be a hundred thousand.
WINDOW = 500

S = status.Campaign


@dataclass(frozen=True)
class Cause:
    """What stands in the way: `code` for programs; for people a sentence, and what follows or is to be done.

    `since` when it is so, and `until` when it ends by itself, where that is known.  `is_trouble`: not by plan.
    """

    code: str
    title: str
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_trouble: bool = True


@dataclass(frozen=True)
class Around:
    """What holds for all messages of one business at this moment."""

    account: Organization
    now: datetime
    #: The last sign of life of what sends; None when there never was one.
    alive_at: datetime | None
    #: What `skew.told` says.
    skew: str = ""
    lines: Sequence[Line] = ()
    #: The lines that rest, with the moment until when.
    rests: Mapping[int, datetime] | None = None
    #: The last call for this account within `LATE`.
    worked_at: datetime | None = None

    @property
    def is_silent(self) -> bool:
        """Does nobody send at all?"""
        return self.alive_at is None or self.now - self.alive_at > SILENT


@dataclass(frozen=True)
class Group:
    """Overdue messages of one campaign with the same cause: how many, and since when the first of them is."""

    cause: Cause
    campaign: Campaign
    count: int
    oldest: datetime


# --- one message ----------------------------------------------------------------------------------------------------


def cause(message: Message, around: Around) -> Cause | None:
    """Why this open message has not left; None while it is not overdue, or waits because a person wants it to."""
    since = overdue_since(message)
    if since is None or around.now - since < LATE or _is_wished(message, around.now):
        return None
    found = next((found for look in LOOKS if (found := look(message, around))), None)
    return found or Cause("nobody", NOBODY, "Start it again; its log says what happened. Nothing is lost.", since)


def overdue_since(message: Message) -> datetime | None:
    """When it should have gone: by its plan, though it has been put off since.  None: it waits for another message."""
    if message.due_at is None:
        return None
    delivery = message.delivery
    first = delivery is not None and message.round == 1 and message.kind != Message.Kind.REMINDER
    planned = delivery.planned_for if delivery and first and delivery.status != status.Delivery.GREETED else None
    return min(filter(None, (message.due_at, planned, message.first_attempt_at)))


def _is_wished(message: Message, now: datetime) -> bool:
    """Paused, not started, or sent to another day, by hand."""
    if message.delivery is None:
        return False
    campaign = message.delivery.campaign
    is_new = message.first_attempt_at is None and message.delivery.status != status.Delivery.GREETED
    return campaign.state in (S.DRAFT, S.PAUSED) or (campaign.rests(now) and message.round == 1 and is_new)


Look = Callable[[Message, Around], Cause | None]

NOBODY = "Nobody takes it up, although what sends is running."
SILENCE = "Nothing is being sent: what sends has given no sign of life."


def _held(message: Message, around: Around) -> Cause | None:
    campaign = message.delivery.campaign if message.delivery else None
    if campaign is None or campaign.state != S.HELD:
        return None
    return Cause("held", "Held: somebody has to say whether it goes on.", campaign.held_reason, campaign.held_at)


def _account(message: Message, around: Around) -> Cause | None:
    if around.account.paused_at is None:
        return None
    said = around.account.paused_sentence or "Sending stands still for the whole account."
    return Cause("account", said, "Nothing is lost. The settings have the way on.", around.account.paused_at)


def _silent(message: Message, around: Around) -> Cause | None:
    words = "Start Goodword again, or its worker where that runs by itself. Nothing is lost."
    return Cause("silent", SILENCE, words, around.alive_at) if around.is_silent else None


def _skewed(message: Message, around: Around) -> Cause | None:
    return Cause("skew", around.skew, "Nothing is lost.") if around.skew else None


def _unheard(message: Message, around: Around) -> Cause | None:
    if around.account.unheard_since is None or message.delivery is None:
        return None
    words = "Somebody may have said STOP. It is read every few seconds; the campaign's page has the way on without."
    return Cause("unheard", "Waits for what customers have written.", words, around.account.unheard_since)


def _away(message: Message, around: Around) -> Cause | None:
    if around.account.away_since is None:
        return None
    words = "One message in fifteen seconds asks whether it is back; then all goes on by itself."
    return Cause("away", "Chert does not answer just now.", words, around.account.away_since)


def _slowed(message: Message, around: Around) -> Cause | None:
    until = around.account.slow_until
    if until is None or until <= around.now:
        return None
    return Cause("slowed", "Chert has asked for a pause.", "It goes on by itself.", until=until)


def _suspect(message: Message, around: Around) -> Cause | None:
    if not message.deaths or _waits_for_time(message, around):
        return None
    times = "once" if message.deaths == 1 else f"{message.deaths} times"
    words = "It is tried alone; after the third time it is left alone and says so."
    return Cause("suspect", f"The program stopped {times} while it was at this message.", words, message.deaths_since)


def _in_hand(message: Message, around: Around) -> Cause | None:
    until = message.lease_until
    if until is None or until < around.now:
        return None
    title = "Chert is being called for it." if message.is_calling else "It has been taken up and is not done yet."
    return Cause("in_hand", title, "If nothing comes of it, it is taken up anew by itself.", until=until)


def _lineless(message: Message, around: Around) -> Cause | None:
    """No line, or all of them rest, or none has a slot: for who is written to for the first time."""
    if message.kind not in lines.FIRST or message.line_id is not None:
        return None
    if not around.lines:
        return Cause("no_line", "No active line may send a first message.", "Switch one on in the settings.")
    rests = around.rests or {}
    awake = [line for line in around.lines if line.pk not in rests]
    if not awake:
        title = f"The line is resting: {lines.too_few(around.account)}."
        return Cause("resting", title, "Answers and what follows go on.", until=min(rests.values()), is_trouble=False)
    if all(_is_full(line, message.business, around.now) for line in awake) and _waits_for_time(message, around):
        title = f"{message.reason or lines.NEXT}."
        return Cause("slots", title, "First messages are spread over the day.", until=message.due_at, is_trouble=False)
    return None


def _is_full(line: Line, business: Business, now: datetime) -> bool:
    has_gap = line.next_at is not None and line.next_at > now
    return has_gap or line.used_on(now.astimezone(business.zone).date()) >= lines.budget(line)


def _put_off(message: Message, around: Around) -> Cause | None:
    """It has been looked at and put off, and says why itself."""
    if not _waits_for_time(message, around):
        return None
    title = f"{message.reason.rstrip('.')}." if message.reason else "It is tried again."
    return Cause("put_off", title, until=message.due_at, is_trouble=False)


def _waits_for_time(message: Message, around: Around) -> bool:
    return message.due_at is not None and message.due_at > around.now


def _behind(message: Message, around: Around) -> Cause | None:
    if around.worked_at is None:
        return None
    return Cause("behind", "Others are due before it, and go out.", "Its turn comes by itself.", is_trouble=False)


#: In this order: what would stop it whatever were mended behind it.
LOOKS: tuple[Look, ...] = (
    *(_held, _account, _silent, _skewed, _unheard, _away, _slowed),
    *(_suspect, _in_hand, _lineless, _put_off, _behind),
)


# --- many -----------------------------------------------------------------------------------------------------------


def around(business: Business, now: datetime) -> Around:
    """What holds for this business's messages: a handful of queries, for as many messages as there are."""
    account, usable = business.organization, lines.usable(business)
    mine = Attempt.objects.filter(started_at__gt=now - LATE, message__organization=account)
    return Around(
        account=account,
        now=now,
        alive_at=alive_at(),
        skew=skew.told(),
        lines=usable,
        rests=lines.resting(account, usable, now),
        worked_at=mine.aggregate(at=Max("started_at"))["at"],
    )


def alive_at() -> datetime | None:
    """The last sign of life of what sends, as every process of this host sees it."""
    try:
        return datetime.fromtimestamp(settings.HEARTBEAT.stat().st_mtime, UTC)
    except OSError:
        return None


def of_deliveries(business: Business, deliveries: Iterable[Delivery], now: datetime) -> dict[int, Cause]:
    """The cause of each of these deliveries that is overdue, by pk."""
    by_pk = {delivery.pk: delivery for delivery in deliveries}
    waiting = [pk for pk, delivery in by_pk.items() if delivery.status in status.DELIVERY_OPEN or delivery.remind_at]
    if not waiting:
        return {}
    late: dict[int, Message] = {}
    for message in open_messages(Message.objects.filter(delivery__in=waiting)).order_by("due_at", "pk"):
        message.delivery, message.business = by_pk[message.delivery_id or 0], business
        since = overdue_since(message)
        if since is not None and now - since >= LATE:
            late.setdefault(message.delivery_id or 0, message)
    if not late:
        return {}
    here = around(business, now)
    causes = {pk: cause(message, here) for pk, message in late.items()}
    return {pk: found for pk, found in causes.items() if found}


def of_campaign(campaign: Campaign, now: datetime) -> list[Group]:
    """What is overdue in this campaign, by cause, the most first; one query where nothing is."""
    if campaign.state in (S.DRAFT, S.PAUSED):
        return []
    limit = now - LATE
    first = _first(campaign.business.organization, limit)
    mine = [pk for pk, theirs in first if theirs == campaign.pk]
    return _groups(mine or (_first_of(campaign, limit) if len(first) == WINDOW else []), now)


def of_account(account: Organization, now: datetime) -> list[Group]:
    """The same over all campaigns of the account, as far as they are among the first that are overdue."""
    first = _first(account, now - LATE)
    paused = _standing(first, (S.DRAFT, S.PAUSED))
    return _groups([pk for pk, theirs in first if theirs and theirs not in paused], now)


def _first(account: Organization, limit: datetime) -> list[tuple[int, int | None]]:
    """Those of the account that have been due longest, each with its campaign, however many stand behind them."""
    late = open_messages().filter(organization=account, due_at__lte=limit)
    return list(late.order_by("due_at", "pk").values_list("pk", "delivery__campaign")[:WINDOW])


def _first_of(campaign: Campaign, limit: datetime) -> list[int]:
    """Some of this campaign that are due, found from its deliveries: a paused one's may stand before them all."""
    open_ones = Q(status__in=status.DELIVERY_OPEN) | Q(remind_at__isnull=False)
    deliveries = Delivery.everything.filter(open_ones, campaign=campaign).values("pk")
    late = open_messages().filter(delivery__in=deliveries, due_at__lte=limit)
    return list(late.values_list("pk", flat=True)[:WINDOW])


def _standing(first: list[tuple[int, int | None]], states: Sequence[str]) -> set[int]:
    """Which of their campaigns are in one of these states.

    Asked apart: SQLite, given both, would look through every delivery of the campaign for each of these messages.
    """
    campaigns = Campaign.everything.filter(pk__in={campaign for _, campaign in first if campaign})
    return set(campaigns.filter(state__in=states).values_list("pk", flat=True))


def _groups(pks: list[int], now: datetime) -> list[Group]:
    late = Message.objects.filter(pk__in=pks).select_related("delivery__campaign__business__organization")
    places: dict[int, Around] = {}
    found: dict[tuple[int, str], Group] = {}
    count: Counter[tuple[int, str]] = Counter()
    for message in late.defer("body", "text").order_by("due_at", "pk")[:MOST] if pks else ():
        assert message.delivery is not None
        campaign = message.delivery.campaign
        message.business = campaign.business
        if campaign.business_id not in places:
            places[campaign.business_id] = around(campaign.business, now)
        if why := cause(message, places[campaign.business_id]):
            key = (campaign.pk, why.code)
            found.setdefault(key, Group(why, campaign, 0, overdue_since(message) or now))
            count[key] += 1
    return [replace(found[key], count=number) for key, number in count.most_common()]


# --- nobody at all --------------------------------------------------------------------------------------------------


def abandoned_since(now: datetime, after: timedelta) -> datetime | None:
    """Since when something that may leave now has been due, for longer than `after` and with nobody at work for its
    account; None when all is well."""
    limit = now - after
    late = open_messages().filter(organization=OuterRef("pk"), due_at__lte=limit)
    not_slowed = Q(slow_until=None) | Q(slow_until__lte=now)
    may_send = Organization.objects.filter(not_slowed, breaker.has_turn(now), paused_at=None, unheard_since=None)
    accounts = may_send.filter(Exists(late)).only("pk")
    return min(filter(None, (_abandoned(account, now, limit) for account in accounts)), default=None)


def _abandoned(account: Organization, now: datetime, limit: datetime) -> datetime | None:
    if Attempt.objects.filter(started_at__gt=limit, message__organization=account).exists():
        return None
    first = _first(account, limit)  # whoever is at work has the first of them in hand
    if Message.objects.filter(pk__in=[pk for pk, _ in first], lease_until__gte=now).exists():
        return None
    standing = _standing(first, leases.STANDING)
    since = _may_leave([pk for pk, campaign in first if campaign not in standing], now)
    if since or len(first) < WINDOW:
        return since
    going = Campaign.everything.filter(business__organization=account, state=S.RUNNING)
    return min(filter(None, (_may_leave(_first_of(each, limit), now) for each in going)), default=None)


def _may_leave(pks: list[int], now: datetime) -> datetime | None:
    """When the first of these that may leave was due; None when none may."""
    return leases.due(now).filter(pk__in=pks).values_list("due_at", flat=True).first() if pks else None
