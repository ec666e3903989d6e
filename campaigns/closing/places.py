"""Which rows are an organization's, and in which order they go: both found from the foreign keys of the models.

A new table is in here by itself, as long as a foreign key that is never empty leads from it to an organization; a test
names those that are not, and asks what becomes of them.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey, Model, QuerySet

from campaigns.models import AuditEntry, CustomerImport, Delivery, Membership, Message, Organization, picture_path

Row = type[Model]

#: They go at the very end, in one transaction: the database lets nobody empty the book of acts while its account is
#: there, and until then the members say whose it was.
LAST: tuple[Row, ...] = (Organization, Membership, AuditEntry)


@dataclass(frozen=True)
class Table:
    """Rows of one kind, and the way from them to their organization, as a filter writes it."""

    model: Row
    way: str

    def rows(self, organization: int) -> QuerySet[Model]:
        """Those of this organization, in whatever order they are found first."""
        return self.model._base_manager.filter(**{self.way: organization}).order_by()

    def among(self, pks: list[Any]) -> QuerySet[Model]:
        """These."""
        return self.model._base_manager.filter(pk__in=pks)


@cache
def tables() -> tuple[Table, ...]:
    """All but the last, each before those that its rows point to: then nothing is left to point at what is gone."""
    ways = {model: way for model in models() if (way := way_to_organization(model)) and model not in LAST}
    before: dict[Row, set[Row]] = {model: set() for model in ways}
    for model in ways:
        for key in keys_of(model):
            if key.related_model in ways and key.related_model is not model:
                before[key.related_model].add(model)
    return tuple(Table(model, ways[model]) for model in TopologicalSorter(before).static_order())


def models() -> list[Row]:
    """Every table there is."""
    return list(apps.get_models(include_auto_created=True))


def way_to_organization(model: Row) -> str:
    """The shortest way by foreign keys that are never empty; "" where there is none."""
    waiting: deque[tuple[Row, tuple[str, ...]]] = deque([(model, ())])
    seen = {model}
    while waiting:
        here, way = waiting.popleft()
        if here is Organization:
            return "__".join(way)
        for key in keys_of(here):
            there = key.related_model
            if not key.null and there not in seen:
                seen.add(there)
                waiting.append((there, (*way, key.name)))
    return ""


def keys_of(model: Row) -> list[ForeignKey[Any, Any]]:
    """The foreign keys of a table."""
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


def files_of(table: Table, pks: list[Any]) -> Iterator[Path]:
    """Files that belong to these rows and to nothing else; what is shared is looked after in `files`."""
    if table.model is Message:
        for key, picture in Message._base_manager.filter(pk__in=pks).values_list("key", "picture"):
            yield from map(picture_path, {f"{key}.jpg", f"{key}.half", Path(picture).name} - {""})
    elif table.model is Delivery:
        drawn = Delivery._base_manager.filter(pk__in=pks).exclude(picture="")
        yield from (picture_path(Path(name).name) for name in drawn.values_list("picture", flat=True))
    elif table.model is CustomerImport:
        waiting = CustomerImport.objects.filter(pk__in=pks).exclude(file_path="")
        for name in waiting.values_list("file_path", flat=True):
            path = Path(settings.DATA_DIR) / "imports" / Path(name).name
            yield from (path, path.with_suffix(".taken"))
