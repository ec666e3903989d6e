"""Whose picture should somebody look at before it is sent?  One answer for the sheet, the check and the command line.

Nothing is drawn for it: the words are fitted, and the names are read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from campaigns import cards, merge, names
from campaigns.models import Customer

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
    checked = _Checked(card)
    return [found for found in map(checked.look, people) if found]


class _Checked:
    """One card, and what its names get of it."""

    def __init__(self, card: cards.Card) -> None:
        changing = tuple(box for box in card.boxes if merge.fields_in(box.text) & PERSONAL)
        #: Only what changes from customer to customer is fitted again and again.
        self.card = replace(card, boxes=changing)
        self.named = [n for n, box in enumerate(changing) if "first_name" in merge.fields_in(box.text)]

    def look(self, customer: Customer) -> Look | None:
        words = customer.words()
        odd = names.look(customer.first_name, customer.last_name) if customer.spoken_name is None else None
        room = self._room(words)
        if odd:
            return self._odd(customer, words, odd, room)
        if room is None or (room[0] == "narrow" and customer.spoken_name is not None):
            return None
        return self._tight(customer, words, *room)

    def _odd(
        self, customer: Customer, words: Mapping[str, str], odd: names.Finding, room: tuple[str, str] | None
    ) -> Look:
        """An odd name; what does not fit either is not suggested."""
        is_left_out = room is not None and room[0] != "narrow"
        sentence = f"{odd.sentence} {room[1]}" if room and is_left_out else odd.sentence
        offered = (odd.suggestion, *odd.alternatives)
        fitting = [name for name in offered if not name or not self._room({**words, "first_name": name})]
        suggestion, *others = fitting or [names.NO_NAME]
        return Look(customer, odd.code, sentence, suggestion, tuple(others), may_stay=not is_left_out)

    def _tight(self, customer: Customer, words: Mapping[str, str], code: str, sentence: str) -> Look:
        """A name that is none too odd, but too long or not to be drawn."""
        shorter = [name for name in _shorter(customer.called) if not self._room({**words, "first_name": name})]
        may_stay = code == "narrow"
        if may_stay and not shorter:
            return Look(customer, code, sentence, customer.called)
        suggestion, *others = shorter or [names.NO_NAME]
        return Look(customer, code, sentence, suggestion, tuple(others), may_stay)

    def _room(self, words: Mapping[str, str]) -> tuple[str, str] | None:
        """A code and a sentence when the name is left out or set much smaller than usual; None when all is well."""
        if not words["first_name"]:
            return None
        settings = cards.drawn_texts(self.card, words)
        note = next((setting.note for setting in settings if setting.note), "")
        if note:
            return "glyphs" if cards.missing(self.card, words) else "room", note
        if self._is_narrow([setting.size for setting in settings], words):
            return "narrow", "So long that its letters become much smaller than usual."
        return None

    def _is_narrow(self, sizes: list[int], words: Mapping[str, str]) -> bool:
        """Set much smaller than a usual name on the same card would be."""
        small = [n for n in self.named if sizes[n] < MUCH_SMALLER * self.card.boxes[n].size]
        if not small:
            return False
        usual = cards.drawn_texts(self.card, {**words, "first_name": USUAL})
        return any(sizes[n] < MUCH_SMALLER * usual[n].size for n in small)


def _shorter(name: str) -> Iterator[str]:
    """The first of several words, and what stands before its hyphen."""
    first = name.split()[0]
    yield from (shorter for shorter in (first, first.split("-")[0]) if 1 < len(shorter) < len(name))
