"""The forms of the settings: the business, its logo, its lines, and the key to Chert."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import phonenumbers
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.forms import BoundField
from django.utils import timezone as clock

from campaigns import cards, chert, lines, merge, pacing, review_links
from campaigns.models import KEEPS, UNANSWERED, Business, Line, Organization
from campaigns.web import zones

HOURS = [
    ("", "The usual: 9 to 20, Sunday from noon; or your own below"),
    *((name, preset.label) for name, preset in pacing.PRESETS.items()),
]
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class BusinessForm(forms.Form):
    """What customers know the business by, and how it asks.  `values` is what to write once the form is valid."""

    name = forms.CharField(label="Name of the business", max_length=120, help_text="As customers know it.")
    sender = forms.CharField(
        label="First name of the sender", max_length=60, help_text="Customers see it in the first line."
    )
    timezone = forms.ChoiceField(label="Time zone", choices=lambda: zones.choices())
    country = forms.CharField(
        label="Country", max_length=2, help_text="Two letters, like US: for numbers without a country code."
    )
    language = forms.ChoiceField(
        label="Language",
        choices=lambda: Business._meta.get_field("language").choices or [],
        help_text="Of your customers, where you do not know theirs. Campaigns can say more than one.",
    )
    is_health = forms.BooleanField(
        label="Dentist, doctor, therapist or the like",
        required=False,
        help_text="Then no text and no picture may tell what somebody came for, or when.",
    )
    review_url = forms.CharField(
        label="Review address",
        max_length=2000,
        required=False,
        help_text="The link from “Ask for reviews” in your Google Business Profile, or a Place ID.",
    )
    flow = forms.ChoiceField(label="How a first message begins", choices=Business.Flow.choices)
    ask_after = forms.IntegerField(
        label="Seconds between greeting and picture",
        min_value=0,
        max_value=86_400,
        help_text="120 is two minutes. Who answers the greeting gets the picture at once.",
    )
    links = forms.ChoiceField(label="The link", choices=Business.Links.choices)
    cool_down_days = forms.IntegerField(
        label="Days before the same customer is asked again", min_value=1, max_value=3650
    )
    preset = forms.ChoiceField(label="Hours", required=False, choices=lambda: HOURS)
    keeps_holidays = forms.BooleanField(label="Nothing on federal holidays", required=False)
    cool_down_scope = forms.ChoiceField(
        label="Which requests count for that",
        choices=Business.CoolDown.choices,
        help_text="The same number may be a customer of several of your locations.",
    )
    most_unanswered = forms.TypedChoiceField(
        label="Leave somebody alone after",
        coerce=int,
        choices=[(1, "one request without an answer"), (UNANSWERED[1], "two requests in a row without an answer")],
        help_text="A reminder counts as a request: after one, nobody is reminded.",
    )
    opens = forms.TimeField(label="From", required=False, widget=CLOCK)
    closes = forms.TimeField(label="Until", required=False, widget=CLOCK)

    def __init__(self, business: Business, data: Any = None, *, may_be_wide: bool) -> None:
        super().__init__(data, initial=_values_of(business))
        #: Only against the sandbox may hours be wider than the law allows (M6).
        self.may_be_wide = may_be_wide
        #: What the owner should know about the review address.
        self.warning: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """Columns of the business and their new values."""
        given = dict(self.cleaned_data)
        opens, closes, preset = given.pop("opens"), given.pop("closes"), given.pop("preset")
        return given | {"window": preset or _window(opens, closes)}

    def clean_name(self) -> str:
        """One line of visible text."""
        return _visible(self.cleaned_data["name"])

    def clean_sender(self) -> str:
        """One line of visible text."""
        return _visible(self.cleaned_data["sender"])

    def clean_country(self) -> str:
        """A country that has phone numbers."""
        country = str(self.cleaned_data["country"]).upper()
        if country not in phonenumbers.SUPPORTED_REGIONS:
            raise forms.ValidationError("No country has these two letters. The United States are US, Canada is CA.")
        return country

    def clean_review_url(self) -> str:
        """Only where Google takes reviews (S33)."""
        if not self.cleaned_data["review_url"]:
            return ""
        try:
            link = review_links.check(self.cleaned_data["review_url"])
        except review_links.BadReviewLink as bad:
            raise forms.ValidationError(bad.sentence) from bad
        if len(link.url) > 600:
            raise forms.ValidationError(
                "This address is too long to be kept. Take the short one from “Ask for reviews”."
            )
        self.warning = link.warning
        return link.url

    def clean(self) -> dict[str, Any]:
        """Hours the law allows, or the usual ones when both are empty."""
        given = super().clean() or {}
        opens, closes = given.get("opens"), given.get("closes")
        if {"opens", "closes"} & self.errors.keys():
            return given
        if (opens is None) != (closes is None):
            self.add_error("closes", "Give both times, or neither for the usual hours.")
            return given
        try:
            pacing.Window.parse(_window(opens, closes), may_be_wide=self.may_be_wide)
        except pacing.BadWindow as bad:
            self.add_error("opens", str(bad))
        return given


class LocationForm(BusinessForm):
    """What a new location needs to be known by; all else begins as the usual, and is in its settings."""

    KEPT = ("name", "sender", "review_url", "timezone", "country", "language", "is_health")

    def __init__(self, beside: Business, data: Any = None) -> None:
        """`beside`: the location from which time zone, country and the like are taken over."""
        super().__init__(beside, data, may_be_wide=False)
        self.initial = {**self.initial, "name": "", "review_url": ""}
        for name in self.fields.keys() - set(self.KEPT):
            del self.fields[name]


class BrakeForm(forms.Form):
    """When a line rests.  Stricter than the rule, never looser, except against the sandbox (M12).

    For the whole account: a line may be shared by its locations, and rests for all of them at once.
    """

    def __init__(self, organization: Organization, data: Any = None, *, may_be_loose: bool) -> None:
        names = ("least_replies", "enough_to_judge")
        super().__init__(data, initial={name: getattr(organization, name) for name in names})
        rule, strictest = pacing.BRAKE, pacing.STRICTEST
        least, most = (0, 100_000) if may_be_loose else (rule.least_replies, rule.enough)
        self.fields["least_replies"] = _within(
            "Replies needed, of 100",
            least,
            strictest.least_replies,
            f"{rule.least_replies} is what keeps a line in good standing; more is stricter.",
        )
        self.fields["enough_to_judge"] = _within(
            "Judged by at least",
            strictest.enough,
            most,
            "First messages of the last seven days that people had a day to answer.",
        )


class KeepingForm(forms.Form):
    """How long words and pictures are kept, in days."""

    keeps_days = forms.TypedChoiceField(label="Kept for", coerce=int, choices=KEEPS)

    def __init__(self, organization: Organization, data: Any = None) -> None:
        super().__init__(data, initial={"keeps_days": organization.keeps})


def _within(label: str, least: int, most: int, hint: str) -> forms.IntegerField:
    out = f"A number from {least} to {most:,}."
    return forms.IntegerField(
        label=label,
        help_text=hint,
        min_value=least,
        max_value=most,
        error_messages={"min_value": out, "max_value": out},
    )


class LogoForm(forms.Form):
    """The business's logo.  `cleaned_data["logo"]` is the picture as we dare to keep it."""

    logo = forms.FileField(
        label="Picture file",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/heic,image/heif,.heic,.heif"}),
        help_text="A PNG that is see-through around the logo is best. JPEG, WebP and HEIC do too, up to 15 MB.",
        error_messages={"required": "Choose a file first.", "empty": "This file is empty. Choose another."},
    )

    def clean_logo(self) -> cards.LogoPicture:
        """Decoded, made small and encoded anew; what is no picture is said so."""
        upload: UploadedFile[bytes] = self.cleaned_data["logo"]
        size = upload.size or 0
        if size > settings.PHOTO_MAX_BYTES:
            raise forms.ValidationError(
                f"This file has {size / 1024 / 1024:.0f} MB; 15 MB is the most. Save it smaller."
            )
        try:
            return cards.clean_logo(upload.read())
        except cards.BadPhoto as bad:
            raise forms.ValidationError(str(bad)) from bad


class KeyForm(forms.Form):
    """The key to Chert.  It goes in and never comes out again."""

    secret = forms.CharField(
        label="Chert secret",
        max_length=512,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="From the Chert console. It is kept encrypted and never shown again.",
    )
    tenant = forms.CharField(
        label="Tenant",
        max_length=80,
        required=False,
        help_text="Only for Chert accounts with several tenants.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Something that can be a key at all."""
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            chert.Bearer(given["secret"], given["tenant"] or None)
        except chert.BadCredentials as bad:
            self.add_error("secret", str(bad))
        return given


@dataclass(frozen=True)
class LineFields:
    """The fields of one line, as the page shows them together."""

    line: Line
    is_active: BoundField
    budget: BoundField
    gap: BoundField
    #: Who sends on it; None where nobody is asked.
    reach: BoundField | None
    #: Until when the line rests because too few answered; None when it does not.
    rests_until: datetime | None


#: Who sends on a line: every location of the account, or the one whose page it is.
EVERYWHERE, HERE = "everywhere", "here"


class LinesForm(forms.Form):
    """Budget and gap of each line.  Stricter than Chert's, never looser, except against the sandbox (M12).

    `alone`: the location that a line may be given to alone, instead of to every location; None asks for neither.
    """

    def __init__(
        self,
        organization: Organization,
        shown: Iterable[Line],
        data: Any = None,
        *,
        may_be_wide: bool,
        alone: Business | None = None,
    ) -> None:
        self.organization, self.lines, self.alone = organization, list(shown), alone
        super().__init__(data, initial=_values_of_lines(self.lines))
        most, least = (100_000, 0) if may_be_wide else (pacing.MOST_A_DAY, pacing.LEAST_GAP)
        for line in self.lines:
            self.fields |= _line_fields(line, most, least)
            if alone is not None:
                self.fields[f"reach_{line.pk}"] = _reach(alone)

    def groups(self) -> Iterator[LineFields]:
        """The lines one by one."""
        rests = lines.resting(self.organization, self.lines, clock.now())
        for line in self.lines:
            is_active, budget, gap = (self[f"{name}_{line.pk}"] for name in ("is_active", "budget", "gap"))
            reach = self[f"reach_{line.pk}"] if self.alone is not None else None
            yield LineFields(line, is_active, budget, gap, reach, rests.get(line.pk))

    def values(self, line: Line) -> dict[str, Any]:
        """Columns of this line and their new values."""
        given = {name: self.cleaned_data[f"{name}_{line.pk}"] for name in ("is_active", "budget", "gap")}
        reach = self.cleaned_data.get(f"reach_{line.pk}")
        return given | {"business": self.alone if reach == HERE else None} if reach else given


def _reach(alone: Business) -> forms.ChoiceField:
    """One that was not sent, from a page that is older than the second location, changes nothing."""
    choices = [(EVERYWHERE, "Every location"), (HERE, f"{alone.name} alone")]
    return forms.ChoiceField(label="Who sends on it", required=False, choices=choices)


def _line_fields(line: Line, most: int, least: int) -> Mapping[str, forms.Field]:
    too_many = f"Chert allows {most} first messages a day on one line; fewer is fine."
    too_close = f"Chert wants {least} seconds between two first messages; more is fine."
    return {
        f"is_active_{line.pk}": forms.BooleanField(label="In use", required=False),
        f"budget_{line.pk}": forms.IntegerField(
            label="First messages a day", min_value=0, max_value=most, error_messages={"max_value": too_many}
        ),
        f"gap_{line.pk}": forms.IntegerField(
            label="Seconds between two",
            min_value=least,
            max_value=86_400,
            error_messages={"min_value": too_close},
        ),
    }


def _values_of_lines(lines: Iterable[Line]) -> dict[str, Any]:
    columns = ("is_active", "budget", "gap")
    values = {f"{name}_{line.pk}": getattr(line, name) for line in lines for name in columns}
    return values | {f"reach_{line.pk}": HERE if line.business_id else EVERYWHERE for line in lines}


def _values_of(business: Business) -> dict[str, Any]:
    values = {name: getattr(business, name) for name in BusinessForm.base_fields if hasattr(business, name)}
    if business.window in pacing.PRESETS:
        return values | {"preset": business.window}
    opens, _, closes = business.window.partition("-")
    return values | {"opens": opens, "closes": "00:00" if closes == "24:00" else closes}


def _window(opens: time | None, closes: time | None) -> str:
    """As the business keeps it: "09:00-18:00", empty for the usual hours; midnight is 24:00 at the end of a day."""
    if opens is None or closes is None:
        return ""
    return f"{opens:%H:%M}-" + ("24:00" if closes == time(0) else f"{closes:%H:%M}")


def _visible(text: str) -> str:
    shown = merge.plain(text)
    if not shown:
        raise forms.ValidationError("Nothing of this can be seen. Write a name.")
    return shown
