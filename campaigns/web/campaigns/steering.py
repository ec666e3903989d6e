"""Pause, resume, cancel, and the list as a file."""

import functools
from collections.abc import Callable, Iterator
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns import launch, plans, steering
from campaigns.models import AuditEntry, Campaign
from campaigns.roles import Action
from campaigns.steering import another_day
from campaigns.templatetags.look import clock
from campaigns.web import spreadsheet, tenancy
from campaigns.web.campaigns import words
from campaigns.web.limiting import limited
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page

HEADER = (
    "Name",
    "Phone",
    "Status",
    "Reason",
    "Planned for",
    "Greeted",
    "Sent",
    "Delivered",
    "Read",
    "Reminded",
    "Opened link",
    "Replied",
    "Their words",
    "Stopped",
)
#: One more where two were tried side by side: which of them this customer got.
SIDE = "Side"


def steers(act: Callable[[BusinessRequest, Campaign], str]) -> Callable[..., HttpResponseBase]:
    """A view that does one act to a campaign and says what `act` says.

    Whoever comes too late reads why; nothing has happened then.
    """

    @require_POST
    @page(Action.ASK)
    @functools.wraps(act)
    def view(request: BusinessRequest, pk: int) -> HttpResponse:
        campaign = tenancy.campaign(request, pk)
        try:
            messages.success(request, act(request, campaign))
        except launch.NotPossible as moved_on:
            messages.warning(request, str(moved_on))
        return redirect("campaign", pk)

    return view


@steers
def pause(request: BusinessRequest, campaign: Campaign) -> str:
    """Start nothing new."""
    steering.pause(campaign, request.user)
    return f"Paused. Nothing new starts. {words.under_way(steering.under_way(campaign))}"


@steers
def resume(request: BusinessRequest, campaign: Campaign) -> str:
    """Go on where it stopped."""
    steering.resume(campaign, request.user)
    return f"It goes on where it stopped{_once_heard(campaign)}."


@steers
def go_on_unheard(request: BusinessRequest, campaign: Campaign) -> str:
    """Go on although what customers wrote meanwhile cannot be read."""
    steering.go_on_unheard(campaign, request.user)
    return "It goes on without Chert’s log. That you said so is on record."


@steers
def cancel(request: BusinessRequest, campaign: Campaign) -> str:
    """End it: what has not left stays here."""
    steering.cancel(campaign, request.user, timezone.now())
    return f"Cancelled. What had not left stays here. {words.under_way(steering.under_way(campaign))}"


@steers
def rest(request: BusinessRequest, campaign: Campaign) -> str:
    """Ask nobody new today; the rest goes on the next day."""
    until = another_day.rest(campaign, request.user, timezone.now())
    return f"Nobody new is asked until {clock(until)}. Who has been greeted still gets the picture."


@steers
def go_on_today(request: BusinessRequest, campaign: Campaign) -> str:
    """Ask today after all."""
    another_day.go_on_today(campaign, request.user, timezone.now())
    return "It goes on today."


@steers
def no_reminders(request: BusinessRequest, campaign: Campaign) -> str:
    """Remind nobody any more; who has not been asked yet is still asked."""
    dropped = steering.drop_reminders(campaign, request.user, timezone.now())
    taken = {0: "None was planned yet.", 1: "One was taken back."}.get(dropped, f"{dropped} were taken back.")
    return f"This campaign reminds nobody any more. {taken}"


@require_POST
@page(Action.ASK)
def undo(request: BusinessRequest, pk: int) -> HttpResponse:
    """Take the start back while nothing has left."""
    campaign = tenancy.campaign(request, pk)
    try:
        steering.undo(campaign, request.user)
        messages.success(request, "Undone. Nothing has left, and the campaign is a draft again.")
        return redirect("campaign_check", pk)
    except launch.NotPossible as late:
        messages.warning(request, str(late))
        return redirect("campaign", pk)


@require_safe
@page(Action.TAKE_OUT, fresh=Fresh.ALL)
@limited("export")
def as_csv(request: BusinessRequest, pk: int) -> StreamingHttpResponse:
    """Everybody in the campaign as a CSV file, in the business's time."""
    campaign = tenancy.campaign(request, pk)
    AuditEntry.write(request.organization, "export campaign", campaign, request.user)
    rows = _rows(campaign, request)
    if not campaign.deliveries.exclude(variant="").exists():
        return spreadsheet.csv_response(f"campaign-{campaign.pk}", HEADER, (cells for cells, _ in rows))
    tried = ((*cells, side) for cells, side in rows)
    return spreadsheet.csv_response(f"campaign-{campaign.pk}", (*HEADER, SIDE), tried)


def _once_heard(campaign: Campaign) -> str:
    organization = campaign.business.organization
    organization.refresh_from_db(fields=["unheard_since"])
    return ", once what customers wrote meanwhile has been read" if organization.unheard_since else ""


def _rows(campaign: Campaign, request: BusinessRequest) -> Iterator[tuple[tuple[object, ...], str]]:
    """The cells of each, and their side."""
    zone, turns = request.business.zone, plans.expected(campaign, timezone.now())

    def local(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else ""

    for d in campaign.deliveries.select_related("customer").order_by("pk").iterator(500):
        times = (
            turns.get(d.pk, d.planned_for),
            d.greeted_at,
            d.sent_at,
            d.delivered_at,
            d.read_at,
            d.reminded_at,
            d.clicked_at,
            d.replied_at,
        )
        name, status = d.customer.name, d.get_status_display()
        phone = "" if d.customer.erased_at else d.customer.phone
        yield (name, phone, status, d.reason, *map(local, times), d.replied_words, local(d.stopped_at)), d.variant
