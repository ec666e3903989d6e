"""The forms about one customer."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from campaigns import importing, languages, merge, phones, tags
from campaigns.models import Business, Customer, Suppression
from campaigns.web import zones


class NameField(forms.CharField):
    """A name as its owner writes it, on one line, without marks that nobody sees."""

    def __init__(self, **options: Any) -> None:
        too_long = "A name may have %(limit_value)d characters; this one has %(show_value)d."
        super().__init__(max_length=200, required=False, error_messages={"max_length": too_long}, **options)

    def to_python(self, value: Any) -> str:
        """The visible part."""
        return merge.plain(super().to_python(value) or "")


class WordsField(forms.CharField):
    """A few words about a visit that may stand in a message, on one line."""

    def __init__(self, field: str, what: str) -> None:
        too_long = "%(limit_value)d characters is the most; these are %(show_value)d."
        widget = forms.TextInput(attrs={"autocomplete": "off"})
        super().__init__(
            max_length=importing.LONGEST_WORDS,
            required=False,
            error_messages={"max_length": too_long},
            widget=widget,
            label=field.capitalize(),
            help_text=f"{what} While this is empty, texts say “{merge.FIELDS[field]}”.",
        )

    def to_python(self, value: Any) -> str:
        """The visible part."""
        return merge.plain(super().to_python(value) or "")


class TagsField(forms.CharField):
    """Tags between commas."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            max_length=(tags.LONGEST + 2) * tags.MOST,
            label="Tags",
            help_text="Words to find them again, between commas: members, garden. Not what they think of you.",
            widget=forms.TextInput(attrs={"autocomplete": "off", "list": "tags-there-are"}),
        )

    def clean(self, value: Any) -> str:
        """Each once, between commas: what `tags.split` reads."""
        try:
            return ", ".join(tags.split(super().clean(value)))
        except tags.BadTag as bad:
            raise forms.ValidationError(bad.sentence) from bad


class ProfileForm(forms.Form):
    """What we know about one customer, without the number."""

    first_name = NameField(
        label="First name",
        help_text="Stands on the picture and in the first line.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    last_name = NameField(label="Last name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    last_visit = forms.DateField(
        label="Last visit", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    timezone = forms.ChoiceField(
        label="Time zone",
        required=False,
        choices=lambda: [("", "Not known: go by the number"), *zones.choices()],
        help_text="Nobody is written to outside the hours of this place.",
    )
    language = forms.ChoiceField(
        label="Language",
        required=False,
        choices=lambda: [
            ("", "Not known: as for the business"),
            *((c, each.name) for c, each in languages.KNOWN.items()),
        ],
        help_text="Where a campaign has words in it, these are sent.",
    )
    technician = WordsField("technician", "Who was there.")
    service = WordsField("service", "What was done.")
    tags = TagsField()

    def clean_last_visit(self) -> date | None:
        """A visit lies behind us."""
        visit: date | None = self.cleaned_data["last_visit"]
        if visit and visit > timezone.localdate():
            raise forms.ValidationError("This day has not come yet.")
        return visit

    @staticmethod
    def values_of(customer: Customer) -> dict[str, Any]:
        """What stands in the form at first."""
        values = {name: getattr(customer, name) for name in ProfileForm.base_fields}
        return values | {"tags": ", ".join(tag.name for tag in customer.tags.order_by("folded"))}


class NewCustomerForm(ProfileForm):
    """One customer, added by hand: a number that is free in this business, and how they agreed (M9)."""

    phone = forms.CharField(
        label="Phone number", max_length=60, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    )
    consent_basis = forms.CharField(
        label="How did they agree?",
        max_length=300,
        help_text="For example: gave their number at the counter for messages about their order and feedback.",
        error_messages={"required": "Write how this customer agreed to be written to. Without it nobody is asked."},
    )
    field_order = ("phone", "first_name", "last_name", "consent_basis")

    def __init__(self, business: Business, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business
        #: Who has this number already, to link to.
        self.known: Customer | None = None

    def clean_phone(self) -> str:
        """The number as E.164, free and not suppressed."""
        try:
            phone = phones.parse(self.cleaned_data["phone"], self.business.country)
        except phones.BadPhone as bad:
            raise forms.ValidationError(bad.sentence) from bad
        self.known = self._known(phone)
        if self.known:
            raise forms.ValidationError(f"This number is already here: {self.known.name or 'without a name'}.")
        if Suppression.known(self.business.organization, [phone]):
            raise forms.ValidationError("This number asked never to be written to, so it is not added.")
        return phone

    def _known(self, phone: str) -> Customer | None:
        """Who has this number, however it is written; of two that were joined the one that stayed."""
        rows = Customer.everything.filter(business=self.business, is_test=False, erased_at=None)
        found = rows.filter(phone__in=phones.writings(phone)).select_related("merged_into").first()
        return (found.merged_into or found) if found else None

    def clean_consent_basis(self) -> str:
        """One line of words."""
        words = merge.plain(self.cleaned_data["consent_basis"])
        if not words:
            raise forms.ValidationError("Write how this customer agreed to be written to. Without it nobody is asked.")
        return words
