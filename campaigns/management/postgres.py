"""PostgreSQL by its own tools: pg_dump, pg_restore and psql, where they are found.

They are given the address as Django has it; a password goes by the environment, not on a command line.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
#: Our tables alone, whoever owns them here or there.
OURS = ["--schema=public", "--no-owner", "--no-privileges"]
SWAP = 'BEGIN;\nALTER SCHEMA public RENAME TO "{}";\nCREATE SCHEMA public;\n'
#: The search index needs an extension, which is in no dump of a schema, and has moved with the old one.  Where it may
#: not be had there was no such index either.
TRIGRAMS = """DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
    ALTER EXTENSION pg_trgm SET SCHEMA public;
  ELSE
    CREATE EXTENSION pg_trgm SCHEMA public;
  END IF;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN NULL;
END $$;
"""
COUNT = (
    'DO $$ BEGIN IF (SELECT count(*) FROM public."{0}") <> {1} THEN'
    " RAISE EXCEPTION 'rows of {0} are missing'; END IF; END $$;\n"
)


class Trouble(Exception):
    """What the server or one of its tools said."""


@contextmanager
def moment() -> Iterator[tuple[Any, str]]:
    """A cursor that sees one moment of the database, and that moment's name for pg_dump."""
    with _heard(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # pg_dump takes its time
        cursor.execute("SELECT pg_export_snapshot()")
        [(snapshot,)] = cursor.fetchall()
        yield cursor, snapshot


def dump(to: Path, snapshot: str) -> None:
    """Write this moment into a file of pg_dump's own format."""
    _run("pg_dump", "--format=custom", "--compress=1", f"--snapshot={snapshot}", *OURS, f"--file={to}", connects=True)


def others() -> int:
    """How many others are connected to this database."""
    with _heard(), connection.cursor() as cursor:
        cursor.execute(OTHERS)
        [(count,)] = cursor.fetchall()
    connection.close()
    return int(count)


def check(dumped: Path) -> None:
    """Can the tools of this machine read it?  Raises `Trouble` before anything is begun."""
    _tool("psql")
    _run("pg_restore", "--list", str(dumped))


def restore(dumped: Path, schema: str, counts: Mapping[str, int], more: list[str]) -> None:
    """In one transaction: rename what is there, make what was dumped, count it, and do `more`.

    The commit is said only when pg_restore has come to its end, so a cut in the middle leaves all as it was.
    """
    command, environ = _address("psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    psql = subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    assert psql.stdin is not None
    reading: subprocess.CompletedProcess[bytes] | None = None
    try:
        _say(psql.stdin, SWAP.format(schema) + TRIGRAMS)
        made = [_tool("pg_restore"), *OURS, "--file=-", str(dumped)]
        reading = subprocess.run(made, stdout=psql.stdin, stderr=subprocess.PIPE, check=False)  # noqa: S603
        if reading.returncode == 0:
            _say(psql.stdin, "".join(COUNT.format(*each) for each in counts.items()))
            _say(psql.stdin, "".join(f"{statement};\n" for statement in more) + "COMMIT;\n")
    except BrokenPipeError:
        pass  # psql has ended before its time, and says why
    said = psql.communicate()[1]
    if psql.returncode:
        raise Trouble(_words(said))
    if reading is None or reading.returncode:
        raise Trouble(_words(reading.stderr if reading else b""))


def _say(pipe: Any, words: str) -> None:
    pipe.write(words.encode())
    pipe.flush()


def _run(tool: str, *arguments: str, connects: bool = False) -> None:
    command, environ = _address(tool, *arguments) if connects else ([_tool(tool), *arguments], None)
    done = subprocess.run(command, env=environ, capture_output=True, check=False)  # noqa: S603  no shell
    if done.returncode:
        raise Trouble(_words(done.stderr))


def _address(tool: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    command, more = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, list(arguments))
    return [_tool(tool), *command[1:]], {**os.environ, **(more or {})}


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Trouble(f"{name} is not on this machine. On Debian and Ubuntu: apt install postgresql-client.")
    return found


def _words(said: bytes) -> str:
    """The first complaint among what a tool said."""
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), lines[0] if lines else "it ended without a word")


@contextmanager
def _heard() -> Iterator[None]:
    try:
        yield
    except DatabaseError as problem:
        raise Trouble(str(problem)) from problem
