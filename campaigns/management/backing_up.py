"""A backup while everything runs: the database, then the files it speaks of, into one file, whole or not at all.

A file is always written before the row that names it, so what the copied rows name is there when its turn comes.
"""

import fcntl
import os
import secrets
import shutil
import socket
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from campaigns.management import databases, keys
from campaigns.management.archive import FOLDERS, PART, Writer

#: What a backup is called, and how its work folder begins.
NAME, WORK = "goodword-{:%Y%m%d-%H%M%S}{}.backup", ".goodword-"


class NotPossible(Exception):
    """No backup was made, and nothing was left behind.  The sentence is for people."""


@dataclass(frozen=True)
class Made:
    """A backup that is there."""

    path: Path
    bytes: int
    facts: databases.Facts
    files: int
    with_keys: bool


def make(folder: Path, now: datetime, *, with_keys: bool) -> Made:
    """Make a backup in this folder.  Raises `NotPossible`; readers and writers go on meanwhile."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        clear_away(folder)
        with _work(folder) as work:
            made = _write(work, now, with_keys)
            return Made(_appear(work / "backup", folder, now), *made, with_keys)
    except databases.Unusable as trouble:
        raise NotPossible(str(trouble)) from trouble
    except OSError as trouble:
        raise NotPossible(f"The backup could not be written to {folder}: {trouble.strerror}.") from trouble


def _write(work: Path, now: datetime, with_keys: bool) -> tuple[int, databases.Facts, int]:
    database = databases.here()
    facts = database.copy(work / "database")
    with (work / "backup").open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        writer = Writer(file)
        writer.add_file(database.part, work / "database")
        files = sum(_add(writer, name, path) for name, path in _files())
        for key in keys.all_here() if with_keys else []:
            writer.add(f"keys/{key.name.lower()}", key.value.encode())
        writer.seal(_about(database, facts, now))
        file.flush()
        os.fsync(file.fileno())
        return file.tell(), facts, files


def _about(database: databases.Database, facts: databases.Facts, now: datetime) -> dict[str, Any]:
    return {
        "goodword": version(),
        "made_at": now.isoformat(),
        "made_on": socket.gethostname(),
        "kind": database.vendor,
        "database": facts.as_json(),
        "keys": keys.told(),
    }


def _files() -> Iterator[tuple[str, Path]]:
    """What lies beside the database and belongs to it, by the name it has in a backup."""
    for folder in FOLDERS:
        root = Path(settings.DATA_DIR) / folder
        for path in sorted(root.rglob("*")):
            name = path.relative_to(settings.DATA_DIR).as_posix()
            if path.suffix != ".half" and path.is_file() and not path.is_symlink() and PART.fullmatch(name):
                yield name, path


def _add(writer: Writer, name: str, path: Path) -> bool:
    """Whole, by one read; False where it has been deleted since, and nothing needs it any more."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    writer.add(name, content)
    return True


@contextmanager
def _work(folder: Path) -> Iterator[Path]:
    """A folder for what is not whole yet, on the same disk; gone afterwards, or at the next backup if we are killed."""
    work = folder / f"{WORK}{secrets.token_hex(6)}"
    work.mkdir(mode=0o700)
    try:
        with (work / "lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def clear_away(folder: Path) -> None:
    """Delete what backups that were killed have left in this folder."""
    for work in folder.glob(f"{WORK}*"):
        with suppress(OSError), (work / "lock").open("r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(work, ignore_errors=True)


def _appear(whole: Path, folder: Path, now: datetime) -> Path:
    """Give it its name, at once and for good; nothing that is there already is written over."""
    for again in ("", *(f"-{number}" for number in range(2, 100))):
        path = folder / NAME.format(now, again)
        with suppress(FileExistsError):
            os.link(whole, path)
            sync(folder)
            return path
    raise FileExistsError(17, "it is full of backups of this second")


def sync(folder: Path) -> None:
    """What was renamed in this folder outlives a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest so many backups in this folder; returns those that are gone."""
    found = sorted(folder.glob("goodword-*.backup"), key=lambda path: path.stem, reverse=True)
    for path in (old := found[keep:]):
        path.unlink()
    return old


@cache
def version() -> str:
    """Of this program."""
    project = tomllib.loads((settings.ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])
