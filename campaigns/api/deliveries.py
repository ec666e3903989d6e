"""Campaigns with numbers that add up, where each customer stands, and asking one of them now."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status

from campaigns import picking, status
from campaigns.api import customers, paging, shapes, whose
from campaigns.api.door import ApiRequest
from campaigns.api.problems import Problem, not_asked
from campaigns.api.whose import Bearer, Scope
from campaigns.models import AuditEntry, Campaign, Delivery

router = Router(tags=["Asking"])
CAMPAIGNS, DELIVERIES = Bearer(Scope.CAMPAIGNS_READ), Bearer(Scope.DELIVERIES_READ)


@router.post("/requests", auth=Bearer(Scope.REQUESTS_WRITE), response={201: shapes.Asked}, operation_id="ask_customer")
def ask(request: ApiRequest, person: shapes.OnePerson) -> Status[shapes.Asked]:
    """Add or update a customer and ask them for a review now, in their own hours and at the line's pace.

    422 with the reason's code where they may not be asked; then the customer is as before, too.
    """
    token = request.token
    with transaction.atomic():
        done, known = customers.enter_one(token, whose.business(token, person.business), person)
        try:
            made = picking.ask_now(known, token.created_by, timezone.now())
        except picking.NotAsked as refused:
            raise not_asked(refused.reason) from refused
        AuditEntry.write(token.organization, "asked by program", made, token.created_by, token.name)
    asked = shapes.Asked(delivery=shape(made), customer=customers.shape(known), notes=list(done.notes))
    return Status(201, asked)


@router.get("/campaigns", auth=CAMPAIGNS, response=paging.Page[shapes.CampaignShape], operation_id="list_campaigns")
def campaigns(request: ApiRequest, pages: Query[shapes.CampaignPages]) -> paging.Page[shapes.CampaignShape]:
    """Campaigns, the oldest first, with their numbers."""
    paging.refuse_strangers(request, shapes.CampaignPages)
    rows = whose.campaigns(request.token).order_by("pk")
    if pages.business is not None:
        rows = rows.filter(business=whose.business(request.token, pages.business))
    if last := paging.after(pages.cursor):
        rows = rows.filter(pk__gt=last[0])
    found = list(rows[: pages.limit + 1])
    shown = found[: pages.limit]
    more = paging.cursor_of(shown[-1].pk) if len(found) > len(shown) else None
    return paging.Page[shapes.CampaignShape](items=_campaign_shapes(shown), next=more)


@router.get("/campaigns/{int:campaign}", auth=CAMPAIGNS, response=shapes.CampaignShape, operation_id="get_campaign")
def campaign(request: ApiRequest, campaign: int) -> shapes.CampaignShape:
    """One campaign with its numbers; the counts by status add up to the total."""
    return _campaign_shapes([whose.found(whose.campaigns(request.token), campaign)])[0]


@router.get("/deliveries", auth=DELIVERIES, response=paging.Page[shapes.DeliveryShape], operation_id="list_deliveries")
def deliveries(request: ApiRequest, pages: Query[shapes.DeliveryPages]) -> paging.Page[shapes.DeliveryShape]:
    """Where customers stand, the oldest first; or what has changed in a campaign since a version of it."""
    paging.refuse_strangers(request, shapes.DeliveryPages)
    rows = _chosen(whose.deliveries(request.token), request, pages)
    by_version = pages.changed_since is not None
    if last := paging.after(pages.cursor, 2 if by_version else 1):
        rows = rows.filter(_behind(last))
    found = list(rows.order_by(*(("version", "pk") if by_version else ("pk",)))[: pages.limit + 1])
    shown = found[: pages.limit]
    more = None
    if len(found) > len(shown):
        newest = shown[-1]
        more = paging.cursor_of(*((newest.version, newest.pk) if by_version else (newest.pk,)))
    return paging.Page[shapes.DeliveryShape](items=[shape(each) for each in shown], next=more)


@router.get("/deliveries/{int:delivery}", auth=DELIVERIES, response=shapes.DeliveryShape, operation_id="get_delivery")
def delivery(request: ApiRequest, delivery: int) -> shapes.DeliveryShape:
    """Where one customer stands in one campaign."""
    return shape(whose.found(whose.deliveries(request.token), delivery))


def _chosen(rows: QuerySet[Delivery], request: ApiRequest, pages: shapes.DeliveryPages) -> QuerySet[Delivery]:
    if pages.campaign is not None:
        rows = rows.filter(campaign=whose.found(whose.campaigns(request.token), pages.campaign))
    if pages.customer is not None:
        rows = rows.filter(customer=whose.found(whose.customers(request.token), pages.customer))
    if pages.status is not None:
        if pages.status not in status.Delivery.values:
            raise _wrong("status", f"The words are {', '.join(status.Delivery.values)}.")
        rows = rows.filter(status=pages.status)
    if pages.changed_since is not None:
        if pages.campaign is None:
            raise _wrong("changed_since", "Versions count within a campaign: name it, too.")
        rows = rows.filter(version__gt=pages.changed_since)
    return rows


def _behind(last: tuple[int, ...]) -> Q:
    if len(last) == 1:
        return Q(pk__gt=last[0])
    version, pk = last
    return Q(version__gt=version) | Q(version=version, pk__gt=pk)


def _wrong(parameter: str, detail: str) -> Problem:
    return Problem(422, "invalid", detail, errors=[{"parameter": parameter, "detail": detail}])


def _campaign_shapes(rows: Iterable[Campaign]) -> list[shapes.CampaignShape]:
    """With their numbers, in one query for all of them."""
    rows = list(rows)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    counted = Delivery.objects.filter(campaign__in=rows).order_by().values_list("campaign", "status")
    for pk, word, number in counted.annotate(n=Count("pk")):
        counts[pk][word] = number
    plain = ("name", "state", "language", "version", "created_at", "started_at", "finished_at")
    return [
        shapes.CampaignShape(
            id=each.pk,
            business=each.business_id,
            total=counts[each.pk].total(),
            counts={word: counts[each.pk][word] for word in status.Delivery.values},
            **{name: getattr(each, name) for name in plain},
        )
        for each in rows
    ]


def shape(delivery: Delivery) -> shapes.DeliveryShape:
    """A delivery as programs read one."""
    times = ("planned_for", "greeted_at", "sent_at", "delivered_at", "read_at", "clicked_at", "replied_at")
    more = ("stopped_at", "reviewed_at", "remind_at", "reminded_at", "created_at")
    plain = ("status", "reason", "reason_code", "version")
    return shapes.DeliveryShape(
        id=delivery.pk,
        business=delivery.campaign.business_id,
        campaign=delivery.campaign_id,
        customer=delivery.customer_id,
        **{name: getattr(delivery, name) for name in (*plain, *times, *more)},
    )
