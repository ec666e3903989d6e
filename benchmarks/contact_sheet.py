"""How long the contact sheet of 500 customers takes: the page and the picture with its first fifty prints.

    python3 manage.py bench contact_sheet [--rows 500]

Runs in one warm process on a database that is made for it and thrown away.  Each round all customers get new names, so
that no name has been set before; fonts and the photo have been.  Medians of wall time in milliseconds, and of
processor time, which says the same on a busy machine.
"""

import random
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import invitations, provisioning
from campaigns.models import Campaign, Card, Customer

ODD = ("HARBOR HVAC LLC", "Marcus & Dana", "Lee, Marcus", "", "Maximiliana-Konstantina")
SCRIPTS = ("José", "李伟", "محمد", "יוסף", "지민", "さくら", "สมชาย", "Дмитрий", "Ελένη", "Nguyễn")
ROUNDS = 9


def main(rows: int = 500) -> dict[str, Any]:
    """Build a draft with so many customers, look at its contact sheet again and again, and say what it took."""
    with _database():
        campaign = _draft(rows)
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(campaign.created_by)
        draw = random.Random(1)
        rounds = []
        for _ in range(ROUNDS + 1):
            _rename(campaign, draw)
            rounds.append(_look(client, campaign))
    del rounds[0]  # it opened the fonts and prepared the photo
    found = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    totals = [each["page_ms"] + each["sheet_ms"] for each in rounds]
    spent = [each["page_cpu_ms"] + each["sheet_cpu_ms"] for each in rounds]
    both = {"page_and_sheet_ms": round(statistics.median(totals), 1), "worst_ms": round(max(totals), 1)}
    return {"customers": rows} | both | {"page_and_sheet_cpu_ms": round(statistics.median(spent), 1)} | found


@contextmanager
def _database() -> Iterator[None]:
    """A database of its own, as the tests have; and the style sheets, which every page names by their content."""
    call_command("collectstatic", verbosity=0, interactive=False)
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _draft(rows: int) -> Campaign:
    wanted = provisioning.Wanted(
        name="Bench Plumbing",
        sender="Todd",
        email="todd@bench.example",
        secret="00112233445566778899aabbccddeeff",
        timezone="America/Chicago",
        place_id="ChIJ_benchmark_place_000",
        lines=[],
    )
    made = provisioning.provision(wanted)
    card = Card.from_starter(made.business)
    card.save()
    people = [
        Customer(
            business=made.business,
            phone=f"+1512{5551000 + n}",
            last_name="Bell",
            consent_basis="Asked",
            is_attested=True,
        )
        for n in range(rows)
    ]
    Customer.objects.bulk_create(people)
    words = {"greeting": invitations.GREETING, "ask": invitations.ASK}
    return Campaign.objects.create(business=made.business, name="Bench", card=card, created_by=made.owner, **words)


def _rename(campaign: Campaign, draw: random.Random) -> None:
    """New names for everybody; the first five are odd, every eighth of the others is in another script."""
    people = list(campaign.business.customers.order_by("pk"))
    for number, person in enumerate(people):
        made = "".join(draw.choice("bdfglmnrst") + draw.choice("aeiou") for _ in range(draw.choice((2, 2, 3, 4))))
        person.first_name = ODD[number] if number < len(ODD) else made.capitalize()
        if number >= len(ODD) and draw.random() < 0.125:
            person.first_name = draw.choice(SCRIPTS)
    Customer.objects.bulk_update(people, ["first_name"], batch_size=100)


def _look(client: Client, campaign: Campaign) -> dict[str, float]:
    """The page, and what a browser fetches for it."""
    address = reverse("campaign_pictures", args=[campaign.pk])
    page, page_ms, page_cpu, page_queries = _timed(client, address)
    html = page.content.decode()
    sheets = [unescape(found) for found in dict.fromkeys(re.findall(r'href="([^"]*sheet\.jpg[^"]*)"', html))]
    fifty = next(sheet for sheet in sheets if "kind=as_is" in sheet)
    pairs = next((sheet for sheet in sheets if "kind=pairs" in sheet), fifty)
    sheet, sheet_ms, sheet_cpu, sheet_queries = _timed(client, fifty)
    _, pairs_ms, _, _ = _timed(client, pairs)
    return {
        "page_ms": page_ms,
        "sheet_ms": sheet_ms,
        "before_and_after_ms": pairs_ms,
        "page_cpu_ms": page_cpu,
        "sheet_cpu_ms": sheet_cpu,
        "page_queries": page_queries,
        "sheet_queries": sheet_queries,
        "page_bytes": len(page.content),
        "sheet_bytes": len(sheet.content),
    }


def _timed(client: Client, address: str) -> tuple[Any, float, float, int]:
    """The answer, its milliseconds, those of the processor, and its queries (counted in a run of their own)."""
    began, spent = time.perf_counter(), time.process_time()
    answer = client.get(address)
    took, cost = time.perf_counter() - began, time.process_time() - spent
    assert answer.status_code == 200, answer.status_code
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return answer, round(took * 1000, 1), round(cost * 1000, 1), len(queries)
