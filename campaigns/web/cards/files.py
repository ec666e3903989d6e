"""The files a card is drawn from, read once per process while they stay as they are."""

from functools import lru_cache
from pathlib import Path

from campaigns.models import Card, logo_path, photo_path


class PhotoGone(Exception):
    """The photo's file is not there any more."""


def photo(card: Card) -> bytes:
    """The bytes of the card's photo.  Raises PhotoGone."""
    try:
        return _file(photo_path(card.photo))
    except OSError as gone:
        raise PhotoGone("The photo of this card is gone.") from gone


def logo_name(card: Card, design: object) -> str:
    """Which logo a changed design gets: the business's own of today, else the one it had; empty without a layer."""
    has_layer = isinstance(design, dict) and design.get("logo") is not None
    return (card.business.logo or card.logo) if has_layer else ""


def logo(name: str) -> bytes:
    """The bytes of a logo; nothing where there is none."""
    try:
        return _file(logo_path(name)) if name else b""
    except OSError:
        return b""


def _file(path: Path) -> bytes:
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=24)
def _read(path: Path, changed: int, size: int) -> bytes:
    return path.read_bytes()
