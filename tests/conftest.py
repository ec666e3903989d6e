"""For every test: no network beyond this machine, and nothing left behind.

What is kept (DATA_DIR) is a temporary folder as soon as pytest runs, see reviews/settings.py.
"""

import ipaddress
import shutil
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db.backends.postgresql import operations
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.base import DatabaseOperations as OnSQLite

from benchmarks import harness
from campaigns.brakes import minute
from campaigns.cards import system_fonts
from campaigns.outbox import leases
from reviews import memory
from tests.site.processes import as_on_day_one

pytest_plugins = ["tests.cast"]

TESTS = Path(__file__).parent
#: They touch neither database nor broker, so they are the same in both set-ups (marker `once`).
PURE = (
    *("cards/", "chert/", "kit/", "sandbox/", "site/test_archive.py", "site/test_manage.py"),
    *(f"importing/test_{name}.py" for name in ("cleaning", "csv_out", "formats", "mapping", "numbers", "outcome")),
    *(f"importing/test_{name}.py" for name in ("reading", "vcards")),
    *(f"test_{name}.py" for name in ("architecture", "holidays", "invitations", "merge", "names", "pacing", "phones")),
    *(f"results/test_{name}.py" for name in ("intervals", "matching", "periods")),
    *(f"test_{name}.py" for name in ("review_links", "rules", "runbook", "status", "tasks")),
)
#: They do touch it, and ask nothing of it that others do not ask in both.
ENOUGH_ONCE = (
    *("accounts/", "asking/", "steering/", "importing/test_work.py"),
    "browser/",
    *(f"outbox/test_{name}.py" for name in ("breaker", "hours", "kills")),
    *("site/test_faults.py", "site/test_killed_worker.py", "site/test_restored.py"),  # run by hand on the other, too
    *("site/test_disks.py", "site/test_settings.py", "site/test_supervisor.py"),
    *(
        f"test_{name}.py"
        for name in ("conversations", "demo", "filters", "gestures", "hours_attacked", "households", "launch")
    ),
    *(f"test_{name}.py" for name in ("lines", "links", "replies", "resend", "sounds", "two_years")),
)
#: What people and programs are shown.
SHOWN = ("web/", "api/", "results/", "isolation/", "test_languages.py", "test_practice.py")


@pytest.hookimpl(tryfirst=True)  # before -m looks for markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(TESTS).as_posix()
        if place.startswith(PURE + ENOUGH_ONCE):
            item.add_marker("once")
        if place.startswith(PURE):
            item.add_marker("pure")
        if place.startswith(SHOWN) and not place.startswith(PURE):
            item.add_marker("page")


def pytest_collection_finish() -> None:
    """As the product does: a fifth of the time else goes to looking for garbage among the tests themselves."""
    memory.settle()


class NetworkTouched(Exception):
    """A test tried to reach something outside this machine."""


@pytest.fixture(autouse=True, scope="session")
def only_this_machine() -> Iterator[None]:
    """Let sockets connect to loopback addresses (our own processes, PostgreSQL, Redis) and to nothing else."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
        yield


@pytest.fixture(autouse=True, scope="session")
def no_fonts_of_this_machine() -> Iterator[None]:
    """Which names can be drawn must not depend on what somebody has installed: the shipped fonts alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(system_fonts, "_folders", list)
        yield


#: Written once by the migrations, and by nobody after.
KEPT_TABLES = frozenset({"django_content_type", "auth_permission"})


@pytest.fixture(autouse=True, scope="session")
def quickly_emptied() -> Iterator[None]:
    """Between tests that commit, rows are deleted: PostgreSQL takes most of a second to truncate fifty empty tables.

    And what the migrations wrote stays, instead of being looked for and written anew each time.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)
        patch.setattr(operations.DatabaseOperations, "sql_flush", _deletes)
        patch.setattr(OnSQLite, "sql_flush", _deletes_on_sqlite)
        yield


#: No test pulls the plug: what the operating system has taken outlives every process that is killed.
NO_POWER_CUT = {"sqlite": "PRAGMA synchronous=OFF", "postgresql": "SET synchronous_commit=off"}


@pytest.fixture(autouse=True, scope="session")
def no_power_cut() -> Iterator[None]:
    """Connections of the tests themselves wait for no disk, which is most of what a commit takes."""
    connection_created.connect(_wait_for_no_disk)
    yield
    connection_created.disconnect(_wait_for_no_disk)


def _wait_for_no_disk(connection: Any, **_: Any) -> None:
    connection.connection.execute(NO_POWER_CUT[connection.vendor])  # past those who count statements


def _deletes(self: Any, style: Any, tables: Iterable[str], **_: Any) -> list[str]:
    rows = [f"DELETE FROM {self.quote_name(table)};" for table in tables if table not in KEPT_TABLES]
    return ["SET LOCAL session_replication_role = replica;", *rows]


def _deletes_on_sqlite(self: Any, style: Any, tables: Iterable[str], **_: Any) -> list[str]:
    """Accounts first: while one is there, the database lets nobody empty its book of acts."""
    accounts_first = sorted(set(tables) - KEPT_TABLES, key=lambda table: table != "campaigns_organization")
    return [f"DELETE FROM {self.quote_name(table)};" for table in accounts_first]


@pytest.fixture(autouse=True)
def no_calls_of_another_test() -> None:
    """What was counted a second ago was counted in another database."""
    minute.forget()


@pytest.fixture(autouse=True, scope="session")
def prepared_once() -> Iterator[None]:
    """Each run of the whole product begins where a first start has prepared everything, instead of preparing it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(harness, "begin_with", as_on_day_one)
        yield


def guarded(connect: Any) -> Any:
    def connect_nearby(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and not is_loopback(address[0]):
            raise NetworkTouched(f"{address[0]} is not on this machine")
        return connect(self, address)

    return connect_nearby


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def pytest_unconfigure() -> None:
    for _, handle in leases._HELD.values():  # a worker keeps it for as long as it lives
        handle.close()
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


def pytest_report_header() -> str:
    """Which of the two set-ups is being tested."""
    broker = "Redis" if settings.REDIS_URL else "files"
    return f"goodword: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}, doorbell and cache in {broker}"
