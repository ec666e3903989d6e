"""The forms for inviting somebody, and for coming in."""

from typing import TYPE_CHECKING, Any

from django import forms

from campaigns.accounts import passphrases
from campaigns.models import Business, Organization, User
from campaigns.roles import Role, up_to

if TYPE_CHECKING:
    Ticks = forms.ModelMultipleChoiceField[Business]
else:
    Ticks = forms.ModelMultipleChoiceField  # only the stubs know it by its rows


class InviteForm(forms.Form):
    """Whom, and as what.  An address may be left out where the link is handed over."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="Needed for an e-mail. Without one you get a link to hand over.",
    )
    role = forms.ChoiceField(label="What they may do")

    def __init__(self, mine: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = forms.ChoiceField(
            label="What they may do", choices=[(role.value, role.label) for role in up_to(mine)], initial=Role.SENDER
        )

    @property
    def by_mail(self) -> bool:
        """They pressed the button that writes to the address."""
        return self.data.get("how") == "mail"

    def clean(self) -> dict[str, Any]:
        """An e-mail needs an address."""
        given = super().clean() or {}
        if self.by_mail and not given.get("email") and "email" not in self.errors:
            self.add_error("email", "Say where the e-mail should go, or take a link.")
        return given


class LocationsForm(forms.Form):
    """Which of the account's locations somebody sees."""

    def __init__(self, organization: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["locations"] = Ticks(
            queryset=Business.objects.filter(organization=organization).order_by("name", "pk"),
            required=False,
            label="Only these",
            widget=forms.CheckboxSelectMultiple,
            help_text="None ticked means all of them, new ones too.",
        )


class AccountForm(forms.Form):
    """An account for somebody who has none here.  What it answers is the same for an address that is known (S4)."""

    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    passphrase = forms.CharField(
        label="A passphrase",
        max_length=passphrases.LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. A few words that only you would put together are best.",
    )

    def __init__(self, email: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if email:
            del self.fields["email"]
        #: The address the invitation is for; empty where whoever has the link says theirs.
        self.invited = email

    @property
    def address(self) -> str:
        """Whose account it is to be."""
        return self.invited or str(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        """The passphrase is one that nobody guesses."""
        given = super().clean() or {}
        if "passphrase" in given and (self.invited or "email" in given):
            whose = User(email=self.invited or given["email"])
            for sentence in passphrases.trouble(given["passphrase"], whose):
                self.add_error("passphrase", sentence)
        return given
