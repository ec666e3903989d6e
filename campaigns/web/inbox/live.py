"""What moves by itself: the list, the conversation beside it, and the number of new replies on every page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.web.inbox import lists, pages
from campaigns.web.tenancy import BusinessRequest, page

#: Larger numbers are shown as "9+" on the tab's small picture.
MOST_ON_MARK = 9


@require_safe
@page()
def live(request: BusinessRequest) -> HttpResponse:
    """The list, and the conversation that is open beside it where something moved in it; 204 while nothing did."""
    asked = request.GET.get("talk", "")
    talk = pages.of(request, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    context = pages.list_context(request, talk)
    has_list_moved = request.GET.get("list") != context["list_digest"]
    if talk:
        context |= pages.talk_context(request, talk, timezone.now())
        context["talk_moved"] = request.GET.get("thread") != context["talk_digest"]
    if not has_list_moved and not context.get("talk_moved"):
        return HttpResponse(status=204)
    return render(request, "inbox/_polled.html", context)


@require_safe
@page()
def unread(request: BusinessRequest) -> HttpResponse:
    """How many conversations have something new, for the navigation, the title and the tab; 204 while unchanged."""
    shown = unread_context(request)
    if request.GET.get("seen") == shown["unread_seen"]:
        return HttpResponse(status=204)
    return render(request, "inbox/_unread.html", shown | {"oob": True})


def unread_context(request: BusinessRequest) -> dict[str, object]:
    """The number, the newest, and a word that changes with both."""
    count, newest, said_at = lists.newest_unread(request.business)
    return {
        "unread": count,
        "unread_newest": newest,
        "unread_seen": pages.digest_of((request.business.pk, count, newest.pk if newest else None, said_at)),
    }


@require_safe
@page(keep=24 * 3600)
def mark(request: BusinessRequest, count: int) -> HttpResponse:
    """The tab's small picture with a number on it."""
    words = str(count) if count <= MOST_ON_MARK else f"{MOST_ON_MARK}+"
    return HttpResponse(render_to_string("inbox/mark.svg", {"words": words}), content_type="image/svg+xml")
