"""Whom a campaign means, as a value: when they last came, who was there, what was done, tags.  (pure)

It knows nothing of what somebody thought, answered or wrote, and never will: everybody it means is asked alike (R2).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Filter:
    """All of this has to be so; a filter that says nothing means everybody."""

    #: The last visit lies between these days, both included; either may be open.
    visited_from: date | None = None
    visited_until: date | None = None
    technician: str = ""
    service: str = ""
    #: At least one of these, whatever their capitals.
    tags: tuple[str, ...] = ()
    #: No request has gone out to them yet.
    never_asked: bool = False
    #: These and nobody else, by their keys: somebody picked them by hand.
    chosen: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return self != Filter()

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a campaign: only what it says."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: _plain(value) for name, value in said.items() if value}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Filter":
        """Back from `as_json`."""
        given = dict(kept)
        for name in ("visited_from", "visited_until"):
            if name in given:
                given[name] = date.fromisoformat(given[name])
        lists = {name: tuple(given.get(name, ())) for name in ("tags", "chosen")}
        return cls(**given | lists)

    def __str__(self) -> str:
        """ "last visit since 1 November 2026, technician Dana"; empty for everybody."""
        return ", ".join(self._said())

    def _said(self) -> Iterator[str]:
        since, until = self.visited_from, self.visited_until
        if since and since == until:
            yield f"last visit on {_day(since)}"
        elif since or until:
            parts = [f"since {_day(since)}" if since else "", f"until {_day(until)}" if until else ""]
            yield " ".join(["last visit", *filter(None, parts)])
        if self.technician:
            yield f"technician {self.technician}"
        if self.service:
            yield f"service {self.service}"
        if self.tags:
            yield f"tagged {' or '.join(self.tags)}"
        if self.never_asked:
            yield "never asked before"
        if self.chosen:
            yield "one customer picked by hand" if len(self.chosen) == 1 else f"{len(self.chosen)} picked by hand"


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
