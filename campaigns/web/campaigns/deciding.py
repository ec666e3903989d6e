"""What a person decides on the contact sheet: what somebody is called, and who is left out.  Each can be undone."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns import calling, cards, launch, merge, names, status, steering
from campaigns.models import Campaign, Customer
from campaigns.picture_checks import Look
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.campaigns import audiences
from campaigns.web.campaigns.prints import MOST, Design, numbers
from campaigns.web.tenancy import BusinessRequest, page

#: As long as the stored name may be.
LONGEST = 200
#: Earlier decisions that an undo brings back; a form must not have too many fields.
MOST_EARLIER = 500
SETTLED = "This campaign has been started already; its pictures stay as they are."


@dataclass(frozen=True)
class Choice:
    """One button: the name it sets, and what it says about it ("" stands for “Say “Marcus””)."""

    name: str
    label: str = ""


@dataclass(frozen=True)
class Decision:
    """What can be decided about one customer's name, and the state it is decided on."""

    seen: str
    first: Choice | None
    others: tuple[Choice, ...]
    #: Somebody has decided already: the way back.
    is_decided: bool


def about(person: Customer, look: Look | None, design: Design) -> Decision:
    """The suggestion first, the alternatives beside it, and what the card says without a name."""
    nameless = Choice(names.NO_NAME, _without(design, person))
    offered = [Choice(name) if name else nameless for name in (look.suggestion, *look.alternatives)] if look else []
    if look and look.may_stay and person.spoken_name is None:
        fine = Choice(person.first_name, "Fine as it is")
        offered = [fine if each.name == person.first_name else each for each in offered]
        offered += [fine] if fine not in offered else []
    offered += [nameless] if person.called and nameless not in offered else []
    first = offered.pop(0) if look and offered else None
    return Decision(_state(person), first, tuple(offered), person.spoken_name is not None)


def _without(design: Design, person: Customer) -> str:
    """“Say “Thanks!””, from the card's own words."""
    nameless = {**person.words(), "first_name": ""}
    drawn = cards.drawn_texts(design.drawing, nameless)
    boxes = zip(design.drawing.boxes, drawn, strict=True)
    said = " ".join(setting.text for box, setting in boxes if "first_name" in merge.fields_in(box.text))
    return f"Say “{said}”" if 0 < len(said) <= 24 else "Leave the name away"


def _state(person: Customer) -> str:
    """What the row said when the button was drawn."""
    return hashlib.blake2b(repr((person.first_name, person.spoken_name)).encode(), digest_size=8).hexdigest()


def seen(looks: Iterable[Look]) -> str:
    """What “all at once” means on this page: whom, and what each would be called."""
    said = repr([(look.customer.pk, _state(look.customer), look.suggestion) for look in looks])
    return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()


# --- the buttons ----------------------------------------------------------------------------------------------------


@require_POST
@page(Action.ASK)
def call(request: BusinessRequest, pk: int, customer: int) -> HttpResponse:
    """Call this customer so from now on."""
    campaign, person = tenancy.campaign(request, pk), tenancy.customer(request, customer)
    name = merge.plain(request.POST.get("name", ""))
    if campaign.state != status.Campaign.DRAFT:
        messages.warning(request, SETTLED)
    elif len(name) > LONGEST:
        messages.warning(request, f"A name may have {LONGEST} characters; this one has {len(name)}.")
    elif request.POST.get("seen") != _state(person) and person.spoken_name != name:
        messages.warning(request, "Somebody has just changed this name. Look at it once more.")
    else:
        _call(request, campaign, {person: name})
    return _back(request, pk, person)


@require_POST
@page(Action.ASK)
def call_all(request: BusinessRequest, pk: int) -> HttpResponse:
    """Take every suggestion, as it was shown."""
    campaign = tenancy.campaign(request, pk)
    campaign.business = request.business
    side = request.POST.get("side", "")
    design = Design.readable(campaign, side)
    if campaign.state != status.Campaign.DRAFT:
        messages.warning(request, SETTLED)
        return redirect("campaign_pictures", pk)
    everybody = audiences.pictures(campaign, design, timezone.now()) if design else audiences.Pictures([], [])
    looks = (everybody.on(side, audiences.sides(campaign, everybody.order)) if side else everybody).looks
    if not looks or request.POST.get("seen") != seen(looks):
        messages.warning(request, "The list has changed meanwhile, so nothing was taken. This is how it stands now.")
    else:
        _call(request, campaign, {look.customer: look.suggestion for look in looks})
    return redirect("campaign_pictures", pk)


@require_POST
@page(Action.ASK)
def leave_out(request: BusinessRequest, pk: int, customer: int) -> HttpResponse:
    """Do not ask this customer in this campaign."""
    campaign, person = tenancy.campaign(request, pk), tenancy.customer(request, customer)
    try:
        steering.leave_out(campaign, person, request.user)
        _remember(request, campaign, "left", [person])
    except launch.NotPossible as settled:
        messages.warning(request, str(settled))
    return _back(request, pk, person)


@require_POST
@page(Action.ASK)
def put_back(request: BusinessRequest, pk: int, customer: int) -> HttpResponse:
    """Ask them after all."""
    campaign, person = tenancy.campaign(request, pk), tenancy.customer(request, customer)
    try:
        steering.put_back(campaign, person, request.user)
    except launch.NotPossible as settled:
        messages.warning(request, str(settled))
    return _back(request, pk, person)


@require_POST
@page(Action.ASK)
def as_stored(request: BusinessRequest, pk: int) -> HttpResponse:
    """Undo: these customers are called by their stored names again, or as somebody had decided before."""
    campaign = tenancy.campaign(request, pk)
    who = [number for some in request.POST.getlist("who") for number in numbers(some)]
    mine = request.business.customers.filter(spoken_name__isnull=False)
    people = [person for some in calling.batched(who) for person in mine.filter(pk__in=some)]
    if campaign.state != status.Campaign.DRAFT:
        messages.warning(request, SETTLED)
    elif people:
        earlier = {person: _earlier(request, person) for person in people if f"was-{person.pk}" in request.POST}
        calling.as_stored([person for person in people if person not in earlier], request.user)
        _call(request, campaign, earlier, is_new=False)
    return _back(request, pk, people[0]) if len(people) == 1 else redirect("campaign_pictures", pk)


def _earlier(request: BusinessRequest, person: Customer) -> str:
    return merge.plain(request.POST[f"was-{person.pk}"])[:LONGEST]


def _call(request: BusinessRequest, campaign: Campaign, chosen: dict[Customer, str], *, is_new: bool = True) -> None:
    try:
        calling.call_all(chosen, request.user)
        if is_new:
            _remember(request, campaign, "called", list(chosen))
    except calling.Changed as changed:
        messages.warning(request, str(changed))


def _back(request: BusinessRequest, pk: int, person: Customer) -> HttpResponse:
    """To the large picture when it was decided there, else to the sheet."""
    if request.POST.get("from") == "picture":
        return redirect("campaign_picture", pk, person.pk)
    return redirect("campaign_pictures", pk)


# --- the strip that undoes it ---------------------------------------------------------------------------------------


def _remember(request: BusinessRequest, campaign: Campaign, act: str, people: list[Customer]) -> None:
    earlier = [[person.pk, person.spoken_name] for person in people if person.spoken_name is not None]
    done = {"campaign": campaign.pk, "act": act, "who": [person.pk for person in people], "was": earlier[:MOST_EARLIER]}
    request.session["decided"] = done


def just_done(request: BusinessRequest, campaign: Campaign) -> dict[str, Any] | None:
    """What was decided a moment ago, to be said once, with its undo."""
    done = request.session.pop("decided", None)
    if not done or done["campaign"] != campaign.pk or campaign.state != status.Campaign.DRAFT:
        return None
    who = done["who"]
    one = request.business.customers.filter(pk=who[0]).first() if len(who) == 1 else None
    if not who or (len(who) == 1 and one is None):
        return None
    stretches = ["-".join(map(str, who[start : start + MOST])) for start in range(0, len(who), MOST)]
    return {"act": done["act"], "count": len(who), "one": one, "who": stretches, "was": done["was"]}
