"""The forms for a token and for a webhook."""

from typing import TYPE_CHECKING, Any

from django import forms

from campaigns import merge, outgoing
from campaigns.models import ApiToken, Business, Organization, WebhookEndpoint

if TYPE_CHECKING:
    Choice = forms.ModelChoiceField[Business]
else:
    Choice = forms.ModelChoiceField  # only the stubs know it by its rows


class LocationField(Choice):
    """One of the account's locations, or all of them."""

    def __init__(self, organization: Organization, help_text: str) -> None:
        super().__init__(
            queryset=Business.objects.filter(organization=organization).order_by("name", "pk"),
            required=False,
            empty_label="All locations",
            label="Location",
            help_text=help_text,
        )


class TokenForm(forms.Form):
    """A name to know it by, and what it may do."""

    name = forms.CharField(
        max_length=60,
        label="Name",
        help_text="The program that will use it, such as “Booking system”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": "A name may have %(limit_value)d characters; this one has %(show_value)d."},
    )
    scopes = forms.MultipleChoiceField(
        choices=ApiToken.Scope.choices,
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that it may do."},
    )

    def __init__(self, organization: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["business"] = LocationField(organization, "It sees nothing of the others.")

    def clean_name(self) -> str:
        """The visible part."""
        name = merge.plain(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Nothing of this can be seen. Give it a name.")
        return name

    def clean(self) -> dict[str, Any]:
        """A person is known in every location."""
        given = super().clean() or {}
        if given.get("business") and ApiToken.WHOLE_ACCOUNT & set(given.get("scopes", ())):
            self.add_error(
                "business",
                "Handing out and erasing concern a person in every location. Choose all locations, or leave them away.",
            )
        return given


class WebhookForm(forms.Form):
    """An address, and what it wants to hear."""

    url = forms.CharField(
        max_length=outgoing.LONGEST,
        label="Address",
        help_text="It begins with https:// and is reached from outside.",
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://example.com/goodword"}),
    )
    events = forms.MultipleChoiceField(
        choices=WebhookEndpoint.Event.choices,
        label="What it hears",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that it hears."},
    )
    with_phone = forms.BooleanField(required=False, label="Tell the customer’s phone number, too")

    def __init__(self, organization: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["business"] = LocationField(organization, "It hears nothing of the others.")

    def clean_url(self) -> str:
        """An address outside."""
        try:
            return outgoing.check(self.cleaned_data["url"])
        except outgoing.BadAddress as bad:
            raise forms.ValidationError(str(bad)) from bad
