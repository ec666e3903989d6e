"""How fast is the whole product?  1,000 customers through real processes against a sandbox without latency.

    python3 manage.py bench deliveries [--rows 1000] [--kills 5]

Prints deliveries per second, CPU per delivery by process, what the sandbox counted, and whether anything was lost,
doubled or locked; then what the outbox costs beside the design that is usually written.  With kills the sending process
is SIGKILLed that often on the way.
"""

import json
import time
from typing import Any

from benchmarks import naive
from benchmarks.harness import SLUG, Site, free_the_line, provisioned, running

WENT_OUT = "('sent', 'delivered', 'read')"
DELIVERIES = f"SELECT count(*) FROM campaigns_delivery WHERE status IN {WENT_OUT} AND campaign_id = "
MESSAGES = (
    "SELECT count(*) FROM campaigns_message m JOIN campaigns_delivery d ON d.id = m.delivery_id"
    f" WHERE m.status IN {WENT_OUT} AND d.campaign_id = "
)
PROCESSES = {"worker": "celery", "sandbox": "campaigns.sandbox", "web": "reviews.wsgi"}


def measure(rows: int = 1000, kills: int = 0, limit: float = 300, **variables: str) -> dict[str, Any]:
    """Run it once and return what was seen.  `variables` go into the environment of the product."""
    with running(**variables) as site:
        provisioned(site, rows)
        free_the_line(site)
        before = {name: site.cpu_seconds(word) for name, word in PROCESSES.items()}
        began = time.monotonic()
        campaign = site.command("launch", "--business", SLUG, "--name", "Benchmark")["campaign"]
        launched = time.monotonic()
        killed = watch(site, campaign, rows, kills, limit)
        took = time.monotonic() - launched
        spent = {name: site.cpu_seconds(word) - before[name] for name, word in PROCESSES.items()}
        return verdict(site, campaign, rows) | {
            "rows": rows,
            "kills": killed,
            "launch_seconds": round(launched - began, 1),
            "seconds": round(took, 1),
            "deliveries_per_second": round(rows / took, 1),
            "cpu_ms_per_delivery": {name: round(1000 * seconds / rows, 1) for name, seconds in spent.items()},
        }


def watch(site: Site, campaign: int, rows: int, kills: int, limit: float) -> int:
    """Wait until everything has gone out, killing on the way; returns how often.  Raises TimeoutError."""
    killed, end = 0, time.monotonic() + limit
    while (done := gone_out(site, campaign)) < rows:
        if time.monotonic() > end:
            raise TimeoutError(f"{done} of {rows} went out in {limit:.0f} seconds")
        if killed < kills and site.count(MESSAGES, campaign) > (killed + 0.5) * rows * 2 / kills:
            killed += bool(site.kill_worker())
        time.sleep(0.25)
    return killed


def gone_out(site: Site, campaign: int) -> int:
    """Deliveries that Chert has taken."""
    return site.count(DELIVERIES, campaign)


def verdict(site: Site, campaign: int, rows: int) -> dict[str, Any]:
    """What the sandbox really did, against what our rows say."""
    ledger = site.ledger()
    counts = site.command("campaign", str(campaign))
    log = (site.folder / "log.txt").read_text()
    messages = sum(effect["kind"] == "message" for effect in ledger["effects"])
    return {
        "total": counts["total"],
        "counts": counts["counts"],
        "messages_at_the_sandbox": messages,
        "lost": 2 * rows - messages + ledger["duplicates"],
        "duplicates": ledger["duplicates"],
        "calls_per_delivery": round(ledger["calls"] / rows, 2),
        "database_is_locked": log.count("database is locked"),
    }


def main(rows: int = 1000, kills: int = 0) -> dict[str, Any]:
    """The whole product once, and its outbox beside a naive one; for `manage.py bench deliveries`."""
    return measure(rows, kills) | {"beside_a_naive_design": naive.compare(min(rows, 300))}


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
