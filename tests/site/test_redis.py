"""Redis is a doorbell: killed, emptied, full or asleep, it costs a moment and no message."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest
import redis

from benchmarks.deliveries import MESSAGES, SLUG, free_the_line, gone_out
from benchmarks.harness import free_port, provisioned, running
from tests.site.processes import own_database, until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.skipif(not shutil.which("redis-server"), reason="there is no redis-server on this machine"),
]

ROWS = 60


class Server:
    """A Redis of our own that may be mistreated."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.start()

    def start(self):
        quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), *quiet], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self.answers, 10)

    @property
    def client(self):
        return redis.Redis(port=self.port, socket_timeout=1)

    def answers(self):
        try:
            return self.client.ping()
        except redis.RedisError:
            return False

    def signal(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    @contextmanager
    def killed(self):
        self.kill()
        yield
        self.start()

    @contextmanager
    def emptied(self):
        self.client.flushall()
        yield

    @contextmanager
    def full(self):
        self.client.config_set("maxmemory", 1)
        yield
        self.client.config_set("maxmemory", 0)

    @contextmanager
    def asleep(self):
        self.signal(signal.SIGSTOP)
        yield
        self.signal(signal.SIGCONT)


@pytest.fixture
def server(tmp_path):
    made = Server(tmp_path)
    yield made
    made.kill()


def test_killed_emptied_full_or_asleep_it_costs_no_message_and_no_page(server):
    """F-58."""
    with own_database() as database, running(**database, REDIS_URL=f"redis://127.0.0.1:{server.port}/0") as site:
        provisioned(site, ROWS, ask_after=1)
        free_the_line(site)
        site.weather(latency_ms=200)
        campaign = site.command("launch", "--business", SLUG, "--name", "Autumn")["campaign"]
        for trouble in (server.killed, server.emptied, server.full, server.asleep):
            with trouble():
                the_site_is_up(site)
            sent = site.count(MESSAGES, campaign)
            until(lambda sent=sent: site.count(MESSAGES, campaign) >= min(sent + 5, 2 * ROWS), 30)
        site.weather(latency_ms=0)
        until(lambda: gone_out(site, campaign) == ROWS, 60)
        assert site.ledger()["duplicates"] == 0


def the_site_is_up(site):
    """Its pages, and its door: wrong words are told so, and are not our fault."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=10) as visitor:
        assert visitor.get("/sign-in/").status_code == 200
        told = {"email": "grace@example.com", "passphrase": "wrong", "csrfmiddlewaretoken": visitor.cookies["csrf"]}
        assert visitor.post("/sign-in/", data=told, headers={"Origin": site.url}).status_code == 422
