"""The overview: what runs, what needs a look, what people said."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import launch, status
from campaigns.asking.audience import Reason
from campaigns.models import Business, Campaign, Customer, Delivery, Message
from campaigns.results import reviews
from campaigns.results.counting import number_of
from campaigns.results.periods import Period
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.campaigns import pages, words
from campaigns.web.campaigns import summary as numbers
from campaigns.web.campaigns.summary import Summary
from campaigns.web.tenancy import BusinessRequest, page

GOING = (status.Campaign.RUNNING, status.Campaign.PAUSED, status.Campaign.HELD)
#: Days in the chart.
DAYS = 30
#: Campaigns in the list.
LISTED = 5
#: A draft is checked on the overview for lists up to this long, and so many of those left out are named.
LOOKED_AT, NAMED = 500, 5


@dataclass(frozen=True)
class Todo:
    """Something a person should look at, and where."""

    tone: str
    icon: str
    title: str
    words: str
    to: str
    button: str
    #: What somebody must be allowed to, to be shown the button.
    needs: Action = Action.LOOK


@dataclass(frozen=True)
class Bar:
    """One day of the chart: how many were asked, how many answered; heights in pixels of 90."""

    day: date
    asked: int
    replied: int
    x: int
    asked_height: int
    replied_height: int

    @property
    def asked_y(self) -> int:
        """Where the bar of the asked begins, from above."""
        return 100 - self.asked_height

    @property
    def replied_y(self) -> int:
        """Where the bar of the replies begins."""
        return 100 - self.replied_height


@require_safe
@page()
def dashboard(request: BusinessRequest) -> HttpResponse:
    """The first page after signing in."""
    business, now = request.business, timezone.now()
    running = _running(business, now)
    todos = list(_todos(business))
    bars = chart(business, now)
    asked_lately = any(bar.asked or bar.replied for bar in bars)
    steps = _steps(business)
    is_asking = running is not None and (running.waiting or not running.to_remind)
    ready = None if is_asking or steps else _ready(business, now)
    context = _running_context(running) | {
        "section": "overview",
        "hello": _hello(request, now),
        "today": timezone.localtime(now),
        "subtitle": "Three steps, and the first customers are asked." if steps else _subtitle(running, todos),
        "is_quiet": not (running or ready or todos or steps or asked_lately),
        "ready": ready,
        "line": words.line_view(business, now),
        "todos": todos,
        "said": _said(business),
        "bars": bars if asked_lately else [],
        "listed": pages.counted(request.business.campaigns.order_by("-pk")[:LISTED]),
        "steps": steps,
        "next_step": next((step for step in steps if not step.is_done), None),
        "may_send": tenancy.may(request, Action.ASK),
    }
    return render(request, "dashboard.html", context)


@require_safe
@page()
def running(request: BusinessRequest) -> HttpResponse:
    """The sheet of the running campaign alone; 204 while nothing moved."""
    shown = _running(request.business, timezone.now())
    if shown and request.GET.get("seen") == f"{shown.campaign.pk}.{shown.campaign.version}":
        return HttpResponse(status=204)
    return render(request, "_running.html", _running_context(shown) if shown else {})


@dataclass(frozen=True)
class Ready:
    """A draft that could start now: how many it would ask, and the first few it would not, with the reason."""

    campaign: Campaign
    plan: launch.Plan

    @property
    def left_out(self) -> list[tuple[Customer, Reason]]:
        """Some of those who will not be asked."""
        return self.plan.skipped[:NAMED]


def _ready(business: Business, now: datetime) -> Ready | None:
    """The newest draft, if nothing stands in its way; a long list is checked on its own page only."""
    draft = business.campaigns.filter(state=status.Campaign.DRAFT).select_related("card").order_by("-pk").first()
    if draft is None or business.customers.count() > LOOKED_AT:
        return None
    draft.business = business
    plan = launch.check(draft, now)
    return Ready(draft, plan) if plan.is_ready else None


def chart(business: Business, now: datetime) -> list[Bar]:
    """Customers asked and answers per day of the last thirty, in the business's time."""
    days = Period.of_days(DAYS, now.astimezone(business.zone).date(), business.zone).each_day()
    mine = Delivery.objects.filter(campaign__business=business)
    asked, replied = _per_day(mine, "sent_at", days), _per_day(mine, "replied_at", days)
    most = max([*asked.values(), *replied.values(), 1])
    return [_bar(n, day.first, asked.get(n, 0), replied.get(n, 0), most) for n, day in enumerate(days)]


def _bar(n: int, day: date, asked: int, replied: int, most: int) -> Bar:
    return Bar(day, asked, replied, 3 + n * 20, asked * 90 // most, replied * 90 // most)


def _per_day(deliveries: Any, moment: str, days: list[Period]) -> dict[int, int]:
    """How many on each of the days, by its number."""
    rows = deliveries.filter(**{f"{moment}__gte": days[0].begins}).annotate(day=number_of(days, moment))
    return dict(rows.order_by().values_list("day").annotate(Count("pk")))


def _running(business: Business, now: datetime) -> Summary | None:
    shown = business.campaigns.filter(state__in=GOING).order_by("-started_at").first()
    return _summary(business, shown, now) if shown else None


def _summary(business: Business, shown: Campaign, now: datetime) -> Summary:
    shown.business = business
    return numbers.of(shown, now)


def _running_context(shown: Summary | None) -> dict[str, Any]:
    if shown is None:
        return {"summary": None}
    seen = f"{shown.campaign.pk}.{shown.campaign.version}"
    return {
        "summary": shown,
        "standing": words.standing(shown),
        "running_url": f"{reverse('dashboard_running')}?seen={seen}",
    }


def _hello(request: BusinessRequest, now: datetime) -> str:
    hour = timezone.localtime(now).hour
    greeting = "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"
    name = request.user.first_name or request.business.sender
    return f"{greeting}, {name}." if name else f"{greeting}."


def _subtitle(running: Summary | None, todos: list[Todo]) -> str:
    state = running.campaign.get_state_display().lower() if running else ""
    runs = f"One campaign is {state}" if running else "Nothing is running just now"
    looks = {0: "nothing needs a look", 1: "one thing needs a look"}.get(len(todos), f"{len(todos)} things need a look")
    return f"{runs}; {looks}."


def _todos(business: Business) -> Iterator[Todo]:
    organization = business.organization
    if organization.paused_at:
        lost = "Nothing was lost; everything waits."
        title = organization.paused_sentence
        yield Todo("brick", "octagon-alert", title, lost, reverse("settings"), "Settings", Action.SETTINGS)
    elif organization.away_since:
        title = words.away(organization.away_since)
        yield Todo("honey", "cloud-off", title, words.AWAY, reverse("settings"), "Settings", Action.SETTINGS)
    yield from _deaf(business)
    yield from _paused_customers(business)
    yield from _likely(business)
    yield from _doubtful(business)
    yield from _halted(business)


def _deaf(business: Business) -> Iterator[Todo]:
    """Campaigns that are to go on, and wait because Chert's log cannot be read (F-54)."""
    account = business.organization
    if account.unheard_since is None or account.events_polled_at is None or account.paused_at:
        return
    for campaign in business.campaigns.filter(state=status.Campaign.RUNNING):
        said = "Chert’s log could not be read yet, and somebody may have said STOP."
        to = reverse("campaign", args=[campaign.pk])
        yield Todo("honey", "ear-off", f"{campaign.name} waits for what customers have written", said, to, "See")


def _paused_customers(business: Business) -> Iterator[Todo]:
    waiting = business.customers.filter(paused_at__isnull=False, stopped_at=None).order_by("-paused_at")
    for customer in waiting[:3]:
        title = f"{customer.name or 'A customer'} wrote “{customer.paused_words[:80]}”"
        to = reverse("customer", args=[customer.pk])
        yield Todo("brick", "message-square-warning", title, "Paused already. Read it and decide.", to, "Read")


def _likely(business: Business) -> Iterator[Todo]:
    if count := reviews.to_decide(business):
        title = "One customer has likely reviewed" if count == 1 else f"{count} customers have likely reviewed"
        said = "No reminder goes to them until you say so."
        yield Todo("honey", "circle-question-mark", title, said, reverse("reviews"), "Confirm", Action.REVIEWS)


def _doubtful(business: Business) -> Iterator[Todo]:
    doubtful = Delivery.objects.filter(campaign__business=business, status=status.Delivery.IN_DOUBT)
    per_campaign = doubtful.order_by("campaign").values_list("campaign", "campaign__name").annotate(n=Count("pk"))
    for pk, name, count in per_campaign:
        title = "One message may have been sent" if count == 1 else f"{count} messages may have been sent"
        to = f"{reverse('campaign', args=[pk])}?show=doubt#who"
        said = f"In {name}. The connection broke before the answer came."
        yield Todo("honey", "circle-question-mark", title, said, to, "See and decide")


def _halted(business: Business) -> Iterator[Todo]:
    for campaign in business.campaigns.filter(state=status.Campaign.HELD):
        to = reverse("campaign", args=[campaign.pk])
        said = f"{campaign.held_reason} Go on, or not at all?".strip()
        yield Todo("honey", "hand", f"{campaign.name} is held and needs you", said, to, "Decide")


def _said(business: Business) -> list[Message]:
    """The latest answers, one per customer as they come."""
    spoken = (
        Message.real.filter(business=business, kind=Message.Kind.INBOUND)
        .exclude(text="")
        .filter(customer__stopped_at=None)
    )
    return list(spoken.select_related("customer__conversation").order_by("-created_at", "-pk")[:3])


@dataclass(frozen=True)
class Step:
    """One of the three things to do before the first campaign."""

    title: str
    words: str
    to: str
    button: str
    is_done: bool


def _steps(business: Business) -> list[Step]:
    """The way in, until the first campaign has been started; then nothing."""
    if business.campaigns.exclude(state=status.Campaign.DRAFT).exists():
        return []
    has_customers = Customer.objects.filter(business=business).exists()
    has_card = business.cards.exists()
    return [
        Step(
            "Bring your customers",
            "A spreadsheet with first name and phone number is enough.",
            reverse("import_upload"),
            "Add customers",
            has_customers,
        ),
        Step("Make a card", "Your photo, with the customer’s name on it.", reverse("cards"), "Make a card", has_card),
        Step("Ask", "Two short texts, a look on the phone, and go.", reverse("campaign_new"), "Ask customers", False),
    ]


urlpatterns: list[URLPattern] = [
    path("", dashboard, name="dashboard"),
    path("overview/running", running, name="dashboard_running"),
]
