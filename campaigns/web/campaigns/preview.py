"""The exact message for a chosen customer, beside the words while they are written."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns import cards, languages, links, merge
from campaigns.models import FIRST_SIDE, SECOND_SIDE, Business, Campaign, Card, Customer
from campaigns.roles import Action
from campaigns.web import phone, story, tenancy
from campaigns.web.campaigns import samples
from campaigns.web.campaigns.forms import DraftForm
from campaigns.web.limiting import limited
from campaigns.web.tenancy import BusinessRequest, page

#: Pixels across of the picture in the preview.
WIDTH = 560
#: Whom the preview shows before there are any customers.
NOBODY = "Marcus"
#: Those whom the words do not call by a name.
NAMELESS = Q(spoken_name="") | Q(spoken_name=None, first_name="")


@require_POST
@page(Action.ASK)
@limited("picture")
def preview(request: BusinessRequest, pk: int | None = None) -> HttpResponse:
    """The phone and what the rules say, for the words as they stand; a draft that is sound is kept by the way."""
    draft = tenancy.campaign(request, pk) if pk else None
    form = DraftForm(request.business, request.POST, language=draft.language if draft else request.business.language)
    is_kept = form.is_valid() and draft is not None and form.keep(draft)
    context = seen(request, form, draft) | {"saved_at": timezone.now() if is_kept else None, "oob": True}
    return render(request, "campaigns/_preview.html", context)


@require_safe
@page(Action.ASK)
@limited("picture")
def picture(request: BusinessRequest, card: int) -> HttpResponse:
    """A card as one customer would get it, drawn now and kept nowhere."""
    design = tenancy.card(request, card)
    customer = chosen(request, request.GET.get("as", "")) or example(request.business)
    try:
        drawn = cards.render(design.drawing(), customer.words())
    except (cards.BadDesign, OSError) as gone:
        raise Http404 from gone
    return HttpResponse(cards.thumbnail(drawn, WIDTH), content_type="image/jpeg")


def picture_address(card: Card, customer: Customer | None) -> str:
    """Where the card is drawn for this customer; changes with the design, so that no old picture is shown."""
    asked = {"as": customer.pk if customer else "", "v": f"{card.version}-{card.revision}-{card.photo[:8]}"}
    return f"{reverse('campaign_preview_picture', args=[card.pk])}?{urlencode(asked)}"


def asked_side(request: BusinessRequest) -> str:
    """The side somebody wants to see, where two are tried; "" for whichever the customer gets."""
    wanted = request.POST.get("side", "")
    return wanted if wanted in (FIRST_SIDE, SECOND_SIDE) else ""


def seen(request: BusinessRequest, form: DraftForm, kept: Campaign | None) -> dict[str, Any]:
    """What the preview shows: the bubbles for one customer, and what the rules say to the words."""
    business = request.business
    customer = chosen(request, request.POST.get("as", "")) or samples.of(business).first
    shown = customer or example(business)
    whole, given = form.whole, form.side_for(shown, kept)
    side = (asked_side(request) or given) if whole.is_split else ""
    draft = form.draft_in(request.POST.get("say", "") or shown.language, side)
    unknown = ""
    bubbles: list[phone.Bubble] = []
    try:
        picture = picture_bubble(whole.card_of(side), shown)
        bubbles = phone.preview(draft, shown, picture, links.address(business, "example"))
    except merge.UnknownField as wrong:
        unknown = str(wrong)
    return {
        "bubbles": bubbles,
        "unknown": unknown,
        "findings": sorted(form.findings, key=lambda finding: finding.level != "block"),  # the worst first
        "shown": customer,
        "side": side,
        "is_their_side": kept is not None and side == given,
        "said_in": languages.name(draft.language) if form.others else "",
        "instead_of": _lacking(draft, shown),
        "reads_there": merge.FIELDS["first_name"] if draft.language == languages.ENGLISH else "",
        "from_name": business.name,
        "at": f"{timezone.localtime():%-H:%M}",
        "nameless": business.customers.filter(NAMELESS, stopped_at=None).count(),
    }


def _lacking(draft: phone.Draft, shown: Customer) -> str:
    """The language of the customer shown, where the words are in another one."""
    return languages.name(shown.language) if shown.language not in ("", draft.language) else ""


def picture_bubble(card: Card | None, customer: Customer) -> phone.Bubble | None:
    """The picture on the phone; none without a card."""
    if card is None:
        return None
    address = picture_address(card, customer if customer.pk else None)
    return phone.Bubble("picture", story.picture_words(card, customer), address=address)


def example(business: Business) -> Customer:
    """Somebody to show before there are any customers."""
    return Customer(business=business, first_name=NOBODY)


def chosen(request: BusinessRequest, pk: str) -> Customer | None:
    """The customer somebody chose to show; None for nobody of this business."""
    if not pk.isdecimal() or len(pk) > 18:
        return None
    return request.business.customers.filter(pk=pk).first()
