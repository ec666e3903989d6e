"""What came of the asking: of everybody asked in a period, by week, campaign, technician and location."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from campaigns import links
from campaigns.models import Business
from campaigns.results import counting, reviews
from campaigns.results.periods import BadPeriod, Period
from campaigns.roles import Action
from campaigns.web import spreadsheet, tenancy
from campaigns.web.results import figures
from campaigns.web.tenancy import BusinessRequest, page

#: Days that are offered, each with its words.
OFFERED = {"30": "30 days", "90": "90 days", "365": "A year"}
USUAL = "90"
#: Locations shown at once.
MOST_LOCATIONS = 200
#: What stands for a technician nobody has written down.
NOBODY = "Nobody named"


@dataclass(frozen=True)
class Chosen:
    """The period somebody chose, how the address says it, and why not the one they asked for."""

    period: Period
    days: str = ""
    problem: str = ""

    @property
    def query(self) -> str:
        """For an address that shows the same."""
        own = {"from": self.period.first.isoformat(), "until": self.period.last.isoformat()}
        return urlencode({"days": self.days} if self.days else own)


@require_safe
@page()
def results(request: BusinessRequest) -> HttpResponse:
    """The numbers of this business, and of every location the person may see."""
    business, chosen = request.business, choice(request)
    period, opens = chosen.period, links.are_counted(business)
    cohort = counting.Cohort(business, period)
    weeks, funnel = cohort.weeks(), cohort.total()
    named = counting.named(cohort.campaigns(), "older campaigns")
    context = {
        "section": "campaigns",
        "chosen": chosen,
        "offered": OFFERED.items(),
        "asked": funnel.asked,
        "funnel": funnel,
        "steps": figures.steps(funnel, opens=opens),
        "strokes": figures.strokes([each for _, each in weeks]),
        "shown_weeks": len(weeks),
        "weeks": _rows_of(weeks, opens=opens),
        "most": max(each.asked for _, each in weeks),
        "fetched": counting.fetched(counting.clicks_in(business, period)) if opens else None,
        "greeted": counting.greeted(business, period),
        "campaigns": figures.rows(named, opens=opens),
        "technicians": _technicians(business, cohort, opens),
        "locations": _locations(request, period),
        "to_decide": reviews.to_decide(business),
        "may_send": tenancy.may(request, Action.ASK),
    }
    return render(request, "results/results.html", context)


@require_safe
@page(while_closing=True)
def as_csv(request: BusinessRequest) -> HttpResponseBase:
    """The same numbers as a spreadsheet."""
    period = choice(request).period
    name = f"results-{period.first.isoformat()}-{period.last.isoformat()}"
    return spreadsheet.csv_response(name, figures.HEADER, list(_lines(request, period)))


def _lines(request: BusinessRequest, period: Period) -> Iterator[Sequence[object]]:
    business, opens = request.business, links.are_counted(request.business)
    cohort = counting.Cohort(business, period)
    yield figures.cells("All", business.name, period, cohort.total(), opens=opens)
    for week, funnel in cohort.weeks():
        yield figures.cells("Week", "", week, funnel, opens=opens)
    for group in cohort.campaigns():
        yield figures.cells("Campaign", group.name, period, group.funnel, opens=opens)
    for group in [] if business.is_health else cohort.technicians():
        yield figures.cells("Technician", group.name or NOBODY, period, group.funnel, opens=opens)
    for each, group in _by_location(request, period):
        yield figures.cells("Location", group.name, period, group.funnel, opens=links.are_counted(each))


def choice(request: BusinessRequest) -> Chosen:
    """The period in the address: so many days up to today, or two days somebody chose, both whole."""
    today, zone = timezone.localdate(), request.business.zone
    days = request.GET.get("days", "")
    first, last = request.GET.get("from", ""), request.GET.get("until", "")
    if days in OFFERED or not (first or last):
        days = days if days in OFFERED else USUAL
        return Chosen(Period.of_days(int(days), today, zone), days)
    try:
        return Chosen(Period.between(_date(first), _date(last), zone))
    except BadPeriod as bad:
        return Chosen(Period.of_days(int(USUAL), today, zone), USUAL, f"{bad} This is what the last {USUAL} days show.")


def _date(text: str) -> date:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise BadPeriod("Choose both days, the first and the last.")
    return found


def _rows_of(weeks: Sequence[tuple[Period, counting.Funnel]], *, opens: bool) -> list[figures.Row]:
    named = [counting.Group(_said(week), funnel) for week, funnel in weeks if funnel.asked]
    return figures.rows(named, opens=opens)


def _said(week: Period) -> str:
    """'2 to 8 Mar 2026', and across months '30 Mar to 5 Apr 2026'."""
    first, last = week.first, week.last
    if first == last:
        return f"{last.day} {last:%b %Y}"
    begins = f"{first.day}" if first.month == last.month else f"{first.day} {first:%b}"
    return f"{begins} to {last.day} {last:%b %Y}"


def _technicians(business: Business, cohort: counting.Cohort, opens: bool) -> list[figures.Row]:
    """Nothing where nobody has one, and for a practice, whose pages do not say who was there (D7)."""
    groups = [] if business.is_health else cohort.technicians()
    if not any(group.name for group in groups):
        return []
    called = [replace(group, name=group.name or NOBODY) for group in groups]
    return figures.rows(counting.named(called, "others"), opens=opens)


def _by_location(request: BusinessRequest, period: Period) -> list[tuple[Business, counting.Group]]:
    """Every business of the organization that this person may see; nothing where there is one."""
    mine = list(tenancy.businesses(request).filter(organization=request.organization)[:MOST_LOCATIONS])
    return list(zip(mine, counting.locations(mine, period), strict=True)) if len(mine) > 1 else []


def _locations(request: BusinessRequest, period: Period) -> list[figures.Row]:
    found: list[figures.Row] = []
    for business, group in _by_location(request, period):
        found += figures.rows([group], opens=links.are_counted(business))
    return found
