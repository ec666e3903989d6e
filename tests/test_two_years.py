"""Two years in a few seconds: three lines, 5,000 customers, every night of the change of clocks, judged from outside.

The decisions are the product's own (who may be asked, when hours open, which line has a slot, who comes next by the
plan); what they are held against is computed here anew, from nothing but the list of what went out.
"""

import os
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from campaigns import launch, lines, pacing
from campaigns.asking import audience
from campaigns.models import Business, Campaign, Customer, Delivery, Line, Message
from tests.cast import make_campaign

BEGIN = datetime(2026, 2, 20, 15, tzinfo=UTC)
DAYS, PEOPLE, COOL_DOWN = 700, 5000, 60
ZONES = ["America/Chicago", "America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/St_Johns", ""]
#: Another one every time; the name of a failed test shows it, and SEED=… runs it again.
SEED = int(os.environ.get("SEED", random.randrange(10**6)))
AREAS = ["512", "808", "850", "907", "313", "800"]


@dataclass(frozen=True)
class Sent:
    """One first touch that went out."""

    at: datetime
    customer: Customer
    line: str
    zones: tuple[str, ...]
    day: object
    budget: int
    gap: int


@pytest.mark.parametrize("seed", [SEED])
def test_two_years_keep_every_hour_budget_gap_and_cool_down(ada, clock, seed):
    sent = two_years(ada, clock, random.Random(seed))
    assert len(sent) > 1200
    assert outside_hours(sent) == []
    assert over_budget(sent) == []
    assert inside_gap(sent) == []
    assert asked_too_soon(sent) == []
    assert asked_a_third_time(sent) == []
    assert days_of_change(sent) >= 4


def two_years(ada, clock, chance) -> list[Sent]:
    """One campaign after the other, a hundred days each; what is left then is cancelled."""
    people(ada.business, chance)
    for number in (1, 2):
        Line.objects.create(organization=ada.organization, number=f"+1512555010{number}", business=ada.business)
    Line.objects.update(budget=1, gap=600)
    Business.objects.update(cool_down_days=COOL_DOWN)
    sent: list[Sent] = []
    clock.to(BEGIN)
    while (timezone.now() - BEGIN).days < DAYS:
        ada.business.refresh_from_db()
        sent += one_campaign(ada, clock, chance, timezone.now() + timedelta(days=100))
    return sent


def people(business, chance):
    Customer.objects.bulk_create(
        Customer(
            business=business,
            phone=f"+1{chance.choice(AREAS)}{2_000_000 + number}",
            timezone=chance.choice(ZONES),
            consent_basis="Asked",
            is_attested=True,
        )
        for number in range(PEOPLE)
    )


def one_campaign(ada, clock, chance, until) -> list[Sent]:
    """Plan it, then let the clock jump from one chance to send to the next."""
    campaign = make_campaign(ada)
    plan = launch.check(campaign, timezone.now())
    queues, spans, window = waiting(plan), {}, audience.hours(ada.business)
    sent: list[Sent] = []
    kept = 0
    while queues and timezone.now() < until:
        now = timezone.now()
        spans = {zones: fresh(spans.get(zones), now, window, zones) for zones in queues}
        ready = [zones for zones, (opens, _) in spans.items() if opens <= now]
        if not ready:
            clock.to(min(opens for opens, _ in spans.values()))
            continue
        try:
            line = lines.take_slot(ada.business, now)
        except lines.NoSlot as full:
            if len(sent) - kept >= 30:
                keep(campaign, sent[kept:], chance)
                kept = len(sent)
            trouble(ada, chance)
            clock.to(full.until)
            continue
        zones = min(ready, key=lambda each: plan.times[queues[each][0].pk])
        sent.append(seen(queues[zones].pop(0), line, zones, ada.business))
        queues = {zones: left for zones, left in queues.items() if left}
    keep(campaign, sent[kept:], chance)
    campaign.deliveries.filter(status="planned").update(status="cancelled")
    Campaign.objects.filter(pk=campaign.pk).update(state="finished")
    clock.to(max(timezone.now(), until))
    return sent


def fresh(span, now, window, zones):
    return span if span and now < span[1] else pacing.open_span(now, window, zones)


def waiting(plan) -> dict:
    queues = defaultdict(list)
    for person in sorted(plan.will_ask, key=lambda person: (plan.times[person.pk], person.pk)):
        queues[audience.zones(person)].append(person)
    return dict(queues)


def seen(customer, line, zones, business) -> Sent:
    now = timezone.now()
    day = now.astimezone(business.zone).date()
    names = tuple(zone.key for zone in zones)
    return Sent(now, customer, line.number, names, day, lines.budget(line), lines.gap(line))


def keep(campaign, sent, chance):
    """Write down what went out, as the outbox would; every fourth answers."""
    business = campaign.business
    made = Delivery.objects.bulk_create(
        Delivery(campaign=campaign, customer=one.customer, status="read", sent_at=one.at) for one in sent
    )
    whose = {"organization": business.organization, "business": business}
    by_number = {line.number: line for line in Line.objects.all()}
    Message.objects.bulk_create(
        Message(
            **whose,
            customer=one.customer,
            delivery=delivery,
            kind=kind,
            status="read" if kind != "inbound" else "received",
            sent_at=one.at,
            created_at=one.at + timedelta(minutes=5),
            line=by_number[one.line] if kind == "greeting" else None,
            chert_id=f"{delivery.pk}-{kind}",
        )
        for one, delivery in zip(sent, made, strict=True)
        for kind in ("greeting", "ask", *(["inbound"] if chance.random() < 0.25 else []))
    )


def trouble(ada, chance):
    """Now and then somebody changes a line's pace, or the business moves."""
    dice = chance.random()
    if dice < 0.02:
        line = chance.choice(list(Line.objects.all()))
        Line.objects.filter(pk=line.pk).update(budget=chance.randint(1, 2), gap=chance.choice([600, 900, 3600]))
    if dice > 0.998:
        Business.objects.update(timezone=chance.choice(ZONES[:3]))
        ada.business.refresh_from_db()


# --- what it is held against -----------------------------------------------------------------------------------------


def outside_hours(sent):
    return [(one.at, name) for one in sent for name in one.zones if not is_allowed(one.at.astimezone(ZoneInfo(name)))]


def is_allowed(local):
    return time(12 if local.weekday() == 6 else 9) <= local.time() < time(20)


def over_budget(sent):
    """By the date of the business at the time; the largest budget of that day counts."""
    allowed = defaultdict(int)
    for one in sent:
        allowed[one.line, one.day] = max(allowed[one.line, one.day], one.budget)
    used = Counter((one.line, one.day) for one in sent)
    return [(key, count) for key, count in used.items() if count > allowed[key]]


def inside_gap(sent):
    by_line = defaultdict(list)
    for one in sent:
        by_line[one.line].append(one)
    pairs = [pair for touches in by_line.values() for pair in pairwise(touches)]
    return [(a.at, b.at) for a, b in pairs if b.at - a.at < timedelta(seconds=a.gap)]


def by_customer(sent):
    found = defaultdict(list)
    for one in sent:
        found[one.customer.pk].append(one.at)
    return found


def asked_too_soon(sent):
    moments = by_customer(sent).items()
    return [(pk, a, b) for pk, times in moments for a, b in pairwise(times) if b - a < timedelta(days=COOL_DOWN)]


def asked_a_third_time(sent):
    """Two requests since their last words are the most, whoever they are."""
    heard = dict(Message.objects.filter(kind="inbound").order_by("created_at").values_list("customer", "created_at"))
    late = {pk: [at for at in times if pk not in heard or at > heard[pk]] for pk, times in by_customer(sent).items()}
    return [pk for pk, times in late.items() if len(times) > 2]


def days_of_change(sent):
    """Days within one day of a change of the clocks in Chicago on which something went out."""
    chicago = ZoneInfo("America/Chicago")
    days = {one.at.astimezone(chicago).date() for one in sent}
    noons = {day: datetime.combine(day, time(12), tzinfo=chicago) for day in days}
    return sum((noon + timedelta(days=1)).utcoffset() != noon.utcoffset() for noon in noons.values())


def test_the_judges_see_what_is_wrong():
    """A list of sendings with each fault in it: no judge is blind."""
    grace = Customer(pk=1, phone="+15125551001")
    night = datetime(2026, 3, 3, 4, tzinfo=UTC)  # ten in the evening in Chicago
    wrong = [Sent(night + timedelta(minutes=n), grace, "+1", ("America/Chicago",), "today", 1, 600) for n in range(2)]
    assert len(outside_hours(wrong)) == 2
    assert over_budget(wrong) == [(("+1", "today"), 2)]
    assert len(inside_gap(wrong)) == len(asked_too_soon(wrong)) == 1


pytestmark = pytest.mark.django_db
