"""Asking somebody now: a draft for them, and on to the page that says whether they may be asked."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns import picking
from campaigns.filters import Filter
from campaigns.models import Campaign
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.tenancy import BusinessRequest, page


@require_POST
@page(Action.ASK)
def customer_ask(request: BusinessRequest, pk: int) -> HttpResponse:
    """A draft for this customer alone; nothing is sent before it was looked at, as with every campaign."""
    person = tenancy.customer(request, pk)
    return onward(draft(request, Filter(chosen=(person.pk,)), "One customer"))


def draft(request: BusinessRequest, only: Filter, whom: str) -> Campaign:
    """A draft by whoever is signed in, for whom they picked."""
    return picking.draft(request.business, only, whom, request.user, timezone.now())


def onward(draft: Campaign) -> HttpResponse:
    """To the page that says whether they may be asked, and when; to the words where the picture is missing."""
    return redirect("campaign_check" if draft.card_id else "campaign_edit", draft.pk)
