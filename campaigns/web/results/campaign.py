"""The results of one campaign, and which of two wordings or pictures did better, if the numbers tell."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from campaigns import links, status
from campaigns.models import FIRST_SIDE, SECOND_SIDE, Campaign
from campaigns.results import counting, intervals
from campaigns.results.counting import Funnel
from campaigns.web import tenancy
from campaigns.web.results import figures
from campaigns.web.tenancy import BusinessRequest, page

#: What the sentence says of the side that did better, by what was compared.
BETTER = {"opened": "was opened", "replied": "was answered"}


@dataclass(frozen=True)
class Compared:
    """One number of both sides, with what 95 of 100 such trials would show."""

    label: str
    a: figures.Step
    b: figures.Step
    a_range: str
    b_range: str
    #: How many more, or fewer, of 100 it is with B.
    difference: str


@require_safe
@page()
def results(request: BusinessRequest, pk: int) -> HttpResponse:
    """Of everybody this campaign has asked, whenever."""
    campaign = tenancy.campaign(request, pk)
    if campaign.state == status.Campaign.DRAFT:
        return redirect("campaign_edit", pk)
    opens = links.are_counted(request.business)
    funnel = counting.of_campaign(campaign)
    clicks = Q(delivery__campaign=campaign, delivery__sent_at__isnull=False)
    context = {
        "section": "campaigns",
        "campaign": campaign,
        "funnel": funnel,
        "steps": figures.steps(funnel, opens=opens),
        "fetched": counting.fetched(clicks) if opens else None,
    }
    return render(request, "results/campaign.html", context | _sides(campaign, opens))


def _sides(campaign: Campaign, opens: bool) -> dict[str, Any]:
    """Both sides beside each other; nothing for a campaign with one."""
    found = counting.sides(campaign)
    a, b = found.get(FIRST_SIDE, Funnel()), found.get(SECOND_SIDE, Funnel())
    if not campaign.is_split and not (a.asked or b.asked):
        return {}
    pairs = zip(figures.steps(a, opens=opens), figures.steps(b, opens=opens), strict=True)
    return {
        "a": a,
        "b": b,
        "others": found.get("", Funnel()).asked,
        "compared": [_compared(one, other) for one, other in pairs if one.is_counted],
        "verdict": verdict(a, b, "opened" if opens else "replied"),
        "is_going": campaign.state not in (status.Campaign.FINISHED, status.Campaign.CANCELLED),
        "tried": _tried(campaign),
    }


def _tried(campaign: Campaign) -> list[tuple[str, str, str]]:
    """In what the two differ: what it is, and both writings."""
    first, second = campaign.wording(campaign.language), campaign.second_wording
    found = [("Greeting", first.greeting, second.greeting), ("Text under the picture", first.ask, second.ask)]
    found = [each for each in found if each[1] != each[2]]
    if campaign.card_b is not None and campaign.card_b_id != campaign.card_id:
        found.append(("Picture", str(campaign.card or ""), str(campaign.card_b)))
    return found


def verdict(a: Funnel, b: Funnel, by: str) -> str:
    """One plain sentence.  One number decides, chosen before anybody looked: of six one differs by chance soon."""
    if min(a.asked, b.asked) < intervals.LEAST:
        return (
            f"The numbers do not tell them apart yet: {a.asked} were asked with A and {b.asked} with B, "
            f"and it takes {intervals.LEAST} of each."
        )
    mine, theirs = (getattr(b, by), b.asked), (getattr(a, by), a.asked)
    if not intervals.tells_apart(*mine, *theirs):
        return "The numbers do not tell them apart yet."
    found = intervals.difference(*mine, *theirs)
    name, low, high = (SECOND_SIDE, found.low, found.high) if found.low > 0 else (FIRST_SIDE, -found.high, -found.low)
    return f"{name} {BETTER[by]} more often: {_of_100(low)} to {_of_100(high)} of 100 more."


def _compared(a: figures.Step, b: figures.Step) -> Compared:
    found = intervals.difference(b.count, b.of, a.count, a.of)
    difference = f"{_signed(found.low)} to {_signed(found.high)}" if a.of and b.of else ""
    return Compared(a.label, a, b, _range(a), _range(b), difference)


def _range(step: figures.Step) -> str:
    """'26 to 43 of 100'; nothing of nobody."""
    if not step.of:
        return ""
    found = intervals.share(step.count, step.of)
    return f"{round(found.low * 100)} to {round(found.high * 100)} of 100"


def _of_100(part: float) -> str:
    return f"{round(part * 100)}" if part >= 0.005 else "less than 1"


def _signed(part: float) -> str:
    return f"{round(part * 100):+d}".replace("-", "−").replace("+0", "0")
