"""The keys without which a database is of no use, told apart without being told.

A backup never carries them unless it is asked to: whoever finds the one must not have the other.
"""

import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from campaigns.management.archive import Archive


class Missing(Exception):
    """The backup was made with other keys than these.  The sentence is for people."""


@dataclass(frozen=True)
class Key:
    """One of them: its value, and where it comes from."""

    name: str
    value: str

    @property
    def path(self) -> Path:
        """Where it lies when it does not come from the environment."""
        return Path(settings.DATA_DIR) / self.name.lower()

    @property
    def is_in_file(self) -> bool:
        """Whether that is where we have it from."""
        return self.path.exists() and self.path.read_text().strip() == self.value

    @property
    def place(self) -> str:
        """Where to find it, for people."""
        return str(self.path) if self.is_in_file else f"the variable {self.name}"

    @property
    def marks(self) -> list[str]:
        """What tells a key from others and does not help to find it; several, where it is a ring of keys."""
        return [hmac.digest(one.encode(), b"goodword backup", "sha256").hex()[:16] for one in self.value.split(",")]


def all_here() -> list[Key]:
    """Those this program runs with."""
    return [
        Key("ENCRYPTION_KEYS", ",".join(settings.ENCRYPTION_KEYS)),
        Key("SUPPRESSION_KEY", settings.SUPPRESSION_KEY),
    ]


def told() -> dict[str, Any]:
    """For the manifest: the marks of each."""
    return {key.name: key.marks for key in all_here()}


def fitting(archive: Archive) -> list[Key]:
    """The keys to take out of the backup because ours do not open it; none where ours do.

    Raises `Missing` where neither ours nor the backup's can be used.
    """
    strange = [key for key in all_here() if not set(archive.about["keys"][key.name]) <= set(key.marks)]
    for key in strange:
        if f"keys/{key.name.lower()}" not in archive.parts:
            raise Missing(
                f"{key.place} is not the key this backup was made with. Put that one there first: it was kept apart."
            )
        if not key.is_in_file:
            raise Missing(f"The variable {key.name} is not the key this backup was made with. Set that one, or none.")
    return strange
