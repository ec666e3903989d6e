"""`manage.py campaign`: where it stands, in numbers that add up."""

from argparse import ArgumentParser
from typing import Any

from campaigns.management.answering import Answer, campaign_numbered
from campaigns.models import Campaign, Delivery


class Command(Answer):
    help = "Say how many deliveries stand where; with --deliveries also each of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("campaign", type=int)
        parser.add_argument("--deliveries", action="store_true", help="each delivery too")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_numbered(options["campaign"])
        found = _found(campaign)
        if options["deliveries"]:
            rows = campaign.deliveries.select_related("customer").order_by("pk")
            found["deliveries"] = [_row(delivery) for delivery in rows.iterator(chunk_size=1000)]
        self.answer(options, found, lambda: _words(campaign, found))


def _found(campaign: Campaign) -> dict[str, Any]:
    counts = dict(campaign.counts())
    return {"campaign": campaign.pk, "state": campaign.state, "total": sum(counts.values()), "counts": counts}


def _row(delivery: Delivery) -> dict[str, Any]:
    times = ("sent_at", "delivered_at", "read_at", "clicked_at", "replied_at", "remind_at", "reminded_at")
    return {
        "id": delivery.pk,
        "phone": "" if delivery.customer.erased_at else delivery.customer.phone,
        "name": delivery.customer.name,
        "status": delivery.status,
        "reason": delivery.reason,
        **{name: _iso(getattr(delivery, name)) for name in times},
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def _words(campaign: Campaign, found: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {word}" for word, count in sorted(found["counts"].items())) or "no deliveries"
    lines = [f"{campaign.name}: {campaign.get_state_display().lower()}, {found['total']} in all: {counts}."]
    for row in found.get("deliveries", []):
        lines.append(f"  {row['id']:>6}  {row['status']:<10} {row['name']}  {row['reason']}")
    return "\n".join(lines)
