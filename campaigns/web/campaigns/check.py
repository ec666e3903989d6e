"""The dry run: who will be asked, who not and why, when it is done.  And the start."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns import cards, launch, links, picture_checks, status, wordings
from campaigns.asking import audience
from campaigns.asking.audience import Reason
from campaigns.models import FIRST_SIDE, SECOND_SIDE, Campaign, Customer
from campaigns.picture_checks import Look
from campaigns.roles import Action
from campaigns.steering import dry_run
from campaigns.web import story, tenancy
from campaigns.web.campaigns import calendars, preview, samples, trials, words
from campaigns.web.tenancy import BusinessRequest, page

#: Names shown of each group; the rest are counted.
NAMED = 100


@dataclass(frozen=True)
class LeftOut:
    """Those left out for one reason."""

    title: str
    people: list[tuple[Customer, Reason]]

    @property
    def more(self) -> int:
        """How many are not named."""
        return max(0, len(self.people) - NAMED)


@dataclass(frozen=True)
class Sample:
    """A picture as it would go out."""

    address: str
    words: str
    side: str


@require_safe
@page(Action.ASK)
def check(request: BusinessRequest, pk: int) -> HttpResponse:
    """Everything a launch would do, with nothing done."""
    campaign = tenancy.campaign(request, pk)
    if campaign.state != status.Campaign.DRAFT:
        return redirect("campaign", pk)
    return render(request, "campaigns/check.html", _context(request, campaign))


@require_POST
@page(Action.ASK)
def start(request: BusinessRequest, pk: int) -> HttpResponse:
    """Start it; once, however often the button is pressed."""
    campaign = tenancy.campaign(request, pk)
    campaign.business = request.business
    try:
        plan = launch.launch(campaign, request.user, timezone.now(), begin_after=launch.TIME_TO_UNDO)
    except launch.NotReady as missing:
        return render(request, "campaigns/check.html", _context(request, campaign, missing.sentences), status=409)
    except launch.NotPossible as moved_on:
        messages.info(request, str(moved_on))
        return redirect("campaign", pk)
    count = len(plan.will_ask)
    messages.success(request, f"Started: {count} customers, one by one." if count > 1 else "Started: one customer.")
    return redirect("campaign", pk)


def _context(request: BusinessRequest, campaign: Campaign, refused: list[str] | None = None) -> dict[str, Any]:
    campaign.business = request.business
    now = timezone.now()
    plan = launch.check(campaign, now)
    looks = len(_looks(campaign, plan))
    return trials.offered(request, campaign) | {
        "section": "campaigns",
        "campaign": campaign,
        "plan": plan,
        "only": str(campaign.only),
        "customers": request.business.customers.count(),
        "done": words.by_when(plan.finishes_at, now) if plan.finishes_at else "",
        "refused": refused or [],
        "warnings": [finding for finding in plan.findings if finding.level == "warn"],
        "left_out": _left_out(plan),
        "alone": [(person, plan.alone[person.pk]) for person in plan.will_ask if person.pk in plan.alone],
        "first": plan.will_ask[:NAMED],
        "more": max(0, len(plan.will_ask) - NAMED),
        "calendar": calendars.of(plan, request.business, now),
        "samples": _samples(campaign, plan.will_ask),
        "nameless": sum(not person.called for person in plan.will_ask),
        "shares": _shares(campaign, plan.will_ask),
        "sides": _sides(campaign, plan.will_ask),
        "most_pictures": dry_run.MOST_PICTURES,
        "looks": looks,
        "looks_words": words.need_a_look(looks),
        "counts_links": links.are_counted(request.business),
    }


def _looks(campaign: Campaign, plan: launch.Plan) -> list[Look]:
    """Whose pictures somebody should look at; a warning, never a hindrance."""
    try:
        return picture_checks.of(campaign, plan.to_look_at)
    except (cards.BadDesign, OSError):
        return []


def _shares(campaign: Campaign, people: list[Customer]) -> str:
    """ "241 in English, 46 in Spanish"; empty where everybody gets the same and nobody would rather have another."""
    shares = wordings.shares(campaign, people)
    is_plain = len(shares) < 2 and not any(share.instead_of for share in shares)
    return "" if is_plain else ", ".join(map(str, shares))


def _sides(campaign: Campaign, people: list[Customer]) -> str:
    """ "61 get A and 59 get B, by chance"; empty where everybody gets the same."""
    counts = dict(wordings.sides(campaign, people))
    if not counts:
        return ""
    others = counts.get("", 0)
    said = f"{counts.get(FIRST_SIDE, 0):,} get A and {counts.get(SECOND_SIDE, 0):,} get B, by chance"
    return f"{said}; {others:,} read another language and are no part of it" if others else said


def _left_out(plan: launch.Plan) -> list[LeftOut]:
    groups = sorted(plan.skipped_by_reason().items(), key=lambda group: -len(group[1]))
    return [LeftOut(audience.TITLES.get(code, code), people) for code, people in groups]


def _samples(campaign: Campaign, people: list[Customer]) -> list[Sample]:
    """Three pictures: the first customer's, the longest name's, and one in another script if there is any."""
    if campaign.card is None or not people:
        return []
    longest = max(people, key=lambda person: len(person.called))
    other = next((person for person in people if not samples.is_latin(person.called)), people[-1])
    chosen = {person.pk: person for person in (people[0], longest, other)}
    if campaign.is_split:  # one of each side at least
        first_of = {campaign.side_of(person): person for person in reversed(people)}
        chosen = {person.pk: person for person in (*first_of.values(), *chosen.values())}
    return [sample for person in list(chosen.values())[:3] if (sample := _sample(campaign, person))]


def _sample(campaign: Campaign, person: Customer) -> Sample | None:
    side = campaign.side_of(person)
    card = campaign.card_of(side)
    if card is None:
        return None
    return Sample(preview.picture_address(card, person), story.picture_words(card, person), side)
