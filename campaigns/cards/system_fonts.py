"""Fonts this system has, for scripts whose fonts we do not ship.  Looked for once per process and script."""

import contextlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from .typefaces import Face

#: Files that hold many scripts, by how their names begin; tried after those that bear the script's own name.
BROAD: Final = ("NotoSansCJK-Bold", "DejaVuSans-Bold", "FreeSansBold", "Arial Unicode", "unifont")
_KINDS: Final = frozenset({".ttf", ".otf", ".ttc"})
_WEIGHTS: Final = ("-Bold.", "-SemiBold.", "-Medium.", "-Regular.")
_MOST: Final = 12
_MOST_BYTES: Final = 32 * 1024 * 1024


@lru_cache(maxsize=64)
def for_script(script: str) -> tuple[Face, ...]:
    """Faces that may draw `script` (a word as in the names of Unicode's letters: "TAMIL", "CANADIAN"), best first."""
    word = script.casefold()
    own = sorted((path for path in _files() if word in path.name.casefold()), key=_rank)
    broad = [path for start in BROAD for path in _files() if path.name.startswith(start)]
    return tuple(_face(path) for path in (*own[:_MOST], *broad))


@lru_cache(maxsize=512)
def _face(path: Path) -> Face:
    """One for each file, whichever scripts it is asked for."""
    return Face(str(path))


def _rank(path: Path) -> tuple[bool, int, str]:
    """Sans before serif, bold before regular, and always the same of several."""
    weight = next((place for place, word in enumerate(_WEIGHTS) if word in path.name), len(_WEIGHTS))
    return "serif" in path.name.casefold(), weight, str(path)


@lru_cache(maxsize=1)
def _files() -> tuple[Path, ...]:
    return tuple(sorted(_font_files(_folders())))


def _font_files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for place, _, names in os.walk(folder):
            fonts = (Path(place, name) for name in names if Path(name).suffix.lower() in _KINDS)
            yield from filter(_is_usable, fonts)


def _is_usable(path: Path) -> bool:
    """A plain file of a sensible size: a pipe would let us wait for ever, a device would fill the memory."""
    try:
        found = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= _MOST_BYTES and os.access(path, os.R_OK)


def _folders() -> list[Path]:
    home = _home()
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    if sys.platform == "win32":
        return [Path("C:/Windows/Fonts")]
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local" / "share" / "fonts"]


def _home() -> Path:
    """The home folder; a process without one, as in a container, gets a place where there are no fonts."""
    with contextlib.suppress(RuntimeError):
        return Path.home()
    return Path("/nonexistent")
