"""The inbox, and one conversation in it."""

from datetime import datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import answering, conversations, gestures, merge, rules
from campaigns.models import Business, Conversation, Delivery, Message, QuickAnswer, User, new_key
from campaigns.roles import Action
from campaigns.web import story, tenancy
from campaigns.web.inbox import lists, threads
from campaigns.web.tenancy import BusinessRequest, page


@require_safe
@page()
def inbox(request: BusinessRequest) -> HttpResponse:
    """Every conversation under one filter; what needs somebody first."""
    return render(request, "inbox/inbox.html", list_context(request, None))


@require_safe
@page()
def conversation(request: BusinessRequest, pk: int) -> HttpResponse:
    """One conversation, with the list beside it where there is room."""
    talk = of(request, pk)
    return show(request, talk, text=_wanted_text(request, talk))


def of(request: BusinessRequest, pk: int) -> Conversation:
    """One of this business's conversations, or the request ends with 404."""
    rows = Conversation.objects.select_related(
        "business__organization", "customer__business__organization", "assigned_to", "typing_by"
    )
    return get_object_or_404(rows, pk=pk, business=request.business)


def show(
    request: BusinessRequest, talk: Conversation, *, text: str = "", trouble: str = "", error: str = "", code: int = 200
) -> HttpResponse:
    """The page, or for htmx the conversation alone; `text` is what somebody was writing.

    `trouble` names what stood in the way: "seen", "quiet", "refused" or "empty"; `error` is its sentence.
    """
    context = talk_context(request, talk, timezone.now())
    context |= {"text": text, "trouble": trouble, "error": error, "is_fresh": bool(request.htmx)}
    if request.htmx:
        return render(request, "inbox/_conv.html", context, status=422 if code >= 400 else code)
    return render(request, "inbox/inbox.html", list_context(request, talk) | context, status=code)


def show_of(request: BusinessRequest) -> str:
    """Which filter was asked for."""
    asked = request.GET.get("show", "")
    return asked if asked in lists.FILTERS else "open"


def list_context(request: BusinessRequest, talk: Conversation | None) -> dict[str, Any]:
    """What the list needs."""
    shown = show_of(request)
    last = request.GET.get("before", "")
    cursor = (
        request.business.conversations.filter(pk=int(last)).first() if last.isdecimal() and len(last) < 19 else None
    )
    ordered: QuerySet[Conversation] = lists.after(lists.of(request.business, shown, request.user), cursor)
    found = list(ordered[: lists.PAGE + 1])
    rows = lists.told(found[: lists.PAGE], talk.pk if talk else None)
    shows = lists.filters(request.business, shown, request.user)
    digest = digest_of(lists.print_of(rows, shows))
    asked = {"show": shown, "before": last if cursor else "", "talk": talk.pk if talk else "", "list": digest}
    return {
        "section": "inbox",
        "show": shown,
        "groups": lists.groups(rows, shown),
        "filters": shows,
        "older": found[lists.PAGE - 1].pk if len(found) > lists.PAGE else None,
        "is_first": cursor is None,
        "list_digest": digest,
        "list_live": f"{reverse('inbox_live')}?{urlencode({k: v for k, v in asked.items() if v != ''})}",
        "may_send": tenancy.may(request, Action.ANSWER),
    }


def talk_context(request: BusinessRequest, talk: Conversation, now: datetime) -> dict[str, Any]:
    """What one conversation needs."""
    thread, writer = threads.thread(talk, now), conversations.writer(talk, request.user, now)
    may_send = tenancy.may(request, Action.ANSWER)
    return {
        "section": "inbox",
        "talk": talk,
        "person": talk.customer,
        "their_name": talk.customer.first_name or "this customer",
        "thread": thread,
        "writer": _short(writer) if writer else "",
        "talk_digest": digest_of(thread.print(talk, writer)),
        "outlook": answering.outlook(talk, now),
        "tapbacks": gestures.TAPBACKS,
        "slip": new_key(),
        "longest": answering.LONGEST,
        "quick": quick_texts(talk) if may_send else [],
        "colleagues": colleagues(request) if may_send else [],
        "asked": _asked(talk),
        "may_send": may_send,
        "may_change": tenancy.may(request, Action.QUICK_ANSWERS),
    }


def _short(user: User) -> str:
    return user.get_short_name() or user.email


def colleagues(request: BusinessRequest) -> list[tuple[int, str]]:
    """Everybody of the organization, by name."""
    people = User.objects.filter(memberships__organization=request.organization, is_active=True)
    named = ((user.pk, user.get_full_name() or user.email) for user in people.distinct())
    return sorted(named, key=lambda each: each[1].casefold())


def _asked(talk: Conversation) -> list[tuple[Delivery, str]]:
    """What this customer was sent: the newest campaigns, each with the words on its picture."""
    rows = (
        talk.customer.deliveries.filter(sent_at__isnull=False)
        .select_related("campaign__card", "campaign__card_b")
        .order_by("-pk")[:5]
    )
    return [(delivery, story.picture_words(delivery.card, talk.customer)) for delivery in rows]


def quick_texts(talk: Conversation) -> list[tuple[QuickAnswer, str]]:
    """Each quick answer with its fields filled in for this customer."""
    kept = talk.business.organization.quick_answers.all()
    return [(answer, filled(answer.text, talk)) for answer in kept]


def filled(text: str, talk: Conversation) -> str:
    """The text with this customer's words; a practice's tells nothing of what they came for (D7)."""
    person, business = talk.customer, talk.business
    words = person.words(person.spoken_language)
    if business.is_health:
        words |= dict.fromkeys(rules.TELLING, "")
    try:
        return merge.fill(text, words, person.spoken_language)
    except merge.UnknownField:
        return text


def findings(business: Business, text: str) -> list[rules.Finding]:
    """What the rules for texts say of an answer; braces are no fields here, and addresses may stand in it.

    It is told and not enforced: a person answers as a person.
    """
    found = rules.scan(text, "ask", business=business.name, is_first=False, health=business.is_health)
    return [finding for finding in found if finding.rule_id not in ("merge", "1005")]


def _wanted_text(request: BusinessRequest, talk: Conversation) -> str:
    """What the writing begins with: a quick answer, or the words of an answer that did not go, where one was chosen."""
    quick, again = (request.GET.get(name, "") for name in ("quick", "again"))
    if quick.isdecimal() and len(quick) < 19:
        chosen = request.organization.quick_answers.filter(pk=int(quick)).first()
        return filled(chosen.text, talk) if chosen else ""
    if again.isdecimal() and len(again) < 19:
        mine = Message.objects.filter(customer=talk.customer, kind=Message.Kind.ANSWER, pk=int(again)).first()
        return mine.text if mine else ""
    return ""


def digest_of(values: object) -> str:
    """A few letters that change with what is shown."""
    return blake2b(repr(values).encode(), digest_size=8).hexdigest()
