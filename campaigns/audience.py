"""May we ask this customer now, and if not, why?  One answer for preview, launch, each send and sending again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, QuerySet

from campaigns import phones, status
from campaigns.models import Business, Campaign, Customer, Delivery, Message, Suppression

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


#: What a group of customers left out for this reason is called.
TITLES = {
    "stopped": "asked us to stop",
    "suppressed": "must never be messaged",
    "insider": "employees or relatives",
    "no_consent": "without a recorded consent",
    "left_out": "left out by hand",
    "paused": "waiting for somebody to read their words",
    "reviewed": "have reviewed already",
    "recent": "asked not long ago",
    "elsewhere": "in another running campaign",
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

    A fixed number of queries, however many customers.  `campaign` is the one being looked at: being in it does not
    count as being elsewhere, and whom somebody took out of it by hand it does not ask.
    """
    people = list(customers)
    suppressed = Suppression.known(business.organization, [c.phone for c in people])
    asked = _last_asked(business, people)
    elsewhere = _elsewhere(business, people, campaign)
    left_out = _left_out(campaign)
    found = {}
    for customer in people:
        reason = _never(customer, suppressed) or left_out.get(customer.pk)
        reason = reason or _not_now(customer, business, asked, elsewhere, now)
        if reason:
            found[customer.pk] = reason
    return found


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
    customer: Customer, business: Business, asked: dict[int, datetime], elsewhere: set[int], now: datetime
) -> Reason | None:
    if customer.paused_at:
        return Reason("paused", f"Waits for somebody to read: “{customer.paused_words[:80]}”")
    if customer.reviewed_at:
        return Reason("reviewed", f"Has reviewed already, {_day(customer.reviewed_at, business.zone)}")
    last = asked.get(customer.pk)
    free = last + timedelta(days=business.cool_down_days) if last else None
    if last and free and free > now:
        ago, where = _ago(last, now, business.zone), " by one of your locations" if _is_shared(business) else ""
        return Reason("recent", f"Asked {ago}{where}, free again on {_day(free, business.zone)}", free)
    if customer.pk in elsewhere:
        return Reason("elsewhere", "Is in another running campaign")
    return None


def _last_asked(business: Business, people: list[Customer]) -> dict[int, datetime]:
    """When each was last asked: the cool-down starts with a message that went out, or may have (policy §5)."""
    rows = Message.objects.filter(
        organization=business.organization_id,
        kind__in=[Message.Kind.ASK, Message.Kind.ALL, Message.Kind.REMINDER],
        status__in=[*status.WENT_OUT, status.Message.IN_DOUBT],
    )
    if _is_shared(business):
        return _by_number(rows, people)
    rows = rows.filter(customer__business=business)
    if len(people) <= 500:
        rows = rows.filter(customer__in=people)
    return _newest(rows, "customer")


def _is_shared(business: Business) -> bool:
    """Do the requests of the other locations count here too?"""
    return business.cool_down_scope == Business.CoolDown.ORGANIZATION


def _by_number(rows: QuerySet[Message], people: list[Customer]) -> dict[int, datetime]:
    """The same over every location of the organization: who they are is the number there."""
    if len(people) <= 500:
        rows = rows.filter(customer__phone__in=[person.phone for person in people])
    newest = _newest(rows, "customer__phone")
    return {person.pk: newest[person.phone] for person in people if person.phone in newest}


def _newest(rows: QuerySet[Message], whose: str) -> dict[Any, datetime]:
    return {
        who: max(filter(None, (sent, tried)))
        for who, sent, tried in rows.order_by().values_list(whose).annotate(Max("sent_at"), Max("first_attempt_at"))
        if sent or tried
    }


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


def zones(customer: Customer) -> list[ZoneInfo]:
    """Every zone this customer may be in; only hours allowed in all of them count (M7).

    Their own when known; else what the number hints at, together with the business's; else the business's alone.
    """
    if customer.timezone:
        return [ZoneInfo(customer.timezone)]
    hints = [ZoneInfo(name) for name in phones.zones(customer.phone)]
    return [*hints, customer.business.zone]


def _day(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y}"


def _ago(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    days = (now.astimezone(zone).date() - moment.astimezone(zone).date()).days
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
