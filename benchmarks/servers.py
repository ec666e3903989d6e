"""A PostgreSQL and a Redis of our own, on free ports and in folders that are thrown away, to be mistreated."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import redis

from benchmarks.harness import free_port, wait_until
from campaigns.management import leash

#: Where Debian keeps what it does not put on the PATH.
BESIDE_THE_PATH = "/usr/lib/postgresql"


class Missing(Exception):
    """This machine does not have what is to be mistreated; the sentence says what."""


def program(name: str, of: str) -> str:
    """Where this program lies.  Raises Missing."""
    found = shutil.which(name) or next(map(str, sorted(Path(BESIDE_THE_PATH).glob(f"*/bin/{name}"), reverse=True)), "")
    if not found:
        raise Missing(f"There is no {name} on this machine: install {of}, or stay with SQLite and files.")
    return found


class Redis:
    """Keeps nothing: killed, it comes back empty."""

    def __init__(self, folder: Path) -> None:
        self._program = program("redis-server", "Redis")
        self._folder, self._port = folder, free_port()
        self.start()

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://127.0.0.1:{self._port}/0"

    @property
    def client(self) -> redis.Redis:
        """A connection that does not wait for one that sleeps."""
        return redis.Redis(port=self._port, socket_timeout=1)

    def start(self) -> None:
        """Until it answers."""
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        self._process = _child([self._program, *options, "--save", "", "--appendonly", "no"], self._folder)
        wait_until(self._answers, 15)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()

    def flush(self) -> None:
        """FLUSHALL."""
        self.client.flushall()

    @contextlib.contextmanager
    def killed(self) -> Iterator[None]:
        """Away for as long as the block lasts."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    @contextlib.contextmanager
    def emptied(self) -> Iterator[None]:
        """Emptied once, at the beginning."""
        self.flush()
        yield

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        """Takes no write: its memory is at its end, and nothing may be thrown away."""
        self.client.config_set("maxmemory-policy", "noeviction")
        self.client.config_set("maxmemory", 1)
        try:
            yield
        finally:
            self.client.config_set("maxmemory", 0)

    @contextlib.contextmanager
    def asleep(self) -> Iterator[None]:
        """SIGSTOP: connections stand, and nobody answers."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False


class PostgreSQL:
    """A cluster with one database, in a folder of its own: PostgreSQL does not run as root, and ours is root's."""

    def __init__(self, folder: Path) -> None:
        self._user = _somebody_else(folder)
        self._data, self._port = folder / "data", free_port()
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        return f"postgres://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Until it takes connections."""
        options = ["-p", str(self._port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        command = [program("postgres", "PostgreSQL"), "-D", str(self._data), *options]
        self._process = _child(command, self._data.parent, self._user)
        wait_until(self._answers, 60)

    def restart(self) -> None:
        """Hard: every connection is cut in the middle of whatever it was at, and the log is played again."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """`-m immediate`, as if it had crashed."""
        self._run("pg_ctl", "stop", "-D", str(self._data), "-m", "immediate", "-w")
        self._process.wait()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, name: str, *arguments: str) -> None:
        command = [program(name, "PostgreSQL"), *arguments]
        done = subprocess.run(command, cwd=self._data.parent, user=self._user, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())


def _somebody_else(folder: Path) -> str | None:
    """Whoever PostgreSQL is to run as, who then owns its folder; None for ourselves.  Raises Missing."""
    if os.geteuid() != 0:
        return None
    try:
        who = pwd.getpwnam("postgres")
    except KeyError as unknown:
        raise Missing("PostgreSQL does not run as root, and there is no user named postgres here.") from unknown
    os.chown(folder, who.pw_uid, who.pw_gid)
    return who.pw_name


def _child(command: list[str], folder: Path, user: str | None = None) -> "subprocess.Popen[bytes]":
    """A server that dies with us; what it says goes into a file beside its data."""
    parent = os.getpid()
    with (folder / "server.txt").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            user=user,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: leash.die_with_parent(parent),
        )


class Servers:
    """Both, and the variables that lead the product to them."""

    def __init__(self, postgresql: PostgreSQL, cache: Redis) -> None:
        self.postgresql, self.redis = postgresql, cache
        self.variables = {"DATABASE_URL": postgresql.url, "REDIS_URL": cache.url}


@contextlib.contextmanager
def servers() -> Iterator[Servers]:
    """Both running, and gone in the end.  Raises Missing."""
    with temporary_redis() as cache, tempfile.TemporaryDirectory(prefix="goodword-postgres-") as name:
        postgresql = PostgreSQL(Path(name))
        try:
            yield Servers(postgresql, cache)
        finally:
            postgresql.stop()


@contextlib.contextmanager
def temporary_redis() -> Iterator[Redis]:
    """A Redis, and gone in the end.  Raises Missing."""
    with tempfile.TemporaryDirectory(prefix="goodword-redis-") as name:
        cache = Redis(Path(name))
        try:
            yield cache
        finally:
            cache.kill()


class Patient:
    """A connection that comes back when its server does: whoever watches must not fall with what is watched."""

    def __init__(self, connect: Any, seconds: float = 60) -> None:
        self._connect, self._seconds = connect, seconds
        self._connection = connect()

    def execute(self, question: str) -> Any:
        """The cursor, as the connection would give it.  Raises what it raised last when nobody is back in time."""
        end = time.monotonic() + self._seconds
        while True:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                return self._connection.execute(question)
            except psycopg.OperationalError:
                self.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def close(self) -> None:
        """Until the next question."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
