"""The books as they stand in our database and in the sandbox's ledger."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from benchmarks.chaos.books import Books, Campaign, Effect, Row, Seen, Try
from benchmarks.chaos.watch import seconds
from benchmarks.harness import Site

ROWS = (
    "SELECT m.id, o.slug, c.phone, m.kind, m.status, m.key, m.body, m.chert_id, m.reason, m.due_at,"
    " m.lease_until, m.lease_token, m.delivery_id, m.round FROM campaigns_message m"
    " JOIN campaigns_customer c ON c.id = m.customer_id JOIN campaigns_organization o ON o.id = m.organization_id"
    " WHERE m.kind <> 'inbound' ORDER BY m.id"
)
TRIES = "SELECT message_id, started_at, code FROM campaigns_attempt WHERE step = 'send' ORDER BY id"
WORDS = (
    "SELECT d.id, d.status, o.slug FROM campaigns_delivery d JOIN campaigns_campaign k ON k.id = d.campaign_id"
    " JOIN campaigns_business b ON b.id = k.business_id JOIN campaigns_organization o ON o.id = b.organization_id"
    " WHERE k.id = "
)
HUNG = "SELECT count(*) FROM campaigns_attempt WHERE detail = 'Chert did not answer in time.'"


def read(
    site: Site,
    database: Any,
    ledger: Mapping[str, Any],
    campaigns: list[int],
    seen: Seen,
    paces: Mapping[str, tuple[float, int]],
) -> Books:
    """Everything the verdict is made of, when the run is over."""
    return Books(
        rows=[_row(*row) for row in database.execute(ROWS).fetchall()],
        tries=[Try(pk, seconds(at), code) for pk, at, code in database.execute(TRIES).fetchall()],
        effects=[_effect(effect) for effect in ledger["effects"] if effect["kind"] == "message"],
        campaigns=[_campaign(site, database, number) for number in campaigns],
        seen=seen,
        paces=paces,
        hung=int(database.execute(HUNG).fetchone()[0]),
    )


def statuses(books: Books) -> dict[str, int]:
    """How many messages ended how."""
    return dict(sorted(Counter(row.status for row in books.rows).items()))


def _row(
    pk: int,
    tenant: str,
    phone: str,
    kind: str,
    word: str,
    key: str,
    body: Any,
    chert_id: str,
    reason: str,
    due_at: Any,
    lease_until: Any,
    lease_token: str,
    delivery: int | None,
    round_: int,
) -> Row:
    frozen = bytes(body) if body is not None else None
    is_leased = bool(lease_token or lease_until)
    return Row(
        pk, tenant, phone, kind, word, key, frozen, chert_id, reason, due_at is not None, is_leased, delivery, round_
    )


def _effect(effect: Mapping[str, Any]) -> Effect:
    at = datetime.fromisoformat(effect["at"]).timestamp()
    return Effect(effect["tenant"], effect["phone"], effect["message_id"], effect["key"], effect["parts"], at)


def _campaign(site: Site, database: Any, number: int) -> Campaign:
    told = site.command("campaign", str(number))
    words = database.execute(f"{WORDS}{number}").fetchall()
    counts = {word: count for word, count in told["counts"].items() if count}
    return Campaign(words[0][2], told["state"], told["total"], counts, {pk: word for pk, word, _ in words})
