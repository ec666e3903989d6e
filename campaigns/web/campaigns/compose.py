"""Writing a campaign."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import invitations, merge, status
from campaigns.models import Business, Campaign, Membership
from campaigns.web import phone, tenancy
from campaigns.web.campaigns import audiences, preview, samples, words
from campaigns.web.campaigns.forms import OFFERED, DraftForm, written
from campaigns.web.tenancy import BusinessRequest, page

SENDER = Membership.Role.SENDER
#: Days after which a draft begins to remind (policy §5).
REMIND_AFTER = 3
#: Merge fields that are offered where customers have something to say for them.
MORE_FIELDS = {
    "technician": ("Who was there", ~Q(technician="")),
    "service": ("What was done", ~Q(service="")),
    "visit_date": ("Last visit", Q(last_visit__isnull=False)),
}


@require_http_methods(["GET", "POST"])
@page(SENDER)
def new(request: BusinessRequest) -> HttpResponse:
    """A new campaign, with words that keep the rules already in place."""
    form = DraftForm(
        request.business, request.POST or None, initial=_beginning(request.business, request.GET.get("card", ""))
    )
    if request.method == "POST" and form.is_valid():
        return _onward(request, form.make(request.user))
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
@page(SENDER)
def edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """A draft; once it has been started there is nothing to write any more."""
    draft = tenancy.campaign(request, pk)
    if draft.state != status.Campaign.DRAFT:
        return redirect("campaign", pk)
    form = DraftForm(request.business, request.POST or None, initial=written(draft))
    if request.method == "POST" and form.is_valid():
        if not form.keep(draft):
            messages.warning(request, "This campaign has been started meanwhile; its words stay as they went out.")
            return redirect("campaign", pk)
        return _onward(request, draft)
    return _page(request, form, draft)


@require_POST
@page(SENDER)
def throw_away(request: BusinessRequest, pk: int) -> HttpResponse:
    """Delete a draft; what has been started stays for good."""
    draft = tenancy.campaign(request, pk)
    if not Campaign.objects.filter(pk=draft.pk, state=status.Campaign.DRAFT).delete()[0]:
        messages.warning(request, "This campaign has been started; it can be cancelled, but not thrown away.")
        return redirect("campaign", pk)
    messages.success(request, f"“{draft.name}” was thrown away. Nothing had been sent.")
    return redirect("campaigns")


def _beginning(business: Business, wanted: str) -> dict[str, object]:
    """The words a draft begins with, and the card one came from, else the newest."""
    current = business.cards.filter(is_current=True).order_by("-pk")
    is_number = wanted.isascii() and wanted.isdecimal() and len(wanted) < 19
    card = (current.filter(pk=int(wanted)).first() if is_number else None) or current.first()
    return {
        "card": card.pk if card else None,
        "name": f"{timezone.localdate():%B %Y}",
        "flow": business.flow,
        "greeting": invitations.GREETING,
        "ask": invitations.ASK,
        "remind_after": REMIND_AFTER,
        "reminder": invitations.REMINDER,
    }


def _onward(request: BusinessRequest, draft: Campaign) -> HttpResponse:
    if request.POST.get("go") == "check":
        return redirect("campaign_check", draft.pk)
    messages.success(request, "Saved. Nothing is sent before you have checked and started it.")
    return redirect("campaign_edit", draft.pk)


def _page(request: BusinessRequest, form: DraftForm, draft: Campaign | None) -> HttpResponse:
    seen = audiences.seen_past(_with_business(request, draft), timezone.now()) if draft else None
    context: dict[str, Any] = preview.seen(request, form) | {
        "section": "ask",
        "form": form,
        "only": str(draft.only) if draft else "",
        "draft": draft,
        "cards": [(card, preview.picture_address(card, None)) for card in form.cards[:OFFERED]],
        "pictures": len(seen.people) if seen else 0,
        "looks_words": words.need_a_look(len(seen.looks)) if seen else "",
        "more_fields": _more_fields(request.business),
        "samples": samples.of(request.business),
        "pause_words": phone.pause_words(request.business.ask_after),
        "audience_url": reverse("campaign_draft_audience", args=[draft.pk]) if draft else reverse("campaign_audience"),
        "preview_url": reverse("campaign_draft_preview", args=[draft.pk]) if draft else reverse("campaign_preview"),
    }
    return render(request, "campaigns/compose.html", context, status=422 if form.errors else 200)


def _with_business(request: BusinessRequest, draft: Campaign) -> Campaign:
    draft.business = request.business
    return draft


def _more_fields(business: Business) -> list[tuple[str, str]]:
    """Merge fields that this business's customers have values for: what is put in, with its fallback, and its label."""
    known = {name: Count("pk", filter=has_one) for name, (_, has_one) in MORE_FIELDS.items()}
    counted = business.customers.aggregate(**known)
    shown = [(name, label) for name, (label, _) in MORE_FIELDS.items() if counted[name]]
    return [(f"{{{name}|{merge.FIELDS[name]}}}", label) for name, label in shown]
