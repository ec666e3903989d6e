"""The form of a draft: name, card, flow and the two texts."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from campaigns import invitations, rules, status
from campaigns.models import REMIND_AFTER, Business, Campaign, Card, User
from campaigns.web.phone import Draft

#: Cards offered to choose from, the newest first.
OFFERED = 24
#: The fields that the preview shows.
DRAFTED = ("flow", "greeting", "ask", "remind_after", "reminder")
MOST = REMIND_AFTER[1]
REMINDERS = [("", "No reminder"), ("1", "The next day"), *((str(n), f"{n} days later") for n in range(2, MOST + 1))]


class DraftForm(forms.Form):
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
        super().__init__(*args, **kwargs)
        self.business = business
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
        return Campaign.objects.create(business=self.business, created_by=by, **self.cleaned_data)

    def keep(self, draft: Campaign) -> bool:
        """Write the draft down while it is one; False when it has been started meanwhile."""
        mine = Campaign.objects.filter(pk=draft.pk, state=status.Campaign.DRAFT)
        return bool(mine.update(**self.cleaned_data))


def written(draft: Campaign) -> dict[str, object]:
    """What the form begins with for a draft."""
    kept = {name: getattr(draft, name) for name in ("name", *DRAFTED)} | {"card": draft.card_id}
    return kept | {"reminder": draft.reminder or invitations.REMINDER}
