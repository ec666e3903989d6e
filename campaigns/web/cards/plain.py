"""The same card as a plain form, for browsers without scripts and for whoever likes numbers."""

from base64 import b64encode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from campaigns import cards
from campaigns.models import AuditEntry, Card, Kept
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.cards import files
from campaigns.web.cards.drawing import picture
from campaigns.web.cards.samples import Sample, sample_of, samples, troubles, words_on
from campaigns.web.forms_cards import CardForm
from campaigns.web.tenancy import BusinessRequest, page


@require_http_methods(["GET", "POST"])
@page(Action.CARDS)
def card_form(request: BusinessRequest, pk: int) -> HttpResponse:
    """Fields for everything; “Show it” draws what was typed, “Save” keeps it."""
    mine = tenancy.card(request, pk)
    if not mine.is_current and not request.POST:  # what was typed on an older one is still kept, beside
        return redirect("card", pk)
    try:
        kept = picture(mine)
    except (files.PhotoGone, cards.BadDesign):
        return redirect("card", pk)
    form = CardForm(mine, kept, request.POST or None)
    if form.is_bound and form.is_valid() and form.drawing and "look" not in request.POST:
        return _saved(request, mine, form)
    sample = sample_of(request.business, request.POST.get("as", ""))
    context = {
        "section": "cards",
        "card": mine,
        "form": form,
        "samples": samples(request.business),
        "look": _look(form.drawing or kept, sample),
        "sample": sample,
    }
    return render(request, "cards/form.html", context, status=422 if form.errors else 200)


def _saved(request: BusinessRequest, mine: Card, form: CardForm) -> HttpResponse:
    assert form.drawing is not None
    design = form.drawing.to_json()
    changes = {"name": form.cleaned_data["name"], "design": design, "logo": files.logo_name(mine, design)}
    kept = mine.keep(request.user, form.cleaned_data["revision"], **changes)
    AuditEntry.write(request.organization, "change card", kept.card, request.user)
    return _answer(request, mine, kept)


def _answer(request: HttpRequest, mine: Card, kept: Kept) -> HttpResponse:
    if kept.quicker:
        words = f"Somebody saved this card while you were at it. Yours is kept as version {kept.card.version}."
        messages.warning(request, f"{words} Bring it back here if it shall be the card.")
        return redirect("card_versions", kept.quicker.pk)
    is_new = kept.card.pk != mine.pk
    more = " as a new version. Campaigns that have started keep the picture they started with." if is_new else "."
    messages.success(request, f"Saved{more}")
    return redirect("card_form", kept.card.pk)


def _look(drawing: cards.Card, sample: Sample) -> dict[str, object]:
    """The picture itself, inside the page: nothing is kept to be fetched later."""
    jpeg = b64encode(cards.render(drawing, sample.words)).decode()
    return {
        "source": f"data:image/jpeg;base64,{jpeg}",
        "words": words_on(drawing.to_json(), sample.words),
        "problems": troubles(drawing, sample.words),
        "width": drawing.width,
        "height": drawing.height,
    }
