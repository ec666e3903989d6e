"""Cards: the pictures a business can send, and the desk where one is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import cards as drawing
from campaigns import invitations, merge
from campaigns.models import AuditEntry, Business, Card, Membership, keep_photo, photo_path
from campaigns.web import tenancy
from campaigns.web.forms_cards import CardForm
from campaigns.web.tenancy import BusinessRequest, page

SENDER = Membership.Role.SENDER
SAMPLE = "Marcus"
#: How long the picture of a design that is not saved yet can be fetched, in seconds.
DRAFT_LIFE = 3600
#: An address may have 4,094 characters in all (gunicorn's limit).
LONGEST_QUERY = 3800
TOO_LONG = "So many words cannot be shown before they are saved. Save the card to see them on it."


@dataclass(frozen=True)
class Sample:
    """A customer to draw for: the word in the address, what the choice is called, and the first name."""

    key: str
    label: str
    first_name: str


class PhotoForm(forms.Form):
    """A photo of one's own."""

    photo = forms.FileField(
        label="Photo",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"}),
        help_text="JPEG, PNG, WebP or HEIC, up to 15 MB. Where it was taken and other hidden data are removed.",
        error_messages={"empty": "This file is empty. Choose a photo: JPEG, PNG or WebP."},
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


# --- pages ----------------------------------------------------------------------------------------------------------


@require_safe
@page()
def cards(request: BusinessRequest) -> HttpResponse:
    """All cards of the business, as prints."""
    shown = request.business.cards.filter(is_current=True).order_by("-pk")
    first_name = samples(request.business)[0].first_name
    context = {
        "section": "cards",
        "cards": [(card, words_on(card.design, request.business, first_name)) for card in shown],
        "may_change": tenancy.may(request, SENDER),
    }
    return render(request, "cards/cards.html", context)


@require_http_methods(["GET", "POST"])
@page(SENDER)
def card_new(request: BusinessRequest) -> HttpResponse:
    """Begin a card: with a photo of one's own, or with one of the designs that come along."""
    if "starter" in request.POST:
        return redirect("card", _from_starter(request, request.POST["starter"]).pk)
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    if form.is_bound and form.is_valid():
        return redirect("card", _from_photo(request, form.cleaned_data["photo"]).pk)
    context = {"section": "cards", "form": form, "starters": drawing.starters()}
    return render(request, "cards/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@page()
def card(request: BusinessRequest, pk: int) -> HttpResponse:
    """The desk: words, letters and colours on the left, the very picture on the right."""
    mine = tenancy.card(request, pk)
    newest = request.business.cards.filter(family=mine.family, is_current=True).exclude(pk=pk).first()
    if newest:
        return redirect("card", newest.pk)
    form = CardForm(mine.design, _photo(mine), mine.name, request.POST or None)
    if request.method == "POST" and not tenancy.may(request, SENDER):
        raise PermissionDenied
    if request.method == "POST" and form.is_valid() and form.drawing:
        kept = mine.revise(name=form.cleaned_data["name"], design=form.drawing.to_json())
        AuditEntry.write(request.organization, "change card", kept, request.user)
        messages.success(request, _saved_words(kept, mine))
        return redirect("card", kept.pk)
    context = {
        "section": "cards",
        "card": mine,
        "form": form,
        "photo_form": PhotoForm(),
        "samples": samples(request.business),
        "look": _look(request, mine, form.drawing),
        "may_change": tenancy.may(request, SENDER),
    }
    return render(request, "cards/card.html", context, status=422 if form.errors else 200)


@require_POST
@page(SENDER)
def card_look(request: BusinessRequest, pk: int) -> HttpResponse:
    """What the design on the desk looks like, before it is saved.  Changes nothing."""
    mine = tenancy.card(request, pk)
    form = CardForm(mine.design, _photo(mine), mine.name, request.POST)
    form.is_valid()
    return render(request, "cards/_look.html", {"card": mine, "form": form, "look": _look(request, mine, form.drawing)})


@require_POST
@page(SENDER)
def card_photo(request: BusinessRequest, pk: int) -> HttpResponse:
    """Another photo under the same words."""
    mine = tenancy.card(request, pk)
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        kept = mine.revise(photo=keep_photo(form.cleaned_data["photo"].jpeg))
        AuditEntry.write(request.organization, "change card", kept, request.user, "photo")
        messages.success(request, _saved_words(kept, mine))
        return redirect("card", kept.pk)
    context = {
        "section": "cards",
        "card": mine,
        "form": CardForm(mine.design, _photo(mine), mine.name),
        "photo_form": form,
        "samples": samples(request.business),
        "look": _look(request, mine, None),
        "may_change": True,
    }
    return render(request, "cards/card.html", context, status=422)


# --- pictures -------------------------------------------------------------------------------------------------------


@require_safe
@page()
def card_preview(request: BusinessRequest, pk: int) -> HttpResponse:
    """The picture by the real renderer: `as` names the customer, `draft` a design that is not saved yet."""
    mine = tenancy.card(request, pk)
    design = _unsealed(mine, request.GET.get("draft", ""))
    try:
        picture = drawing.Card.from_json(design, _photo(mine))
    except drawing.BadDesign as bad:
        raise Http404(str(bad)) from bad
    sample = sample_of(request.business, request.GET.get("as", ""))
    jpeg = drawing.render(picture, _words(request.business, sample.first_name))
    wanted = request.GET.get("width", "")
    small = wanted in {"360", "540"}
    return _jpeg(drawing.thumbnail(jpeg, int(wanted)) if small else jpeg)


@require_safe
@page()
def card_photo_file(request: BusinessRequest, pk: int) -> HttpResponse:
    """The bare photo of a card, to those of the business alone (S20, S42)."""
    return _jpeg(_photo(tenancy.card(request, pk)))


@require_safe
@page()
def card_starter(request: BusinessRequest, key: str) -> HttpResponse:
    """A design that comes along, drawn small."""
    business = request.business
    try:
        return _jpeg(_starter_print(key, SAMPLE, business.sender, business.name))
    except KeyError as unknown:
        raise Http404("No such design.") from unknown


@lru_cache(maxsize=128)
def _starter_print(key: str, first_name: str, sender: str, business: str) -> bytes:
    words = invitations.words(first_name=first_name, sender=sender, business=business)
    return drawing.thumbnail(drawing.render(drawing.starter(key).card, words), 360)


def _jpeg(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = content_disposition_header(False, "picture.jpg") or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response


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
    with transaction.atomic():
        made.save()
        AuditEntry.write(request.organization, "add card", made, request.user)
    return made


def _photo(mine: Card) -> bytes:
    try:
        return photo_path(mine.photo).read_bytes()
    except FileNotFoundError as gone:
        raise Http404("The photo of this card is gone.") from gone


def _saved_words(kept: Card, before: Card) -> str:
    if kept.pk == before.pk:
        return "Saved."
    return "Saved as a new version. Campaigns that have started keep the picture they started with."


# --- the sample customers -------------------------------------------------------------------------------------------


def samples(business: Business) -> list[Sample]:
    """Whom to draw for: the newest customers, and the names that test a design hardest."""
    rows = business.customers.exclude(first_name="").order_by("-pk").values_list("pk", "first_name", "last_name")[:500]
    people = [Sample(str(pk), f"{first} {last}".strip(), first) for pk, first, last in rows] or [
        Sample("", SAMPLE, SAMPLE)
    ]
    # Begin with a name that shows the design, not its trouble: that is what the others are for.
    people.sort(key=lambda sample: not (sample.first_name.isalpha() and sample.first_name.istitle()))
    longest = max(people, key=lambda sample: len(sample.first_name))
    foreign = next((s for s in people if not s.first_name[:1].isascii() and s.first_name[:1].isalpha()), None)
    hard = [Sample("longest", f"Longest name: {longest.label}", longest.first_name)]
    hard += [Sample("script", f"Another script: {foreign.label}", foreign.first_name)] if foreign else []
    return [*people[:1], *hard, Sample("none", "No name", ""), *people[1:12]]


def sample_of(business: Business, key: str) -> Sample:
    """The customer this word stands for: one of the samples, else one of the business's customers, else the first."""
    known = samples(business)
    found = next((sample for sample in known if sample.key == key), None)
    if found:
        return found
    person = business.customers.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() else None
    return Sample(key, person.name, person.first_name) if person else known[0]


def _words(business: Business, first_name: str) -> dict[str, str]:
    return invitations.words(first_name=first_name, sender=business.sender, business=business.name)


def words_on(design: Mapping[str, Any], business: Business, first_name: str) -> str:
    """What stands on the picture, for those who cannot see it."""
    words = _words(business, first_name)
    return " ".join(filter(None, (merge.fill(box["text"], words).strip() for box in design["boxes"])))


@dataclass(frozen=True)
class Look:
    """The picture beside the form: for whom, where it is fetched, what it says and what is wrong with it."""

    sample: Sample
    query: str
    words: str
    problems: list[str]
    width: int
    height: int


def _look(request: BusinessRequest, mine: Card, draft: drawing.Card | None) -> Look:
    sample = sample_of(request.business, request.POST.get("as") or request.GET.get("as", ""))
    design = draft.to_json() if draft else mine.design
    words = _words(request.business, sample.first_name)
    picture = draft or drawing.Card.from_json(design, _photo(mine))
    draft_word = _sealed(mine, design) if draft else ""
    query = urlencode({"as": sample.key, "v": mine.version, "draft": draft_word})
    said = words_on(design, request.business, sample.first_name)
    problems = _problems(picture, words) if len(query) < LONGEST_QUERY else [TOO_LONG]
    return Look(sample, query[:LONGEST_QUERY], said, problems, picture.width, picture.height)


def _problems(picture: drawing.Card, words: Mapping[str, str]) -> list[str]:
    """What had to be left out for this name, each in a sentence."""
    return list(dict.fromkeys(setting.note for setting in drawing.drawn_texts(picture, words) if setting.note))


def _sealed(mine: Card, design: Mapping[str, Any]) -> str:
    """A design that is not saved yet, as a word of the address: nothing is kept, and nobody else can write one."""
    return signing.dumps(design, salt=_salt(mine), compress=True)


def _unsealed(mine: Card, token: str) -> Mapping[str, Any]:
    """The design in that word; the saved one when there is none, or it is too old, or of another card."""
    try:
        design: Mapping[str, Any] = signing.loads(token, salt=_salt(mine), max_age=DRAFT_LIFE)
    except signing.BadSignature:
        return dict(mine.design)
    return design


def _salt(mine: Card) -> str:
    return f"campaigns.web.cards:{mine.pk}"


urlpatterns: list[URLPattern] = [
    path("cards/", cards, name="cards"),
    path("cards/new/", card_new, name="card_new"),
    path("cards/starters/<slug:key>.jpg", card_starter, name="card_starter"),
    path("cards/<int:pk>/", card, name="card"),
    path("cards/<int:pk>/look/", card_look, name="card_look"),
    path("cards/<int:pk>/preview.jpg", card_preview, name="card_preview"),
    path("cards/<int:pk>/photo/", card_photo, name="card_photo"),
    path("cards/<int:pk>/photo.jpg", card_photo_file, name="card_photo_file"),
]
