"""How long does the list of customers take, as one types and as a page?

    python3 manage.py bench customers [--rows 100000]

A database of its own with so many customers of one business beside a small one; a browser signed in as its owner asks
for what people look for: names that many have and names that few have, the middle of a number, nobody at all, with a
technician beside it, pages far down, the filters.  Milliseconds of the whole request, in one process, without network.
On PostgreSQL with DATABASE_URL: a database of that name with `test_` before it is made and thrown away.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import setup_databases, setup_test_environment, teardown_databases, teardown_test_environment

from campaigns import finding
from campaigns.models import Business, Customer, Membership, Organization, User

FIRST = [
    "Grace",
    "Ada",
    "Linus",
    "Marcus",
    "Dana",
    "Zoë",
    "Siobhán",
    "Łukasz",
    "Mary",
    "James",
    "José",
    "Anna",
    "Olga",
    "Ivan",
    "Chen",
    "Wei",
    "Aisha",
    "Omar",
    "Priya",
    "Ravi",
    "Emma",
    "Noah",
    "Liam",
    "Olivia",
    "Sophia",
    "Lucas",
    "Mia",
    "Ethan",
    "Nora",
    "Hugo",
]
SYLLABLES = [
    "ba",
    "ker",
    "son",
    "mil",
    "ler",
    "har",
    "ris",
    "tay",
    "lor",
    "mar",
    "tin",
    "ez",
    "wal",
    "sh",
    "hop",
    "per",
    "love",
    "lace",
    "tor",
    "vald",
    "nak",
    "amu",
    "ra",
    "sto",
    "ne",
    "fle",
    "tch",
]
ROUNDS = 8
#: So many are made one by one; more are these once more, with other numbers.
ONES = 100_000
#: Without the manifest of static files, which only a started site has.
PLAIN = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


def main(rows: int = 100_000) -> dict[str, Any]:
    """Fill a database, ask, and throw it away."""
    setup_test_environment()
    old = setup_databases(verbosity=0, interactive=False)
    try:
        business, owner = _business("Large", "large"), User.objects.create_user("bench@example.com")
        Membership.objects.create(user=owner, organization=business.organization)
        _fill(_business("Small", "small"), 500, 1)
        _fill(business, min(rows, ONES), 2)
        _multiply(business, rows)
        _settle()
        client = Client()
        client.force_login(owner)
        with override_settings(STORAGES=PLAIN, ALLOWED_HOSTS=["testserver"]):
            return _measured(client, business, rows)
    finally:
        teardown_databases(old, verbosity=0)
        teardown_test_environment()


def _business(name: str, slug: str) -> Business:
    organization = Organization.objects.create(name=name, slug=slug)
    return Business.objects.create(organization=organization, name=name, slug=slug, sender="Ada")


def _fill(business: Business, rows: int, seed: int) -> None:
    chance = random.Random(seed)
    people = (_person(business, number, chance) for number in range(rows))
    batch: list[Customer] = []
    for person in people:
        batch.append(person)
        if len(batch) == 2000:
            Customer.objects.bulk_create(batch)
            batch = []
    Customer.objects.bulk_create(batch)


def _multiply(business: Business, rows: int) -> None:
    """The same people again and again, each time with numbers nobody has yet."""
    columns = [f.column for f in Customer._meta.concrete_fields if f.name not in ("id", "phone", "search")]
    names = ", ".join(f'"{column}"' for column in columns)
    last = "CAST(CAST(substr(phone, 6) AS integer) + %s AS text)"
    number = f"substr(phone, 1, 5) || substr('0000000' || {last}, length({last}) + 1)"
    statement = (
        f"INSERT INTO campaigns_customer ({names}, phone, search) SELECT {names}, {number},"
        f" replace(search, substr(phone, 2), substr({number}, 2)) FROM campaigns_customer"
        " WHERE business_id = %s AND id <= %s"
    )
    highest = Customer.objects.order_by("-pk").values_list("pk", flat=True)[0]
    for more in range(ONES, rows, ONES):
        with connection.cursor() as cursor:
            cursor.execute(statement, [more] * 4 + [business.pk, highest])


def _person(business: Business, number: int, chance: random.Random) -> Customer:
    last = "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).capitalize()
    person = Customer(
        business=business,
        phone=f"+1{chance.randint(200, 989)}{number:07d}",
        first_name=chance.choice(FIRST),
        last_name=last,
        consent_basis="Asked at the counter" if chance.random() < 0.98 else "",
        is_attested=True,
        last_visit=date(2026, 1, 1) + timedelta(days=chance.randint(0, 300)),
        technician=chance.choice(("Dana", "Sam", "", "")),
        is_insider=chance.random() < 0.001,
    )
    person.search = finding.indexed(person.first_name, person.last_name, person.phone)
    return person


def _settle() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE campaigns_customer" if connection.vendor == "postgresql" else "ANALYZE")


def _questions(business: Business) -> Iterator[tuple[str, str, bool]]:
    """What it is called, the query string, and whether the whole page is asked for."""
    pks = list(
        business.customers.order_by("pk").values_list("pk", flat=True)[:: max(1, business.customers.count() // 7)]
    )
    person = Customer.objects.get(pk=pks[3])
    yield "page", "", True
    yield "page stopped", "show=stopped", True
    yield "page insiders", "show=insiders", True
    yield "page far down", f"before={pks[2]}", True
    yield "one letter", "q=g", False
    yield "two letters", "q=gr", False
    yield "common name", "q=grace", False
    yield "folded name", "q=lukasz", False
    yield "two words", "q=grace+hopper", False
    yield "rare name", f"q={person.last_name}", False
    yield "full name", f"q={person.first_name}+{person.last_name}", False
    yield "whole number", f"q={person.phone[1:]}", False
    yield "end of a number", f"q={person.phone[-5:]}", False
    yield "two digits", "q=77", False
    yield "nobody", "q=zzyzx", False
    yield "nobody, two letters", "q=qx", False
    yield "narrowed", "q=baker&technician=Dana", False


def _measured(client: Client, business: Business, rows: int) -> dict[str, Any]:
    asked: dict[str, list[float]] = {}
    busy: list[float] = []
    client.get("/customers/")  # templates and icons are read once per process
    for _ in range(ROUNDS):
        for name, query, is_page in _questions(business):
            headers = {} if is_page else {"HX-Request": "true", "HX-Target": "people"}
            began = time.process_time()
            asked.setdefault(name, []).append(
                _timed(lambda q=query, h=headers: client.get(f"/customers/?{q}", headers=h))
            )
            busy.append((time.process_time() - began) * 1000)
    pages = [ms for name, times in asked.items() if name.startswith("page") for ms in times]
    searches = [ms for name, times in asked.items() if not name.startswith("page") for ms in times]
    return {
        "customers": rows,
        "database": connection.vendor,
        "search_ms": _spread(searches),
        "page_ms": _spread(pages),
        "processor_ms": _spread(busy),
        "median_ms": {name: round(statistics.median(times), 1) for name, times in asked.items()},
        "slowest_ms": {name: round(max(times), 1) for name, times in asked.items()},
        "by_threes": _has_threes(),
    }


def _timed(act: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    assert act().status_code == 200
    return (time.perf_counter() - begun) * 1000


def _spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"p50": round(ordered[len(ordered) // 2], 1), "p95": round(ordered[int(0.95 * len(ordered))], 1)}


def _has_threes() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_indexes WHERE indexname = 'customer_by_threes'")
        return cursor.fetchone() is not None
