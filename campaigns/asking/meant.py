"""Whom a filter means among the customers of a business, and what there is to choose from."""

from collections.abc import Mapping

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from campaigns import tags
from campaigns.asking import asked
from campaigns.filters import Filter
from campaigns.models import Business, Customer, Delivery, Message, Tag

#: Values offered of each kind, the most frequent first; a select with more than these helps nobody.
MOST_OFFERED = 200


def customers(business: Business, only: Filter) -> QuerySet[Customer]:
    """The customers of this business that the filter means, each once, in an order that stays."""
    people = business.customers.filter(_of_the_visit(only)).order_by("pk")
    if only.tags:
        wanted = [tags.folded(name) for name in only.tags]
        worn = Tag.customers.through.objects.filter(customer=OuterRef("pk"), tag__folded__in=wanted)
        people = people.filter(Exists(worn))
    return people.filter(~Exists(_requests(business)), ~Exists(_in_a_group())) if only.never_asked else people


def _of_the_visit(only: Filter) -> Q:
    said = {
        "last_visit__gte": only.visited_from,
        "last_visit__lte": only.visited_until,
        "technician": only.technician,
        "service": only.service,
        "pk__in": only.chosen,
    }
    return Q(**{name: value for name, value in said.items() if value})


def _requests(business: Business) -> QuerySet[Message]:
    """Those that went to this customer; where the requests of all locations count, to this number."""
    if asked.is_shared(business):
        ours = Message.real.filter(organization=business.organization_id)
        return ours.filter(asked.WENT_OUT, customer__phone=OuterRef("phone"))
    return Message.real.filter(asked.WENT_OUT, customer=OuterRef("pk"))


def _in_a_group() -> QuerySet[Delivery]:
    """Of this customer, those that were asked by the row of another of their household."""
    went = {"sent_at__isnull": False, "household__isnull": False}
    asked = {f"together_with__{name}": value for name, value in went.items()}
    return Delivery.objects.filter(customer=OuterRef("pk"), **asked)


def choices(business: Business) -> Mapping[str, list[tuple[str, int]]]:
    """What this business's customers have: technicians, services and tags, each with how many have it."""
    return {
        "technician": _values(business, "technician"),
        "service": _values(business, "service"),
        "tags": worn(business)[:MOST_OFFERED],
    }


def _values(business: Business, name: str) -> list[tuple[str, int]]:
    counted = business.customers.exclude(**{name: ""}).values_list(name).annotate(number=Count("pk"))
    return list(counted.order_by("-number", name)[:MOST_OFFERED])


def worn(business: Business) -> list[tuple[str, int]]:
    """The tags that somebody has, each with how many have it; one without customers is not offered."""
    counted = business.tags.annotate(number=Count("customers")).filter(number__gt=0)
    return list(counted.order_by("folded").values_list("name", "number"))
