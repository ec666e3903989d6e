"""Test to myself: the button, what it takes, and what became of each test."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import phones, status
from campaigns.models import Business, Campaign, Delivery, User
from campaigns.roles import Action
from campaigns.steering import trial
from campaigns.templatetags.look import clock
from campaigns.web import story, tenancy
from campaigns.web.campaigns import preview, samples, words
from campaigns.web.limiting import brings, limited
from campaigns.web.tenancy import BusinessRequest, page

#: Tests named on the page, the newest first.
NAMED = 20
#: Where one comes from and goes back to.
BACK = {"check": "campaign_check", "campaign": "campaign", "edit": "campaign_edit", "test": "campaign_test"}
#: News of a test is waited for so long after the last.
WATCHED = timedelta(minutes=10)
SOON = timedelta(minutes=2)
D = status.Delivery


class NumberForm(forms.Form):
    """The member's own phone, of which they say that it is theirs."""

    phone = forms.CharField(
        label="Your own phone number",
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        help_text="Tests go to this number alone. It is kept with your name, and you can change it at any time.",
        error_messages={"required": "Enter the number of your phone."},
    )
    own = forms.BooleanField(
        label="This is my own phone",
        error_messages={"required": "Tick that it is your own phone. Tests go to nobody else."},
    )

    def __init__(self, business: Business, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business

    def clean_phone(self) -> str:
        """As E.164; or why it is no number, in a sentence."""
        try:
            return phones.parse(self.cleaned_data["phone"], self.business.country)
        except phones.BadPhone as bad:
            raise forms.ValidationError(bad.sentence) from bad


@dataclass(frozen=True)
class Told:
    """What became of one test, beside the button."""

    delivery: Delivery
    is_settled: bool

    @property
    def pace(self) -> str:
        """How often to look: seldom while it waits for its morning or its turn."""
        d = self.delivery
        waits = d.planned_for and d.planned_for - timezone.now() > SOON and not d.greeted_at and not d.sent_at
        return "30s" if waits else "2s"

    @property
    def said(self) -> str:
        """ "Greeted 14:01, sent 14:03, delivered 14:03." for people to read."""
        steps = ", ".join(_steps(self.delivery)).capitalize()
        return f"{steps}." if steps else self.ahead

    @property
    def ahead(self) -> str:
        """What is still to come."""
        d = self.delivery
        if d.status not in status.DELIVERY_OPEN:
            return ""
        if d.reason:
            return f"{d.reason}."
        if d.status == D.GREETED:
            return "The picture follows."
        is_later = d.planned_for and d.planned_for > timezone.now()
        return f"Goes out {clock(d.planned_for)}." if is_later else "On its way."

    @property
    def why(self) -> str:
        """What went wrong, or what it waits for; nothing where all is said."""
        d = self.delivery
        if d.status in status.DELIVERY_OPEN:
            return self.ahead if d.greeted_at else ""
        if d.status in status.DELIVERY_WENT_OUT:
            return ""
        return f"{d.get_status_display()}. {d.reason}".strip(" .") + "."


def _steps(d: Delivery) -> list[str]:
    times = (
        ("greeted", d.greeted_at),
        ("sent", d.sent_at),
        ("delivered", d.delivered_at),
        ("read", d.read_at),
        ("link opened", d.clicked_at),
        ("answered", d.replied_at),
        ("stopped", d.stopped_at),
    )
    return [f"{word} {clock(at)}" for word, at in times if at]


@require_http_methods(["GET", "POST"])
@page(Action.ASK)
@limited("test", when=brings)
def test(request: BusinessRequest, pk: int) -> HttpResponse:
    """Enter the number, choose the name, see what it takes; and send."""
    campaign = mine(request, pk)
    form = NumberForm(request.business, request.POST if "phone" in request.POST else None)
    refused: list[str] = []
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        if form.is_bound:
            trial.keep_number(request.user, form.cleaned_data["phone"], request.business)
        refused = make(request, campaign)
        if not refused:
            return back(pk, request.POST.get("back", ""))
    code = 409 if refused else 422 if form.errors else 200
    return render(request, "campaigns/test.html", _context(request, campaign, form, refused), status=code)


@require_safe
@page(Action.ASK)
def latest(request: BusinessRequest, pk: int) -> HttpResponse:
    """What became of the member's own newest test; asked for until nothing more is to come."""
    return render(request, "campaigns/_tested.html", beside(mine(request, pk), request.user))


@require_safe
@page(Action.ASK)
def tested(request: BusinessRequest, pk: int) -> HttpResponse:
    """The story of one test."""
    rows = Delivery.everything.select_related(
        "campaign__created_by", "campaign__card", "campaign__card_b", "customer__business"
    )
    delivery = get_object_or_404(rows, pk=pk, is_test=True, campaign__business=request.business)
    parent = delivery.campaign.test_of
    context = {
        "section": "campaigns",
        "delivery": delivery,
        "campaign": parent,
        "by": called(delivery.campaign.created_by),
        "told": Told(delivery, is_settled=True),
        "story": story.of(delivery),
    }
    return render(request, "campaigns/tested.html", context)


def mine(request: BusinessRequest, pk: int) -> Campaign:
    """One of this business's campaigns, or the request ends with 404."""
    campaign = tenancy.campaign(request, pk)
    campaign.business = request.business
    return campaign


def make(request: BusinessRequest, campaign: Campaign) -> list[str]:
    """Make a test as asked for; the sentences why not, or none when it is on its way."""
    like = preview.chosen(request, request.POST.get("as", ""))
    side = preview.asked_side(request)
    try:
        trial.make(campaign, request.user, timezone.now(), like=like, side=side)
    except trial.Refused as refused:
        return refused.sentences
    return []


def back(pk: int, where: str) -> HttpResponse:
    """To the page where the button was pressed, to what became of it."""
    name = BACK.get(where, "campaign_test")
    return redirect(f"{reverse(name, args=[pk])}#test")


def beside(campaign: Campaign, member: User) -> dict[str, Any]:
    """For the small status: the member's newest test of this campaign, if there is one."""
    newest = trial.by_member(campaign, member).first()
    return {"campaign": campaign, "told": _told(newest) if newest else None}


def offered(request: BusinessRequest, campaign: Campaign) -> dict[str, Any]:
    """For the button on other pages: what it takes, and the newest test beside it."""
    has_phone = bool(request.user.phone)  # without one there is nothing to foresee
    outlook = trial.outlook(campaign, request.user, timezone.now()) if has_phone else trial.Outlook()
    return beside(campaign, request.user) | {
        "may_test": campaign.state not in trial.ENDED,
        "my_phone": request.user.phone,
        "in_the_way": outlook.problems,
        "takes": takes(outlook, timezone.now()),
    }


def takes(outlook: trial.Outlook, now: datetime) -> str:
    """ "Takes one of today's 30 first messages: 12 left; goes out at 14:20."; nothing where it cannot go."""
    if outlook.problems or outlook.goes_at is None:
        return ""
    when = "at once" if outlook.goes_at <= now else words.by_when(outlook.goes_at, now, with_time=True)
    goes = f"goes out {when.removeprefix('today ')}."
    if not outlook.is_first:
        return f"Takes no first message: your number has a chat with us already; {goes}"
    if timezone.localdate(outlook.goes_at) != timezone.localdate(now):
        return f"Takes one of that day’s {outlook.budget:,} first messages; {goes}"
    return f"Takes one of today’s {outlook.budget:,} first messages: {outlook.left:,} left; {goes}"


def called(member: User | None) -> str:
    """How to name who tested."""
    return (member.first_name or member.email) if member else "somebody who has left"


def _told(delivery: Delivery) -> Told:
    """Settled where nothing more comes by itself: read, ended, or no news since a while."""
    d = delivery
    is_open = d.status in status.DELIVERY_OPEN
    newest = max(filter(None, (d.created_at, d.sent_at, d.delivered_at)))
    is_watched = d.status in (D.SENT, D.DELIVERED) and timezone.now() - newest < WATCHED
    return Told(delivery, is_settled=not is_open and not is_watched)


def _context(request: BusinessRequest, campaign: Campaign, form: NumberForm, refused: list[str]) -> dict[str, Any]:
    asked, shown = request.POST or request.GET, offered(request, campaign)
    newest: int = shown["told"].delivery.pk if shown["told"] else 0
    earlier = [_told(delivery) for delivery in trial.of(campaign).exclude(pk=newest)[:NAMED]]
    return shown | {
        "section": "campaigns",
        "form": form,
        "refused": refused,
        "earlier": [(told, called(told.delivery.campaign.created_by)) for told in earlier],
        "twin": request.business.customers.filter(phone=request.user.phone).first(),
        "samples": samples.of(request.business),
        "own_name": request.user.first_name,
        "chosen": asked.get("as", ""),
        "back": asked.get("back", "test"),
        "wants_number": not request.user.phone or form.is_bound or "number" in request.GET,
    }
