"""Customers to try the words on: a few that are worth a look, then the first ones of the list."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from campaigns.models import Business, Customer

#: Customers looked through for good examples, and how many the choice offers.
LOOKED_THROUGH, OFFERED = 1000, 40


@dataclass(frozen=True)
class Samples:
    """Whom the preview can show."""

    worth: list[tuple[str, Customer]]
    others: list[Customer]

    @property
    def first(self) -> Customer | None:
        """The one to begin with: an ordinary one."""
        return self.others[0] if self.others else None


def of(business: Business) -> Samples:
    """Look through the business's customers."""
    people = list(business.customers.filter(stopped_at=None, is_insider=False).order_by("pk")[:LOOKED_THROUGH])
    return Samples(list(_worth(people)), people[:OFFERED])


def _worth(people: list[Customer]) -> Iterator[tuple[str, Customer]]:
    named = [person for person in people if person.called]
    if named:
        yield "Longest name", max(named, key=lambda person: len(person.called))
    yield from _first("No first name", (person for person in people if not person.called))
    yield from _first("Another script", (person for person in named if not is_latin(person.called)))
    yield from _first("All capitals", (p for p in named if len(p.called) > 2 and p.called.isupper()))


def _first(label: str, people: Iterable[Customer]) -> Iterator[tuple[str, Customer]]:
    for person in people:
        yield label, person
        return


def is_latin(text: str) -> bool:
    """Are all its letters Latin, accents and all?"""
    letters = (character for character in text if character.isalpha())
    return all(unicodedata.name(character, "").startswith("LATIN") for character in letters)
