"""Every secret under the first key: in small commits beside a running site, killed and begun again as one likes.

A row is written only while it still holds what was read, so nothing that somebody saves meanwhile is lost.
"""

import fcntl
import os
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Model

from campaigns import vault
from campaigns.models.fields import EncryptedTextField

#: Rows in one commit.
BATCH = 200
#: Seconds a new key must have been known before the old ones are thrown away: nobody writes with what he read before.
SETTLED = 60
#: Columns of libraries with sealed texts in their JSON: the application, the model, the column.
OUTSIDE = (("allauth.mfa", "mfa.Authenticator", "data"),)


class NotPossible(Exception):
    """Nothing was changed.  The sentence is for people."""


@dataclass
class Column:
    """One encrypted column: how much of it was sealed anew, is left, and opens with no key at all (row numbers)."""

    name: str
    done: int = 0
    left: int = 0
    shut: list[int] = field(default_factory=list)


def columns() -> Iterator[tuple[type[Model], EncryptedTextField]]:
    """Every column with secrets, of every installed application."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, EncryptedTextField):
                yield model, column


def rotate(told: Callable[[Column], None] = lambda _: None) -> list[Column]:
    """Seal with the first key whatever is not; `told` is called after each commit."""
    outside = [_rotate_outside(*where) for app, *where in OUTSIDE if apps.is_installed(app)]
    return [*(_rotate(model, column, told) for model, column in columns()), *outside]


def _rotate(model: type[Model], column: EncryptedTextField, told: Callable[[Column], None]) -> Column:
    found, after = Column(f"{model._meta.db_table}.{column.column}"), 0
    while rows := list(_old(model, column).filter(pk__gt=after).order_by("pk").values_list(*_asked(column))[:BATCH]):
        with transaction.atomic():
            for pk, kept, bound in rows:
                _seal(model, column, found, pk, kept, bound)
        after = rows[-1][0]
        told(found)
    found.left = _old(model, column).count()
    return found


def resealed(value: Any) -> Any:
    """JSON with whatever `vault.seal` has put into it sealed with the first key; what is current stays as it is."""
    if isinstance(value, dict):
        return {name: resealed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [resealed(each) for each in value]
    if isinstance(value, str) and value.startswith(f"{vault.MARK}:") and not vault.is_current(value):
        return vault.encrypt(vault.OUTSIDE, vault.decrypt(vault.OUTSIDE, value))
    return value


def _rotate_outside(label: str, name: str) -> Column:
    """The rows of a library that keeps sealed texts in JSON: few, so each is held while it is written."""
    model = apps.get_model(label)
    found = Column(f"{model._meta.db_table}.{name}")
    for pk in list(model._base_manager.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = model._base_manager.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            try:
                fresh = resealed(getattr(row, name))
            except vault.Shut:
                found.shut.append(pk)
                found.left += 1
                continue
            if fresh != getattr(row, name):
                found.done += model._base_manager.filter(pk=pk).update(**{name: fresh})
    return found


def _asked(column: EncryptedTextField) -> tuple[str, str, str]:
    return "pk", column.name, column.bound_to


def _old(model: type[Model], column: EncryptedTextField) -> Any:
    rows = model._base_manager.exclude(**{column.name: ""})
    return rows.exclude(**{f"{column.name}__startswith": vault.current_mark()})


def _seal(model: type[Model], column: EncryptedTextField, found: Column, pk: int, kept: Any, bound: Any) -> None:
    purpose = column.purpose(bound)
    try:
        fresh = vault.encrypt(purpose, vault.decrypt(purpose, kept))
    except vault.Shut:
        found.shut.append(pk)
        return
    found.done += model._base_manager.filter(pk=pk, **{column.name: kept}).update(**{column.name: fresh})


# --- the keys themselves --------------------------------------------------------------------------------------------


def add_key() -> str:
    """A new key before the others in the file, and its id.  Raises `NotPossible` where they do not lie in a file."""
    with _file() as path:
        key = urlsafe_b64encode(secrets.token_bytes(32)).decode()
        _write(path, [key, *vault.keys()])
    return vault.key_id(key)


def drop_old() -> int:
    """Keep the first key alone; returns how many went.  Raises `NotPossible` while anything may still need them."""
    with _file() as path:
        first, *old = vault.keys()
        if old and time.time() - path.stat().st_mtime < SETTLED:
            raise NotPossible("The new key is not a minute old. Ask again in a minute.")
        if old and (left := sum(column.left for column in rotate())):
            raise NotPossible(f"{left} secrets still need an older key. Nothing was thrown away.")
        if old:
            _write(path, [first])
    return len(old)


@contextmanager
def _file() -> Iterator[Path]:
    """The file of the keys, and nobody else changes it meanwhile."""
    path: Path | None = settings.ENCRYPTION_KEYS_FILE
    if path is None:
        raise NotPossible(
            "The keys come from the variable ENCRYPTION_KEYS: change it there, the new key first, and start anew."
        )
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def _write(path: Path, keys: list[str]) -> None:
    """Whole or not at all, on the disk before anything is sealed with it, and nobody else's to read."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(",".join(keys))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
