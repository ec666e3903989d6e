"""Nobody was there for an hour, and ten thousand answers wait in Chert's log: how long until each is understood?

    python3 manage.py bench log [--rows 10000]

Runs in one process, on a database that is made for it and thrown away, with the sandbox in the same process.  A hundred
customers have their greeting and write back, a hundred times each; no webhook comes (F-50).  Seconds of wall time for
reading the log and for understanding what it says; then the whole log is read once more, and nothing may be new.
"""

import time
from datetime import timedelta
from typing import Any

import httpx
from django.db import connection as database
from django.test import override_settings
from django.utils import timezone

from benchmarks.contact_sheet import _database, _draft
from campaigns import connection, events, launch, outbox
from campaigns.models import Campaign, Message, Organization
from campaigns.sandbox import SandboxTransport, Store, make_app

HERE = "http://127.0.0.1:9"
LINE = "+15125550100"
CUSTOMERS = 100


def main(rows: int = 10_000) -> dict[str, Any]:
    """Greet, let them answer, read, understand, and say what it took."""
    sandbox = SandboxTransport(make_app(Store(":memory:"), deliver=False))
    with _database(), override_settings(CHERT_API_BASE=f"{HERE}/api/v1", ALLOWED_HOSTS=["*"]):
        connection.transport = lambda: sandbox
        campaign = _draft(CUSTOMERS)
        with httpx.Client(transport=sandbox, base_url=HERE) as phones:
            _greet(campaign, phones)
            _answers(campaign, phones, rows)
        return {"events": rows} | _measured(campaign.business.organization) | _counted(rows)


def _greet(campaign: Campaign, phones: httpx.Client) -> None:
    business, organization = campaign.business, campaign.business.organization
    business.own_lines.create(organization=organization, number=LINE, budget=100_000, gap=0)
    type(business).objects.filter(pk=business.pk).update(window="00:00-24:00")
    lines = [{"number": LINE, "budget": None, "gap": 0}]
    told = {"secret": organization.chert_secret, "lines": lines}
    phones.put(f"/sandbox/tenants/{organization.slug}", json=told).raise_for_status()
    campaign.business.refresh_from_db()
    launch.launch(campaign, None, timezone.now())
    outbox.run(hands=0)


def _answers(campaign: Campaign, phones: httpx.Client, count: int) -> None:
    numbers = list(campaign.business.customers.values_list("phone", flat=True))
    tenant = campaign.business.organization.slug
    for number in range(count):
        path = f"/sandbox/phones/{numbers[number % len(numbers)]}/reply"
        phones.post(path, json={"text": f"Thank you, {number}", "tenant": tenant}).raise_for_status()


def _measured(organization: Organization) -> dict[str, Any]:
    began = time.monotonic()
    fresh = events.poll(timezone.now)
    read = time.monotonic()
    with database.execute_wrapper(statements := _Statements()):
        while events.handle(timezone.now):
            pass
    understood = time.monotonic()
    long_ago = organization.created_at - timedelta(minutes=1)
    Organization.objects.update(events_polled_at=None, events_since=long_ago)
    return {
        "read_seconds": round(read - began, 1),
        "understood_seconds": round(understood - read, 1),
        "statements_per_event": round(statements.count / max(fresh, 1), 1),
        "new_at_the_second_reading": events.poll(timezone.now),
    }


class _Statements:
    """Counts what the database is asked."""

    count = 0

    def __call__(self, execute: Any, *what: Any) -> Any:
        self.count += 1
        return execute(*what)


def _counted(rows: int) -> dict[str, int]:
    kept = Message.objects.filter(kind="inbound")
    different = kept.values("chert_id").distinct().count()
    return {"lost": rows - different, "doubled": kept.count() - different}
