"""The customers a card is tried on: the newest, and those whose names test a design hardest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns import cards, merge
from campaigns.models import Business, Customer

#: Whom to draw for before there are customers.
SAMPLE = "Marcus"
#: Customers looked through, and how many the choice offers beside the hard ones.
LOOKED_THROUGH, OFFERED = 500, 12


@dataclass(frozen=True)
class Sample:
    """Somebody to draw for: the word in the address, what the choice is called, and the customer (perhaps made up)."""

    key: str
    label: str
    person: Customer

    @property
    def first_name(self) -> str:
        """What the customer is called on the picture."""
        return self.person.called

    @property
    def words(self) -> dict[str, str]:
        """The merge fields."""
        return self.person.words()


def samples(business: Business) -> list[Sample]:
    """Whom to draw for: the newest customers, and the names that test a design hardest."""
    rows = business.customers.exclude(first_name="").order_by("-pk")[:LOOKED_THROUGH]
    example = Sample("", SAMPLE, Customer(business=business, first_name=SAMPLE))
    people = [_sample(customer) for customer in rows] or [example]
    # Begin with a name that shows the design, not its trouble: that is what the others are for.
    people.sort(key=lambda sample: not (sample.first_name.isalpha() and sample.first_name.istitle()))
    longest = max(people, key=lambda sample: len(sample.first_name))
    foreign = next((s for s in people if not s.first_name[:1].isascii() and s.first_name[:1].isalpha()), None)
    hard = [Sample("longest", f"Longest name: {longest.label}", longest.person)]
    hard += [Sample("script", f"Another script: {foreign.label}", foreign.person)] if foreign else []
    nobody = Sample("none", "No name", Customer(business=business))
    return [*people[:1], *hard, nobody, *people[1:OFFERED]]


def sample_of(business: Business, key: str) -> Sample:
    """The customer this word stands for: one of the samples, else one of the business's customers, else the first."""
    is_number = key.isascii() and key.isdecimal() and len(key) < 19
    if is_number and (person := business.customers.filter(pk=int(key)).first()):
        return _sample(person)
    known = samples(business)
    return next((sample for sample in known if sample.key == key), known[0])


def words_on(design: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """What stands on the picture, for those who cannot see it."""
    return " ".join(filter(None, (merge.fill(box["text"], words).strip() for box in design["boxes"])))


def troubles(picture: cards.Card, words: Mapping[str, str]) -> list[str]:
    """What had to be left out for this name, each in a sentence."""
    return list(dict.fromkeys(setting.note for setting in cards.drawn_texts(picture, words) if setting.note))


def _sample(customer: Customer) -> Sample:
    return Sample(str(customer.pk), customer.name, customer)
