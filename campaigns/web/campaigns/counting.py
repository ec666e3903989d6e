"""Whom a draft means and when it would be done, told while it is written."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns import launch, status
from campaigns.models import Campaign
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.campaigns import calendars, words
from campaigns.web.campaigns.who import FilterForm
from campaigns.web.tenancy import BusinessRequest, page


@require_POST
@page(Action.ASK)
def audience(request: BusinessRequest, pk: int | None = None) -> HttpResponse:
    """How many the filters in the form mean, how many of them are asked, and by when.  Keeps nothing."""
    draft = tenancy.campaign(request, pk) if pk else Campaign()
    draft.business = request.business
    form = FilterForm(request.business, request.POST)
    is_sound = form.is_valid() and draft.state == status.Campaign.DRAFT
    context = _counted(draft, form) if is_sound else {}
    return render(request, "campaigns/_audience.html", context | {"form": form, "draft": draft if pk else None})


def _counted(draft: Campaign, form: FilterForm) -> dict[str, Any]:
    now = timezone.now()
    draft.who = form.only.as_json()  # in this object alone: the words and this are kept together by the preview
    plan = launch.check(draft, now)
    return {
        "plan": plan,
        "only": str(form.only),
        "calendar": calendars.of(plan, draft.business, now),
        "done": words.by_when(plan.finishes_at, now) if plan.finishes_at else "",
    }
