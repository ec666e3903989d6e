"""Pause, resume, cancel, and the list as a file."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns import another_day, launch, plans, steering
from campaigns.models import AuditEntry, Campaign, Membership
from campaigns.templatetags.look import clock
from campaigns.web import spreadsheet, tenancy
from campaigns.web.campaigns import words
from campaigns.web.tenancy import BusinessRequest, page

SENDER = Membership.Role.SENDER

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


@require_POST
@page(SENDER)
def pause(request: BusinessRequest, pk: int) -> HttpResponse:
    """Start nothing new."""
    campaign = tenancy.campaign(request, pk)
    try:
        steering.pause(campaign, request.user)
        still = words.under_way(steering.under_way(campaign))
        messages.success(request, f"Paused. Nothing new starts. {still}")
    except launch.NotPossible as moved_on:
        messages.warning(request, str(moved_on))
    return redirect("campaign", pk)


@require_POST
@page(SENDER)
def resume(request: BusinessRequest, pk: int) -> HttpResponse:
    """Go on where it stopped."""
    campaign = tenancy.campaign(request, pk)
    try:
        steering.resume(campaign, request.user)
        messages.success(request, f"It goes on where it stopped{_once_heard(campaign)}.")
    except launch.NotPossible as moved_on:
        messages.warning(request, str(moved_on))
    return redirect("campaign", pk)


@require_POST
@page(SENDER)
def go_on_unheard(request: BusinessRequest, pk: int) -> HttpResponse:
    """Go on although what customers wrote meanwhile cannot be read."""
    campaign = tenancy.campaign(request, pk)
    try:
        steering.go_on_unheard(campaign, request.user)
        messages.warning(request, "It goes on without Chert’s log. That you said so is on record.")
    except launch.NotPossible as moved_on:
        messages.success(request, str(moved_on))
    return redirect("campaign", pk)


@require_POST
@page(SENDER)
def cancel(request: BusinessRequest, pk: int) -> HttpResponse:
    """End it: what has not left stays here."""
    campaign = tenancy.campaign(request, pk)
    try:
        steering.cancel(campaign, request.user, timezone.now())
        still = words.under_way(steering.under_way(campaign))
        messages.success(request, f"Cancelled. What had not left stays here. {still}")
    except launch.NotPossible as moved_on:
        messages.warning(request, str(moved_on))
    return redirect("campaign", pk)


@require_POST
@page(SENDER)
def rest(request: BusinessRequest, pk: int) -> HttpResponse:
    """Ask nobody new today; the rest goes on the next day."""
    campaign = tenancy.campaign(request, pk)
    try:
        until = another_day.rest(campaign, request.user, timezone.now())
        said = f"Nobody new is asked until {clock(until)}. Who has been greeted still gets the picture."
        messages.success(request, said)
    except launch.NotPossible as refused:
        messages.warning(request, str(refused))
    return redirect("campaign", pk)


@require_POST
@page(SENDER)
def go_on_today(request: BusinessRequest, pk: int) -> HttpResponse:
    """Ask today after all."""
    campaign = tenancy.campaign(request, pk)
    try:
        another_day.go_on_today(campaign, request.user, timezone.now())
        messages.success(request, "It goes on today.")
    except launch.NotPossible as refused:
        messages.warning(request, str(refused))
    return redirect("campaign", pk)


@require_POST
@page(SENDER)
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


@require_POST
@page(SENDER)
def no_reminders(request: BusinessRequest, pk: int) -> HttpResponse:
    """Remind nobody any more; who has not been asked yet is still asked."""
    campaign = tenancy.campaign(request, pk)
    try:
        dropped = steering.drop_reminders(campaign, request.user, timezone.now())
        taken = {0: "None was planned yet.", 1: "One was taken back."}.get(dropped, f"{dropped} were taken back.")
        messages.success(request, f"This campaign reminds nobody any more. {taken}")
    except launch.NotPossible as moved_on:
        messages.warning(request, str(moved_on))
    return redirect("campaign", pk)


@require_safe
@page(SENDER)
def as_csv(request: BusinessRequest, pk: int) -> StreamingHttpResponse:
    """Everybody in the campaign as a CSV file, in the business's time."""
    campaign = tenancy.campaign(request, pk)
    AuditEntry.write(request.organization, "export campaign", campaign, request.user)
    return spreadsheet.csv_response(f"campaign-{campaign.pk}", HEADER, _rows(campaign, request))


def _once_heard(campaign: Campaign) -> str:
    organization = campaign.business.organization
    organization.refresh_from_db(fields=["unheard_since"])
    return ", once what customers wrote meanwhile has been read" if organization.unheard_since else ""


def _rows(campaign: Campaign, request: BusinessRequest) -> Iterator[tuple[object, ...]]:
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
        yield (name, d.customer.phone, status, d.reason, *map(local, times), d.replied_words, local(d.stopped_at))
