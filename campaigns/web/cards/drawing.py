"""Pictures of cards by the real renderer, for members of the business alone (S20, S42)."""

from functools import lru_cache

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from campaigns import cards
from campaigns.models import Card
from campaigns.web import tenancy
from campaigns.web.cards import files
from campaigns.web.cards.samples import SAMPLE, sample_of
from campaigns.web.limiting import limited
from campaigns.web.tenancy import BusinessRequest, page

#: Widths, in pixels, that a picture can be asked for beside its own.
WIDTHS = frozenset({"360", "540"})
#: The white edge of a print.
PAPER = "#fbf8f1"
DAY = 24 * 3600


@require_safe
@page()
@limited("picture")
def card_preview(request: BusinessRequest, pk: int) -> HttpResponse:
    """The picture of a kept card; `as` names the customer it is drawn for, `width` asks for a small one."""
    mine = tenancy.card(request, pk)
    words = sample_of(request.business, request.GET.get("as", "")).words
    try:
        drawn = cards.render(picture(mine), words)
    except (cards.BadDesign, files.PhotoGone) as bad:
        raise Http404(str(bad)) from bad
    width = request.GET.get("width", "")
    return jpeg(cards.thumbnail(drawn, int(width)) if width in WIDTHS else drawn)


@require_safe
@page(keep=DAY)
def card_starter(request: BusinessRequest, key: str) -> HttpResponse:
    """A design that comes along, drawn small."""
    business = request.business
    try:
        return jpeg(_starter_print(key, business.sender, business.name))
    except KeyError as unknown:
        raise Http404("No such design.") from unknown


@require_safe
@page(keep=DAY)
def card_letters(request: BusinessRequest, font: str) -> HttpResponse:
    """One of the fonts, as a word written in it."""
    if font not in cards.FONTS:
        raise Http404("No such letters.")
    return jpeg(_word_in(font))


def picture(mine: Card) -> cards.Card:
    """A kept card, ready to draw.  Raises `cards.BadDesign` and `PhotoGone`."""
    design, _ = cards.mended(mine.design)
    return cards.Card.from_json(design, files.photo(mine), files.logo(mine.logo))


def jpeg(content: bytes) -> HttpResponse:
    """A picture as an answer; no browser takes it for anything else."""
    response = HttpResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = content_disposition_header(False, "picture.jpg") or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@lru_cache(maxsize=128)
def _starter_print(key: str, sender: str, business: str) -> bytes:
    words = {"first_name": SAMPLE, "sender": sender, "business": business}
    return cards.thumbnail(cards.render(cards.starter(key).card, words), 360)


@lru_cache(maxsize=16)
def _word_in(font: str) -> bytes:
    """“Thanks!” on print paper, as letters on a card are drawn."""
    box = {"text": "Thanks!", "x": 10, "y": 10, "width": 380, "height": 180, "font": font, "size": 104}
    card = cards.Card.from_json({"width": 400, "height": 200, "boxes": [box]}, cards.plain_photo(PAPER))
    return cards.thumbnail(cards.render(card, {}), 240)
