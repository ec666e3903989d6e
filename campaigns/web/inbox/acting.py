"""What somebody does with a conversation besides answering: read, assign, put away, stop, a tapback."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns import conversations, gestures, pacing, replies
from campaigns.models import Message, User
from campaigns.roles import Action
from campaigns.web.inbox import pages
from campaigns.web.tenancy import BusinessRequest, page


@require_POST
@page(Action.ANSWER)
def read(request: BusinessRequest, pk: int) -> HttpResponse:
    """Somebody has what the page showed before their eyes."""
    talk, seen = pages.of(request, pk), request.POST.get("seen", "")
    if seen.isdecimal() and len(seen) < 19:
        conversations.read(talk, int(seen), request.user, timezone.now())
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Trigger": "inbox-read"})
    return redirect("conversation", talk.pk)


@require_POST
@page(Action.ANSWER)
def assign(request: BusinessRequest, pk: int) -> HttpResponse:
    """Hand it to a colleague of the organization, or to nobody."""
    talk, wanted = pages.of(request, pk), request.POST.get("to", "")
    known = {number for number, _ in pages.colleagues(request)}
    to = int(wanted) if wanted.isdecimal() and len(wanted) < 19 and int(wanted) in known else None
    if wanted and to is None:
        messages.warning(request, "This person does not belong to your organization any more. Nothing was changed.")
    else:
        person = User.objects.filter(pk=to).first() if to else None
        conversations.assign(talk, person, request.user)
        messages.success(
            request, f"{_named(person)} looks after it." if person else "Nobody in particular looks after it."
        )
    return redirect("conversation", talk.pk)


def _named(person: User) -> str:
    return person.get_full_name() or person.email


@require_POST
@page(Action.ANSWER)
def done(request: BusinessRequest, pk: int) -> HttpResponse:
    """Put it away, or take it out again; the button says which."""
    talk = pages.of(request, pk)
    if request.POST.get("done") == "no":
        conversations.reopen(talk, request.user)
        messages.success(request, "Open again.")
        return redirect("conversation", talk.pk)
    conversations.close(talk, request.user, timezone.now())
    messages.success(request, f"Done. It comes back when {talk.customer.first_name or 'the customer'} writes again.")
    return redirect("inbox")


@require_POST
@page(Action.ANSWER)
def stop(request: BusinessRequest, pk: int) -> HttpResponse:
    """Their words were a wish to be left alone: final for the number, everywhere (M2, M4)."""
    talk, now = pages.of(request, pk), timezone.now()
    words = (talk.customer.paused_words or talk.words)[:120]
    fresh = talk.said_at if timedelta(0) <= now - talk.said_at < pacing.CONFIRM_WITHIN else None
    replies.stop(talk.customer, f"Wrote “{words}”", request.user, now, wrote_at=fresh)
    conversations.close(talk, request.user, now)
    messages.success(request, "Stopped for good. Nothing more goes to this number, from any of your businesses.")
    return redirect("conversation", talk.pk)


@require_POST
@page(Action.ANSWER)
def tapback(request: BusinessRequest, pk: int, message: int) -> HttpResponse:
    """Put a tapback on one of the customer's messages."""
    talk = pages.of(request, pk)
    theirs = get_object_or_404(Message, pk=message, customer=talk.customer, kind=Message.Kind.INBOUND)
    word = request.POST.get("tapback", "")
    if word not in gestures.TAPBACKS:
        messages.warning(request, "There is no such tapback. Nothing was sent.")
    elif talk.customer.stopped_at or talk.customer.paused_at:
        messages.warning(request, "Nothing goes to this customer, a tapback neither.")
    else:
        gestures.tap(theirs, word, request.user, timezone.now())
    if request.htmx:
        return render(request, "inbox/_talk.html", pages.talk_context(request, talk, timezone.now()))
    return redirect("conversation", talk.pk)
