"""Redis is a doorbell: killed, emptied, full or asleep, it costs a moment and no message (F-58)."""

import itertools
import os
import signal
import sys
import time

import httpx
import pytest

from benchmarks.deliveries import SLUG, free_the_line, gone_out
from benchmarks.harness import provisioned, running
from benchmarks.servers import Missing, program, temporary_redis
from tests.site.processes import is_alive, own_database, until

ROWS = 10
#: Of the campaigns.
numbers = itertools.count(1)
#: Seconds after which what comes due while Redis is away has to be out.
SOON = 30


def is_missing() -> bool:
    try:
        return not program("redis-server", "Redis")
    except Missing:
        return True


pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.skipif(is_missing(), reason="there is no redis-server on this machine"),
]


@pytest.fixture(scope="module")
def redis():
    with temporary_redis() as made:
        yield made


@pytest.fixture(scope="module")
def site(redis):
    """One product for all troubles: each finds Redis back."""
    with own_database() as database, running(**database, REDIS_URL=redis.url) as made:
        provisioned(made, 1)
        free_the_line(made)
        yield made


def asked(site):
    """A campaign for ten new customers, launched this moment."""
    number = next(numbers)
    people = [f"Grace,Hopper,+1512{5560000 + 100 * number + i}" for i in range(ROWS)]
    path = site.folder / f"people{number}.csv"
    path.write_text("\n".join(["first name,last name,phone", *people]) + "\n")
    site.command("import_customers", str(path), "--business", SLUG, "--consent", "They are customers")
    return site.command("launch", "--business", SLUG, "--name", f"Campaign {number}")["campaign"]


def goes_out_soon(site):
    """Seconds from the launch until everything was out."""
    campaign, began = asked(site), time.monotonic()
    until(lambda: gone_out(site, campaign) >= ROWS, SOON)
    return time.monotonic() - began


@pytest.mark.parametrize("trouble", ["killed", "emptied", "full", "asleep"])
def test_while_redis_is_away_all_goes_on_within_half_a_minute(redis, site, trouble):
    """F-58.  Runbook: Redis is away.

    What is launched meanwhile goes out before it is back, the pages stand, nothing is said twice.
    """
    with getattr(redis, trouble)():
        goes_out_soon(site)
        the_site_is_up(site)
        time.sleep(12)  # longer than the last sign of life that still came by the bell is believed
        assert worker(site) == "ok"
        goes_out_soon(site)
    goes_out_soon(site)
    assert site.ledger()["duplicates"] == 0


@pytest.mark.parametrize("trouble", ["killed", "asleep"])
def test_a_worker_can_end_while_redis_is_away_and_the_next_one_works(redis, site, trouble):
    """F-06, F-58."""
    goes_out_soon(site)
    with getattr(redis, trouble)():
        [old], began = site.processes("celery"), time.monotonic()
        os.kill(old, signal.SIGTERM)
        until(lambda: not is_alive(old), 120)
        assert time.monotonic() - began < 28  # else the supervisor would have killed it
        goes_out_soon(site)
    assert site.count("SELECT count(*) FROM campaigns_message WHERE lease_token <> '' AND 0 = ", 0) == 0


def worker(site):
    return httpx.get(f"{site.url}/readyz", timeout=30).json()["checks"]["worker"]


def the_site_is_up(site):
    """Its pages, and its door: wrong words are told so, and are not our fault."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=10) as visitor:
        assert visitor.get("/sign-in/").status_code == 200
        told = {"email": "grace@example.com", "passphrase": "wrong", "csrfmiddlewaretoken": visitor.cookies["csrf"]}
        assert visitor.post("/sign-in/", data=told, headers={"Origin": site.url}).status_code == 422
