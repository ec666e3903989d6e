"""The list of customers: found as one types, narrowed down, fifty at a time, and any number of them at once.

It is made for two million: every query reads a page from an index, and numbers that would need a look at everybody are
said as "more than".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import finding, tags
from campaigns.asking import audience, meant
from campaigns.filters import Filter
from campaigns.models import Business, Customer, Tag
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.campaigns.who import FilterForm
from campaigns.web.customers.acts import number
from campaigns.web.standings import standing
from campaigns.web.tenancy import BusinessRequest, page

PAGE = 50
#: Up to this many are counted one by one.
COUNTED = 10_000
#: Values that are offered to choose from come from so many of the newest customers.
SAMPLED = 2000
#: What the list can be narrowed to.
SHOWS: Mapping[str, tuple[str, Q]] = {
    "all": ("All", Q()),
    "waiting": ("To read", Q(paused_at__isnull=False, stopped_at=None)),
    "stopped": ("Stopped", Q(stopped_at__isnull=False)),
    "insiders": ("Employees and relatives", Q(is_insider=True)),
    "no-consent": ("Consent missing", Q(consent_basis="")),
}
#: The parts of a filter that the list is narrowed by, as `filters.Filter` knows them; a tag has its own field.
NARROWED = ("visited_from", "visited_until", "technician", "service", "never_asked")


@dataclass(frozen=True)
class Choice:
    """What somebody looks at, as it stands in the address."""

    show: str
    query: str
    only: Filter

    @classmethod
    def of(cls, business: Business, given: QueryDict) -> "Choice":
        """Whatever makes no sense is passed over, and what no database takes."""
        given = given.copy()
        for name in [name for name, values in given.lists() if any("\0" in value for value in values)]:
            del given[name]
        form = FilterForm(business, given)
        form.is_valid()
        said: dict[str, Any] = {name: form.cleaned_data[name] for name in NARROWED if form.cleaned_data.get(name)}
        tag = given.get("tag", "").strip()[: tags.LONGEST]
        show = given.get("show", "")
        return cls(
            show=show if show in SHOWS else "all",
            query=given.get("q", "").strip()[:200],
            only=Filter(**said, tags=(tag,) if tag else ()),
        )

    @property
    def tag(self) -> str:
        """The one tag the list is narrowed to, or nothing."""
        return next(iter(self.only.tags), "")

    @property
    def narrowed(self) -> bool:
        """By more than a tag."""
        return any(getattr(self.only, name) for name in NARROWED)

    @property
    def said(self) -> dict[str, str]:
        """Everything but `show`, for an address or hidden fields."""
        values = {name: getattr(self.only, name) for name in NARROWED}
        plain = {name: "on" if value is True else str(value) for name, value in values.items() if value}
        return {name: value for name, value in (("q", self.query), ("tag", self.tag)) if value} | plain

    @property
    def rest(self) -> str:
        """Everything but `show`, for an address."""
        return urlencode(self.said)

    def address(self, **more: object) -> str:
        """The query string, with something more in it."""
        show = {"show": self.show} if self.show != "all" else {}
        return urlencode(show | self.said | {name: str(value) for name, value in more.items()})

    def people(self, business: Business) -> QuerySet[Customer]:
        """Everybody it means, in no order."""
        rows = meant.customers(business, self.only).order_by().filter(SHOWS[self.show][1])
        for part in finding.parts(self.query):
            rows = rows.filter(search__contains=part)
        return rows


@require_safe
@page()
def customers(request: BusinessRequest) -> HttpResponse:
    """Everybody the business may or may not ask, newest first; for htmx only the people who were found."""
    choice = Choice.of(request.business, request.GET)
    context = _found(request, choice)
    if request.htmx.target == "people":
        return render(request, "customers/_people.html", context)
    return render(request, "customers/customers.html", context | _frame(request, choice))


def _found(request: BusinessRequest, choice: Choice) -> dict[str, Any]:
    rows = choice.people(request.business).order_by("-pk")
    before = number(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    # Keys first: they are found in the index alone, and only a page of rows is read.
    found = list(rows.values_list("pk", flat=True)[: PAGE + 1])
    people = Customer.objects.filter(pk__in=found[:PAGE]).order_by("-pk")
    shown = list(people.select_related("household").prefetch_related("tags"))
    reasons = audience.reasons(request.business, shown, timezone.now())
    return {
        "choice": choice,
        "query": choice.query,
        "rows": [(customer, standing(reasons.get(customer.pk))) for customer in shown],
        "older": shown[-1].pk if len(found) > PAGE else None,
        "is_first": before is None,
        "may_change": tenancy.may(request, Action.CUSTOMERS),
        "may_erase": tenancy.may(request, Action.ERASE),
    }


def _frame(request: BusinessRequest, choice: Choice) -> dict[str, Any]:
    """What stands around the people."""
    business = request.business
    filters = _filters(business)
    return {
        "section": "customers",
        "total": filters[0][2],
        "filters": filters,
        "tags": _worn(business),
        "offered": _newest(business),
    }


class CountOf(Subquery):
    """How many rows a query has, as one value of another query; the query itself says where it stops."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def _filters(business: Business) -> list[tuple[str, str, str]]:
    """Name in the address, words and number of customers, of each filter; one query, which stops where we do."""
    rows = {key: business.customers.filter(condition) for key, (_, condition) in SHOWS.items()}
    counts = {key.replace("-", "_"): CountOf(each.order_by().values("pk")[: COUNTED + 1]) for key, each in rows.items()}
    numbers: dict[str, Any] = dict(Business.objects.filter(pk=business.pk).values(**counts).get())
    return [(key, words, said(numbers[key.replace("-", "_")])) for key, (words, _) in SHOWS.items()]


def said(number: int, most: int = COUNTED) -> str:
    """“10,000+” where there are more than anybody wants to wait for; empty for none."""
    return f"{most:,}+" if number > most else f"{number:,}" if number else ""


def _worn(business: Business) -> list[str]:
    """The tags that somebody has."""
    worn = Tag.customers.through.objects.filter(tag=OuterRef("pk"))
    names = business.tags.filter(Exists(worn)).order_by("folded").values_list("name", flat=True)
    return list(names[: meant.MOST_OFFERED])


def _newest(business: Business) -> dict[str, list[str]]:
    """Which technicians and services the newest customers have, to be offered while one types; others may be typed."""
    newest = list(business.customers.order_by("-pk").values_list("technician", "service")[:SAMPLED])
    columns = zip(*newest, strict=True) if newest else ((), ())
    return {
        name: sorted(set(values) - {""})[: meant.MOST_OFFERED]
        for name, values in zip(("technicians", "services"), columns, strict=True)
    }
