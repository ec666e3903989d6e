"""All locations somebody may see, each with its numbers and how it stands; the switch between them; and a new one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import finding, links, provisioning, status
from campaigns.models import Business, Campaign, Review
from campaigns.results import counting
from campaigns.results.counting import Funnel
from campaigns.results.periods import Period
from campaigns.roles import Action
from campaigns.web.forms_settings import LocationForm
from campaigns.web.tenancy import AT_HAND, BusinessRequest, at_hand, businesses, page

#: Days that are offered, each with its words, and those that are shown first.
OFFERED, USUAL = {"30": "30 days", "90": "90 days", "365": "A year"}, "30"
#: Locations shown at once.
MOST = 500
#: How a location stands, what needs somebody first.
HALTED, HELD, PAUSED, RUNNING, QUIET = "halted", "held", "paused", "running", "quiet"
STANDINGS = {HALTED: "Stands still", HELD: "Held", PAUSED: "Paused", RUNNING: "Running", QUIET: "Nothing running"}
_OF_A_CAMPAIGN = {
    status.Campaign.HELD: HELD,
    status.Campaign.PAUSED: PAUSED,
    status.Campaign.RUNNING: RUNNING,
}


@dataclass(frozen=True)
class Row:
    """One location."""

    business: Business
    funnel: Funnel
    #: Reviews that were brought and found to be by a customer of theirs.
    reviews: int
    standing: str
    why: str
    #: Openings are counted here.
    opens: bool

    @property
    def word(self) -> str:
        """How it stands."""
        return STANDINGS[self.standing]


@require_safe
@page(while_closing=True)
def locations(request: BusinessRequest) -> HttpResponse:
    """Every location this person may see; a constant number of queries, however many there are."""
    days = request.GET.get("days", "")
    days = days if days in OFFERED else USUAL
    everywhere = list(businesses(request)[: MOST + 1])
    rows = rows_of(everywhere[:MOST], Period.of_days(int(days), timezone.localdate(), request.business.zone))
    query, show = request.GET.get("q", "").strip()[:100], request.GET.get("show", "")
    shown = [row for row in found(rows, query) if show not in STANDINGS or row.standing == show]
    total = counting.total(row.funnel for row in shown)
    context = {
        "section": "locations",
        "rows": shown,
        "total": total,
        "reviews": sum(row.reviews for row in shown),
        "count": len(rows),
        "is_cut": len(everywhere) > MOST,
        "most": MOST,
        "days": days,
        "offered": OFFERED.items(),
        "query": query,
        "show": show if show in STANDINGS else "",
        "tally": [(word, label, sum(row.standing == word for row in rows)) for word, label in STANDINGS.items()],
        "has_several_accounts": len({row.business.organization_id for row in rows}) > 1,
    }
    return render(request, "locations/locations.html", context)


@require_safe
@page(while_closing=True)
def choose(request: BusinessRequest) -> HttpResponse:
    """The first few that match, for the switch on every page."""
    return render(request, "locations/_choice.html", choice(request, request.GET.get("q", "").strip()[:100]))


@require_http_methods(["GET", "POST"])
@page(Action.LOCATIONS)
def location_new(request: BusinessRequest) -> HttpResponse:
    """One more location of the account that is looked at; it is the chosen one from then on."""
    form = LocationForm(request.business, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = provisioning.add_location(request.organization, form.cleaned_data, request.user)
        request.session["business"] = made.pk
        messages.success(request, f"{made.name} is there. {_sends_on(request)}")
        return redirect("dashboard")
    context = {"section": "locations", "form": form}
    return render(request, "locations/new.html", context, status=422 if form.errors else 200)


def _sends_on(request: BusinessRequest) -> str:
    """On which lines a new location sends."""
    in_use = request.organization.lines.filter(is_active=True).select_related("business").order_by("pk")
    if in_use.filter(business=None).exists():
        return "It sends on the lines that are for every location."
    other = in_use.first()
    share = f", or let every location send on that of {other.business}, in the settings there" if other else ""
    return f"It has no line yet: test the connection in its settings, and take one that Chert names{share}."


def choice(request: BusinessRequest, query: str = "") -> dict[str, object]:
    """What the switch offers: the chosen one and the first others by name, or those with these words in their name."""
    matching = _matching(request, query) if query else at_hand(request)
    return {
        "choices": matching[:AT_HAND],
        "has_more": len(matching) > AT_HAND,
        "query": query,
        "has_several_accounts": len({each.organization_id for each in matching}) > 1,
    }


def _matching(request: BusinessRequest, query: str) -> list[Business]:
    return [each for each in businesses(request)[:MOST] if _matches(each, query)]


def rows_of(businesses: Sequence[Business], period: Period) -> list[Row]:
    """Each of these with its numbers: three queries."""
    reviews = dict(
        Review.objects.filter(
            business__in=[each.pk for each in businesses],
            state=Review.State.CONFIRMED,
            created_at__gte=period.begins,
            created_at__lt=period.ends,
        )
        .order_by()
        .values_list("business")
        .annotate(Count("pk"))
    )
    stands = _standings(businesses)
    groups = counting.locations(businesses, period)
    return [
        Row(each, group.funnel, reviews.get(each.pk, 0), *stands[each.pk], opens=links.are_counted(each))
        for each, group in zip(businesses, groups, strict=True)
    ]


def found(rows: list[Row], query: str) -> list[Row]:
    """Those with these words in their name, or their account's."""
    return [row for row in rows if _matches(row.business, query)]


def _matches(business: Business, query: str) -> bool:
    text = " " + " ".join(finding.folded(f"{business.name} {business.organization.name}").split())
    return finding.matches(text, finding.parts(query))


def _standings(businesses: Sequence[Business]) -> dict[int, tuple[str, str]]:
    """How each stands and why: the worst of what is true of it."""
    going: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    rows = Campaign.objects.filter(business__in=[each.pk for each in businesses], state__in=_OF_A_CAMPAIGN)
    for pk, state, name, why in rows.order_by("-pk").values_list("business", "state", "name", "held_reason"):
        going[pk].append((state, name, why))
    return {each.pk: _standing(each, going[each.pk]) for each in businesses}


def _standing(business: Business, going: list[tuple[str, str, str]]) -> tuple[str, str]:
    if business.organization.paused_at:
        return HALTED, business.organization.paused_sentence
    for state, word in _OF_A_CAMPAIGN.items():
        named = [(name, why) for its, name, why in going if its == state]
        if named:
            name, why = named[0]
            more = f" and {len(named) - 1} more" if len(named) > 1 else ""
            return word, f"{name}{more}. {why}".strip() if why and word == HELD else f"{name}{more}"
    return QUIET, ""


urlpatterns: list[URLPattern] = [
    path("locations/", locations, name="locations"),
    path("locations/choose/", choose, name="location_choice"),
    path("locations/new/", location_new, name="location_new"),
]
