"""A backup put back: looked at first, then swapped in, with all that was there kept beside it.

Whatever happens on the way, the instance starts *held* afterwards (campaigns/brakes/absence.py): nothing goes out by
itself before a person has looked.
"""

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from campaigns.management import backing_up, databases, keys, running
from campaigns.management.archive import FOLDERS, Archive, Damaged, Newer, opened
from campaigns.management.databases import Facts


class NotPossible(Exception):
    """Nothing was restored, and nothing was changed.  The sentence is for people."""


@dataclass(frozen=True)
class Restored:
    """What is in place now, and where that is which was there before."""

    made_at: datetime
    made_on: str
    facts: Facts
    kept: list[str]
    trouble: str  # a sentence; empty where all went well


def restore(path: Path, now: datetime) -> Restored:
    """Put this backup back.  Raises `NotPossible`.

    1. Nobody may be at work; and nobody can begin as long as we are.
    2. Is it whole, ours to read, and of this kind of database?  Do the keys fit?
    3. Everything is taken out beside the data, and checked.
    4. Swapped in: by renaming, the database last and held.
    5. Brought up to date.
    """
    try:
        with running.hold(Path(settings.DATA_DIR)), _read(path) as archive:
            database = databases.here()
            _fits(archive, database)
            strange = keys.fitting(archive)
            _nobody_works()
            database.alone()
            with _staged(archive) as stage:
                kept = _swap(archive, database, stage, strange, now)
            return _told(archive, kept, _migrate())
    except running.AlreadyRunning:
        raise NotPossible(f"Goodword is running on the data in {settings.DATA_DIR}. Stop it first.") from None
    except Newer:
        raise NotPossible(f"{path} was made by a newer Goodword. Update the program first.") from None
    except Damaged as damage:
        raise NotPossible(f"{path} is not a whole backup: {damage}. Nothing was changed.") from damage
    except (databases.Unusable, databases.InUse, keys.Missing) as refusal:
        raise NotPossible(str(refusal)) from refusal
    except OSError as trouble:
        raise NotPossible(f"The backup could not be put back: {trouble.strerror}.") from trouble


@contextmanager
def _read(path: Path) -> Iterator[Archive]:
    try:
        reading = opened(path)
        with reading as archive:
            yield archive
    except (FileNotFoundError, IsADirectoryError, PermissionError) as trouble:
        if trouble.filename not in (path, str(path)):
            raise
        raise NotPossible(f"{path} cannot be read: {trouble.strerror}.") from trouble


def _fits(archive: Archive, database: databases.Database) -> None:
    """Is it of our kind, and nothing in it newer than we are?"""
    about = archive.about
    here = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(about["database"]["migrations"]) - here):
        raise NotPossible(
            f"This backup was made by a newer Goodword ({about['goodword']}; {unknown[0]} is not known here). "
            "Update the program first."
        )
    if about["kind"] != database.vendor:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise NotPossible(
            f"This backup holds a {names.get(about['kind'], 'foreign')} database, and this Goodword runs on "
            f"{names[database.vendor]}: DATABASE_URL says on which."
        )


def _nobody_works() -> None:
    """A worker that was not started by `start` is known by the lock on its own file (outbox/leases.py)."""
    for path in (Path(settings.DATA_DIR) / "workers").glob("*"):
        try:
            with path.open("r+") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise databases.InUse("A worker is sending from this data. Stop it first.") from None


@contextmanager
def _staged(archive: Archive) -> Iterator[Path]:
    """All parts beside the data, on the same disk, each as it was put in."""
    for left in Path(settings.DATA_DIR).glob(".restore-*"):  # of one that was killed: we alone are here
        shutil.rmtree(left, ignore_errors=True)
    stage = Path(settings.DATA_DIR) / f".restore-{secrets.token_hex(6)}"
    stage.mkdir(mode=0o700)
    try:
        for name in archive.parts:
            archive.take_out(name, stage / name)
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _swap(
    archive: Archive, database: databases.Database, stage: Path, strange: list[keys.Key], now: datetime
) -> list[str]:
    """From here on by renaming alone; returns where that is which was there before."""
    about = archive.about["database"]
    facts = Facts(about["counts"], about["migrations"], about["beat"])
    kept = Path(settings.DATA_DIR) / f"before-restore-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    kept.mkdir(mode=0o700)
    try:
        place = database.put_back(stage / database.part, kept, facts, datetime.fromisoformat(archive.about["made_at"]))
    except BaseException:
        kept.rmdir()
        raise
    for folder in FOLDERS:
        _change(Path(settings.DATA_DIR) / folder, stage / folder, kept)
    for key in strange:
        _change(key.path, stage / "keys" / key.path.name, kept)
    backing_up.sync(Path(settings.DATA_DIR))
    if any(kept.iterdir()):
        return sorted({place, str(kept)})
    kept.rmdir()
    return [place]


def _change(old: Path, new: Path, kept: Path) -> None:
    """One name: what was there goes to the kept, what was staged comes."""
    if old.exists():
        old.rename(kept / old.name)
    if new.exists():
        new.rename(old)


def _migrate() -> str:
    """By a program of its own, which reads keys and settings anew; a sentence where it fails."""
    environ = {**os.environ, "DATA_DIR": str(settings.DATA_DIR)}
    command = [sys.executable, str(settings.ROOT / "manage.py"), "migrate", "--no-input", "--verbosity=0"]
    done = subprocess.run(command, cwd=settings.ROOT, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == 0:
        return ""
    last = (done.stderr.strip() or "no word why").splitlines()[-1]
    return f"The data are back, but could not be brought up to date ({last}). Run: python3 manage.py migrate"


def _told(archive: Archive, kept: list[str], trouble: str) -> Restored:
    about: dict[str, Any] = archive.about
    facts = Facts(about["database"]["counts"], about["database"]["migrations"], about["database"]["beat"])
    return Restored(datetime.fromisoformat(about["made_at"]).astimezone(UTC), about["made_on"], facts, kept, trouble)
