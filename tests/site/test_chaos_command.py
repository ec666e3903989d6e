"""`manage.py chaos` and what it strikes with: refusals in one sentence, and a watcher that outlives its server."""

import psycopg
import pytest
from django.core.management import CommandError, call_command

from benchmarks import servers

pytestmark = pytest.mark.once


@pytest.mark.parametrize("strike", ["--redis-kills", "--flushes", "--postgres-restarts"])
def test_only_servers_of_its_own_are_struck(strike):
    with pytest.raises(CommandError, match="add --on postgres"):
        call_command("chaos", strike, "1")


def test_what_is_missing_is_said_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(servers, "BESIDE_THE_PATH", str(tmp_path))
    with pytest.raises(CommandError, match="There is no redis-server on this machine: install Redis"):
        call_command("chaos", "--on", "postgres")


class Falls:
    """A connection that dies at its first question."""

    def __init__(self, dies):
        self.dies, self.is_closed = dies, False

    def execute(self, question):
        if self.dies:
            raise psycopg.OperationalError("the server closed the connection unexpectedly")
        return question

    def close(self):
        self.is_closed = True


def test_a_watcher_asks_again_on_a_new_connection():
    made = [Falls(dies=True), Falls(dies=True), Falls(dies=False)]
    waiting = iter(made)
    watcher = servers.Patient(lambda: next(waiting))
    assert watcher.execute("SELECT 1") == "SELECT 1"
    assert [each.is_closed for each in made] == [True, True, False]


def test_it_does_not_wait_for_ever():
    watcher = servers.Patient(lambda: Falls(dies=True), seconds=0)
    with pytest.raises(psycopg.OperationalError):
        watcher.execute("SELECT 1")
