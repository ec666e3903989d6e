"""The forms of an import: the list with its attestation, and what its columns stand for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.forms import BoundField

from campaigns import importing, merge
from campaigns.importing import Columns, Field, Row, Table
from campaigns.models import Business

PASTED = "pasted list"
FIELD_WORDS = {
    Field.PHONE: "Phone number",
    Field.FIRST_NAME: "First name",
    Field.LAST_NAME: "Last name",
    Field.NAME: "First and last name",
    Field.LAST_VISIT: "Last visit",
    Field.TIMEZONE: "Time zone",
    Field.TECHNICIAN: "Technician",
    Field.SERVICE: "Service",
    Field.LANGUAGE: "Language",
    Field.TAGS: "Tags",
}
#: Columns that are offered for choosing; more than these no list of customers has.
MOST_COLUMNS = 100


class ListForm(forms.Form):
    """A file or pasted rows, and the word of somebody that these people agreed (M9).

    Once valid, `table` are its rows, `called` the file's name, `columns` our guess.
    """

    file = forms.FileField(
        label="File",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.vcf,text/csv,text/vcard"}),
        help_text="CSV, Excel (.xlsx) or contacts (.vcf), up to 50 MB. Exports of Jobber, Housecall Pro, QuickBooks, "
        "Square, Google and Outlook are recognised.",
    )
    pasted = forms.CharField(
        label="Or paste rows",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": "Name\tPhone\nMarcus Bell\t(503) 555-0133"}),
    )
    consent = forms.CharField(
        label="How did these customers agree to be written to?",
        max_length=300,
        help_text="For example: gave their number at the counter for pick-up messages and feedback.",
        error_messages={"required": "Say in one sentence how these customers agreed. Without it nobody may be asked."},
    )
    attested = forms.BooleanField(
        label="These are our customers: we served each of them, and they agreed as I wrote.",
        error_messages={"required": "Tick this, if it is so. Lists of strangers must not be written to."},
    )

    def __init__(self, business: Business, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business
        self.table: Table | None = None
        self.called = PASTED
        self.columns = Columns({})

    def clean_consent(self) -> str:
        """One line of words."""
        words = merge.plain(self.cleaned_data["consent"])
        if not words:
            raise forms.ValidationError(self.fields["consent"].error_messages["required"])
        return words

    def clean(self) -> dict[str, Any]:
        """Read the list once, so that a file that is none is said here and now."""
        given = super().clean() or {}
        upload: UploadedFile[bytes] | None = given.get("file")
        if upload is None and not given.get("pasted", "").strip():
            self.add_error("file", "Choose a file, or paste the rows below.")
            return given
        field = "file" if upload else "pasted"
        try:
            self._read(upload, given.get("pasted", ""))
        except importing.ImportRefused as bad:
            self.add_error(field, bad.sentence)
        return given

    def _read(self, upload: "UploadedFile[bytes] | None", pasted: str) -> None:
        if upload is None:
            raw = pasted.encode("utf-8", "replace")
        elif (upload.size or 0) > settings.IMPORT_MAX_BYTES:
            most = f"{importing.MOST_BYTES // 2**20} MB"
            raise importing.BadFile(
                f"The file is larger than {most}; {most} is the most.", "Split it, or leave out columns."
            )
        else:
            raw, self.called = upload.read(), importing.file_label(upload.name or PASTED)
        self.table, self.columns = importing.look(raw, self.business.country)


@dataclass(frozen=True)
class Column:
    """One column of the list: its title, three values from it, and the select that says what it stands for."""

    title: str
    samples: list[str]
    choice: BoundField


class ColumnsForm(forms.Form):
    """What each column stands for.  `mapping` is the choice once the form is valid."""

    def __init__(self, titles: Sequence[str], head: Sequence[Row], columns: Columns, data: Any = None) -> None:
        self.titles, self.head = titles, head
        self.shown = range(min(len(titles), MOST_COLUMNS))
        super().__init__(data, initial={f"column_{place}": columns.field_at(place) or "" for place in self.shown})
        words = [("", "Leave out"), *((str(field), FIELD_WORDS[field]) for field in Field)]
        for place in self.shown:
            label = f"What “{titles[place]}” stands for"
            self.fields[f"column_{place}"] = forms.ChoiceField(label=label, choices=words, required=False)
        self.mapping: dict[str, int | None] = {}

    def columns(self) -> Iterator[Column]:
        """The columns in the order of the file."""
        for place in self.shown:
            yield Column(self.titles[place], self._samples(place), self[f"column_{place}"])

    def _samples(self, place: int, most: int = 3) -> list[str]:
        """The first values of a column that say something."""
        cells = (row.cells[place].strip() for row in self.head if place < len(row.cells))
        return [cell[:80] for cell in cells if cell][:most]

    def clean(self) -> dict[str, Any]:
        """Every field once, and a phone number there must be."""
        given = super().clean() or {}
        for place in self.shown:
            field = given.get(f"column_{place}")
            if field and field in self.mapping:
                title = self.titles[self.mapping[field] or 0]
                self.add_error(f"column_{place}", f"“{title}” stands for the same. Choose it for one of the two.")
            elif field:
                self.mapping[field] = place
        if Field.PHONE not in self.mapping and not self.errors:
            raise forms.ValidationError("Say which column holds the phone numbers; without them nobody can be reached.")
        return given
