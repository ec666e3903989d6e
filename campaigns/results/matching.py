"""Which customer may have written a review: by the name it is signed with, and by when they were asked.  (pure)

Values in, a guess out: how sure it is in percent, never 100, and why, in words for the person who decides.  Google
names no reviewer's number, people sign with initials and short forms, and two customers may share a name; so a guess
says nothing by itself.  What a review says and how it judges does not come in here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from campaigns import finding, names

#: Below this nobody is bothered with a guess.
LEAST = 40
#: Nothing is certain.
MOST = 97
#: Days after a request, or after the link was opened, in which a review is likely its answer; and after which hardly.
SOON, AFTER_OPENING, LATE = 14, 3, 90


@dataclass(frozen=True)
class Signed:
    """A review: the name it is signed with, and its day where that is known."""

    author: str
    day: date | None = None


@dataclass(frozen=True)
class Asked:
    """A customer who was asked: their name as stored, each day they were asked, and when they first opened the link."""

    key: int
    first: str
    last: str
    days: tuple[date, ...]
    opened: date | None = None


@dataclass(frozen=True)
class Guess:
    """A customer who may have written it."""

    key: int
    confidence: int
    reason: str


@dataclass(frozen=True)
class _Name:
    first: str
    last: str


class Register:
    """Those who were asked, found by any of the names they may sign with."""

    def __init__(self, people: Iterable[Asked]) -> None:
        self._by_first: dict[str, list[Asked]] = {}
        self._by_last: dict[str, list[Asked]] = {}
        for person in people:
            name = _name_of(person)
            if name.first:
                self._by_first.setdefault(name.first.split()[0], []).append(person)
            if name.last:
                self._by_last.setdefault(name.last.split()[-1], []).append(person)

    def guesses(self, review: Signed) -> list[Guess]:
        """Who may have written it, the likeliest first; empty where nobody may."""
        found = [guess for person in self._near(review) if (guess := _guess(review, person))]
        found.sort(key=lambda guess: (-guess.confidence, guess.key))
        return [guess for guess in _apart(found) if guess.confidence >= LEAST]

    def _near(self, review: Signed) -> Iterator[Asked]:
        """Those who share a first name, in any of its forms, or a last name."""
        words = folded(review.author).split()
        if not words:
            return
        near = [self._by_first.get(form, []) for form in sorted({*names.forms(words[0]), words[-1]})]
        near += [self._by_last.get(word, []) for word in dict.fromkeys((words[-1], words[0]))]
        yield from {person.key: person for some in near for person in some}.values()


def folded(text: str) -> str:
    """A name without capitals, accents and signs; a hyphen is a space."""
    return " ".join(finding.folded(text.replace("-", " ").replace("\u2010", " ").replace(".", " ")).split())


def _name_of(person: Asked) -> _Name:
    return _Name(folded(person.first), folded(person.last))


def _guess(review: Signed, person: Asked) -> Guess | None:
    named = _named(folded(review.author), _name_of(person))
    timed = _timed(review.day, person)
    if named is None or timed is None:
        return None
    return Guess(person.key, max(0, min(MOST, named[0] + timed[0])), f"{named[1]}; {timed[1]}")


def _named(said: str, name: _Name) -> tuple[int, str] | None:
    """How sure the name alone makes it, and why."""
    first, _, last = said.partition(" ")
    whole = f"{name.first} {name.last}"
    short = _short(said, name)
    checks = (
        (bool(name.first and name.last) and said == whole, 85, "The full name is the same"),
        (bool(name.first and name.last) and said == f"{name.last} {name.first}", 78, "The full name, last name first"),
        (bool(name.last) and said == f"{name.first} {name.last[:1]}", 68, "First name and initial are the same"),
        (bool(name.last) and short == name.last, 65, "A short form of the first name, and the same last name"),
        (bool(name.first and name.last) and said == f"{name.first[:1]} {name.last}", 55, "Initial and last name"),
        (bool(name.last) and short == name.last[:1], 50, "A short form of the first name, and the same initial"),
        (bool(name.first and name.last) and _is_within(said, whole), 60, "First and last name, with more between"),
        (bool(name.first) and not last and first == name.first, 34, "Only the first name, which is the same"),
    )
    return next(((sure, why) for holds, sure, why in checks if holds and said.strip()), None)


def _short(said: str, name: _Name) -> str:
    """What follows a short form of their first name; empty where it is none."""
    first, _, rest = said.partition(" ")
    return rest if names.are_one_name(first, name.first.split(" ")[0]) else ""


def _is_within(said: str, whole: str) -> bool:
    """ "Grace Brewster Hopper" and "Grace Hopper", either way round."""
    one, other = said.split(), whole.split()
    return len(one) > 1 and len(other) > 1 and len(one) != len(other) and (one[0], one[-1]) == (other[0], other[-1])


def _timed(day: date | None, person: Asked) -> tuple[int, str] | None:
    """How much the time adds or takes, and why; None for a review that was there before anybody asked."""
    if day is None:
        return (-8, "the review has no day")
    before = [asked for asked in person.days if asked <= day]
    if not before:
        return None
    waited = (day - max(before)).days
    if person.opened and 0 <= (day - person.opened).days <= AFTER_OPENING:
        return (12, f"written {_later((day - person.opened).days)} they opened the link")
    if waited <= SOON:
        return (6, f"written {_later(waited)} they were asked")
    return (-20 if waited > LATE else 0, f"written {waited} days after they were asked")


def _later(days: int) -> str:
    return {0: "on the day", 1: "the day after"}.get(days, f"{days} days after")


def _apart(found: list[Guess]) -> Iterator[Guess]:
    """Where two fit nearly as well, neither is sure; each says so."""
    for guess in found:
        rivals = [other for other in found if other.key != guess.key and other.confidence >= guess.confidence - 5]
        if rivals:
            others = "another customer fits" if len(rivals) == 1 else f"{len(rivals)} other customers fit"
            yield Guess(guess.key, max(0, guess.confidence - 25), f"{guess.reason}; {others} as well")
        else:
            yield guess
