"""How long the plan of 10,000 customers takes, and the question who of 100,000 may be asked.

    python3 manage.py bench plan [--rows 100000]

Runs in one process on a database that is made for it and thrown away.  The customers live in a dozen places, half of
them known by their number alone; a part has been asked before, has answered, has stopped.  The plan is measured three
ways: the laying out alone, the whole check that the page and the dry run make, and the end of a running campaign told
from what is left.  Seconds of wall time, each the median of three; memory is what Python holds at its highest.
"""

import random
import statistics
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.contact_sheet import _database, _draft
from campaigns import launch, lines, pacing, phones, plans
from campaigns.asking import audience
from campaigns.models import Campaign, Customer, Delivery, Message, Suppression

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
PLANNED = 10_000
AREAS = ("512", "808", "615", "212", "850", "907", "303", "415", "602", "541", "800", "313")
ZONES = ("", "", "America/Chicago", "Pacific/Honolulu", "America/New_York", "America/Los_Angeles")


def main(rows: int = 100_000) -> dict[str, Any]:
    """Fill a database, ask, and say what it took."""
    with _database():
        campaign = _draft(0)
        campaign.business.own_lines.create(
            organization=campaign.business.organization, number="+15125550100", budget=30, gap=600
        )
        draw = random.Random(1)
        _people(campaign, PLANNED, draw)
        found = {"planned": PLANNED} | _plans(campaign)
        _people(campaign, rows - PLANNED, draw, first=PLANNED)
        _history(campaign, draw)
        return found | {"customers": rows} | _eligible(campaign)


def _people(campaign: Campaign, count: int, draw: random.Random, first: int = 0) -> None:
    made = (
        Customer(
            business=campaign.business,
            phone=f"+1{draw.choice(AREAS)}{2_000_000 + number}",
            first_name="Marcus",
            timezone=draw.choice(ZONES),
            consent_basis="Asked",
            is_attested=True,
            stopped_at=NOW if draw.random() < 0.01 else None,
        )
        for number in range(first, first + count)
    )
    Customer.objects.bulk_create(made, batch_size=2000)


def _history(campaign: Campaign, draw: random.Random) -> None:
    """A third has been asked before, up to a year ago; a fifth of them answered; some numbers are suppressed."""
    business = campaign.business
    old = Campaign.objects.create(business=business, name="Before", greeting="Hi", ask="Ask", state="finished")
    asked = [c for c in business.customers.only("pk", "phone").iterator() if draw.random() < 1 / 3]
    made = Delivery.objects.bulk_create(
        (Delivery(campaign=old, customer=c, status="read") for c in asked), batch_size=2000
    )
    Message.objects.bulk_create((m for d in made for m in _said(d, draw)), batch_size=1000)
    Suppression.objects.bulk_create(
        Suppression(organization=business.organization, phone_hash=Suppression.hash(business.organization, c.phone))
        for c in asked[::100]
    )


def _said(delivery: Delivery, draw: random.Random) -> list[Message]:
    then = NOW - timedelta(days=draw.randint(1, 365))
    whose = {
        "organization_id": delivery.campaign.business.organization_id,
        "business_id": delivery.campaign.business_id,
        "customer_id": delivery.customer_id,
        "delivery_id": delivery.pk,
        "sent_at": then,
        "created_at": then,
    }
    ours = [Message(**whose, kind=kind, status="read") for kind in ("greeting", "ask")]
    theirs = Message(**whose, kind="inbound", status="received", chert_id=f"in-{delivery.pk}")
    return [*ours, theirs] if draw.random() < 0.2 else ours


def _plans(campaign: Campaign) -> dict[str, Any]:
    business = campaign.business
    usable = lines.usable(business)
    people = [pacing.Turn(audience.zones(person)) for person in business.customers.select_related("business")]
    paces = lines.paces(usable, business, NOW)
    window = pacing.Window.default()
    found = {
        "lay_out_seconds": _median(lambda: pacing.plan(NOW, people, paces, window, business.zone)),
        "check_seconds": _median(lambda: launch.check(campaign, NOW)),
    }
    launch.launch(campaign, None, NOW)
    return found | {"end_of_a_running_campaign_seconds": _median(lambda: plans.expected_end(campaign, NOW))}


def _eligible(campaign: Campaign) -> dict[str, Any]:
    """The same question twice: for the time, and for the memory (measuring it makes it slow)."""
    business = campaign.business
    everybody = business.customers.order_by("pk")
    seconds = _median(lambda: audience.reasons(business, everybody.iterator(chunk_size=2000), NOW))
    tracemalloc.start()
    why = audience.reasons(business, everybody.iterator(chunk_size=2000), NOW)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    counted: dict[str, int] = {}
    for reason in why.values():
        counted[reason.code] = counted.get(reason.code, 0) + 1
    return {"eligible_seconds": seconds, "eligible_peak_mb": round(peak / 2**20, 1), "left_out": counted}


def _median(act: Callable[[], object]) -> float:
    """Seconds, with nothing remembered from the time before."""
    return round(statistics.median(_once(act) for _ in range(3)), 2)


def _once(act: Callable[[], object]) -> float:
    audience._zones.cache_clear()
    phones._number.cache_clear()
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
