"""The contact sheet: everybody's picture before it is sent, those that need a look first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import cards, links, merge, status
from campaigns.models import FIRST_SIDE, SECOND_SIDE, Campaign, Customer
from campaigns.picture_checks import Look
from campaigns.roles import Action
from campaigns.web import phone, tenancy
from campaigns.web.campaigns import audiences, deciding, preview, prints, words
from campaigns.web.campaigns.audiences import Pictures
from campaigns.web.campaigns.prints import Design, Print
from campaigns.web.limiting import limited
from campaigns.web.tenancy import BusinessRequest, page

Item = TypeVar("Item")

#: Seconds for which a browser may keep a sheet: its address changes with whatever is drawn.
KEPT = 24 * 3600
#: The icon of each code of `picture_checks`.
ICONS = {
    "capitals": "case-upper",
    "small": "case-lower",
    "company": "building-2",
    "two": "users-round",
    "email": "at-sign",
    "phone": "phone",
    "digits": "hash",
    "code": "code",
    "empty": "user-round-x",
    "stand_in": "user-round-search",
    "last_first": "arrow-left-right",
    "signs": "sparkles",
    "glyphs": "type",
    "room": "move-horizontal",
    "narrow": "move-horizontal",
}


@dataclass(frozen=True)
class Proof:
    """One customer to look at: the picture as it is, as it would be, and what can be done about it."""

    look: Look
    before: Print
    after: Print | None
    icon: str
    decision: deciding.Decision


@dataclass(frozen=True)
class Shown:
    """The prints of one stretch of the list, and where it goes on."""

    prints: list[tuple[Customer, Print]]
    total: int
    #: How many lie on the page up to and with these.
    seen: int
    more: str = ""


@require_safe
@page()
def pictures(request: BusinessRequest, pk: int) -> HttpResponse:
    """The whole sheet, of one side where two pictures are tried; for htmx only the stretch that it asks for."""
    campaign = mine(request, pk)
    side = shown_side(campaign, request.GET.get("side", ""))
    design = Design.readable(campaign, side)
    if design is None:
        return render(request, "campaigns/pictures.html", _frame(request, campaign, side))
    everybody = on_the_side(campaign, design, side)
    shown = _shown(request, campaign, design, everybody, side)
    context = _frame(request, campaign, side) | {"shown": shown, "query": _query(request)}
    if request.htmx.target in ("more", "others"):
        return render(request, f"campaigns/_{request.htmx.target}.html", context)
    return render(request, "campaigns/pictures.html", context | _sheet(request, campaign, design, everybody))


@require_safe
@page()
def picture(request: BusinessRequest, pk: int, customer: int) -> HttpResponse:
    """One picture large, on the phone it is made for."""
    campaign = mine(request, pk)
    given = audiences.sides(campaign, [tenancy.customer(request, customer)])[customer]
    side = shown_side(campaign, given)
    design = Design.readable(campaign, side)
    everybody = on_the_side(campaign, design, side) if design else None
    order = everybody.order if everybody else []
    place = next((n for n, person in enumerate(order) if person.pk == customer), None)
    if everybody is None or design is None or place is None:
        raise Http404
    person, look = order[place], everybody.look_at(order[place])
    context = _frame(request, campaign, side) | {
        "person": person,
        "look": look,
        "is_left_out": any(person.pk == each.pk for each in everybody.left_out),
        "decision": deciding.about(person, look, design),
        "bubbles": _bubbles(campaign, person, given),
        "from_name": request.business.name,
        "at": f"{timezone.localtime():%-H:%M}",
        "before": order[place - 1] if place else None,
        "after": order[place + 1] if place + 1 < len(order) else None,
        "place": place + 1,
        "total": len(order),
        "back": _back(campaign, everybody, person, side),
    }
    return render(request, "campaigns/picture.html", context)


@require_safe
@page(keep=KEPT)
@limited("picture")
def sheet(request: BusinessRequest, pk: int) -> HttpResponse:
    """Up to fifty thumbnails in one picture; 404 when they would not be the same any more."""
    campaign = mine(request, pk)
    is_second = campaign.card_b_id is not None and request.GET.get("card") == str(campaign.card_b_id)
    design = Design.readable(campaign, SECOND_SIDE if is_second else FIRST_SIDE)
    who = prints.numbers(request.GET.get("who", ""))
    people = request.business.customers.in_bulk(who)
    if design is None or not who or len(people) != len(who):
        raise Http404
    ordered = [people[number] for number in who]
    try:
        drawn = prints.drawn(design, request.GET.get("kind", ""), ordered, request.GET.get("v", ""))
    except cards.BadDesign as unreadable:
        raise Http404 from unreadable
    if drawn is None:
        raise Http404
    return HttpResponse(drawn, content_type="image/jpeg")


def mine(request: BusinessRequest, pk: int) -> Campaign:
    """The campaign with its business, so that nobody asks for it again."""
    campaign = tenancy.campaign(request, pk)
    campaign.business = request.business
    return campaign


def shown_side(campaign: Campaign, wanted: str) -> str:
    """The side whose pictures are shown; "" where all have one card."""
    if not campaign.is_split or campaign.card_b_id in (None, campaign.card_id):
        return ""
    return wanted if wanted == SECOND_SIDE else FIRST_SIDE


def on_the_side(campaign: Campaign, design: Design, side: str) -> Pictures:
    """Everybody's pictures, or those of one side."""
    everybody = audiences.pictures(campaign, design, timezone.now())
    return everybody.on(side, audiences.sides(campaign, everybody.order)) if side else everybody


def _frame(request: BusinessRequest, campaign: Campaign, side: str) -> dict[str, Any]:
    is_draft = campaign.state == status.Campaign.DRAFT
    return {
        "section": "campaigns",
        "campaign": campaign,
        "card": campaign.card_of(side),
        "side": side,
        "is_draft": is_draft,
        "may_send": tenancy.may(request, Action.ASK),
        "may_change": is_draft and tenancy.may(request, Action.ASK),
    }


def _sheet(request: BusinessRequest, campaign: Campaign, design: Design, everybody: Pictures) -> dict[str, Any]:
    looks = _after(everybody.looks, request.GET.get("look", ""), lambda look: look.customer.pk)
    here = looks[: prints.MOST_LOOKS]
    left_out = everybody.left_out[: prints.MOST]
    return {
        "everybody": everybody,
        "headline": words.pictures(len(everybody.people), len(everybody.looks)),
        "spelled": words.spelled(len(everybody.looks)),
        "proofs": _proofs(campaign, design, here),
        "next_looks": here[-1].customer.pk if len(looks) > len(here) else None,
        "first_look": bool(request.GET.get("look")),
        "all_seen": deciding.seen(everybody.looks),
        "left_out": list(zip(left_out, prints.of(campaign.pk, design, left_out), strict=True)),
        "done": deciding.just_done(request, campaign),
    }


def _proofs(campaign: Campaign, design: Design, looks: list[Look]) -> list[Proof]:
    return [
        Proof(look, before, after, ICONS.get(look.code, "type"), deciding.about(look.customer, look, design))
        for look, (before, after) in zip(looks, prints.pairs(campaign.pk, design, looks), strict=True)
    ]


def _shown(request: BusinessRequest, campaign: Campaign, design: Design, everybody: Pictures, side: str) -> Shown:
    """The next fifty after the one that the address names: the list may change meanwhile, the stretches stay."""
    query = _query(request)
    found = everybody.found(query) if query else everybody.others
    rest = _after(found, request.GET.get("after", ""), lambda person: person.pk)
    here = rest[: prints.MOST]
    asked = {"after": here[-1].pk, "q": query, "side": side} if len(rest) > len(here) else {}
    more = urlencode({name: value for name, value in asked.items() if value})
    cut = prints.of(campaign.pk, design, here)
    return Shown(list(zip(here, cut, strict=True)), len(found), len(found) - len(rest) + len(here), more)


def _after(items: list[Item], number: str, pk: Callable[[Item], int]) -> list[Item]:
    after = prints.numbers(number)
    return [item for item in items if pk(item) > after[0]] if len(after) == 1 else items


def _query(request: BusinessRequest) -> str:
    return request.GET.get("q", "").strip()[:200]


def _bubbles(campaign: Campaign, person: Customer, side: str) -> list[phone.Bubble]:
    """The phone; with words that cannot be filled at least the picture."""
    shown = preview.picture_bubble(campaign.card_of(side), person)
    said = campaign.wording(campaign.language, side)
    draft = phone.Draft(campaign.flow, said.greeting, said.ask)  # about the picture: no reminder
    try:
        return phone.preview(draft, person, shown, links.address(campaign.business, "example"))
    except merge.UnknownField:
        return [shown] if shown else []


def _back(campaign: Campaign, everybody: Pictures, person: Customer, side: str) -> str:
    """Where this print lies on the sheet, so that one comes back to it."""
    address = reverse("campaign_pictures", args=[campaign.pk])
    before = [each.pk for each in everybody.others if each.pk < person.pk]
    start = len(before) // prints.MOST * prints.MOST
    is_further = start and everybody.look_at(person) is None
    asked = {"after": before[start - 1] if is_further else "", "side": side}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{address}{f'?{query}' if query else ''}#print-{person.pk}"
