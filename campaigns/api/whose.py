"""Whose data a token may see: its organization's, or its one location's; everything else is a 404 (S12)."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja.security import HttpBearer

from campaigns.api.problems import Problem, missing, wrong
from campaigns.models import ApiToken, Business, Campaign, Customer, Delivery, WebhookCall, WebhookEndpoint

Row = TypeVar("Row", bound=Model)
Scope = ApiToken.Scope


class Bearer(HttpBearer):
    """An operation for tokens of one scope.  Who it is was found at the door."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        """The token.  Raises a 403 when it was not given the scope."""
        known: ApiToken = request.token  # type: ignore[attr-defined]  # the door has put it there
        if self.scope not in known.scopes:
            raise Problem(403, "scope", f"This token was not given the scope {self.scope}.", scope=str(self.scope))
        if self.scope in ApiToken.WHOLE_ACCOUNT and known.business_id is not None:
            raise Problem(403, "one_location", "A person is known in every location; this token is for one alone.")
        return known


def businesses(token: ApiToken) -> QuerySet[Business]:
    """The locations it may see."""
    mine = Business.objects.filter(organization=token.organization_id).select_related("organization")
    return mine.filter(pk=token.business_id) if token.business_id else mine


def business(token: ApiToken, pk: int | None) -> Business:
    """The location that is meant; it need not be named where there is one alone."""
    rows = businesses(token).order_by("pk")
    if pk is not None:
        return found(rows, pk)
    mine = list(rows[:2])
    if not mine:
        raise missing()
    if len(mine) > 1:
        raise wrong("/business", "Say which location is meant: there are several.", "business_needed")
    return mine[0]


def customers(token: ApiToken) -> QuerySet[Customer]:
    """Everybody in the lists it may see."""
    rows = Customer.objects.filter(business__organization=token.organization_id)
    rows = rows.select_related("business__organization", "consent_by").prefetch_related("tags")
    return rows.filter(business=token.business_id) if token.business_id else rows


def campaigns(token: ApiToken) -> QuerySet[Campaign]:
    """Its campaigns."""
    rows = Campaign.objects.filter(business__organization=token.organization_id)
    return rows.filter(business=token.business_id) if token.business_id else rows


def deliveries(token: ApiToken) -> QuerySet[Delivery]:
    """Its deliveries, with their campaigns."""
    rows = Delivery.objects.filter(campaign__business__organization=token.organization_id).select_related("campaign")
    return rows.filter(campaign__business=token.business_id) if token.business_id else rows


def endpoints(token: ApiToken) -> QuerySet[WebhookEndpoint]:
    """Its webhooks; a token of one location sees those of that location."""
    rows = WebhookEndpoint.objects.filter(organization=token.organization_id).select_related("organization")
    return rows.filter(business=token.business_id) if token.business_id else rows


def calls(token: ApiToken) -> QuerySet[WebhookCall]:
    """What its webhooks were told."""
    rows = WebhookCall.objects.filter(endpoint__in=endpoints(token))
    return rows.select_related("event", "endpoint__organization")


def found(rows: QuerySet[Row], pk: int) -> Row:
    """The one of these with this id, or the request ends with 404."""
    row: Any = rows.filter(pk=pk).first()
    if row is None:
        raise missing()
    return row  # type: ignore[no-any-return]  # one of the rows
