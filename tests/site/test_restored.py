"""The real thing: send, back up, send more, put back, start (F-54); and a version changed under a campaign (F-15)."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import harness
from benchmarks.deliveries import MESSAGES, SLUG, free_the_line, gone_out
from tests.site.processes import Site, as_on_day_one, own_database, until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

ROWS = 24
START = ("--port", "0", "--no-demo")
BEAT = "SELECT beat FROM campaigns_pulse WHERE id = "
#: What the next release might bring: a column the running program has never heard of, and its migration.
NEXT_RELEASE = (
    "ALTER TABLE campaigns_message ADD COLUMN mood_of_the_moon integer NOT NULL DEFAULT 0",
    "CREATE TABLE campaigns_moon (id integer PRIMARY KEY)",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('campaigns', '9999_moon', '2030-01-01')",
)


class Shop:
    """A running Goodword with customers, that can be stopped and started on the same data."""

    def __init__(self, folder: Path, **variables: str) -> None:
        as_on_day_one(folder / "data")
        self.site = Site(folder, *START, **variables).wait()
        self.data = folder / "data"
        harness.provisioned(self.beside, ROWS, ask_after=1)

    @property
    def beside(self) -> harness.Site:
        """Commands and questions beside it, as it runs now."""
        environ = {**self.site.environ, "CHERT_SIGNING_SECRET": harness.SECRET}
        return harness.Site(self.data, 0, self.site.process, environ)

    def stop(self) -> None:
        self.site.stop()

    def start(self) -> None:
        self.site.process = self.site.start(*START)
        self.site.wait()

    def launch(self) -> int:
        return int(self.beside.command("launch", "--business", SLUG, "--name", "Autumn")["campaign"])

    def slow_backup(self) -> str:
        """A backup while Chert takes its time, so that much is still to come after it."""
        self.beside.weather(latency_ms=4000)
        made = self.beside.command("backup", str(self.data / "backups"))
        self.beside.weather(latency_ms=250)
        return str(made["file"])

    def messages(self, campaign: int) -> int:
        return self.beside.count(MESSAGES, campaign)

    def state(self, campaign: int) -> str:
        return str(self.beside.command("campaign", str(campaign))["state"])

    def tell(self, *statements: str) -> None:
        with contextlib.closing(self.beside.database()) as database:
            for statement in statements:
                database.execute(statement)
                database.commit()


@pytest.fixture
def shop(tmp_path) -> Iterator[Shop]:
    with own_database() as database:
        made = Shop(tmp_path, **database)
        try:
            free_the_line(made.beside)
            made.beside.weather(latency_ms=250)
            yield made
        finally:
            made.stop()


def test_after_a_restore_nothing_goes_before_somebody_says_so_and_then_nobody_hears_it_twice(shop):
    """F-54."""
    campaign = shop.launch()
    until(lambda: shop.messages(campaign) >= 6)
    backup = shop.slow_backup()
    kept = shop.messages(campaign)
    until(lambda: shop.messages(campaign) >= kept + 6)
    shop.stop()
    known = shop.messages(campaign)
    shop.beside.command("restore", backup)
    assert 6 <= shop.messages(campaign) <= known - 6
    shop.start()
    before, beat = len(shop.beside.ledger()["effects"]), shop.beside.count(BEAT, 1)
    until(lambda: shop.beside.count(BEAT, 1) > beat)
    assert shop.state(campaign) == "held"
    until(lambda: shop.site.get("/readyz").json()["notes"] != [])
    assert "1 held: somebody has to say whether it goes on." in shop.site.get("/readyz").json()["notes"]
    assert len(shop.beside.ledger()["effects"]) == before
    shop.beside.command("resume", str(campaign))
    until(lambda: gone_out(shop.beside, campaign) == ROWS)
    ledger = shop.beside.ledger()
    assert (ledger["duplicates"], said(ledger)) == (0, 2 * ROWS)


def said(ledger) -> int:
    return sum(effect["kind"] == "message" for effect in ledger["effects"])


def test_the_version_is_changed_and_changed_back_while_a_campaign_is_under_way(shop):
    """F-15: this program beside the next one's database, stopped and started on it. Runbook: A new version."""
    campaign = shop.launch()
    until(lambda: shop.messages(campaign) >= 6)
    shop.tell(*NEXT_RELEASE)
    sent = shop.messages(campaign)
    until(lambda: shop.messages(campaign) >= sent + 6)  # the old worker at work on the new database
    shop.stop()
    shop.start()  # and the old program started on it, as after a way back
    until(lambda: gone_out(shop.beside, campaign) == ROWS)
    ledger = shop.beside.ledger()
    assert (ledger["duplicates"], said(ledger), shop.state(campaign) in ("running", "finished")) == (0, 2 * ROWS, True)
    assert shop.site.get("/readyz").json()["checks"]["migrations"] == "ok"
