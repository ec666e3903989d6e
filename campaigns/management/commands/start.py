"""`python3 manage.py start`: from a fresh machine to a running product, one command, one line to click."""

import errno
import os
import socket
import subprocess
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from typing import IO, Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError

from campaigns.management import owner, running
from campaigns.management.preparing import prepare
from campaigns.management.supervisor import Child, GaveUp, Supervisor

HERE = "127.0.0.1"


class Command(BaseCommand):
    help = "Run Goodword on this machine: the site, the worker with its clock, and a pretend Chert to try it with."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=port, default=8000, help="where the site listens; 0 takes a free one")
        parser.add_argument("--no-sandbox", action="store_true", help="talk to CHERT_API_BASE, by default Chert itself")
        parser.add_argument("--no-demo", action="store_true", help="make no demo business")

    def handle(self, *args: Any, **options: Any) -> None:
        """1. take the folder and the ports, 2. prepare, 3. tell the commands beside us, 4. run until asked to stop."""
        os.umask(0o077)  # what is made here is nobody else's to read
        held = take_folder()
        web = listen(options["port"])
        # Whoever names an API to talk to does not want to talk to a pretended one.
        pretend = not options["no_sandbox"] and not settings.CHERT_API_BASE_GIVEN
        sandbox = listen_beside(web) if pretend else None
        site = variables(web, sandbox)
        try:
            prepare()
        except (OperationalError, psycopg.Error) as problem:
            sys.exit(f"The database cannot be used: {str(problem).splitlines()[0]}")
        except subprocess.CalledProcessError:
            sys.exit("The tables could not be brought up to date. The lines above say why.")
        running.tell(held, site)
        run(children(web, sandbox, demo=not options["no_demo"]), site)


def port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def take_folder() -> IO[str]:
    try:
        return running.hold(settings.DATA_DIR)
    except running.AlreadyRunning:
        sys.exit(f"Goodword is running already on the data in {settings.DATA_DIR}. Stop that one first.")


def listen(number: int) -> socket.socket:
    """A listening socket, handed on to the children: while one of them starts again, callers wait in line."""
    try:
        return socket.create_server((HERE, number), backlog=256)
    except OSError as problem:
        why = "is in use" if problem.errno == errno.EADDRINUSE else f"cannot be used ({problem.strerror})"
        sys.exit(f"Port {number} {why}. Choose another one: python3 manage.py start --port 8010")


def listen_beside(web: socket.socket) -> socket.socket:
    """On the next port where that is free, so that the phones are easy to find; else on any."""
    try:
        return socket.create_server((HERE, web.getsockname()[1] + 1), backlog=256)
    except (OSError, OverflowError):
        return listen(0)


def url(listening: socket.socket) -> str:
    return f"http://{HERE}:{listening.getsockname()[1]}"


def variables(web: socket.socket, sandbox: socket.socket | None) -> dict[str, str]:
    """What the children and the commands beside them have to know of this site."""
    site = {"SITE_URL": settings.SITE_URL_GIVEN or url(web), "DATA_DIR": str(settings.DATA_DIR)}
    if sandbox is None:
        return {**site, "CHERT_API_BASE": settings.CHERT_API_BASE}
    return {
        **site,
        "CHERT_API_BASE": f"{url(sandbox)}/api/v1",
        "SANDBOX_SITE": site["SITE_URL"],
        "SANDBOX_STORE": str(settings.DATA_DIR / "sandbox.sqlite3"),
    }


def children(web: socket.socket, sandbox: socket.socket | None, demo: bool) -> list[Child]:
    """The processes that make the product, and the one that greets the person when they are up."""
    python = [sys.executable, "-m"]
    celery = ["celery", "-q", "-A", "reviews.celery", "worker", "-P", "threads", "-l", "warning"]
    greeting = [sys.executable, "manage.py", "welcome", url(web), *([] if demo and sandbox else ["--no-demo"])]
    family = [
        server("web", web, "reviews.wsgi"),
        Child("worker", [*python, *celery, "--without-gossip", "--without-mingle"], pulse=heartbeat),
        Child("welcome", greeting, once=True),
    ]
    return family if sandbox is None else [*family, server("sandbox", sandbox, "campaigns.sandbox.wsgi:app")]


def server(name: str, listening: socket.socket, app: str) -> Child:
    bind = ["-m", "gunicorn", "-c", "reviews/gunicorn.conf.py", "--bind", f"fd://{listening.fileno()}", app]
    return Child(name, [sys.executable, *bind], sockets=[listening.fileno()])


def heartbeat() -> float:
    """The worker's last sign of life; 0 as long as there is none."""
    try:
        return float(settings.HEARTBEAT.stat().st_mtime)
    except FileNotFoundError:
        return 0.0


def run(family: list[Child], site: Mapping[str, str]) -> None:
    ours = {name: text for name, text in os.environ.items() if name != owner.VARIABLE}  # nobody of them needs it
    environ = {**ours, **site, "PYTHONUNBUFFERED": "1"}
    try:
        Supervisor(family, environ, settings.ROOT).run()
    except GaveUp as problem:
        sys.exit(str(problem))
