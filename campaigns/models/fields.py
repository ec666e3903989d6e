"""A text column that is unreadable without the key outside the database."""

from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:
    Text = models.TextField  # only the stubs know it by its types


@cache
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


class EncryptedTextField(Text):
    """Text kept encrypted and authenticated (S47).  The first of ENCRYPTION_KEYS writes, all of them read."""

    def get_prep_value(self, value: Any) -> Any:
        """What goes into the database: ciphertext, or the empty text as it is."""
        return _cipher(tuple(settings.ENCRYPTION_KEYS)).encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: Any, expression: object, connection: object) -> Any:
        """What the program sees: the text.  Raises `cryptography.fernet.InvalidToken` when no key fits."""
        return _cipher(tuple(settings.ENCRYPTION_KEYS)).decrypt(value.encode()).decode() if value else value
