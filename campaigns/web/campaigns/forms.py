"""The form of a draft: name, card, flow and the two texts."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property, partial
from typing import Any

from django import forms
from django.db.models import QuerySet

from campaigns import invitations, meant, rules, status
from campaigns.filters import Filter
from campaigns.models import REMIND_AFTER, Business, Campaign, Card, User
from campaigns.web.phone import Draft

#: Cards offered to choose from, the newest first.
OFFERED = 24
#: The fields that the preview shows.
DRAFTED = ("flow", "greeting", "ask", "remind_after", "reminder")
#: The fields that say whom it means.
FILTERED = tuple(each.name for each in fields(Filter))
#: Characters of a value to choose by.
LONGEST = 120
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOST = REMIND_AFTER[1]
REMINDERS = [("", "No reminder"), ("1", "The next day"), *((str(n), f"{n} days later") for n in range(2, MOST + 1))]


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


class DraftForm(FilterForm):
    """A draft as people write it.  What a text may not say refuses it, in the words of the rule."""

    name = forms.CharField(label="Name of the campaign", max_length=120, help_text="Only you see it.")
    card = forms.ModelChoiceField(Card.objects.none(), required=False, widget=forms.RadioSelect)
    flow = forms.ChoiceField(label="How it begins", choices=Business.Flow.choices, widget=forms.RadioSelect)
    greeting = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    ask = forms.CharField(label="Text under the picture", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    remind_after = forms.TypedChoiceField(
        label="Reminder",
        choices=REMINDERS,
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Only those who have neither opened the link nor answered, and nobody twice.",
    )
    reminder = forms.CharField(
        label="What the reminder says", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, business: Business, *args: Any, **kwargs: Any) -> None:
        super().__init__(business, *args, **kwargs)
        self.cards: QuerySet[Card] = business.cards.filter(is_current=True).order_by("-pk")
        field = self.fields["card"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = self.cards

    @property
    def draft(self) -> Draft:
        """The words as they stand in the form, sound or not."""
        flow, greeting, ask, days, reminder = (str(self[name].value() or "") for name in DRAFTED)
        return Draft(flow, greeting, ask, int(days) if days in dict(REMINDERS) and days else None, reminder)

    @property
    def chosen_card(self) -> Card | None:
        """The card that is chosen in the form."""
        chosen = str(self["card"].value() or "")
        return self.cards.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None

    @property
    def findings(self) -> list[rules.Finding]:
        """What the rules say to the words as they stand; which text comes first depends on the flow."""
        draft, name = self.draft, self.business.name
        later = rules.scan(draft.reminder, "reminder", business=name) if draft.remind_after else []
        if draft.flow == Business.Flow.ALL_AT_ONCE:
            greeting = rules.scan(draft.greeting, "greeting", business=name)
            return [*greeting, *rules.check("", draft.ask, business=name), *later]
        return [*rules.check(draft.greeting, draft.ask, business=name), *later]

    def clean(self) -> dict[str, Any]:
        """Hold the texts against the rules; a blocking finding is an error of its field."""
        given = super().clean() or {}
        if given.get("remind_after") and not given.get("reminder"):
            self.add_error("reminder", "Write what the reminder says, or choose “No reminder”.")
        for finding in rules.blocks(self.findings):
            if finding.where not in self.errors:
                self.add_error(finding.where, finding.words)
        return given

    def make(self, by: User) -> Campaign:
        """A new draft."""
        return Campaign.objects.create(business=self.business, created_by=by, **self._values())

    def keep(self, draft: Campaign) -> bool:
        """Write the draft down while it is one; False when it has been started meanwhile."""
        mine = Campaign.objects.filter(pk=draft.pk, state=status.Campaign.DRAFT)
        return bool(mine.update(**self._values()))

    def _values(self) -> dict[str, Any]:
        """The columns of the draft."""
        words = {name: value for name, value in self.cleaned_data.items() if name not in FILTERED}
        return words | {"who": self.only.as_json()}


def written(draft: Campaign) -> dict[str, object]:
    """What the form begins with for a draft."""
    kept = {name: getattr(draft, name) for name in ("name", *DRAFTED)} | {"card": draft.card_id}
    who = {name: getattr(draft.only, name) for name in FILTERED}
    return kept | who | {"reminder": draft.reminder or invitations.REMINDER}
