"""A whole Goodword on a folder of its own, with real processes, for measuring and for breaking."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg

from campaigns.management import leash

ROOT = Path(__file__).resolve().parent.parent
SECRET = "00112233445566778899aabbccddeeff"
LINE = "+15125550100"
SLUG = "bench-plumbing"


def _nothing(folder: Path) -> None:
    """A folder stays as empty as it was."""


#: What a folder has before the first start; whoever starts often puts in what `start` would prepare each time.
begin_with: Callable[[Path], None] = _nothing


class Site:
    """A running product: its commands, its processes, its sandbox."""

    def __init__(self, folder: Path, port: int, process: "subprocess.Popen[bytes]", environ: dict[str, str]) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.process = process
        self.environ = environ

    def stop(self) -> None:
        """End all of its processes; the data stay until `running` ends."""
        stop(self.process)

    def command(self, *args: str) -> dict[str, Any]:
        """Run a command with `--json` and return what it says.  Raises RuntimeError with its words when it refuses."""
        done = subprocess.run(
            [sys.executable, "manage.py", *args, "--json"], cwd=ROOT, env=self.environ, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return dict(json.loads(done.stdout))

    def count(self, question: str, campaign: int) -> int:
        """Ask the product's database for one number, without the cost of starting a command."""
        with contextlib.closing(self.database()) as database:
            return int(database.execute(f"{question}{campaign}").fetchone()[0])

    def database(self) -> Any:
        """A connection to the product's database."""
        address = self.environ.get("DATABASE_URL")
        return psycopg.connect(address) if address else sqlite3.connect(self.folder / "goodword.sqlite3", timeout=20)

    def reader(self) -> Any:
        """A connection that stands in nobody's way: on PostgreSQL each question is a transaction of its own."""
        database = self.database()
        if isinstance(database, psycopg.Connection):
            database.autocommit = True
        return database

    @property
    def is_on_postgresql(self) -> bool:
        """Not on SQLite."""
        return bool(self.environ.get("DATABASE_URL"))

    @property
    def sandbox(self) -> str:
        """The pretend Chert's address."""
        beside = json.loads((self.folder / "running.json").read_text())
        return str(beside["CHERT_API_BASE"]).removesuffix("/api/v1")

    def weather(self, **knobs: object) -> None:
        """Turn the sandbox's knobs."""
        httpx.put(f"{self.sandbox}/sandbox/weather", json=knobs).raise_for_status()

    def ledger(self) -> dict[str, Any]:
        """What really happened at the sandbox."""
        return dict(httpx.get(f"{self.sandbox}/sandbox/ledger", timeout=60).json())

    def processes(self, word: str) -> list[int]:
        """The ids of our own processes whose command line holds this word, youngest first."""
        found = [pid for pid in descendants(self.process.pid) if word in command_line(pid)]
        return sorted(found, reverse=True)

    def kill_worker(self) -> int:
        """SIGKILL the process that sends; returns its id, 0 when there was none just then."""
        for pid in self.processes("celery"):
            os.kill(pid, signal.SIGKILL)
            return pid
        return 0

    def cpu_seconds(self, word: str) -> float:
        """CPU spent so far by our processes with this word in their command line."""
        return sum(cpu_seconds(pid) for pid in self.processes(word))


def descendants(pid: int) -> list[int]:
    """The process and everything it has started."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    with contextlib.suppress(OSError):
        return [pid, *(d for path in children for child in path.read_text().split() for d in descendants(int(child)))]
    return [pid]


def command_line(pid: int) -> str:
    """What a process was started as; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def cpu_seconds(pid: int) -> float:
    """User and system time of one process, in seconds; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port nobody uses just now."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@contextlib.contextmanager
def running(**more: str) -> Iterator[Site]:
    """Start the product on an empty folder, wait until it answers, stop it in the end."""
    with tempfile.TemporaryDirectory(prefix="goodword-") as name:
        begin_with(Path(name))
        folder, port = Path(name), free_port()
        environ, parent = {**os.environ, "DATA_DIR": name, **more}, os.getpid()
        start = [sys.executable, "manage.py", "start", "--port", str(port), "--no-demo"]
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                start,
                cwd=ROOT,
                env=environ,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: leash.die_with_parent(parent),
            )
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), 120)
            yield Site(folder, port, process, environ)
        finally:
            stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to end, and wait until it has."""
    process.terminate()
    process.wait(30)


def answers(url: str) -> bool:
    """Does the site answer?"""
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def wait_until(true: Any, seconds: float) -> None:
    """Ask again and again; raises TimeoutError after so many seconds."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.05)


def customers_file(folder: Path, count: int) -> Path:
    """A list of so many customers with the names real lists have."""
    names = [
        "Marcus Bell",
        "José García",
        "Zoë Müller",
        "Siobhán O'Neill",
        "伟 李",
        "محمد الحسن",
        "Ελένη Παππά",
        "Grace Li",
    ]
    rows = [f"{names[i % len(names)]},+1512{5550000 + 1000 + i}" for i in range(count)]
    path = folder / "customers.csv"
    path.write_text("\n".join(["name,phone", *rows]) + "\n")
    return path


def provisioned(site: Site, count: int, ask_after: int = 0) -> dict[str, Any]:
    """A business with a free line and so many customers; the picture follows so many seconds after the greeting.

    Returns what `provision` said, its owner's sign-in link among it.
    """
    site.environ["CHERT_SIGNING_SECRET"] = SECRET
    wanted = ["--name", "Bench Plumbing", "--sender", "Todd", "--email", "todd@bench.example", "--line", LINE]
    pace = ["--line-budget", "1000000", "--line-gap", "0", "--ask-after", str(ask_after), "--window", "00:00-24:00"]
    place = ["--place-id", "ChIJ_benchmark_place_000"]
    made = site.command("provision", *wanted, *pace, *place)
    people = str(customers_file(site.folder, count))
    site.command("import_customers", people, "--business", "bench-plumbing", "--consent", "They are customers")
    return made


def free_the_line(site: Site, slug: str = SLUG, number: str = LINE, secret: str = SECRET) -> None:
    """No budget and no gap at the sandbox."""
    told = {"secret": secret, "lines": [{"number": number, "budget": None, "gap": 0}]}
    httpx.put(f"{site.sandbox}/sandbox/tenants/{slug}", json=told).raise_for_status()
