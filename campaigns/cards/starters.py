"""The shipped designs: a picture we may give away, a design that looks good at once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from .design import Card

STARTERS: Final = Path(__file__).parent / "starters"


@dataclass(frozen=True)
class Starter:
    """One shipped design. `key` is its name in code and files, `name` the one people read, `alt` says what it shows."""

    key: str
    name: str
    alt: str
    design: Mapping[str, Any]
    photo: bytes

    @property
    def card(self) -> Card:
        """The starter as a card ready to draw."""
        return Card.from_json(self.design, self.photo)


@lru_cache(maxsize=1)
def starters() -> tuple[Starter, ...]:
    """All shipped designs, the demo's own first. Read once per process."""
    listed = json.loads((STARTERS / "starters.json").read_text("utf-8"))
    return tuple(_starter(entry) for entry in listed)


def starter(key: str) -> Starter:
    """The starter of that key. Raises KeyError."""
    return {each.key: each for each in starters()}[key]


def _starter(entry: Mapping[str, Any]) -> Starter:
    photo = (STARTERS / entry["photo"]).read_bytes()
    return Starter(entry["key"], entry["name"], entry["alt"], entry["design"], photo)
