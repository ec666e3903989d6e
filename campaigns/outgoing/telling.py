"""An event is written down, in the same commit as the change it tells of.

Called where the change is made.  Where nobody listens it costs one look into an index, and nothing is written.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns.models import Customer, Delivery, Message, OutgoingEvent, WebhookCall, WebhookEndpoint
from campaigns.prepared import Prepared

Event = WebhookEndpoint.Event

_OF_A_MESSAGE = ("kind", "status", "sent_at", "delivered_at", "read_at")
_OF_A_DELIVERY = ("status", "sent_at", "delivered_at", "read_at", "clicked_at")


def of_message(event: Event, message: Message, at: datetime) -> None:
    """Something happened to a message: of ours, or theirs to us."""
    listening = _listening(event, message.organization_id, message.business_id)
    if listening and not message.customer.is_test:
        [known] = Message.objects.filter(pk=message.pk).values(*_OF_A_MESSAGE, "delivery", "delivery__campaign")
        campaign = known.pop("delivery__campaign")
        data = {"campaign": campaign, "delivery": known.pop("delivery"), "message": message.pk, **known}
        _write(event, message.customer, data, at, listening)


def of_delivery(event: Event, delivery: Delivery, at: datetime) -> None:
    """Something happened to an asking."""
    business = delivery.campaign.business
    listening = _listening(event, business.organization_id, business.pk)
    if listening and not delivery.is_test:
        [known] = Delivery.everything.filter(pk=delivery.pk).values(*_OF_A_DELIVERY)
        data = {"campaign": delivery.campaign_id, "delivery": delivery.pk, **known}
        _write(event, delivery.customer, data, at, listening)


def of_customers(event: Event, customers: Iterable[Customer], at: datetime) -> None:
    """Something happened to these, who have one number in several locations."""
    for customer in customers:
        listening = _listening(event, customer.business.organization_id, customer.business_id)
        if listening and not customer.is_test:
            _write(event, customer, {}, at, listening)


def _listening(event: Event, organization: int, business: int) -> list[WebhookEndpoint]:
    listening = [pk for pk, events in _ENDPOINTS.rows(organization=organization, business=business) if event in events]
    return list(WebhookEndpoint.objects.filter(pk__in=listening)) if listening else []


def _of(organization: int, business: int) -> QuerySet[WebhookEndpoint, Any]:
    mine = Q(business=None) | Q(business=business)
    return WebhookEndpoint.objects.filter(mine, organization=organization, disabled_at=None).values_list("pk", "events")


_ENDPOINTS = Prepared(_of, "organization", "business")


def _write(
    event: Event, customer: Customer, data: dict[str, Any], at: datetime, listening: list[WebhookEndpoint]
) -> None:
    told = {"business": customer.business_id, "customer": customer.pk, **data}
    with transaction.atomic():
        made = OutgoingEvent.objects.create(
            organization_id=listening[0].organization_id,
            business_id=customer.business_id,
            customer=customer,
            type=event,
            data={name: _plain(value) for name, value in told.items()},
            at=at,
        )
        WebhookCall.objects.bulk_create(WebhookCall(event=made, endpoint=each, due_at=at) for each in listening)


def _plain(value: Any) -> Any:
    return written(value) if isinstance(value, datetime) else value


def written(moment: datetime) -> str:
    """A moment as programs read it: UTC, ISO 8601, to the millisecond."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
