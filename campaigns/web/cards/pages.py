"""The cards as prints, a new one, and the page of the desk."""

from io import BytesIO
from pathlib import PurePath
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from PIL import Image

from campaigns import cards as drawing
from campaigns import merge
from campaigns.models import AuditEntry, Card, keep_photo
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.cards import files
from campaigns.web.cards.drawing import picture
from campaigns.web.cards.samples import Sample, sample_of, samples, words_on
from campaigns.web.forms_cards import EDGE_WORDS, EFFECT_WORDS, FONT_WORDS, SHAPE_WORDS, SHAPES
from campaigns.web.limiting import brings, limited
from campaigns.web.tenancy import BusinessRequest, page


class PhotoForm(forms.Form):
    """A photo of one's own."""

    photo = forms.FileField(
        label="Photo",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"}),
        help_text="JPEG, PNG, WebP or HEIC, up to 15 MB. Where it was taken and other hidden data are removed.",
        error_messages={"empty": "This file is empty. Choose a JPEG, PNG, WebP or HEIC."},
    )

    def clean_photo(self) -> drawing.Photo:
        """The photo as we dare to keep it."""
        upload: UploadedFile[bytes] = self.cleaned_data["photo"]
        size = upload.size or 0
        if size > settings.PHOTO_MAX_BYTES:
            raise forms.ValidationError(
                f"This photo has {size / 1024 / 1024:.0f} MB; 15 MB is the most. Save it smaller."
            )
        try:
            return drawing.clean_photo(upload.read())
        except drawing.BadPhoto as bad:
            raise forms.ValidationError(str(bad)) from bad


@require_safe
@page()
def cards(request: BusinessRequest) -> HttpResponse:
    """All cards of the business, as prints."""
    shown = request.business.cards.filter(is_current=True).order_by("-pk")
    words = samples(request.business)[0].words
    context = {
        "section": "cards",
        "cards": [(card, words_on(card.design, words)) for card in shown],
        "may_change": tenancy.may(request, Action.CARDS),
    }
    return render(request, "cards/cards.html", context)


@require_http_methods(["GET", "POST"])
@page(Action.CARDS)
@limited("photo", when=brings)
def card_new(request: BusinessRequest) -> HttpResponse:
    """Begin a card: with a photo of one's own, or with one of the designs that come along."""
    if "starter" in request.POST:
        return redirect("card", _from_starter(request, request.POST["starter"]).pk)
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    if form.is_bound and form.is_valid():
        return redirect("card", _from_photo(request, form.cleaned_data["photo"]).pk)
    context = {"section": "cards", "form": form, "starters": drawing.starters()}
    return render(request, "cards/new.html", context, status=422 if form.errors else 200)


@require_safe
@page()
def card(request: BusinessRequest, pk: int) -> HttpResponse:
    """The desk: the very picture on the left, what can be changed about it on the right."""
    mine = tenancy.card(request, pk)
    if not mine.is_current and (current := mine.current()):
        return redirect("card", current.pk)
    return _desk(request, mine, PhotoForm())


@require_POST
@page(Action.CARDS)
@limited("photo")
def card_photo(request: BusinessRequest, pk: int) -> HttpResponse:
    """Another photo under the same words, as a new version: the one before can be brought back."""
    mine = tenancy.card(request, pk)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _desk(request, mine, form, 422)
    mine = mine.current() or mine
    design = {**mine.design, "focus": [0.5, 0.5], "zoom": 1.0}
    name = keep_photo(form.cleaned_data["photo"].jpeg)
    kept = mine.keep(request.user, mine.revision, fresh=True, photo=name, design=design)
    AuditEntry.write(request.organization, "change card", kept.card, request.user, "photo")
    if kept.quicker:
        messages.warning(
            request, f"Somebody saved this card just then. Your photo is kept in version {kept.card.version}."
        )
        return redirect("card_versions", kept.quicker.pk)
    messages.success(request, "The new photo is in. Drag it until it sits right; the words stay where they were.")
    return redirect("card", kept.card.pk)


def _desk(request: BusinessRequest, mine: Card, photo_form: PhotoForm, status: int = 200) -> HttpResponse:
    people, design = samples(request.business), mine.design
    chosen = sample_of(request.business, request.GET.get("as", ""))
    ready, trouble = _ready(mine)
    context: dict[str, Any] = {
        "section": "cards",
        "card": mine,
        "photo_form": photo_form,
        "samples": people,
        "sample": chosen,
        "said": words_on(design, chosen.words),
        "mended": drawing.mended(design)[1],
        "trouble": trouble,
        "may_change": tenancy.may(request, Action.CARDS) and mine.is_current,
        "is_deleted": not mine.is_current,
        "choices": CHOICES,
        "fields": FIELDS,
        "swatches": SWATCHES,
    }
    if context["may_change"] and ready:
        context["start"] = _start(request, mine, ready, people)
    return render(request, "cards/card.html", context, status=status)


def _ready(mine: Card) -> tuple[drawing.Card | None, str]:
    """The kept card, ready to draw; or None and why not, in a sentence."""
    try:
        return picture(mine), ""
    except files.PhotoGone:
        return None, "The photo of this card is no longer on this server."
    except drawing.BadDesign as bad:
        return None, str(bad)


def _start(request: BusinessRequest, mine: Card, ready: drawing.Card, people: list[Sample]) -> dict[str, Any]:
    """Everything the desk begins with, as JSON."""
    return {
        "at": reverse("card", args=[mine.pk]),
        "family": str(mine.family),
        "revision": mine.revision,
        "name": mine.name,
        "design": ready.to_json(),
        "photo": _size(ready.photo),
        "hasLogo": bool(request.business.logo or mine.logo),
        "people": {sample.key: sample.words for sample in people},
        "shapes": SHAPES,
        "most": drawing.design.MOST_BOXES,
        "token": get_token(request),
    }


def _size(photo: bytes) -> tuple[int, int]:
    try:
        with Image.open(BytesIO(photo), formats=("JPEG",)) as opened:
            return opened.size
    except (OSError, SyntaxError):  # then every picture says so; the desk still opens
        return 1, 1


#: The choices of the desk, each with the word people read.
CHOICES = {
    "fonts": FONT_WORDS,
    "effects": EFFECT_WORDS,
    "edges": EDGE_WORDS,
    "shapes": SHAPE_WORDS[:3],
    "aligns": [
        ("left", "text-align-start", "Left"),
        ("center", "text-align-center", "Middle"),
        ("right", "text-align-end", "Right"),
    ],
    "valigns": [
        ("top", "align-start-horizontal", "Top"),
        ("middle", "align-center-horizontal", "Middle"),
        ("bottom", "align-end-horizontal", "Bottom"),
    ],
}
#: Colours that suit a print, one click away.
SWATCHES = [
    ("#ffffff", "White"),
    ("#fff7ea", "Cream"),
    ("#221f1a", "Ink"),
    ("#17594a", "Green"),
    ("#2f4d9c", "Blue"),
    ("#9a2e1d", "Brick"),
    ("#f2c14e", "Yellow"),
]
#: Merge fields as chips: what the chip says, and what it puts into the text.
FIELDS = [
    ("First name", "{first_name|}"),
    ("Your name", "{sender}"),
    ("Business", "{business}"),
    ("Who was there", "{technician|our team}"),
    ("What was done", "{service|your visit}"),
    ("Day of visit", "{visit_date|}"),
]


# --- making and keeping ---------------------------------------------------------------------------------------------


def _from_starter(request: BusinessRequest, key: str) -> Card:
    try:
        return _add(request, Card.from_starter(request.business, drawing.starter(key)))
    except KeyError as unknown:
        raise Http404("No such design.") from unknown


def _from_photo(request: BusinessRequest, photo: drawing.Photo) -> Card:
    upload = request.FILES["photo"]
    name = merge.plain(PurePath(str(getattr(upload, "name", ""))).stem)[:120] or "New card"
    return _add(request, Card.from_photo(request.business, name, photo))


def _add(request: BusinessRequest, made: Card) -> Card:
    made.changed_by = request.user
    with transaction.atomic():
        made.save()
        AuditEntry.write(request.organization, "add card", made, request.user)
    return made
