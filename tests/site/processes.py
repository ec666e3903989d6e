"""The real product as real processes, for tests that need to see it whole."""

import atexit
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg
from django.conf import settings
from psycopg import sql

GONE = (FileNotFoundError, ProcessLookupError)
"""How /proc says that a process is no more: before its file is opened, and between opening and reading."""

ADDRESS = re.compile(r"^Goodword is at (http://127\.0\.0\.1:\d+) · (.*)$", re.MULTILINE)


def until(question: Callable[[], Any], seconds: float = 240) -> Any:
    """The first true answer; fails when there is none in time, which is long: a busy machine is no fault."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"no answer in {seconds} s: {question}"
        time.sleep(0.05)
    return answer


class Site:
    """`manage.py start` with a folder, and on PostgreSQL a database, of its own."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        self.output = folder / "output.txt"
        self.environ = {**os.environ, "DATA_DIR": str(folder / "data"), **variables}
        self.process = self.start(*(arguments or ("--port", "0")))

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "manage.py", "start", *arguments],
                cwd=settings.ROOT,
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def wait(self) -> "Site":
        """Until the line with the address is there."""
        until(lambda: ADDRESS.search(self.said) or self.process.poll() is not None)
        assert self.process.poll() is None, self.said
        return self

    @property
    def url(self) -> str:
        found = ADDRESS.search(self.said)
        assert found, self.said
        return found[1]

    @property
    def sign_in_url(self) -> str:
        found = re.search(r"sign in once: (\S+)", self.said)
        assert found, self.said
        return found[1]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(self.url + path, timeout=30, trust_env=False, **options)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command beside the running site, as in a second terminal."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=settings.ROOT, env=self.environ, capture_output=True, text=True, timeout=120, check=False
        )

    def descendants(self) -> set[int]:
        return descendants(self.process.pid)

    def children_with(self, words: str) -> list[int]:
        """The direct children whose command line has these words."""
        return [pid for pid in children(self.process.pid) if words in command_line(pid)]

    def child(self, words: str) -> int:
        (pid,) = self.children_with(words)
        return pid

    def stop(self) -> int:
        """Ctrl-C, and how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


#: What `start` does before there are processes; most of the time that a first start takes.
PREPARE = "import django; django.setup(); from campaigns.management.preparing import prepare; prepare()"


@cache
def day_one() -> tuple[Path, str]:
    """A folder, and on PostgreSQL the name of a database, as a first start prepares them; made once in a run."""
    folder = Path(tempfile.mkdtemp(dir=settings.DATA_DIR, prefix="day-one-"))
    name = f"goodword_{secrets.token_hex(6)}"
    variables = {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "reviews.settings"}
    if "DATABASE_URL" in os.environ:
        on_server("CREATE DATABASE {}", name)
        atexit.register(on_server, "DROP DATABASE {} WITH (FORCE)", name)
        variables["DATABASE_URL"] = address_of(name)
    command = [sys.executable, "-c", PREPARE]
    subprocess.run(command, cwd=settings.ROOT, env={**os.environ, **variables}, check=True, umask=0o077)
    return folder, name


def as_on_day_one(folder: Path) -> None:
    """What a first start would find here had it been stopped right after preparing."""
    shutil.copytree(day_one()[0], folder, dirs_exist_ok=True)


def on_server(statement: str, *names: str) -> None:
    """Tell PostgreSQL itself."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def address_of(name: str) -> str:
    return os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + name


@contextmanager
def own_database(*, empty: bool = False) -> Iterator[dict[str, str]]:
    """The variables of a database that nobody else uses: none on SQLite, where the folder is enough.

    It has its tables, as on the first day, if it is not to be empty.
    """
    if "DATABASE_URL" not in os.environ:
        yield {}
        return
    name = f"goodword_{secrets.token_hex(6)}"
    on_server("CREATE DATABASE {}", name) if empty else on_server("CREATE DATABASE {} TEMPLATE {}", name, day_one()[1])
    try:
        yield {"DATABASE_URL": address_of(name)}
    finally:
        on_server("DROP DATABASE {} WITH (FORCE)", name)


@contextmanager
def running_site(folder: Path, *arguments: str, empty: bool = False, **variables: str) -> Iterator[Site]:
    """The product running in this folder; stopped, and its processes gone, at the end.

    Its first start is over already, if the folder is not to be empty.
    """
    if not empty:
        as_on_day_one(folder / "data")
    with own_database(empty=empty) as database:
        site = Site(folder, *arguments, **database, **variables)
        try:
            yield site.wait()
        finally:
            site.stop()


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except GONE:
        return []


def descendants(pid: int) -> set[int]:
    direct = children(pid)
    return set(direct).union(*map(descendants, direct))


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except GONE:
        return ""


def is_alive(pid: int) -> bool:
    """Whether a process with this id runs; one that is dead and not yet cleared away does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except GONE:
        return False
