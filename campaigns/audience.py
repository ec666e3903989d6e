"""May we ask this customer now, and if not, why?  One answer for preview, launch, each send and sending again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet

from campaigns import connection, pacing, phones, status
from campaigns.models import Business, Campaign, Click, Customer, Delivery, Message, Suppression

#: These can never be overridden by hand; the others can, with a reason that is kept.
FINAL = frozenset({"stopped", "suppressed", "insider", "no_consent"})


@dataclass(frozen=True)
class Reason:
    """Why a customer is not asked: a word to count under, a sentence for people, and when it ends if it will."""

    code: str
    sentence: str
    until: datetime | None = None

    @property
    def is_final(self) -> bool:
        """No person may override it."""
        return self.code in FINAL


#: Kinds of messages that ask for a review.
REQUESTS = (Message.Kind.ASK, Message.Kind.ALL, Message.Kind.REMINDER)

#: Whoever leaves so many requests unanswered is not asked again (M12).
MOST_UNANSWERED = 2

#: Customers looked at together.
AT_A_TIME = 2000

#: What a group of customers left out for this reason is called.
TITLES = {
    "stopped": "asked us to stop",
    "suppressed": "must never be messaged",
    "insider": "employees or relatives",
    "no_consent": "without a recorded consent",
    "left_out": "left out by hand",
    "paused": "waiting for somebody to read their words",
    "reviewed": "have reviewed already",
    "unanswered": "did not answer two requests",
    "recent": "asked not long ago",
    "elsewhere": "in another running campaign",
    "no_hours": "where your hours never open",
}


def of(campaign: Campaign, now: datetime) -> tuple[list[Customer], list[tuple[Customer, Reason]]]:
    """The customers this campaign would ask if it started now, and those it would not, each with the reason."""
    people = list(campaign.business.customers.order_by("pk"))
    why = reasons(campaign.business, people, now, campaign=campaign)
    asked = [person for person in people if person.pk not in why]
    return asked, [(person, why[person.pk]) for person in people if person.pk in why]


def reasons(
    business: Business, customers: Iterable[Customer], now: datetime, *, campaign: Campaign | None = None
) -> dict[int, Reason]:
    """Those of these customers who may not be asked now, with the reason; everybody else may.

    `campaign` is the one being looked at: being in it does not count as being elsewhere, and whom somebody took out of
    it by hand it does not ask.  Customers are taken a few thousand at a time, with a fixed number of queries for each,
    so any number of them may be given, and an iterator too.
    """
    left_out = _left_out(campaign)
    found: dict[int, Reason] = {}
    for people in _some(customers):
        suppressed = Suppression.known(business.organization, [c.phone for c in people])
        past, elsewhere = _past(business, people), _elsewhere(business, people, campaign)
        for customer in people:
            reason = _never(customer, suppressed) or left_out.get(customer.pk)
            reason = reason or _not_now(customer, business, past.get(customer.pk, _NEW), elsewhere, now)
            if reason:
                found[customer.pk] = reason
    return found


def _some(customers: Iterable[Customer]) -> Iterator[list[Customer]]:
    rest = iter(customers)
    while people := list(islice(rest, AT_A_TIME)):
        yield people


def why_not(customer: Customer, now: datetime, *, campaign: Campaign | None = None) -> Reason | None:
    """Why this customer may not be asked now; None when we may."""
    return reasons(customer.business, [customer], now, campaign=campaign).get(customer.pk)


def never(customer: Customer) -> Reason | None:
    """The reasons that hold at the very moment of sending, whatever a person decided before (M4, R5, I9)."""
    return _never(customer, Suppression.known(customer.business.organization, [customer.phone]))


def _never(customer: Customer, suppressed: set[str]) -> Reason | None:
    if customer.stopped_at:
        day = _day(customer.stopped_at, customer.business.zone)
        return Reason("stopped", f"{customer.stopped_how or 'Asked us to stop'}, {day}")
    if customer.phone in suppressed:
        return Reason("suppressed", "This number asked us never to write again")
    if customer.is_insider:
        return Reason("insider", "Employee or relative: reviews from insiders are not allowed")
    if not customer.consent_basis:
        return Reason("no_consent", "Nobody has recorded how this customer agreed to be written to")
    return None


def _not_now(
    customer: Customer, business: Business, past: "_Past", elsewhere: set[int], now: datetime
) -> Reason | None:
    if customer.paused_at:
        return Reason("paused", f"Waits for somebody to read: “{customer.paused_words[:80]}”")
    if customer.reviewed_at:
        return Reason("reviewed", f"Has reviewed already, {_day(customer.reviewed_at, business.zone)}")
    if past.unanswered >= MOST_UNANSWERED:
        return Reason("unanswered", f"Has not answered {past.unanswered} requests; nobody is asked a third time")
    free = past.asked + timedelta(days=business.cool_down_days) if past.asked else None
    if past.asked and free and free > now:
        ago, where = _ago(past.asked, now, business.zone), " by one of your locations" if _is_shared(business) else ""
        return Reason("recent", f"Asked {ago}{where}, free again on {_day(free, business.zone)}", free)
    if customer.pk in elsewhere:
        return Reason("elsewhere", "Is in another running campaign")
    return None


@dataclass
class _Past:
    """What has been between us and one customer: when we asked last, and when since they last wrote or looked."""

    asked: datetime | None = None
    since: list[datetime] = field(default_factory=list)

    @property
    def unanswered(self) -> int:
        """Requests in a row that they let pass."""
        return len(self.since)


_NEW = _Past()


def _past(business: Business, people: list[Customer]) -> dict[int, _Past]:
    """Requests that went out, or may have: the cool-down starts with these (policy §5), whatever came of older ones.

    A greeting and its request count as one, for the greeting alone asks nothing.  Where the requests of all locations
    count, who they are is the number.
    """
    if _is_shared(business):
        said = Message.objects.filter(customer__phone__in=[person.phone for person in people])
        found = _history(said.filter(organization=business.organization_id), "customer__phone")
        return {person.pk: found[person.phone] for person in people if person.phone in found}
    return _history(Message.objects.filter(customer__in=people, customer__business=business), "customer")


def _history(said: QuerySet[Message], whose: str) -> dict[Any, _Past]:
    ours = Q(kind__in=REQUESTS, status__in=[*status.WENT_OUT, status.Message.IN_DOUBT])
    said = said.filter(ours | Q(kind=Message.Kind.INBOUND)).order_by()
    rows = list(said.values_list(whose, "kind", "created_at", "sent_at", "first_attempt_at"))
    heard: dict[Any, datetime] = {}
    for who, kind, written, _, _ in rows:
        if kind == Message.Kind.INBOUND:
            heard[who] = max(written, heard.get(who, written))
    found: dict[Any, _Past] = defaultdict(_Past)
    for who, kind, _, sent, tried in rows:
        at = max(filter(None, (sent, tried)), default=None)
        if at and kind != Message.Kind.INBOUND:
            past = found[who]
            past.asked = max(at, past.asked or at)
            if who not in heard or heard[who] < at:
                past.since.append(at)
    silent = [who for who, past in found.items() if past.unanswered >= MOST_UNANSWERED]
    for who, opened in _opened(silent, said, whose):
        found[who].since = [at for at in found[who].since if at > opened]
    return found


def _opened(silent: list[Any], said: QuerySet[Message], whose: str) -> list[tuple[Any, datetime]]:
    """When those who seem to be silent last opened a link: that is an answer too."""
    if not silent:
        return []
    clicks = Click.objects.filter(
        delivery__in=said.order_by().values("delivery"), is_robot=False, **{f"delivery__{whose}__in": silent}
    )
    return list(clicks.order_by().values_list(f"delivery__{whose}").annotate(Max("at")))


def _is_shared(business: Business) -> bool:
    """Do the requests of the other locations count here too?"""
    return business.cool_down_scope == Business.CoolDown.ORGANIZATION


def _left_out(campaign: Campaign | None) -> dict[int, Reason]:
    """Whom somebody took out of this campaign by hand."""
    if campaign is None or campaign.pk is None:
        return {}
    reason = Reason("left_out", "Left out by hand on the contact sheet")
    return dict.fromkeys(campaign.left_out.values_list("pk", flat=True), reason)


def _elsewhere(business: Business, people: list[Customer], campaign: Campaign | None) -> set[int]:
    """Those with a request on its way in another campaign; of any location, where the cool-down is shared."""
    running = Delivery.objects.filter(
        campaign__business__organization=business.organization_id,
        campaign__state__in=[status.Campaign.RUNNING, status.Campaign.PAUSED, status.Campaign.HELD],
        status__in=status.DELIVERY_OPEN,
    )
    if campaign is not None and campaign.pk is not None:
        running = running.exclude(campaign=campaign)
    if _is_shared(business):
        numbers = set(running.values_list("customer__phone", flat=True))
        return {person.pk for person in people if person.phone in numbers}
    return set(running.filter(campaign__business=business).values_list("customer", flat=True))


def zones(customer: Customer) -> tuple[ZoneInfo, ...]:
    """Every zone this customer may be in; only hours allowed in all of them count (M7).

    Their own when known; else what the number hints at, together with the business's; else the business's alone.
    """
    return zones_of(customer.timezone, customer.phone, customer.business.timezone)


def zones_of(own: str, phone: str, business: str) -> tuple[ZoneInfo, ...]:
    """The same from a customer's own zone ("" when not known), their number and the business's zone."""
    known = own_zone(own)
    return (known,) if known else _zones(phone, business)


@lru_cache(maxsize=512)
def own_zone(name: str) -> ZoneInfo | None:
    """The zone a customer's row names; None where it names none, or one that does not exist (any longer)."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


@lru_cache(maxsize=4096)
def _zones(phone: str, business: str) -> tuple[ZoneInfo, ...]:
    return tuple(dict.fromkeys(ZoneInfo(name) for name in (*phones.zones(phone), business)))


def places(zones: Iterable[ZoneInfo]) -> str:
    """What to call where somebody is: "Honolulu", or "Boise or Los Angeles" when it is not known."""
    return " or ".join(zone.key.rpartition("/")[2].replace("_", " ") for zone in zones)


def hours(business: Business) -> pacing.Window:
    """The hours in which this business writes.  Raises `pacing.BadWindow` where they may not be used."""
    window = pacing.Window.parse(business.window, may_be_wide=connection.is_loopback())
    return window.without_holidays() if business.keeps_holidays else window


def hours_in_use(business: Business) -> pacing.Window:
    """The same at the moment of sending: where they may not be used, as wide ones on the real Chert, the default."""
    try:
        return hours(business)
    except pacing.BadWindow:
        usual = pacing.Window.default()
        return usual.without_holidays() if business.keeps_holidays else usual


def _day(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def _ago(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    days = (now.astimezone(zone).date() - moment.astimezone(zone).date()).days
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
