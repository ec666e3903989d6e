"""What the desk in the browser asks while somebody designs: the picture, notes on it, and that it be kept.

Designs come as JSON.  What cannot be drawn is answered with a sentence and the number of the text it is about; what
was there before stays as it is.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns import cards, merge, wordings
from campaigns.models import AuditEntry, Card, Kept, User
from campaigns.roles import Action
from campaigns.templatetags import look
from campaigns.web import tenancy
from campaigns.web.cards import files
from campaigns.web.cards.drawing import jpeg
from campaigns.web.cards.samples import words_on
from campaigns.web.limiting import limited
from campaigns.web.tenancy import BusinessRequest, page

#: Bytes of the largest design that can be meant: eight texts of 300 characters are far below it.
MOST_BYTES = 64 * 1024
LONGEST_NAME = 120
LONGEST_WORD = 200
NOT_A_DESIGN = "This is not a design we can read. Load the page again; what was saved is kept."


class Refused(Exception):
    """The request cannot be met: a sentence, the text box it is about (from 1) and the HTTP status."""

    def __init__(self, sentence: str, status: int = 422, box: int | None = None) -> None:
        super().__init__(sentence)
        self.status, self.box = status, box


Answer = Callable[[BusinessRequest, int], HttpResponse]


def answering(view: Answer) -> Answer:
    """Refusals become JSON that the desk shows where they belong."""

    @wraps(view)
    def guarded(request: BusinessRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except Refused as refused:
            return JsonResponse({"problem": str(refused), "box": refused.box}, status=refused.status)

    return guarded


@require_POST
@page(Action.CARDS)
@limited("picture")
@answering
def card_draw(request: BusinessRequest, pk: int) -> HttpResponse:
    """The picture of a design as it stands on the desk; half as large while something is dragged.  Keeps nothing."""
    asked = _read(request)
    drawing = _drawing(tenancy.card(request, pk), asked.get("design"))
    shown = drawing.at_half_size() if asked.get("half") is True else drawing
    return jpeg(_drawn(shown, _words(asked)))


@require_POST
@page(Action.CARDS)
@limited("picture")
@answering
def card_notes(request: BusinessRequest, pk: int) -> HttpResponse:
    """What the picture says, and for each text what was left out and how well it can be read."""
    asked = _read(request)
    drawing = _drawing(tenancy.card(request, pk), asked.get("design"))
    words = _words(asked)
    settings = cards.drawn_texts(drawing, words)
    boxes = [
        {"note": setting.note, "size": setting.size, **_reading(reading)}
        for setting, reading in zip(settings, cards.readings(drawing, words), strict=True)
    ]
    return JsonResponse({"alt": words_on(drawing.to_json(), words), "boxes": boxes})


@require_POST
@page(Action.CARDS)
@answering
def card_save(request: BusinessRequest, pk: int) -> HttpResponse:
    """Keep the design that was built on this row at the named revision.  409 when somebody was quicker."""
    asked, mine = _read(request), tenancy.card(request, pk)
    design, revision = asked.get("design"), asked.get("revision")
    if type(revision) is not int or not 0 < revision < 2**31:  # True is no number here
        raise Refused(NOT_A_DESIGN, 400)
    drawing = _drawing(mine, design)
    for number, finding in wordings.on_the_boxes(drawing.to_json(), request.business):
        raise Refused(finding.words, box=number)
    changes: dict[str, Any] = {
        "name": _name(asked, mine),
        "design": drawing.to_json(),
        "logo": files.logo_name(mine, design),
    }
    kept = mine.keep(request.user, revision, **changes)
    if kept.card.pk != mine.pk:
        AuditEntry.write(request.organization, "change card", kept.card, request.user, f"version {kept.card.version}")
    return _conflict(kept, request.user) if kept.quicker else _kept(kept.card)


@require_POST
@page(Action.CARDS)
@answering
def card_settle(request: BusinessRequest, pk: int) -> HttpResponse:
    """After two people saved: the version that came too late becomes the card, or a card of its own."""
    late = get_object_or_404(request.business.cards, pk=pk, is_current=False, campaigns=None)
    wish = _read(request).get("wish")
    if wish not in ("mine", "own"):
        raise Refused("Choose which of the two shall be the card.", 400)
    if wish == "mine":
        late.take_over()
    else:
        late.move_out()
    AuditEntry.write(request.organization, "settle card", late, request.user, str(wish))
    return _kept(late)


# --- answers --------------------------------------------------------------------------------------------------------


def _kept(card: Card) -> JsonResponse:
    at, saved_at = reverse("card", args=[card.pk]), f"{timezone.localtime(card.changed_at):%-H:%M}"
    return JsonResponse({"at": at, "revision": card.revision, "version": card.version, "saved_at": saved_at})


def _conflict(kept: Kept, reader: User) -> JsonResponse:
    """Both designs are there: ours beside, theirs as the card."""
    theirs = kept.quicker
    assert theirs is not None
    who = (theirs.changed_by.get_full_name() or theirs.changed_by.email) if theirs.changed_by else "Somebody"
    mine = {"at": reverse("card", args=[kept.card.pk]), "version": kept.card.version}
    said: dict[str, Any] = {"at": reverse("card", args=[theirs.pk]), "who": who, "when": look.clock(theirs.changed_at)}
    said |= {"isYou": theirs.changed_by_id == reader.pk}
    return JsonResponse({"mine": mine, "theirs": said}, status=409)


def _reading(reading: cards.Reading) -> dict[str, Any]:
    fixes = [{"label": fix.label, "change": dict(fix.change)} for fix in reading.fixes]
    return {"ratio": round(reading.ratio, 1), "said": reading.said, "fixes": fixes}


# --- reading and drawing --------------------------------------------------------------------------------------------


def _read(request: BusinessRequest) -> dict[str, Any]:
    """The JSON object that was sent, with text that a database can keep.  Raises Refused."""
    if len(request.body) > MOST_BYTES:
        raise Refused("This design is too large to be one. Use fewer words.", 413)
    try:
        asked = json.loads(request.body)
        plain = json.dumps(asked, ensure_ascii=False)
        plain.encode()
    except (ValueError, RecursionError) as rubbish:  # among them text that is no Unicode
        raise Refused(NOT_A_DESIGN, 400) from rubbish
    if not isinstance(asked, dict) or "\\u0000" in plain:
        raise Refused(NOT_A_DESIGN, 400)
    return asked


def _words(asked: Mapping[str, Any]) -> dict[str, str]:
    """The merge fields to draw with; what is no word is left out."""
    given = asked.get("words")
    pairs = given.items() if isinstance(given, dict) else ()
    return {name: word[:LONGEST_WORD] for name, word in pairs if name in merge.FIELDS and isinstance(word, str)}


def _name(asked: Mapping[str, Any], card: Card) -> str:
    name = asked.get("name")
    return (merge.plain(name)[:LONGEST_NAME].strip() if isinstance(name, str) else "") or card.name


def _drawing(card: Card, design: Any) -> cards.Card:
    """The design as the renderer takes it.  Raises Refused with the number of the text that is wrong."""
    if not isinstance(design, dict):
        raise Refused(NOT_A_DESIGN, 400)
    try:
        photo = files.photo(card)
        return cards.Card.from_json(design, photo, files.logo(files.logo_name(card, design)))
    except files.PhotoGone as gone:
        raise Refused(f"{gone} Choose another one.", 410) from gone
    except cards.BadDesign as bad:
        raise Refused(str(bad), box=_box_of(str(bad))) from bad


def _drawn(drawing: cards.Card, words: Mapping[str, str]) -> bytes:
    try:
        return cards.render(drawing, words)
    except cards.BadDesign as bad:
        raise Refused(str(bad)) from bad


def _box_of(sentence: str) -> int | None:
    """Which text box a sentence of the drawing board is about."""
    found = re.match(r"Text box (\d+)", sentence)
    return int(found[1]) if found else None
