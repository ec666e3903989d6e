"""One customer in one campaign: what happened, what they saw, and the two ways a person may act on it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import cards, outbox, plans, resend, status, stuck
from campaigns.models import Delivery, picture_path
from campaigns.roles import Action
from campaigns.web import story, tenancy
from campaigns.web.campaigns.rows import Row
from campaigns.web.tenancy import BusinessRequest, page

#: Pixels across: a thumbnail is shown 52 to 104 wide.
THUMBNAIL = 208
#: Seconds a browser may keep a picture for itself; a picture never changes under its name.
KEPT = 600


class ResendForm(forms.Form):
    """Why this customer is sent to once more."""

    reason = forms.CharField(
        label="Why once more?",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The reason is kept with the history.",
    )

    def __init__(self, *args: Any, reason_needed: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = bool(reason_needed)
        self.fields["reason"].error_messages["required"] = "Say why; the reason is kept."


@require_safe
@page()
def row(request: BusinessRequest, pk: int) -> HttpResponse:
    """Unfold or fold one row of the table: its detail, and the row itself with the arrow turned."""
    delivery = tenancy.delivery(request, pk)
    is_open = request.GET.get("open") == str(pk)
    now = timezone.now()
    expected_at = plans.expected(delivery.campaign, now).get(pk)
    cause = stuck.of_deliveries(request.business, [delivery], now).get(pk)
    told = story.of(delivery) if is_open else None
    context = {
        "row": Row(delivery, is_open=is_open, story=told, expected_at=expected_at, cause=cause),
        "may_send": tenancy.may(request, Action.ASK),
    }
    return render(request, "deliveries/_unfolded.html", context)


@require_safe
@page()
def picture(request: BusinessRequest, pk: int) -> FileResponse:
    """The customer's picture as it was sent, of a test too."""
    delivery = tenancy.any_delivery(request, pk)
    try:
        return FileResponse(picture_path(_picture(delivery)).open("rb"), content_type="image/jpeg")
    except FileNotFoundError as gone:
        raise Http404 from gone


@require_safe
@page(keep=KEPT)
def thumbnail(request: BusinessRequest, pk: int) -> HttpResponse:
    """The picture, small, for the table: fetched again with each changed row, so the browser may keep it a while."""
    delivery = tenancy.delivery(request, pk)
    try:
        small = cards.thumbnail(picture_path(_picture(delivery)).read_bytes(), THUMBNAIL)
    except OSError as gone:
        raise Http404 from gone
    return HttpResponse(small, content_type="image/jpeg")


@require_POST
@page(Action.ASK)
def arrived(request: BusinessRequest, pk: int) -> HttpResponse:
    """Somebody knows that the doubtful message reached the customer."""
    delivery = tenancy.delivery(request, pk)
    try:
        for message in delivery.messages.filter(status=status.Message.IN_DOUBT):
            outbox.it_arrived(message, request.user, timezone.now())
        messages.success(request, f"Noted: it reached {_called(delivery)}.")
    except outbox.NotInDoubt as settled:
        messages.info(request, str(settled))
    return _back(delivery)


@require_http_methods(["GET", "POST"])
@page(Action.ASK)
def send_again(request: BusinessRequest, pk: int) -> HttpResponse:
    """A short form that shows what the customer has already; the domain decides whether it may go."""
    delivery = tenancy.delivery(request, pk)
    outlook = resend.outlook(delivery, timezone.now())
    form = ResendForm(request.POST if request.method == "POST" else None, reason_needed=outlook.reason_needed)
    refusal = ""
    if request.method == "POST" and (form.is_valid() or outlook.forbidden):
        refusal = _send(request, delivery, form)
        if not refusal:
            messages.success(request, f"{_called(delivery)} gets it once more. The history keeps both.")
            return _back(delivery)
    context = {
        "section": "campaigns",
        "delivery": delivery,
        "outlook": outlook,
        "refusal": refusal,
        "form": form,
        "story": story.of(delivery),
        "doubtful": delivery.status == status.Delivery.IN_DOUBT,
    }
    code = 409 if refusal else 422 if form.errors else 200
    return render(request, "deliveries/send_again.html", context, status=code)


def _send(request: BusinessRequest, delivery: Delivery, form: ResendForm) -> str:
    """Try it; the sentence why not, or nothing when it goes out."""
    try:
        resend.resend(delivery, request.user, form.cleaned_data.get("reason", ""), timezone.now())
    except (resend.NotAllowed, resend.ReasonNeeded) as why:
        return str(why)
    return ""


def _picture(delivery: Delivery) -> str:
    if not delivery.picture:
        raise Http404
    return delivery.picture


def _called(delivery: Delivery) -> str:
    return delivery.customer.first_name or "The customer"


def _back(delivery: Delivery) -> HttpResponse:
    """To the row that changed."""
    return redirect(story.row_address(delivery))


urlpatterns: list[URLPattern] = [
    path("deliveries/<int:pk>/row/", row, name="delivery_row"),
    path("deliveries/<int:pk>/picture.jpg", picture, name="delivery_picture"),
    path("deliveries/<int:pk>/thumbnail.jpg", thumbnail, name="delivery_thumbnail"),
    path("deliveries/<int:pk>/arrived/", arrived, name="delivery_arrived"),
    path("deliveries/<int:pk>/send-again/", send_again, name="delivery_resend"),
]
