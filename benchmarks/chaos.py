"""The fault run: kills, resets before and after acceptance, 429, 500, pages in place of JSON; then the checker.

python3 manage.py chaos [--rows 300] [--kills 5] [--faults 0.1] [--seed 1]
"""

from typing import Any

from benchmarks import deliveries
from benchmarks.harness import Site, provisioned, running, wait_until

#: Six kinds of trouble share the faults evenly.
KINDS = ("p429", "p500", "reset_before", "reset_after", "non_json", "broken_json")


def main(rows: int = 300, kills: int = 5, faults: float = 0.1, seed: int = 1, **variables: str) -> dict[str, Any]:
    """One run; `passed`: nothing was lost, doubled or left open.  `variables` go into the product's environment."""
    with running(**variables) as site:
        provisioned(site, rows)
        deliveries.free_the_line(site)
        make_trouble(site, faults, seed)
        campaign = site.command("launch", "--business", deliveries.SLUG, "--name", "Chaos")["campaign"]
        killed = deliveries.watch(site, campaign, rows, kills, limit=900)
        wait_until(lambda: site.command("campaign", str(campaign))["state"] == "finished", 30)
        found = deliveries.verdict(site, campaign, rows)
    passed = not (found["lost"] or found["duplicates"] or found["database_is_locked"]) and found["total"] == rows
    return {"passed": passed, "rows": rows, "kills": killed, "faults": faults, "seed": seed, **found}


def make_trouble(site: Site, faults: float, seed: int) -> None:
    """Turn the weather of the sandbox: every kind its even share."""
    site.weather(seed=seed, **dict.fromkeys(KINDS, faults / len(KINDS)))
