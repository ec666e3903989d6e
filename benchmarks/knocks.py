"""How soon is Chert answered when it tells us fifty things a second, while a campaign runs at full speed?  (W8)

    python3 manage.py bench knocks [--rows 1000] [--knocks 1500]

Real site, worker and sandbox.  1,000 customers are asked without any gap; meanwhile somebody who plays Chert knocks at
our webhook fifty times a second, evenly, however long the answers take: of four knocks one tells of a customer's words
("Thank you, see you next year"), the others of what we need not act on.  Milliseconds count from the moment at which
the knock was to begin, so one that had to wait for its hand to come back from the last has waited for us.  In the end
every one has to be stored, once, and understood.  On PostgreSQL and Redis with DATABASE_URL and REDIS_URL.
"""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx

from benchmarks.harness import ROOT, SLUG, Site, free_the_line, provisioned, running, wait_until
from campaigns.chert import webhooks

EVERY = 1 / 50  # seconds from one knock to the next
HANDS = 32
WORDS = "Thank you, see you next year"
#: Of so many knocks one has words.
SHARE = 4
DOOR = (
    "import django; django.setup(); from campaigns.models import Organization; one = Organization.objects.get();"
    "print(one.webhook_path, one.webhook_secret)"
)
CAME = "SELECT count(*) FROM campaigns_chertevent WHERE event_id LIKE 'chert:bench:%' AND 0 = "
LEFT = "SELECT count(*) FROM campaigns_chertevent WHERE handled_at IS NULL AND 0 = "
SENT = "SELECT count(*) FROM campaigns_message WHERE kind IN ('greeting', 'ask') AND sent_at IS NOT NULL AND 0 = "
PEOPLE = "SELECT c.phone FROM campaigns_customer c ORDER BY c.id"


def main(rows: int = 1000, knocks: int = 1500, **variables: str) -> dict[str, Any]:
    """One run; `variables` go into the environment of the product."""
    with running(**variables) as site:
        provisioned(site, rows)
        free_the_line(site)
        path, secret = _door(site)
        phones = [phone for (phone,) in site.reader().execute(PEOPLE).fetchall()]
        site.command("launch", "--business", SLUG, "--name", "Benchmark")
        began, before = time.monotonic(), site.cpu_seconds("gunicorn")
        found = _knock(f"{site.url}/webhooks/chert/{path}/", secret, phones, knocks)
        passed, spent = time.monotonic() - began, site.cpu_seconds("gunicorn") - before
        sent = site.count(SENT, 0)
        wait_until(lambda: not site.count(LEFT, 0), 300)
        answers = [status for status, _ in found]
        return {
            "customers": rows,
            "sent_meanwhile": sent,
            "knocks": knocks,
            "seconds": round(passed, 1),
            "answers": {str(status): answers.count(status) for status in sorted(set(answers))},
            "milliseconds": _spread([late for _, late in found]),
            "stored": site.count(CAME, 0),
            "cpu_milliseconds_of_the_site_each": round(1000 * spent / knocks, 1),
        }


def _door(site: Site) -> list[str]:
    """Where Chert knocks, and with which secret; as only the product itself can read it."""
    environ = site.environ | {"DJANGO_SETTINGS_MODULE": "reviews.settings"}
    command = [sys.executable, "-c", DOOR]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True).stdout.split()


def _knock(url: str, secret: str, phones: list[str], knocks: int) -> list[tuple[int, float]]:
    """Status and milliseconds of each."""
    begin = time.monotonic() + 1
    soon = httpx.Limits(keepalive_expiry=1)  # the site closes what is idle for two seconds
    with httpx.Client(timeout=30, trust_env=False, limits=soon) as client, ThreadPoolExecutor(HANDS) as hands:

        def one(number: int) -> tuple[int, float]:
            due = begin + number * EVERY
            time.sleep(max(0.0, due - time.monotonic()))
            body = json.dumps(_event(number, phones[number % len(phones)])).encode()
            headers = webhooks.headers_for(secret, int(time.time()), body) | {"Content-Type": "application/json"}
            status = client.post(url, content=body, headers=headers).status_code
            return status, 1000 * (time.monotonic() - due)

        return list(hands.map(one, range(knocks)))


def _event(number: int, phone: str) -> dict[str, Any]:
    name, at = f"chert:bench:{os.getpid()}-{number}", datetime.now(UTC).isoformat(timespec="milliseconds")
    told = {"event_id": name, "timestamp": at.replace("+00:00", "Z")}
    if number % SHARE:
        return told | {"event": "typing.started", "data": {"handle": phone}}
    parts = [{"type": "text", "value": WORDS}]
    said = {"id": f"guid-{number}", "direction": "inbound", "parts": parts, "sender_handle": {"handle": phone}}
    return told | {"event": "message.received", "data": {"message": said}}


def _spread(values: list[float]) -> dict[str, int]:
    ordered = sorted(values)
    places = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(ordered[min(int(part * len(ordered)), len(ordered) - 1)]) for name, part in places.items()}
