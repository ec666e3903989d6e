"""How long does each page take at a hundred thousand customers who have been asked, and each list of the API?

    python3 manage.py bench pages [--rows 100000]

A database of its own, in a file as the product's is: so many customers, each asked in one of twenty campaigns of the
last year, half of them in one; two messages each, what became of it, openings by people and robots, conversations,
reviews, webhooks and what they were told.  The owner's browser asks for every page again and again.  Milliseconds of
the whole request, in one process, without network, and how many queries it took.  Then all of them are due this moment:
what `/readyz` takes.
On PostgreSQL with DATABASE_URL: a database of that name with `test_` before it is made and thrown away.
"""

import itertools
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import (
    CaptureQueriesContext,
    setup_databases,
    setup_test_environment,
    teardown_databases,
    teardown_test_environment,
)
from django.urls import reverse
from django.utils import timezone

from benchmarks.customers import PLAIN, _business, _fill, _spread
from campaigns import invitations, outgoing
from campaigns.models import (
    ApiToken,
    Business,
    Campaign,
    Card,
    Click,
    Conversation,
    Customer,
    Delivery,
    Membership,
    Message,
    OutgoingEvent,
    Review,
    User,
    WebhookCall,
    WebhookEndpoint,
)

ROUNDS = 8
CAMPAIGNS, REVIEWS = 20, 2000
BATCH = 2000


def main(rows: int = 100_000) -> dict[str, Any]:
    """Fill a database, ask for everything, and throw it away."""
    setup_test_environment()
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(settings.DATA_DIR / "bench.sqlite3")
    old = setup_databases(verbosity=0, interactive=False)
    try:
        business, owner = _asked(rows)
        _settle()
        client = Client()
        client.force_login(owner)
        with override_settings(
            STORAGES=PLAIN, ALLOWED_HOSTS=["testserver"], CHERT_API_BASE="http://127.0.0.1:9/api/v1"
        ):
            return {"customers": rows, "database": connection.vendor} | _measured(client, business, owner)
    finally:
        teardown_databases(old, verbosity=0)
        teardown_test_environment()


# --- what there is ----------------------------------------------------------------------------------------------------


def _asked(rows: int) -> tuple[Business, User]:
    """A year in which so many were asked."""
    chance, now = random.Random(1), timezone.now()
    business = _business("Large", "large")
    owner = User.objects.create_user("bench@example.com")
    Membership.objects.create(user=owner, organization=business.organization, role=Membership.Role.OWNER)
    _fill(business, rows, 2)
    people = list(business.customers.order_by("pk"))
    made = [_campaign(business, number) for number in range(CAMPAIGNS)]
    shares = [made[0] if n % 2 else made[n // 2 % CAMPAIGNS] for n in range(rows)]
    deliveries = _kept(_delivery(*each, chance, now) for each in zip(people, shares, strict=True))
    _kept(_said(business, each) for each in deliveries)
    _kept(Click(delivery=each, is_robot=chance.random() < 0.3) for each in deliveries if each.clicked_at)
    _talks(business, deliveries)
    _kept(_review(business, number, each) for number, each in enumerate(deliveries[:REVIEWS]))
    _told(business, owner, deliveries)
    return business, owner


def _kept(rows: Iterator[Any]) -> list[Any]:
    """Written in batches, each a transaction: PostgreSQL ends one in which nothing happens for some seconds."""
    kept: list[Any] = []
    while batch := list(itertools.islice(rows, BATCH)):
        kept += type(batch[0])._base_manager.bulk_create(batch)
    return kept


def _campaign(business: Business, number: int) -> Campaign:
    card = Card.from_starter(business)
    card.save()
    words = {"greeting": invitations.GREETING, "ask": invitations.ASK}
    state = "running" if number == 0 else "finished"
    return Campaign.objects.create(business=business, name=f"No. {number}", card=card, state=state, **words)


def _delivery(person: Customer, campaign: Campaign, chance: random.Random, now: datetime) -> Delivery:
    at = now - timedelta(days=chance.uniform(1, 360))
    row = Delivery(campaign=campaign, customer=person, greeted_at=at, created_at=at)
    steps = (("sent_at", 0.97), ("delivered_at", 0.95), ("read_at", 0.8), ("clicked_at", 0.3), ("replied_at", 0.2))
    row.status = "greeted"
    for name, share in (*steps, ("reviewed_at", 0.3)):
        if chance.random() > share:
            break
        at += timedelta(minutes=2)
        setattr(row, name, at)
        row.status = name[:-3] if name[:-3] in ("sent", "delivered", "read") else row.status
    return row


def _said(business: Business, row: Delivery) -> Message:
    times = {name: getattr(row, name) for name in ("sent_at", "delivered_at", "read_at")}
    whose = {"organization": business.organization, "business": business, "customer": row.customer}
    word = row.status if row.status != "greeted" else "planned"
    return Message(**whose, **times, delivery=row, kind="ask", status=word, text="Thank you. Would you?")


def _talks(business: Business, deliveries: list[Delivery]) -> None:
    spoken = [each for each in deliveries if each.replied_at]
    _kept(
        Conversation(
            business=business, customer=each.customer, words="Thank you", said_at=each.replied_at, unread=each.pk % 2
        )
        for each in spoken
    )
    _kept(
        Message(
            organization=business.organization,
            business=business,
            customer=each.customer,
            delivery=each,
            kind="inbound",
            status="read",
            text="Thank you",
            chert_id=f"in-{each.pk}",
            created_at=each.replied_at,
        )
        for each in spoken
    )


def _review(business: Business, number: int, row: Delivery) -> Review:
    is_open = number % 20 == 0
    if is_open:
        Customer.objects.filter(pk=row.customer_id).update(likely_at=row.created_at, likely_words="Grace H.")
    return Review(
        organization=business.organization,
        business=business,
        author="Grace H.",
        fingerprint=f"{number:064d}",
        customer=row.customer if is_open else None,
        confidence=70,
        state=Review.State.WAITING if is_open else Review.State.UNMATCHED,
    )


def _told(business: Business, owner: User, deliveries: list[Delivery]) -> None:
    organization = business.organization
    with override_settings(CHERT_API_BASE="http://127.0.0.1:9/api/v1"):
        hook = outgoing.add(organization, "http://127.0.0.1:9/hook", list(WebhookEndpoint.Event.values), owner)
    events = _kept(
        OutgoingEvent(
            organization=organization,
            business=business,
            customer=each.customer,
            type="message.read",
            data={"delivery": each.pk},
            at=each.created_at,
        )
        for each in deliveries
    )
    _kept(WebhookCall(event=each, endpoint=hook, tries=1, told_at=each.at, answered=204) for each in events)


def _settle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


# --- what is asked ----------------------------------------------------------------------------------------------------


def _pages(business: Business) -> dict[str, str]:
    campaign = business.campaigns.order_by("pk")[0]
    talk = business.conversations.order_by("pk")[0]
    hook = business.organization.webhook_endpoints.get()
    return {
        "overview": reverse("dashboard"),
        "customers": reverse("customers"),
        "a customer": reverse("customer", args=[talk.customer_id]),
        "households": reverse("customer_households"),
        "campaigns": reverse("campaigns"),
        "a campaign": reverse("campaign", args=[campaign.pk]),
        "a campaign's page a thousand": f"{reverse('campaign', args=[campaign.pk])}?page=1000",
        "what moved in it": f"{reverse('campaign_live', args=[campaign.pk])}?seen={campaign.version}&state=running",
        "results, 90 days": reverse("results"),
        "results, a year": f"{reverse('results')}?days=365",
        "results of a campaign": reverse("campaign_results", args=[campaign.pk]),
        "reviews": reverse("reviews"),
        "inbox": reverse("inbox"),
        "a conversation": reverse("conversation", args=[talk.pk]),
        "settings": reverse("settings"),
        "webhooks": reverse("webhooks"),
        "a webhook": reverse("webhook", args=[hook.pk]),
    }


def _lists(business: Business) -> dict[str, str]:
    hook = business.organization.webhook_endpoints.get()
    return {
        "API: customers": "/api/v1/customers",
        "API: deliveries": "/api/v1/deliveries",
        "API: deliveries not yet sent": "/api/v1/deliveries?status=greeted",
        "API: campaigns": "/api/v1/campaigns",
        "API: what a webhook was told": f"/api/v1/webhooks/{hook.pk}/calls",
    }


@dataclass(frozen=True)
class Times:
    """Milliseconds by the clock on the wall and of our processor, and how many queries."""

    wall: list[float]
    busy: list[float]
    queries: int

    @property
    def said(self) -> dict[str, float]:
        """What is told of one address."""
        return {
            "p50": round(statistics.median(self.wall), 1),
            "slowest": round(max(self.wall), 1),
            "processor": round(statistics.median(self.busy), 1),
            "queries": self.queries,
        }


def _measured(client: Client, business: Business, owner: User) -> dict[str, Any]:
    _, words = ApiToken.make(business.organization, "Bench", list(ApiToken.Scope.values), owner)
    key = {"authorization": f"Bearer {words}"}
    pages = {name: _times(client, url, {}) for name, url in _pages(business).items()}
    lists = {name: _times(client, url, key) for name, url in _lists(business).items()}
    asked = pages | lists
    _make_due(business)
    ready = {"readyz, all due": _times(client, "/readyz", {}), "overview, all due": _times(client, "/", {})}
    return {
        "page_ms": _spread([ms for times in pages.values() for ms in times.wall]),
        "api_ms": _spread([ms for times in lists.values() for ms in times.wall]),
        "each": {name: times.said for name, times in (asked | ready).items()},
    }


def _times(client: Client, address: str, headers: dict[str, str]) -> Times:
    """Each of the rounds, after one that reads templates and counts the queries."""
    with CaptureQueriesContext(connection) as seen:
        first = client.get(address, headers=headers)
    queries = len(seen)
    assert first.status_code in (200, 204, 503), (address, first.status_code, first.content[:300])
    rounds = [_once(client, address, headers) for _ in range(ROUNDS)]
    return Times([wall for wall, _ in rounds], [busy for _, busy in rounds], queries)


def _once(client: Client, address: str, headers: dict[str, str]) -> tuple[float, float]:
    begun, busy = time.perf_counter(), time.process_time()
    client.get(address, headers=headers)
    return (time.perf_counter() - begun) * 1000, (time.process_time() - busy) * 1000


def _make_due(business: Business) -> None:
    """Everybody in the running campaign and the others is to be reminded, and it is time."""
    now = timezone.now()
    asks = Message.objects.filter(business=business, kind="ask")
    asks.update(status="planned", due_at=now - timedelta(hours=1), sent_at=None, delivered_at=None, read_at=None)
    _settle()
