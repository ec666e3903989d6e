"""The form of a draft: name, card, flow and the two texts."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from campaigns import rules, status
from campaigns.models import Business, Campaign, Card, User
from campaigns.web.phone import Draft

#: Cards offered to choose from, the newest first.
OFFERED = 24


class DraftForm(forms.Form):
    """A draft as people write it.  What a text may not say refuses it, in the words of the rule."""

    name = forms.CharField(label="Name of the campaign", max_length=120, help_text="Only you see it.")
    card = forms.ModelChoiceField(Card.objects.none(), required=False, widget=forms.RadioSelect)
    flow = forms.ChoiceField(label="How it begins", choices=Business.Flow.choices, widget=forms.RadioSelect)
    greeting = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    ask = forms.CharField(label="Text under the picture", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, business: Business, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business
        self.cards: QuerySet[Card] = business.cards.filter(is_current=True).order_by("-pk")
        field = self.fields["card"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = self.cards

    @property
    def draft(self) -> Draft:
        """The words as they stand in the form, sound or not."""
        return Draft(*(str(self[name].value() or "") for name in ("flow", "greeting", "ask")))

    @property
    def chosen_card(self) -> Card | None:
        """The card that is chosen in the form."""
        chosen = str(self["card"].value() or "")
        return self.cards.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None

    @property
    def findings(self) -> list[rules.Finding]:
        """What the rules say to the words as they stand; which text comes first depends on the flow."""
        draft, name = self.draft, self.business.name
        if draft.flow == Business.Flow.ALL_AT_ONCE:
            return [*rules.scan(draft.greeting, "greeting", business=name), *rules.check("", draft.ask, business=name)]
        return rules.check(draft.greeting, draft.ask, business=name)

    def clean(self) -> dict[str, Any]:
        """Hold the texts against the rules; a blocking finding is an error of its field."""
        given = super().clean() or {}
        for finding in rules.blocks(self.findings):
            if finding.where not in self.errors:
                self.add_error(finding.where, finding.words)
        return given

    def make(self, by: User) -> Campaign:
        """A new draft."""
        return Campaign.objects.create(business=self.business, created_by=by, **self.cleaned_data)

    def keep(self, draft: Campaign) -> bool:
        """Write the draft down while it is one; False when it has been started meanwhile."""
        mine = Campaign.objects.filter(pk=draft.pk, state=status.Campaign.DRAFT)
        return bool(mine.update(**self.cleaned_data))


def written(draft: Campaign) -> dict[str, object]:
    """What the form begins with for a draft."""
    return {name: getattr(draft, name) for name in ("name", "flow", "greeting", "ask")} | {"card": draft.card_id}
