"""A card's history: its versions, and what can be done with the card as a whole."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from campaigns import status
from campaigns.models import AuditEntry, Campaign, Card, CardInUse, throw_away
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.cards.samples import samples, words_on
from campaigns.web.tenancy import BusinessRequest, page

#: Versions the page shows, newest first.
SHOWN = 60


@require_safe
@page()
def card_versions(request: BusinessRequest, pk: int) -> HttpResponse:
    """Every version: the picture, who made it and when, and the campaigns that were started with it."""
    mine = tenancy.card(request, pk)
    started = Campaign.objects.exclude(state=status.Campaign.DRAFT).order_by("-pk")
    rows = mine.versions().select_related("changed_by").order_by("-version")
    kept = rows.prefetch_related(Prefetch("campaigns", started, to_attr="started"))[:SHOWN]
    words = samples(request.business)[0].words
    context: dict[str, Any] = {
        "section": "cards",
        "card": mine,
        "current": mine.current(),
        "versions": [(version, words_on(version.design, words)) for version in kept],
        "may_change": tenancy.may(request, Action.CARDS),
    }
    return render(request, "cards/versions.html", context)


@require_POST
@page(Action.CARDS)
def card_bring_back(request: BusinessRequest, pk: int) -> HttpResponse:
    """An older version becomes the newest; nothing of the others is lost."""
    old = tenancy.card(request, pk)
    made = old.bring_back(request.user)
    AuditEntry.write(request.organization, "bring back card", made, request.user, f"version {old.version}")
    messages.success(request, f"Version {old.version} is back, as version {made.version}.")
    return redirect("card", made.pk)


@require_POST
@page(Action.CARDS)
def card_copy(request: BusinessRequest, pk: int) -> HttpResponse:
    """The same design as a card of its own."""
    made = tenancy.card(request, pk).duplicate(request.user)
    AuditEntry.write(request.organization, "copy card", made, request.user)
    messages.success(request, "This is the copy. The other card stays as it is.")
    return redirect("card", made.pk)


@require_POST
@page(Action.CARDS)
def card_delete(request: BusinessRequest, pk: int) -> HttpResponse:
    """Delete the card; pictures that went out, and the versions they were drawn from, stay."""
    mine = tenancy.card(request, pk)
    try:
        throw_away(mine)
    except CardInUse as used:
        messages.warning(request, f"The card stays: the draft {used} uses it. Choose another card there first.")
        return redirect("card", pk)
    AuditEntry.write(request.organization, "delete card", mine, request.user, mine.name)
    messages.success(request, _deleted_words(mine))
    return redirect("cards")


def _deleted_words(gone: Card) -> str:
    kept = gone.versions().exists()
    return f"“{gone.name}” was deleted." + (" Campaigns that were started with it keep their picture." if kept else "")
