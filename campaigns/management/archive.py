"""A backup as one file: a tar of parts, then what it is, with the checksum of each part, then the seal on that.

What is missing, changed or cut short is noticed before anything of it is used.  No path is made of what stands in the
file alone: names are of a few known shapes.
"""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

#: Raised by one when an older program could not read a backup any more.
FORMAT = 1
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
CHUNK = 1024 * 1024  # bytes read at a time
LARGEST_MANIFEST = 64 * CHUNK  # bytes; about four hundred thousand pictures
#: The folders of DATA_DIR that a backup carries.
FOLDERS = ("photos", "logos", "pictures", "files", "imports")
PART = re.compile(rf"database\.(?:sqlite3|dump)|keys/[a-z_]+|(?:{'|'.join(FOLDERS)})(?:/[\w-][\w.-]*)+", re.ASCII)


class Damaged(Exception):
    """This file is no whole backup.  The sentence is for people."""


class Newer(Exception):
    """This backup was written by a newer program."""


class _Counted:
    """A file that is being read, and the checksum of what has been read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sum = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sum.update(data)
        self.size += len(data)
        return data

    @property
    def told(self) -> dict[str, Any]:
        return {"bytes": self.size, "sha256": self.sum.hexdigest()}


class Writer:
    """Puts parts into a file and seals it in the end; without the seal it is no backup."""

    def __init__(self, file: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115  closed by `seal`
        self.parts: dict[str, Any] = {}

    def add(self, name: str, content: bytes) -> None:
        """A part that fits into memory."""
        self._add(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, path: Path) -> None:
        """A part of any size, from a file that nobody changes meanwhile."""
        with path.open("rb") as file:
            self._add(name, file, os.fstat(file.fileno()).st_size)

    def seal(self, about: dict[str, Any]) -> None:
        """The last two parts: what this is, and the checksum of that."""
        manifest = json.dumps({"format": FORMAT, **about, "parts": self.parts}, indent=1, sort_keys=True).encode()
        self._add(MANIFEST, io.BytesIO(manifest), len(manifest))
        seal = hashlib.sha256(manifest).hexdigest().encode()
        self._add(SEAL, io.BytesIO(seal), len(seal))
        self._tar.close()

    def _add(self, name: str, file: IO[bytes], size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        counted = _Counted(file)
        self._tar.addfile(entry, counted)  # it asks for nothing but read()
        self.parts[name] = counted.told


class Archive:
    """A backup whose seal is whole: `about` says what it is; its parts are checked as they are taken out."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._entries = {entry.name: entry for entry in tar.getmembers() if entry.isfile()}
        manifest = self._small(MANIFEST)
        if hashlib.sha256(manifest).hexdigest().encode() != self._small(SEAL):
            raise Damaged("its list of contents was changed")
        self.about: dict[str, Any] = json.loads(manifest)
        if self.about["format"] > FORMAT:
            raise Newer
        self.parts: dict[str, Any] = self.about["parts"]
        if odd := set(self._entries) ^ {*self.parts, MANIFEST, SEAL}:
            raise Damaged(f"it lacks a part, or has one too many: {min(odd)}")
        if odd := {name for name in self.parts if not PART.fullmatch(name)}:
            raise Damaged(f"it holds something that no backup holds: {min(odd)!r}")

    def take_out(self, name: str, target: Path) -> None:
        """Write this part to a new file that only we may read.  Raises `Damaged` where it is not what was put in."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _reading(name), self._open(name) as file, target.open("xb") as copy:
            os.fchmod(copy.fileno(), 0o600)
            counted = _Counted(file)
            while data := counted.read(CHUNK):
                copy.write(data)
            copy.flush()
            os.fsync(copy.fileno())
        if counted.told != self.parts[name]:
            raise Damaged(f"{name} is not what was put in")

    def _small(self, name: str) -> bytes:
        if name not in self._entries:
            raise Damaged("its end is missing")
        with self._open(name) as file:
            return file.read(LARGEST_MANIFEST)

    def _open(self, name: str) -> IO[bytes]:
        file = self._tar.extractfile(self._entries[name])
        assert file is not None  # a plain file
        return file


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The backup in this file.  Raises `Damaged`, and OSError where it cannot be read at all."""
    with path.open("rb") as file:
        with _reading("it"):
            tar = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115  it lives as long as its file
            archive = Archive(tar)
        yield archive


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Whatever a damaged file makes its reader stumble over is one thing: damage."""
    try:
        yield
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError, AttributeError) as stumbled:
        raise Damaged(f"{what} cannot be read") from stumbled
