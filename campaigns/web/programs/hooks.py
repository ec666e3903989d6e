"""Webhooks: the addresses, what each was told lately, and telling it again."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import outgoing
from campaigns.models import WebhookCall, WebhookEndpoint
from campaigns.roles import Action
from campaigns.web.programs.forms import WebhookForm
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page

#: The newest calls that are shown of one address.
SHOWN = 50
EVENTS = dict(WebhookEndpoint.Event.choices)


@require_http_methods(["GET", "POST"])
@page(Action.PROGRAMS, fresh=Fresh.CHANGES)
def webhooks(request: BusinessRequest) -> HttpResponse:
    """All of them, and one more.  A new one's secret is on the answer to the form and nowhere else."""
    form = WebhookForm(request.organization, request.POST or None)
    made = _add(request, form) if request.method == "POST" and form.is_valid() else None
    context = {
        "section": "settings",
        "form": WebhookForm(request.organization) if made else form,
        "made": made,
        "rows": [(each, _names(each)) for each in outgoing.listening(request.organization)],
    }
    return render(request, "programs/webhooks.html", context, status=422 if form.errors else 200)


@require_safe
@page(Action.PROGRAMS)
def webhook(request: BusinessRequest, pk: int) -> HttpResponse:
    """What it was told lately, and what became of that."""
    return _shown(request, _mine(request, pk))


@require_POST
@page(Action.PROGRAMS, fresh=Fresh.CHANGES)
def webhook_secret(request: BusinessRequest, pk: int) -> HttpResponse:
    """Another secret: it is on the answer to the button and nowhere else."""
    renewed = outgoing.renew(_mine(request, pk), request.user, timezone.now())
    if renewed is None:
        raise Http404
    return _shown(request, renewed, secret=renewed.secret)


@require_POST
@page(Action.PROGRAMS, fresh=Fresh.CHANGES)
def webhook_end_old(request: BusinessRequest, pk: int) -> HttpResponse:
    """From now on only the newest secret signs."""
    outgoing.end_old(_mine(request, pk), request.user)
    messages.success(request, "The old secret has ended. Messages are signed by the new one alone.")
    return redirect("webhook", pk)


@require_POST
@page(Action.PROGRAMS, fresh=Fresh.CHANGES)
def webhook_resume(request: BusinessRequest, pk: int) -> HttpResponse:
    """Tell it again what happens."""
    endpoint = _mine(request, pk)
    outgoing.resume(endpoint, request.user, timezone.now())
    messages.success(request, "It is told again what happens, beginning with what still waits.")
    return redirect("webhook", endpoint.pk)


@require_POST
@page(Action.PROGRAMS, fresh=Fresh.CHANGES)
def webhook_remove(request: BusinessRequest, pk: int) -> HttpResponse:
    """Tell it nothing any more, and forget it."""
    outgoing.remove(_mine(request, pk), request.user)
    messages.success(request, "The webhook is removed. Nothing more goes there.")
    return redirect("webhooks")


@require_POST
@page(Action.PROGRAMS, fresh=Fresh.CHANGES)
def webhook_replay(request: BusinessRequest, pk: int) -> HttpResponse:
    """Tell it once more."""
    rows = WebhookCall.objects.select_related("event", "endpoint__organization")
    call = get_object_or_404(rows, pk=pk, endpoint__organization=request.organization)
    outgoing.replay(call, request.user, timezone.now())
    messages.success(request, "It is told once more, with the same id.")
    return redirect("webhook", call.endpoint_id)


def _shown(request: BusinessRequest, endpoint: WebhookEndpoint, secret: str = "") -> HttpResponse:
    newest = endpoint.calls.select_related("event").order_by("-pk")[:SHOWN]
    context = {
        "section": "settings",
        "endpoint": endpoint,
        "names": _names(endpoint),
        "calls": [(each, EVENTS.get(each.event.type, each.event.type)) for each in newest],
        "shown": SHOWN,
        "secret": secret,
        "has_old": endpoint.has_old(timezone.now()),
    }
    return render(request, "programs/webhook.html", context)


def _mine(request: BusinessRequest, pk: int) -> WebhookEndpoint:
    rows = WebhookEndpoint.objects.select_related("organization", "business")
    return get_object_or_404(rows, pk=pk, organization=request.organization)


def _names(endpoint: WebhookEndpoint) -> list[str]:
    return [EVENTS[word] for word in endpoint.events if word in EVENTS]


def _add(request: BusinessRequest, form: WebhookForm) -> WebhookEndpoint | None:
    """The new one; None where there are enough."""
    given = form.cleaned_data
    try:
        return outgoing.add(
            request.organization,
            given["url"],
            given["events"],
            request.user,
            business=given["business"],
            with_phone=given["with_phone"],
        )
    except outgoing.TooMany as enough:
        form.add_error(None, str(enough))
        return None
