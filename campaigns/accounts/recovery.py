"""Codes for the day the phone is lost: shown once, and kept as a slow hash, so a copy of the database opens nothing."""

import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from campaigns.models import RecoveryCode, User

HOW_MANY = 8
#: Without letters that look like others; twelve of them are 59 bits.
LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
GROUPS, EACH = 3, 4


def make(user: User) -> list[str]:
    """New ones in the place of all before."""
    salt, codes = secrets.token_hex(16), [_new() for _ in range(HOW_MANY)]
    rows = [RecoveryCode(user=user, salt=salt, code_hash=_hash(code, salt)) for code in codes]
    with transaction.atomic():
        forget(user)
        RecoveryCode.objects.bulk_create(rows)
    return codes


def use(user: User, code: str) -> bool:
    """Use this one up; False when it is none of theirs, or was used.  Two at once: one wins (S19)."""
    salt = RecoveryCode.objects.filter(user=user, used_at=None).values_list("salt", flat=True).first()
    if salt is None:
        return False
    mine = RecoveryCode.objects.filter(user=user, salt=salt, code_hash=_hash(code, salt), used_at=None)
    return bool(mine.update(used_at=timezone.now()))


def left(user: User) -> int:
    """How many have not been used."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def forget(user: User) -> None:
    """All of them."""
    RecoveryCode.objects.filter(user=user).delete()


def _new() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(EACH)) for _ in range(GROUPS))


def _hash(code: str, salt: str) -> str:
    bare = "".join(letter for letter in code.lower() if letter in LETTERS)
    return hashlib.scrypt(bare.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=32).hex()
