"""Files that no row names.

Photos and logos are kept once, whoever they belong to, so they are not thrown away with a row: another organization may
have the same one.  What nobody names is found by looking through the folders.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.db.models import Model, QuerySet

from campaigns.models import Business, Card, Delivery, Message, logo_path, photo_path, picture_path

#: A younger file may be about to be named: by a card that is being made, a message that is being drawn.
YOUNG = timedelta(days=1)
#: Files that are asked about with one statement.
AT_ONCE = 500

Names = Collection[str]


def sweep(now: datetime) -> None:
    """Throw away what nobody names and nobody can be about to name."""
    for path_of, named in FOLDERS:
        for names in _by_many(_old(path_of(""), now)):
            for name in set(names) - named(names):
                path_of(name).unlink(missing_ok=True)


def _old(folder: Path, now: datetime) -> Iterator[str]:
    until = (now - YOUNG).timestamp()
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_file() and path.stat().st_mtime < until:
            yield path.name


def _by_many(names: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(names, AT_ONCE)):
        yield some


def _photos(names: Names) -> set[str]:
    return _in(Card._base_manager.all(), "photo", names)


def _logos(names: Names) -> set[str]:
    return _in(Card._base_manager.all(), "logo", names) | _in(Business._base_manager.all(), "logo", names)


def _pictures(names: Names) -> set[str]:
    """By the key of their message, for which there is an index, and only what is left by the name itself."""
    keys = _in(Message._base_manager.all(), "key", {Path(name).stem for name in names})
    drawn = {name for name in names if Path(name).stem in keys}
    left = set(names) - drawn
    for model in (Delivery, Message) if left else ():
        drawn |= _in(model._base_manager.all(), "picture", left)
    return drawn


def _in(rows: QuerySet[Model], column: str, names: Names) -> set[str]:
    return set(rows.filter(**{f"{column}__in": names}).values_list(column, flat=True))


FOLDERS: tuple[tuple[Callable[[str], Path], Callable[[Names], set[str]]], ...] = (
    (photo_path, _photos),
    (logo_path, _logos),
    (picture_path, _pictures),
)
