"""Whose picture should somebody look at before it is sent?  One answer for the sheet, the check and the command line.

Nothing is drawn for it: the words are fitted, and the names are read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from campaigns import cards, merge, names
from campaigns.models import FIRST_SIDE, SECOND_SIDE, Campaign, Card, Customer

#: Letters below this share of what a usual name gets are worth saying.
MUCH_SMALLER = 0.7
#: The merge fields that differ between the customers of one business.
PERSONAL = frozenset({"first_name", "technician", "service", "visit_date"})
#: A usual name, to compare with.
USUAL = "Marcus"


@dataclass(frozen=True)
class Look:
    """A customer whose picture should be looked at: why, and what to call them instead ("" is no name).

    The suggestion can be the name as it stands: then a person only has to find it fine.
    """

    customer: Customer
    code: str
    sentence: str
    suggestion: str
    alternatives: tuple[str, ...] = ()
    #: Can somebody say "it is fine as it is"?  Not where the card cannot show the name at all.
    may_stay: bool = True

    @property
    def is_fine_so(self) -> bool:
        """Nothing would change by taking the suggestion."""
        return self.suggestion == self.customer.called


def look(card: cards.Card, people: Iterable[Customer]) -> list[Look]:
    """Those of these customers whose name is odd, does not fit on the card or cannot be drawn, in the same order."""
    changing = _changing(card)
    return [found for found in (_look(changing, person) for person in people) if found]


def of(campaign: Campaign, people: Iterable[Customer]) -> list[Look]:
    """The same of a campaign, each on the card they get.  Raises `cards.BadDesign`, or OSError without a photo."""
    found: list[Look] = []
    for card, some in _by_card(campaign, people):
        found += look(card.drawing(), some)
    return found


def _by_card(campaign: Campaign, people: Iterable[Customer]) -> list[tuple[Card, list[Customer]]]:
    shown = {campaign.card_of(side): list[Customer]() for side in (FIRST_SIDE, SECOND_SIDE)}
    people = list(people)
    sides = campaign.sides_of(people)
    for person in people:
        shown[campaign.card_of(sides[person.pk])].append(person)
    return [(card, some) for card, some in shown.items() if card]


def _changing(card: cards.Card) -> cards.Card:
    """Only what changes from customer to customer, so that nothing else is fitted again and again."""
    boxes = tuple(box for box in card.boxes if merge.fields_in(box.text) & PERSONAL)
    return replace(card, boxes=boxes, photo=b"", logo_png=b"")


def _look(card: cards.Card, customer: Customer) -> Look | None:
    words = customer.words()
    tight = _tight(card, words)
    is_decided = customer.spoken_name is not None
    odd = None if is_decided else names.look(customer.first_name, customer.last_name)
    if odd:
        return _odd_one(card, customer, odd, tight)
    if tight is None or (tight.may_stay and is_decided):
        return None
    return _tight_one(card, customer, tight)


@dataclass(frozen=True)
class _Tight:
    """How the card falls short of a name."""

    code: str
    sentence: str
    may_stay: bool = False
    #: Is it the name that falls short?  Another one would not help against a long service.
    of_name: bool = True


def _odd_one(card: cards.Card, customer: Customer, odd: names.Finding, tight: _Tight | None) -> Look:
    """An odd name; what does not fit either is not suggested."""
    may_stay = tight is None or tight.may_stay
    sentence = odd.sentence if tight is None or may_stay else f"{odd.sentence} {tight.sentence}"
    suggestion, *others = _fitting(card, customer, (odd.suggestion, *odd.alternatives)) or [names.NO_NAME]
    return Look(customer, odd.code, sentence, suggestion, tuple(others), may_stay)


def _tight_one(card: cards.Card, customer: Customer, tight: _Tight) -> Look:
    """A name that is not odd, but too long for this card or not to be drawn."""
    otherwise = customer.called if tight.may_stay else names.NO_NAME
    shorter = _shorter(customer.called) if tight.of_name else iter(())
    suggestion, *others = _fitting(card, customer, shorter) or [otherwise]
    return Look(customer, tight.code, tight.sentence, suggestion, tuple(others), tight.may_stay)


def _fitting(card: cards.Card, customer: Customer, offered: Iterable[str]) -> list[str]:
    words = customer.words()
    tried = ((name, _tight(card, {**words, "first_name": name})) for name in offered)
    return [name for name, tight in tried if tight is None or not tight.of_name]


def _shorter(name: str) -> Iterator[str]:
    """The first of several words, and what stands before its hyphen."""
    for first in name.split()[:1]:
        yield from (shorter for shorter in (first, first.split("-")[0]) if 1 < len(shorter) < len(name))


def _tight(card: cards.Card, words: Mapping[str, str]) -> _Tight | None:
    """How this name or another word is left out, or becomes much smaller than usual; None when all is well."""
    return _fitted(card, tuple(words.items()))


@lru_cache(maxsize=16384)
def _fitted(card: cards.Card, items: tuple[tuple[str, str], ...]) -> _Tight | None:
    words = dict(items)
    settings = cards.drawn_texts(card, words)
    short = sorted((s for s in settings if s.left_out & PERSONAL), key=lambda s: "first_name" not in s.left_out)
    if short:
        of_name = "first_name" in short[0].left_out
        code = "glyphs" if cards.missing(card, words) else "room"
        return _Tight(code, short[0].note, may_stay=not of_name, of_name=of_name)
    if words["first_name"] and _is_narrow(card, settings, words):
        return _Tight("narrow", "So long that its letters become much smaller than usual.", may_stay=True)
    return None


def _is_narrow(card: cards.Card, settings: list[cards.Setting], words: Mapping[str, str]) -> bool:
    """Set much smaller than a usual name on the same card would be."""
    set_so = list(zip(card.boxes, settings, strict=True))
    if all(setting.size >= MUCH_SMALLER * box.size for box, setting in set_so):
        return False
    usual = cards.drawn_texts(card, {**words, "first_name": USUAL})
    return any(setting.size < MUCH_SMALLER * other.size for setting, other in zip(settings, usual, strict=True))
