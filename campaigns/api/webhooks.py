"""Webhooks: addresses that are told what happens, and what they were told."""

from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status

from campaigns import outgoing
from campaigns.api import paging, shapes, whose
from campaigns.api.door import ApiRequest
from campaigns.api.problems import Problem, missing, wrong
from campaigns.api.whose import Bearer, Scope
from campaigns.models import WebhookCall, WebhookEndpoint

router = Router(tags=["Webhooks"])
READ, WRITE = Bearer(Scope.WEBHOOKS_READ), Bearer(Scope.WEBHOOKS_WRITE)


@router.get("/webhooks", auth=READ, response=paging.Page[shapes.WebhookShape], operation_id="list_webhooks")
def webhooks(request: ApiRequest) -> paging.Page[shapes.WebhookShape]:
    """All of them; there are never many."""
    rows = whose.endpoints(request.token).order_by("pk")
    return paging.Page[shapes.WebhookShape](items=[_shape(each) for each in rows], next=None)


@router.post("/webhooks", auth=WRITE, response={201: shapes.WebhookWithSecret}, operation_id="add_webhook")
def webhook_add(request: ApiRequest, new: shapes.NewWebhook) -> Status[shapes.WebhookWithSecret]:
    """Add an address.  The answer holds the secret by which you check signatures; it is not shown again."""
    token = request.token
    if new.with_phone and Scope.CUSTOMERS_READ not in token.scopes:
        raise Problem(403, "scope", "Numbers are told only by a token with the scope customers:read.")
    which = new.business or token.business_id
    try:
        made = outgoing.add(
            token.organization,
            new.url,
            list(map(str, new.events)),
            token.created_by,
            business=whose.business(token, which) if which else None,
            with_phone=new.with_phone,
        )
    except (outgoing.BadAddress, outgoing.TooMany) as refused:
        raise wrong("/url", str(refused)) from refused
    return Status(201, _with_secret(made))


@router.get("/webhooks/{int:webhook}", auth=READ, response=shapes.WebhookShape, operation_id="get_webhook")
def webhook(request: ApiRequest, webhook: int) -> shapes.WebhookShape:
    """One of them, and whether it takes what it is told."""
    return _shape(whose.found(whose.endpoints(request.token), webhook))


@router.delete("/webhooks/{int:webhook}", auth=WRITE, response={204: None}, operation_id="remove_webhook")
def webhook_remove(request: ApiRequest, webhook: int) -> Status[None]:
    """Remove it, with everything that was still to be told."""
    outgoing.remove(whose.found(whose.endpoints(request.token), webhook), request.token.created_by)
    return Status(204, None)


@router.post(
    "/webhooks/{int:webhook}/secret",
    auth=WRITE,
    response=shapes.WebhookWithSecret,
    operation_id="renew_webhook_secret",
)
def webhook_renew(request: ApiRequest, webhook: int) -> shapes.WebhookWithSecret:
    """Give it another secret, which is not shown again.  For a day the one so far signs, too: each message has both."""
    known = whose.found(whose.endpoints(request.token), webhook)
    renewed = outgoing.renew(known, request.token.created_by, timezone.now())
    if renewed is None:
        raise missing()
    return _with_secret(renewed)


@router.delete(
    "/webhooks/{int:webhook}/old-secret", auth=WRITE, response={204: None}, operation_id="end_old_webhook_secret"
)
def webhook_end_old(request: ApiRequest, webhook: int) -> Status[None]:
    """From now on only the newest secret signs."""
    outgoing.end_old(whose.found(whose.endpoints(request.token), webhook), request.token.created_by)
    return Status(204, None)


@router.post("/webhooks/{int:webhook}/resume", auth=WRITE, response=shapes.WebhookShape, operation_id="resume_webhook")
def webhook_resume(request: ApiRequest, webhook: int) -> shapes.WebhookShape:
    """Tell it again what happens, beginning with what still waits."""
    known = whose.found(whose.endpoints(request.token), webhook)
    outgoing.resume(known, request.token.created_by, timezone.now())
    known.refresh_from_db()
    return _shape(known)


@router.get(
    "/webhooks/{int:webhook}/calls", auth=READ, response=paging.Page[shapes.CallShape], operation_id="list_calls"
)
def calls(request: ApiRequest, webhook: int, pages: Query[shapes.Pages]) -> paging.Page[shapes.CallShape]:
    """What it was told in the last 30 days, the newest first."""
    paging.refuse_strangers(request, shapes.Pages)
    known = whose.found(whose.endpoints(request.token), webhook)
    rows = whose.calls(request.token).filter(endpoint=known).order_by("-pk")
    if last := paging.after(pages.cursor):
        rows = rows.filter(pk__lt=last[0])
    found = list(rows[: pages.limit + 1])
    shown = found[: pages.limit]
    more = paging.cursor_of(shown[-1].pk) if len(found) > len(shown) else None
    return paging.Page[shapes.CallShape](items=[_call(each) for each in shown], next=more)


@router.post(
    "/webhooks/calls/{int:call}/replay", auth=WRITE, response={202: shapes.CallShape}, operation_id="replay_call"
)
def replay(request: ApiRequest, call: int) -> Status[shapes.CallShape]:
    """Tell it once more, with the same id."""
    known = whose.found(whose.calls(request.token), call)
    outgoing.replay(known, request.token.created_by, timezone.now())
    known.refresh_from_db()
    return Status(202, _call(known))


def _shape(row: WebhookEndpoint) -> shapes.WebhookShape:
    plain = ("url", "events", "with_phone", "created_at", "failing_since", "disabled_at", "disabled_why")
    until = row.old_until if row.has_old(timezone.now()) else None
    told = {name: getattr(row, name) for name in plain}
    return shapes.WebhookShape(id=row.pk, business=row.business_id, old_secret_until=until, **told)


def _with_secret(row: WebhookEndpoint) -> shapes.WebhookWithSecret:
    return shapes.WebhookWithSecret(**_shape(row).model_dump(), secret=row.secret)


def _call(row: WebhookCall) -> shapes.CallShape:
    plain = ("tries", "tried_at", "answered", "detail", "told_at", "due_at", "given_up_at")
    return shapes.CallShape(
        id=row.pk,
        webhook=row.endpoint_id,
        event=row.event.event_id,
        type=row.event.type,
        happened_at=row.event.at,
        **{name: getattr(row, name) for name in plain},
    )
