"""For every test: no network beyond this machine, and nothing left behind.

What is kept (DATA_DIR) is a temporary folder as soon as pytest runs, see reviews/settings.py.
"""

import ipaddress
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from campaigns.cards import system_fonts

pytest_plugins = ["tests.cast"]

TESTS = Path(__file__).parent
#: They touch neither database nor broker, so they are the same in both set-ups (marker `once`).
PURE = (
    *("cards/", "chert/", "sandbox/", "site/test_manage.py"),
    *(f"importing/test_{name}.py" for name in ("cleaning", "csv_out", "mapping", "outcome", "reading")),
    *(f"test_{name}.py" for name in ("architecture", "holidays", "invitations", "merge", "names", "pacing", "phones")),
    *(f"test_{name}.py" for name in ("review_links", "rules", "status")),
)
#: They do touch it, and ask nothing of it that others do not ask in both.
ENOUGH_ONCE = ("browser/test_contact_sheet.py", "browser/test_designer.py", "test_two_years.py")


@pytest.hookimpl(tryfirst=True)  # before -m looks for markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(TESTS).as_posix()
        if place.startswith(PURE + ENOUGH_ONCE):
            item.add_marker("once")
        if place.startswith(PURE):
            item.add_marker("pure")


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
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


def pytest_report_header() -> str:
    """Which of the two set-ups is being tested."""
    broker = "Redis" if settings.REDIS_URL else "files"
    return f"goodword: {settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}, doorbell and cache in {broker}"
