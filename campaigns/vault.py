"""The vault: text that only a key outside the database opens, and only in the place it was put away for (S47).

Stored is `sealed1:<key id>:<nonce, ciphertext and tag>`: AES-256-GCM under a key derived (HKDF-SHA256) from one of
ENCRYPTION_KEYS and from the purpose, which is authenticated with it.  A purpose names table, column and row or tenant,
so a text that was moved to another row does not open.  Nonces are random: good for 2^32 texts of one purpose.

The first key writes, all of them read.  Where the keys lie in a file, a running process notices a new one by itself.
"""

import base64
import hmac
import secrets
import time
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MARK = "sealed1"
#: What the releases before wrote: Fernet, bound to no place.  It is read until `manage.py rotate_secrets` has passed.
OLD_MARK = "gAAAA"
NONCE = 12


class Shut(InvalidToken):
    """No key of ours opens this text in this place.  Says neither the text nor a key."""


class Sealed(str):
    """A text as it lies in the database."""

    __slots__ = ()


def encrypt(purpose: str, text: str) -> Sealed:
    """The text, to be opened for this purpose alone."""
    return _seal(keys()[0], purpose, text)


def decrypt(purpose: str, kept: str) -> str:
    """What was put away for this purpose.  Raises `Shut`."""
    if kept.startswith(OLD_MARK):
        return _open_old(kept)
    mark, _, rest = kept.partition(":")
    name, _, told = rest.partition(":")
    key = next((key for key in keys() if key_id(key) == name), None)
    if mark != MARK or key is None:
        raise Shut("A secret cannot be opened: the key it was put away with is not among ENCRYPTION_KEYS.")
    try:
        raw = base64.urlsafe_b64decode(told)
        return AESGCM(_derived(key, purpose)).decrypt(raw[:NONCE], raw[NONCE:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as shut:
        raise Shut("A secret cannot be opened: it was changed, or put away for another place.") from shut


#: The purpose of what is kept outside a column of its own: a seed in somebody else's JSON, a field of a form.
OUTSIDE = "outside a column"


def seal(text: str) -> Sealed:
    """For what is kept outside a column of its own; it remembers when."""
    return encrypt(OUTSIDE, f"{int(time.time())}:{text}")


def unseal(kept: str, seconds: int | None = None) -> str:
    """The text again.  Raises `Shut` when no key opens it, or it is older than so many seconds."""
    said, _, text = decrypt(OUTSIDE, kept).partition(":")
    if seconds is not None and time.time() - int(said) > seconds:
        raise Shut("This was sealed too long ago.")
    return text


def is_current(kept: str) -> bool:
    """Was it written with the first key, and bound to its place?"""
    return kept.startswith(current_mark())


def current_mark() -> str:
    """How every text begins that the first key has written."""
    return f"{MARK}:{key_id(keys()[0])}:"


def key_id(key: str) -> str:
    """By which a key is known without being told: 32 bits of a keyed hash."""
    return hmac.digest(key.encode(), b"goodword key id", "sha256").hex()[:8]


def keys() -> tuple[str, ...]:
    """Those that count just now: of the file where they lie in one, else those that this process was started with."""
    path: Path | None = settings.ENCRYPTION_KEYS_FILE
    if path is None:
        return tuple(settings.ENCRYPTION_KEYS)
    about = path.stat()
    return _in_file(path, about.st_mtime_ns, about.st_ino)


@lru_cache(maxsize=4)
def _in_file(path: Path, changed_at: int, inode: int) -> tuple[str, ...]:
    return tuple(path.read_text().strip().split(","))


def _seal(key: str, purpose: str, text: str) -> Sealed:
    nonce = secrets.token_bytes(NONCE)
    raw = nonce + AESGCM(_derived(key, purpose)).encrypt(nonce, text.encode(), purpose.encode())
    return Sealed(f"{MARK}:{key_id(key)}:{base64.urlsafe_b64encode(raw).decode()}")


@lru_cache(maxsize=1024)
def _derived(key: str, purpose: str) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"goodword vault 1 {purpose}".encode())
    return hkdf.derive(base64.urlsafe_b64decode(key))


def _open_old(kept: str) -> str:
    try:
        return MultiFernet([Fernet(key) for key in keys()]).decrypt(kept.encode()).decode()
    except InvalidToken as shut:
        raise Shut("A secret of an older release cannot be opened with any of ENCRYPTION_KEYS.") from shut
