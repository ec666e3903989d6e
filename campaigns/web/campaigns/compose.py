"""Writing a campaign."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import invitations, languages, launch, rules, status, steering, wordings
from campaigns.models import Business, Campaign
from campaigns.roles import Action
from campaigns.web import phone, tenancy
from campaigns.web.campaigns import audiences, preview, samples, trials, words
from campaigns.web.campaigns.forms import OFFERED, DraftForm, typed, written
from campaigns.web.limiting import limited
from campaigns.web.tenancy import BusinessRequest, page

#: Days after which a draft begins to remind (policy §5).
REMIND_AFTER = 3
#: Merge fields that are offered where customers have something to say for them.
MORE_FIELDS = {
    "technician": ("Who was there", ~Q(technician="")),
    "service": ("What was done", ~Q(service="")),
    "visit_date": ("Last visit", Q(last_visit__isnull=False)),
}


def _is_test(request: BusinessRequest) -> bool:
    return request.POST.get("go") == "test"


@require_http_methods(["GET", "POST"])
@page(Action.ASK)
@limited("test", when=_is_test)
def new(request: BusinessRequest) -> HttpResponse:
    """A new campaign, with words that keep the rules already in place."""
    form = _form(request, request.business.language, _beginning(request.business, request.GET.get("card", "")))
    if form.is_valid():
        return _onward(request, form.make(request.user))
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
@page(Action.ASK)
@limited("test", when=_is_test)
def edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """A draft; once it has been started there is nothing to write any more."""
    draft = tenancy.campaign(request, pk)
    if draft.state != status.Campaign.DRAFT:
        return redirect("campaign", pk)
    form = _form(request, draft.language, written(draft))
    if form.is_valid():
        if not form.keep(draft):
            messages.warning(request, "This campaign has been started meanwhile; its words stay as they went out.")
            return redirect("campaign", pk)
        return _onward(request, draft)
    return _page(request, form, draft)


@require_POST
@page(Action.ASK)
def throw_away(request: BusinessRequest, pk: int) -> HttpResponse:
    """Delete a draft; what has been started stays for good."""
    draft = tenancy.campaign(request, pk)
    try:
        tested = steering.throw_away(draft, request.user, timezone.now())
    except launch.NotPossible as started:
        messages.warning(request, str(started))
        return redirect("campaign", pk)
    sent = "Only tests had been sent; they stay on record." if tested else "Nothing had been sent."
    messages.success(request, f"“{draft.name}” was thrown away. {sent}")
    return redirect("campaigns")


def _form(request: BusinessRequest, own: str, beginning: dict[str, object]) -> DraftForm:
    """The form as it begins, as it was sent, or as it stands with a language more or less: then nothing is judged yet,
    nothing is kept, and nothing that was typed is lost."""
    business = request.business
    if request.method != "POST":
        return DraftForm(business, language=own, initial=beginning)
    act, _, code = request.POST.get("go", "").partition(" ")
    if act == "add":
        code = code or request.POST.get("add", "")
        values = typed(request.POST, add=code, stop_in_each=wordings.writes_to_the_uk(business))
        return DraftForm(business, language=own, initial=values, opened=code)
    if act == "drop":
        return DraftForm(business, language=own, initial=typed(request.POST, drop=code))
    return DraftForm(business, request.POST, language=own)


def _beginning(business: Business, wanted: str) -> dict[str, object]:
    """The words a draft begins with, and the card one came from, else the newest."""
    current = business.cards.filter(is_current=True).order_by("-pk")
    is_number = wanted.isascii() and wanted.isdecimal() and len(wanted) < 19
    card = (current.filter(pk=int(wanted)).first() if is_number else None) or current.first()
    return {
        "card": card.pk if card else None,
        "name": f"{timezone.localdate():%B %Y}",
        "flow": business.flow,
        "remind_after": REMIND_AFTER if business.most_unanswered > 1 else None,
        **invitations.READY[business.language].beginning(stop_in_each=wordings.writes_to_the_uk(business)),
    }


def _onward(request: BusinessRequest, draft: Campaign) -> HttpResponse:
    if request.POST.get("go") == "check":
        return redirect("campaign_check", draft.pk)
    if _is_test(request):
        return _test(request, draft)
    messages.success(request, "Saved. Nothing is sent before you have checked and started it.")
    return redirect("campaign_edit", draft.pk)


def _test(request: BusinessRequest, draft: Campaign) -> HttpResponse:
    """Test the words that have just been saved, as the preview shows them; who has no number yet enters it first."""
    if not request.user.phone:
        asked = urlencode({"back": "edit", "as": request.POST.get("as", "")})
        return redirect(f"{reverse('campaign_test', args=[draft.pk])}?{asked}")
    draft = trials.mine(request, draft.pk)  # as it was saved
    if refused := trials.make(request, draft):
        messages.warning(request, f"No test was sent. {' '.join(refused)}")
    return trials.back(draft.pk, "edit")


def _page(request: BusinessRequest, form: DraftForm, draft: Campaign | None) -> HttpResponse:
    seen = audiences.seen_past(_with_business(request, draft), timezone.now()) if draft else None
    context: dict[str, Any] = preview.seen(request, form, draft) | {
        "section": "ask",
        "form": form,
        "only": str(draft.only) if draft else "",
        "draft": draft,
        "cards": [(card, preview.picture_address(card, None)) for card in form.cards[:OFFERED]],
        "pictures": len(seen.people) if seen else 0,
        "looks_words": words.need_a_look(len(seen.looks)) if seen else "",
        "more_fields": _inserted(fields := _more_fields(request.business), form.language),
        "tongues": [(tongue, _inserted(fields, tongue.code)) for tongue in form.tongues()],
        "spoken": (spoken := _spoken(request.business, form)),
        "addable": _addable(form, {code for code, _, _ in spoken}),
        "samples": samples.of(request.business),
        "pause_words": phone.pause_words(request.business.ask_after),
        "audience_url": reverse("campaign_draft_audience", args=[draft.pk]) if draft else reverse("campaign_audience"),
        "preview_url": reverse("campaign_draft_preview", args=[draft.pk]) if draft else reverse("campaign_preview"),
    }
    context |= trials.offered(request, draft) if draft else {"may_test": True, "my_phone": request.user.phone}
    return render(request, "campaigns/compose.html", context, status=422 if form.errors else 200)


def _with_business(request: BusinessRequest, draft: Campaign) -> Campaign:
    draft.business = request.business
    return draft


def _spoken(business: Business, form: DraftForm) -> list[tuple[str, str, int]]:
    """Languages of customers that the draft has no words in: code, name and how many speak it, the most first."""
    people = business.customers.filter(stopped_at=None).exclude(language__in=["", form.language, *form.others])
    counted = people.order_by().values_list("language").annotate(n=Count("pk")).order_by("-n", "language")
    return [(code, languages.name(code), n) for code, n in counted if code in languages.KNOWN]


def _addable(form: DraftForm, spoken: set[str]) -> list[languages.Language]:
    """Every other language there may be words in."""
    there = {form.language, *form.others, *spoken}
    return [language for code, language in languages.KNOWN.items() if code not in there]


def _more_fields(business: Business) -> list[str]:
    """Merge fields that this business's customers have values for; none that a practice may not use."""
    offered = [name for name in MORE_FIELDS if not (business.is_health and name in rules.TELLING)]
    counted = business.customers.aggregate(**{name: Count("pk", filter=MORE_FIELDS[name][1]) for name in offered})
    return [name for name in offered if counted[name]]


def _inserted(fields: list[str], language: str) -> list[tuple[str, str]]:
    """What is put into a text of this language for each of them, with its fallback, and its label."""
    sayable = [name for name in fields if name != "visit_date" or language in languages.SPOKEN]
    return [(f"{{{name}|{languages.stand_in(name, language)}}}", MORE_FIELDS[name][0]) for name in sayable]
