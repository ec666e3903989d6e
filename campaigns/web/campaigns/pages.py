"""The list of campaigns, and one campaign while it runs."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import links, status, steering, stuck
from campaigns.brakes import skew
from campaigns.models import Campaign, Delivery
from campaigns.roles import Action
from campaigns.web import story, tenancy
from campaigns.web.campaigns import rows as table
from campaigns.web.campaigns import summary as numbers
from campaigns.web.campaigns import words
from campaigns.web.campaigns.rows import Choice, Row
from campaigns.web.campaigns.summary import Summary
from campaigns.web.tenancy import BusinessRequest, page

NOT_LEFT_OUT = set(status.Delivery) - {status.Delivery.SKIPPED, status.Delivery.CANCELLED}
#: What a list of campaigns says of each.
COUNTS = {
    "total": Count("pk", filter=Q(status__in=NOT_LEFT_OUT)),
    "asked": Count("pk", filter=Q(status__in=status.DELIVERY_WENT_OUT)),
    "opened": Count("clicked_at"),
    "replied": Count("replied_at"),
}
#: Seconds after which a turn that has not come is looked for anew.
LATE = 60
ENDED = (status.Campaign.FINISHED, status.Campaign.CANCELLED)


@dataclass(frozen=True)
class Filter:
    """One of the words above the table."""

    show: str
    label: str
    count: int
    address: str
    is_current: bool


@require_safe
@page()
def campaigns(request: BusinessRequest) -> HttpResponse:
    """Every campaign of the business, the newest first."""
    listed = Paginator(request.business.campaigns.order_by("-pk"), 25).get_page(request.GET.get("page"))
    listed.object_list = counted(listed.object_list)
    context = {"section": "campaigns", "page": listed, "may_send": tenancy.may(request, Action.ASK)}
    return render(request, "campaigns/campaigns.html", context)


def counted(listed: Iterable[Campaign]) -> list[Any]:
    """These campaigns with the numbers a list shows; no other campaign's deliveries are looked at."""
    shown: list[Any] = list(listed)
    rows: Any = Delivery.objects.filter(campaign__in=shown).order_by().values("campaign").annotate(**COUNTS)
    found = {row["campaign"]: row for row in rows}
    for each in shown:
        for name in COUNTS:
            setattr(each, name, found[each.pk][name] if each.pk in found else 0)
    return shown


@require_safe
@page()
def campaign(request: BusinessRequest, pk: int) -> HttpResponse:
    """One campaign, live; a draft is still being written."""
    shown = tenancy.campaign(request, pk)
    if shown.state == status.Campaign.DRAFT:
        return redirect("campaign_edit", pk)
    choice = Choice.of(request.GET)
    deliveries = table.page_of(shown, choice)
    choice = replace(choice, page=deliveries.number)
    now = timezone.now()
    standing = _standing(request, shown, choice, _late(request, shown, now), now)
    context = standing | {
        "page": deliveries,
        "rows": told(table.rows(request.business, list(deliveries), choice.opened, standing["summary"].times)),
        "earlier": choice.address(page=choice.page - 1),
        "later": choice.address(page=choice.page + 1),
    }
    return render(request, "campaigns/campaign.html", context)


@require_safe
@page()
def live(request: BusinessRequest, pk: int) -> HttpResponse:
    """What changed since version `seen`: the numbers, and the rows of this page that are newer.  204 when nothing did.

    With them come the times of those who wait, which move without any of their rows; so nobody's turn is shown as past
    while they wait, not even where nothing moves at all.

    One request refreshes all.  When everything is settled the fragment comes without its trigger, so that the polling
    ends by itself.
    """
    shown = tenancy.campaign(request, pk)
    if shown.state == status.Campaign.DRAFT:  # somebody has undone the start
        return HttpResponse(headers={"HX-Redirect": reverse("campaign_edit", args=[pk])})
    choice = Choice.of(request.GET)
    seen, now = _number(request.GET.get("seen")), timezone.now()
    late = _late(request, shown, now)
    is_turned = request.GET.get("state", shown.state) != _state(request, shown, late, now)
    is_news = "counting" in request.GET or shown.version != seen or is_turned or _is_late(request, now)
    if not is_news and shown.state not in ENDED:
        return HttpResponse(status=204)
    context = _standing(request, shown, choice, late, now)
    if not is_news and not context["summary"].is_settled:
        return HttpResponse(status=204)
    on_page, times = table.on_page(shown, choice), context["summary"].times
    listed = table.rows(request.business, on_page, choice.opened, times, seen=seen)
    is_whole = choice.may_change or is_turned
    context |= {
        "rows": told(listed if is_whole else [row for row in listed if row.is_wet]),
        "moved": [] if is_whole else [row for row in listed if row.when and row.waits and not row.is_wet],
        "whole_body": is_whole,
        "state_changed": "state" in request.GET,
    }
    return render(request, "campaigns/_polled.html", context)


def told(rows: list[Row]) -> list[Row]:
    """The same rows, the unfolded ones with their story."""
    return [replace(row, story=story.of(row.delivery)) if row.is_open else row for row in rows]


def _late(request: BusinessRequest, shown: Campaign, now: datetime) -> list[stuck.Group]:
    """What should have gone and has not, by cause; one query where there is nothing."""
    shown.business = request.business
    return stuck.of_campaign(shown, now)


def _standing(
    request: BusinessRequest, shown: Campaign, choice: Choice, late: list[stuck.Group], now: datetime
) -> dict[str, Any]:
    summary = numbers.of(shown, now)
    is_untouched = summary.count("wait") == summary.to_ask > 0
    begins = steering.begins_at(shown) if is_untouched else None
    seen = {"seen": shown.version, "state": _state(request, shown, late, now)}
    if summary.next_at:
        seen["next"] = int(summary.next_at.timestamp())
    if words.counts_down(begins, now):  # the strip says other words each time
        seen["counting"] = "yes"
    return {
        "section": "campaigns",
        "campaign": shown,
        "summary": summary,
        "standing": words.standing(summary),
        "begins": words.begins(begins, now),
        "is_resting": shown.rests(now),
        "unheard": words.unheard(shown, request.organization),
        "notices": words.notices(summary, request.business, late),
        "line": words.line_view(request.business, now),
        "counts_links": links.are_counted(request.business),
        "choice": choice,
        "here": choice.address(),
        "filters": _filters(summary, choice),
        "live_url": f"{reverse('campaign_live', args=[shown.pk])}?{urlencode(seen)}&{choice.address()}".rstrip("&"),
        "may_send": tenancy.may(request, Action.ASK),
    }


def _state(request: BusinessRequest, shown: Campaign, late: list[stuck.Group], now: datetime) -> str:
    """The campaign's state, whether account and Chert are well, whether the rest waits, what is stuck and why: none
    moves a row, all show."""
    account = request.organization
    said = [shown.state, "halted" if account.paused_at else "", "away" if account.away_since else ""]
    said.append("resting" if shown.rests(now) else "")
    said += [words.unheard(shown, account), "skewed" if skew.told() else ""]
    said += sorted({group.cause.code for group in late})
    return "-".join(filter(None, said))


def _is_late(request: BusinessRequest, now: datetime) -> bool:
    """Has the next turn that the page shows been over for a minute, and nothing moved?"""
    shown = _number(request.GET.get("next"))
    return bool(shown) and now.timestamp() > shown + LATE


def _filters(summary: Summary, choice: Choice) -> list[Filter]:
    shown = [
        ("all", "All", summary.total),
        ("waiting", "Waiting", summary.count("wait")),
        ("look", "Needs a look", summary.look),
        ("replied", "Replied", summary.replied),
        ("left", "Left out", summary.count("skipped")),
    ]
    known = {show for show, _, _ in shown}
    extra = [(pile.show, pile.label, pile.count) for pile in summary.piles]
    extra += [("opened", "Opened link", summary.opened), ("stopped", "Stopped", summary.stopped)]
    extra += [("remind", "Reminder to come", summary.to_remind), ("reminded", "Reminded", summary.reminded)]
    shown += [each for each in extra if each[0] == choice.show and each[0] not in known]
    return [
        Filter(show, label, count, choice.address(show=show, page=1), show == choice.show)
        for show, label, count in shown
    ]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else 0
