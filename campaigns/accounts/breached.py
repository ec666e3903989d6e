"""Passphrases that have been stolen somewhere, looked up in a file of this machine; nobody outside is asked (S5).

The file is the one that haveibeenpwned.com offers for download: a line for each, the SHA-1 in hexadecimal, a colon and
how often it was seen, in order.  It may be as large as it is (40 GB): each look reads some forty lines of it.
"""

import hashlib
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

_HEXADECIMAL = 40


def is_known(passphrase: str, file: Path) -> bool:
    """Does it stand in the file?  A file that cannot be read knows none, and the log says so."""
    # SHA-1 because the list is made of it; nothing is kept of it.
    wanted = hashlib.sha1(passphrase.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        return _first_from(wanted, file) == wanted
    except OSError:
        log.exception("the list of breached passphrases could not be read")
        return False


def _first_from(wanted: bytes, path: Path) -> bytes:
    """The first hash that is not before this one; empty at the end.  Halves the stretch where it can begin."""
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            file.seek(max(middle - 1, 0))
            if middle:
                file.readline()  # to the beginning of a line
            found = _hash(file.readline())
            if found and found < wanted:
                low = file.tell()
            else:
                high = middle
        file.seek(low)
        return _hash(file.readline())


def _hash(line: bytes) -> bytes:
    return line[:_HEXADECIMAL].upper()
