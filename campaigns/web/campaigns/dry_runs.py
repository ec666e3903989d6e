"""The dry run to keep: everybody meant as a spreadsheet, and with every picture as a folder."""

from django.contrib import messages
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import cards, launch, status
from campaigns.models import FIRST_SIDE, SECOND_SIDE, AuditEntry, Campaign
from campaigns.roles import Action
from campaigns.steering import dry_run
from campaigns.web import spreadsheet, tenancy
from campaigns.web.limiting import limited
from campaigns.web.tenancy import BusinessRequest, page


@require_safe
@page(Action.TAKE_OUT)
@limited("export")
def as_csv(request: BusinessRequest, pk: int) -> HttpResponseBase:
    """Who, when, on which line, in which words; and who not and why."""
    draft = _mine(request, pk)
    if draft.state != status.Campaign.DRAFT:
        return redirect("campaign", pk)
    plan = launch.check(draft, timezone.now())
    _note(request, draft, "CSV")
    return spreadsheet.csv_response(_name(draft), dry_run.HEADER, dry_run.rows(draft, plan))


@require_safe
@page(Action.TAKE_OUT)
@limited("export")
def as_zip(request: BusinessRequest, pk: int) -> HttpResponseBase:
    """The same with the pictures.  Whatever could stop it is found before the first byte leaves."""
    draft = _mine(request, pk)
    if draft.state != status.Campaign.DRAFT:
        return redirect("campaign", pk)
    drawings = _drawings(draft)
    if drawings is None:
        messages.warning(request, "The pictures cannot be drawn. Choose a card, or open it and save it again.")
        return redirect("campaign_check", pk)
    plan = launch.check(draft, timezone.now())
    _note(request, draft, "ZIP")
    response = StreamingHttpResponse(dry_run.as_zip(draft, plan, drawings), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{_name(draft)}.zip"'
    return response


def _mine(request: BusinessRequest, pk: int) -> Campaign:
    draft = tenancy.campaign(request, pk)
    draft.business = request.business
    return draft


def _drawings(draft: Campaign) -> dict[str, cards.Card] | None:
    """The card of each side as it is drawn; None where one cannot be."""
    found = {}
    try:
        for side in ("", FIRST_SIDE, SECOND_SIDE):
            card = draft.card_of(side)
            if card is None:
                return None
            found[side] = card.drawing()
            cards.render(found[side], {})
    except (cards.BadDesign, OSError):
        return None
    return found


def _name(draft: Campaign) -> str:
    return f"dry-run-{draft.pk}"


def _note(request: BusinessRequest, draft: Campaign, form: str) -> None:
    AuditEntry.write(request.organization, "export dry run", draft, request.user, form)
