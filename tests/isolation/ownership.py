"""Which organization each row belongs to, found from the foreign keys: no table has to be entered anywhere."""

from collections import deque
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model

from campaigns.models import Membership, Organization, User

Row = type[Model]


@cache
def path_to_organization(model: Row) -> str | None:
    """The shortest way by foreign keys, as a filter writes it; "pk" for an organization; None where there is none."""
    waiting: deque[tuple[Row, tuple[str, ...]]] = deque([(model, ())])
    seen = {model}
    while waiting:
        here, way = waiting.popleft()
        if here is Organization:
            return "__".join(way) or "pk"
        for key in keys_of(here):
            if key.related_model not in seen:
                seen.add(key.related_model)
                waiting.append((key.related_model, (*way, key.name)))
    return None


def keys_of(model: Row) -> list[ForeignKey]:
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


def owned() -> dict[Row, str]:
    """Every model whose rows belong to an organization, and the way there."""
    ways = {model: path_to_organization(model) for model in apps.get_models(include_auto_created=True)}
    return {model: way for model, way in ways.items() if way is not None and model is not User}


def rows_of(organization: Organization) -> dict[str, list[tuple[Any, ...]]]:
    """Everything of this organization, column by column."""
    found = {}
    for model, way in owned().items():
        columns = [field.attname for field in model._meta.concrete_fields]
        rows = model._base_manager.filter(**{way: organization.pk}).order_by("pk")
        found[model.__name__] = list(rows.values_list(*columns))
    members = User.objects.filter(memberships__organization=organization).order_by("pk")
    return found | {"User": list(members.values_list())}


def crossings() -> list[str]:
    """Rows of one organization that point to a row of another, or to somebody who is no member of theirs."""
    return [*_between_rows(), *_to_strangers()]


def _between_rows() -> list[str]:
    found = []
    for model, way in owned().items():
        for key in keys_of(model):
            other_way = path_to_organization(key.related_model)
            if other_way is None or key.related_model in (User, Organization):
                continue
            there = f"{key.name}__{other_way}" if other_way != "pk" else key.name
            pairs = model._base_manager.exclude(**{key.name: None}).values_list("pk", way, there)
            found += [f"{model.__name__} {pk}.{key.name}" for pk, mine, theirs in pairs if mine != theirs]
    return found


def _to_strangers() -> list[str]:
    members = set(Membership.objects.values_list("organization", "user"))
    found = []
    for model, way in owned().items():
        for key in keys_of(model):
            if key.related_model is User and model is not Membership:
                pairs = model._base_manager.exclude(**{key.name: None}).values_list("pk", way, key.name)
                found += [f"{model.__name__} {pk}.{key.name}" for pk, *who in pairs if tuple(who) not in members]
    return found
