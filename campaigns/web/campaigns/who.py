"""The part of a draft that says whom it means."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property, partial
from typing import Any

from django import forms

from campaigns.asking import meant
from campaigns.filters import Filter
from campaigns.models import Business

#: The fields that say whom it means.
FILTERED = tuple(each.name for each in fields(Filter))
#: Characters of a value to choose by.
LONGEST = 120
#: Customers that may be picked by hand for one campaign.
MOST_PICKED = 5000
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Chosen(forms.ChoiceField):
    """One of what customers have.  What nobody has any more may stay chosen, and means nobody."""

    def valid_value(self, value: Any) -> bool:
        """Whatever it is, only this business's own customers are looked at."""
        return len(str(value)) <= LONGEST


class ChosenTags(forms.MultipleChoiceField):
    """The same for several."""

    def valid_value(self, value: Any) -> bool:
        """Whatever it is, as above."""
        return len(str(value)) <= LONGEST


class Picked(forms.CharField):
    """Keys of customers whom somebody picked by hand, "12 15 31"; whatever else is written there means nobody more."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=100_000, widget=forms.HiddenInput, **kwargs)

    def prepare_value(self, value: Any) -> str:
        """As it stands in the page."""
        return value if isinstance(value, str) else " ".join(map(str, value or ()))

    def clean(self, value: Any) -> tuple[int, ...]:
        """The keys, each once; they are looked for among this business's own customers only."""
        words = super().clean(value).split()
        numbers = dict.fromkeys(int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 19)
        return tuple(numbers)[:MOST_PICKED]


class FilterForm(forms.Form):
    """Whom a campaign means.  There is nothing here about what somebody thought or answered, on purpose (R2)."""

    visited_from = forms.DateField(label="Last visit from", required=False, widget=DAY)
    visited_until = forms.DateField(label="until", required=False, widget=DAY)
    technician = Chosen(label="Technician", required=False)
    service = Chosen(label="Service", required=False)
    tags = ChosenTags(
        label="Tags", required=False, widget=forms.CheckboxSelectMultiple, help_text="At least one of these."
    )
    never_asked = forms.BooleanField(label="Only those who were never asked", required=False)
    chosen = Picked()

    def __init__(self, business: Business, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business
        for name in ("technician", "service", "tags"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = partial(self._choices, name)  # looked up only where they are drawn

    def _choices(self, name: str) -> list[tuple[str, str]]:
        """What customers have, with how many have it, and what is chosen though nobody has it."""
        now = self[name].value() or []
        chosen = [now] if isinstance(now, str) else [str(each) for each in now]
        known = [(value, f"{value} ({number})") for value, number in self._known[name]]
        gone = [(each, f"{each} (nobody)") for each in chosen if each and each not in dict(known)]
        return [*([] if name == "tags" else [("", "Any")]), *known, *gone]

    @cached_property
    def _known(self) -> Mapping[str, list[tuple[str, int]]]:
        return meant.choices(self.business)

    @property
    def offered(self) -> list[forms.BoundField]:
        """The choices that there is anything to choose from for."""
        return [self[name] for name in ("technician", "service") if len(self._choices(name)) > 1]

    @property
    def has_tags(self) -> bool:
        """Is there a tag to choose?"""
        return bool(self._choices("tags"))

    @property
    def picked(self) -> int:
        """How many were picked by hand."""
        return len(str(self["chosen"].value() or "").split())

    @property
    def only(self) -> Filter:
        """Whom the form means, once it has been cleaned; a day that cannot be read is left open."""
        said: dict[str, Any] = {name: self.cleaned_data[name] for name in FILTERED if self.cleaned_data.get(name)}
        return Filter(**said | {"tags": tuple(said.get("tags", ()))})

    def clean(self) -> dict[str, Any]:
        """From comes before until."""
        given = super().clean() or {}
        since, until = given.get("visited_from"), given.get("visited_until")
        if since and until and since > until:
            self.add_error("visited_until", "This day lies before the first one. Nobody has visited between the two.")
        return given
