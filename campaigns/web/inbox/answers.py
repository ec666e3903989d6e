"""Answering by hand: writing, sending, and what a person decides about an answer on its way."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns import answering, conversations, outbox
from campaigns.models import Conversation, Message
from campaigns.roles import Action
from campaigns.web.inbox import pages
from campaigns.web.tenancy import BusinessRequest, page

#: What is said when an answer could not go.
NOT_SEEN = "Something was said since you opened this. It stands above now; send yours if it still fits."
QUIET = "It is not the hour to write to them. Say whether it goes now all the same, or when the hours begin."


class AnswerForm(forms.Form):
    """An answer, what its writer has seen, and what they decided."""

    text = forms.CharField(
        max_length=answering.LONGEST,
        error_messages={
            "required": "There are no words in it yet.",
            "max_length": "An answer may have %(limit_value)d characters; this one has %(show_value)d.",
        },
    )
    slip = forms.RegexField(r"^[A-Za-z0-9_-]{20,64}$")
    seen = forms.IntegerField(min_value=0, max_value=2**62)
    when = forms.ChoiceField(choices=[(answering.NOW, ""), (answering.LATER, "")], required=False)


@require_POST
@page(Action.ANSWER)
def answer(request: BusinessRequest, pk: int) -> HttpResponse:
    """Send an answer.  Whatever stands in the way, the words stay in their place."""
    talk, form = pages.of(request, pk), AnswerForm(request.POST)
    text = request.POST.get("text", "")[: 2 * answering.LONGEST]
    if not form.is_valid():
        said = form.errors.get("text") or ["This page is too old to send from. Your words are still here; send again."]
        return pages.show(request, talk, text=text, trouble="empty", error=str(said[0]), code=422)
    given = form.cleaned_data
    try:
        answering.answer(
            talk,
            given["text"].replace("\r\n", "\n"),
            request.user,
            timezone.now(),
            slip=given["slip"],
            seen=given["seen"],
            when=given["when"],
        )
    except answering.NotAllowed as why:
        return pages.show(request, _anew(request, pk), text=text, trouble="refused", error=f"{why}.", code=409)
    except answering.NotSeen:
        return pages.show(request, _anew(request, pk), text=text, trouble="seen", error=NOT_SEEN, code=409)
    except answering.Quiet:
        return pages.show(request, _anew(request, pk), text=text, trouble="quiet", error=QUIET, code=422)
    return pages.show(request, _anew(request, pk)) if request.htmx else _back(talk)


def _anew(request: BusinessRequest, pk: int) -> Conversation:
    return pages.of(request, pk)


@require_POST
@page(Action.ANSWER)
def typing(request: BusinessRequest, pk: int) -> HttpResponse:
    """Somebody is writing: the customer's phone and the colleagues see it; what the rules say of the words comes back.

    They are told, not enforced: a person answers as a person.
    """
    talk, text = pages.of(request, pk), request.POST.get("text", "")[: answering.LONGEST]
    if not answering.outlook(talk, timezone.now()).forbidden:
        conversations.types(talk, request.user, timezone.now(), still=bool(text.strip()))
    return render(request, "inbox/_findings.html", {"findings": pages.findings(talk.business, text)})


@require_POST
@page(Action.ANSWER)
def hurry(request: BusinessRequest, pk: int, message: int) -> HttpResponse:
    """What waits for its hour goes now: a person decided so."""
    talk, mine = _mine(request, pk, message)
    if answering.hurry(mine, request.user, timezone.now()):
        messages.success(request, "It goes now.")
    else:
        messages.info(request, "It does not wait any more.")
    return _back(talk)


@require_POST
@page(Action.ANSWER)
def withdraw(request: BusinessRequest, pk: int, message: int) -> HttpResponse:
    """Take an answer back that has not left; its words go back to where they were written."""
    talk, mine = _mine(request, pk, message)
    if answering.withdraw(mine, request.user, timezone.now()):
        messages.success(request, "Taken back. Nothing was sent; your words are below.")
        return redirect(f"{reverse('conversation', args=[talk.pk])}?again={mine.pk}#answer-text")
    messages.warning(request, "Too late to take back: it is on its way.")
    return _back(talk)


@require_POST
@page(Action.ANSWER)
def arrived(request: BusinessRequest, pk: int, message: int) -> HttpResponse:
    """Somebody knows that a doubtful answer reached the customer."""
    talk, mine = _mine(request, pk, message)
    try:
        answering.arrived(mine, request.user, timezone.now())
        messages.success(request, f"Noted: it reached {talk.customer.first_name or 'the customer'}.")
    except outbox.NotInDoubt as settled:
        messages.info(request, str(settled))
    return _back(talk)


@require_POST
@page(Action.ANSWER)
def again(request: BusinessRequest, pk: int, message: int) -> HttpResponse:
    """Say a doubtful answer once more; the page has warned that it may arrive twice."""
    talk, mine = _mine(request, pk, message)
    try:
        answering.again(talk, mine, request.user, timezone.now())
        messages.success(request, "It goes once more. The conversation keeps both.")
    except (outbox.NotInDoubt, answering.NotAllowed) as why:
        messages.info(request, str(why))
    return _back(talk)


def _mine(request: BusinessRequest, pk: int, message: int) -> tuple[Conversation, Message]:
    """A conversation and one of its answers, or the request ends with 404."""
    talk = pages.of(request, pk)
    rows = Message.objects.select_related("organization", "business", "customer", "delivery")
    return talk, get_object_or_404(rows, pk=message, customer=talk.customer, kind=Message.Kind.ANSWER)


def _back(talk: Conversation) -> HttpResponse:
    return redirect(f"{reverse('conversation', args=[talk.pk])}#answer")
