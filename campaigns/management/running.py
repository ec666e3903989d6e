"""What `start` is running on a folder: one at a time, and the commands beside it find the same site."""

import fcntl
import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO


class AlreadyRunning(Exception):
    """Another `start` holds this folder."""


def hold(folder: Path) -> IO[str]:
    """Take the folder for as long as the answer is open; the kernel lets go of it however we die."""
    file = (folder / "running.json").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyRunning from None
    file.truncate(0)
    return file


def tell(held: IO[str], environ: Mapping[str, str]) -> None:
    """Write down the variables of the site that runs on this folder."""
    json.dump(dict(environ), held)
    held.flush()


def look(folder: Path) -> dict[str, str]:
    """The variables of the site that runs on this folder now; nothing where none runs."""
    try:
        with (folder / "running.json").open() as file:
            return {} if is_free(file) else read(file)
    except FileNotFoundError:
        return {}


def is_free(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read(file: IO[str]) -> dict[str, str]:
    """Empty while it is being written: then the site is not up yet either."""
    try:
        return dict(json.load(file))
    except ValueError:
        return {}
