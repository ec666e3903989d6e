"""May we ask this customer now, and if not, why?  One answer for preview, launch, each send and sending again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import Q

from campaigns import connection, names, pacing, phones, status
from campaigns.asking import asked, meant
from campaigns.asking.asked import Past
from campaigns.models import Business, Campaign, Customer, Delivery, Suppression

#: These can never be overridden by hand; the others can, with a reason that is kept.  A missing visit is among them: a
#: sentence written for one sending is no record that we served them (R6), and recording it takes one click.
FINAL = frozenset({"stopped", "suppressed", "insider", "no_consent", "no_visit"})


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


#: Customers looked at together.
AT_A_TIME = 2000

#: What a group of customers left out for this reason is called.
TITLES = {
    "stopped": "asked us to stop",
    "suppressed": "must never be messaged",
    "insider": "employees or relatives",
    "no_consent": "without a recorded consent",
    "no_visit": "without a recorded visit",
    "left_out": "left out by hand",
    "paused": "waiting for somebody to read their words",
    "reviewed": "have reviewed already",
    "no_mobile": "whose number is no mobile",
    "same_phone": "whose phone has another customer here",
    "unanswered": "did not answer before",
    "recent": "asked not long ago",
    "elsewhere": "in another running campaign",
    "name": "whose name needs a look",
    "no_hours": "where your hours never open",
    "together": "asked together with somebody of their household",
}


def of(campaign: Campaign, now: datetime) -> tuple[list[Customer], list[tuple[Customer, Reason]]]:
    """Those whom this campaign means and would ask if it started now, and those it would not, each with the reason."""
    people = list(meant.customers(campaign.business, campaign.only))
    why = reasons(campaign.business, people, now, campaign=campaign)
    may_be = [person for person in people if person.pk not in why]
    return may_be, [(person, why[person.pk]) for person in people if person.pk in why]


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
        known = _Known(
            business=business,
            suppressed=Suppression.known(business.organization, [c.phone for c in people]),
            left_out=left_out,
            same_phone=_same_phone(business, people),
            past=asked.past(business, people),
            elsewhere=_elsewhere(business, people, campaign),
        )
        why = ((customer.pk, _why(customer, known, now)) for customer in people)
        found |= {number: reason for number, reason in why if reason}
    return found


@dataclass(frozen=True)
class _Known:
    """What was looked up for some customers together."""

    business: Business
    suppressed: set[str]
    left_out: dict[int, Reason]
    same_phone: dict[int, Reason]
    past: dict[int, Past]
    elsewhere: set[int]


def _why(customer: Customer, known: _Known, now: datetime) -> Reason | None:
    """The heaviest reason.  A name comes last: whoever gets one on the contact sheet is in."""
    return (
        _never(customer, known.suppressed)
        or _no_customer(customer)
        or known.left_out.get(customer.pk)
        or _settled(customer, known.business)
        or _unreachable(customer)
        or known.same_phone.get(customer.pk)
        or _not_now(customer, known, now)
        or _nameless(customer)
    )


def _some(customers: Iterable[Customer]) -> Iterator[list[Customer]]:
    rest = iter(customers)
    while people := list(islice(rest, AT_A_TIME)):
        yield people


def why_not(customer: Customer, now: datetime, *, campaign: Campaign | None = None) -> Reason | None:
    """Why this customer may not be asked now; None when we may."""
    return reasons(customer.business, [customer], now, campaign=campaign).get(customer.pk)


def never(customer: Customer) -> Reason | None:
    """The reasons that hold at the very moment of sending, whatever a person decided before (M4, R5, I9).

    Stopped, suppressed, insider, consent withdrawn: what may become true after a launch, and no asking survives.  The
    others were weighed when it started, and what has been decided since stands.
    """
    return _never(customer, _suppressed(customer))


def silent(customer: Customer) -> Reason | None:
    """The reasons that forbid even an answer by hand: they have stopped.  Employees may be answered, like anybody."""
    return _silent(customer, _suppressed(customer))


def _suppressed(customer: Customer) -> set[str]:
    return {customer.phone} if Suppression.holds(customer.business.organization, customer.phone) else set()


def _never(customer: Customer, suppressed: set[str]) -> Reason | None:
    if reason := _silent(customer, suppressed):
        return reason
    if customer.is_insider:
        return Reason("insider", "Employee or relative: reviews from insiders are not allowed")
    if not customer.consent_basis:
        return Reason("no_consent", "Nobody has recorded how this customer agreed to be written to")
    return None


def _silent(customer: Customer, suppressed: set[str]) -> Reason | None:
    if customer.stopped_at:
        day = _day(customer.stopped_at, customer.business.zone)
        return Reason("stopped", f"{customer.stopped_how or 'Asked us to stop'}, {day}")
    if customer.phone in suppressed:
        return Reason("suppressed", "This number asked us never to write again")
    return None


def _no_customer(customer: Customer) -> Reason | None:
    if not customer.is_served:
        return Reason("no_visit", "No visit is recorded, and nobody has said that this is a customer")
    return None


def _settled(customer: Customer, business: Business) -> Reason | None:
    if customer.paused_at:
        return Reason("paused", f"Waits for somebody to read: “{customer.paused_words[:80]}”")
    if customer.reviewed_at:
        return Reason("reviewed", f"Has reviewed already, {_day(customer.reviewed_at, business.zone)}")
    return None


def _unreachable(customer: Customer) -> Reason | None:
    if kind := phones.no_mobile(customer.phone):
        return Reason("no_mobile", f"The number looks like {kind}, which takes no messages")
    return None


def _nameless(customer: Customer) -> Reason | None:
    """An odd name for which nobody knows a better one, until somebody decides (policy §5); no name at all is fine."""
    if customer.spoken_name is None and (odd := names.unspeakable(customer.first_name, customer.last_name)):
        return Reason("name", f"The name needs a look: {odd.sentence[:1].lower()}{odd.sentence[1:].rstrip('.')}")
    return None


def _not_now(customer: Customer, known: _Known, now: datetime) -> Reason | None:
    business, past = known.business, known.past.get(customer.pk, asked.NOTHING)
    if past.is_silent(business):
        return Reason("unanswered", _unanswered(past.unanswered))
    free = past.asked + timedelta(days=business.cool_down_days) if past.asked else None
    if past.asked and free and free > now:
        where = " by one of your locations" if asked.is_shared(business) else ""
        ago = _ago(past.asked, now, business.zone)
        return Reason("recent", f"Asked {ago}{where}, free again on {_day(free, business.zone)}", free)
    if customer.pk in known.elsewhere:
        return Reason("elsewhere", "Is in another running campaign")
    return None


def _unanswered(requests: int) -> str:
    if requests == 1:
        return "Has not answered one request; nobody is asked a second time"
    return f"Has not answered {requests} requests; nobody is asked a third time"


def _left_out(campaign: Campaign | None) -> dict[int, Reason]:
    """Whom somebody took out of this campaign by hand."""
    if campaign is None or campaign.pk is None:
        return {}
    reason = Reason("left_out", "Left out by hand on the contact sheet")
    return dict.fromkeys(campaign.left_out.values_list("pk", flat=True), reason)


def _same_phone(business: Business, people: list[Customer]) -> dict[int, Reason]:
    """Those whose phone also belongs, in another writing, to an older customer: the older one is asked."""
    writings = {twin: person for person in people for twin in phones.twins(person.phone) if not phones.no_mobile(twin)}
    if not writings:
        return {}
    others = business.customers.filter(phone__in=writings).only("pk", "phone", "first_name", "last_name")
    older = ((writings[other.phone], other) for other in others)
    return {
        person.pk: Reason("same_phone", f"Same number as {other.name or phones.shown(other.phone)}")
        for person, other in older
        if other.pk < person.pk
    }


def _elsewhere(business: Business, people: list[Customer], campaign: Campaign | None) -> set[int]:
    """Those with a request on its way in another campaign; of any location, where the cool-down is shared."""
    in_a_group = Q(household__isnull=False, together_with__status__in=status.DELIVERY_OPEN)
    running = Delivery.objects.filter(
        Q(status__in=status.DELIVERY_OPEN) | in_a_group,
        campaign__business__organization=business.organization_id,
        campaign__state__in=[status.Campaign.RUNNING, status.Campaign.PAUSED, status.Campaign.HELD],
    )
    if campaign is not None and campaign.pk is not None:
        running = running.exclude(campaign=campaign)
    if asked.is_shared(business):
        mine = running.filter(customer__phone__in=[person.phone for person in people])
        numbers = set(mine.values_list("customer__phone", flat=True))
        return {person.pk for person in people if person.phone in numbers}
    mine = running.filter(campaign__business=business, customer__in=[person.pk for person in people])
    return set(mine.values_list("customer", flat=True))


def zones(customer: Customer) -> tuple[ZoneInfo, ...]:
    """Every zone this customer may be in; only hours allowed in all of them count (M7).

    Their own when known; else what the number hints at, together with the business's; else the business's alone.
    Whoever speaks for a household may be wherever one of them may be.
    """
    own = zones_of(customer.timezone, customer.phone, customer.business.timezone)
    if not customer.asked_with:
        return own
    return tuple(dict.fromkeys([*own, *(zone for each in customer.asked_with for zone in zones(each))]))


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


def hours_of_tests(business: Business) -> pacing.Window:
    """When a test may go to one of us: any day within the hard limits; against the sandbox as wide as the settings."""
    try:
        window = pacing.Window.parse(business.window, may_be_wide=connection.is_loopback())
    except pacing.BadWindow:
        return pacing.Window.widest()
    return window if window.is_wider_than_allowed else pacing.Window.widest()


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
