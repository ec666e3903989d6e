"""Somebody with a word of hers in every place, and where such words still are."""

from collections.abc import Iterable
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection

from campaigns import launch, resend
from campaigns.models import AuditEntry, Campaign, Click, Customer, CustomerImport, Delivery, Tag
from campaigns.results import reviews
from campaigns.sandbox import Sandbox
from campaigns.steering import trial
from tests.cast import Ada, Clock, answer, make_campaign, make_customer, walk_to_the_end

NUMBER = "+15125550187"
#: What only she brings along.
CANARIES = (
    "5125550187",
    "555-0187",
    "Quillfeather",
    "Marigold",
    "plumcakecanary",
    "consentcanary",
    "tagcanary",
    "agentcanary",
    "reasoncanary",
    "servicecanary",
)


def whole_life(ada: Ada, sandbox: Sandbox, clock: Clock) -> tuple[Customer, Campaign]:
    """A customer who was asked, read, clicked, answered, was asked again, tested with, and imported badly."""
    her = make_customer(
        ada.business,
        first_name="Marigold",
        last_name="Quillfeather",
        phone=NUMBER,
        consent_basis="consentcanary at the counter",
        service="servicecanary",
    )
    her.tags.set(Tag.named(ada.business, ["tagcanary"]))
    make_customer(ada.business, 2, first_name="Linus", last_name="Torvald")
    campaign = make_campaign(ada)
    ada.user.phone = "+15125550199"
    ada.user.save()
    trial.make(campaign, ada.user, clock(), like=her)
    launch.launch(campaign, ada.user, clock())
    walk_to_the_end(clock)
    answer(sandbox, clock, her, "The plumcakecanary was lovely")
    delivery = Delivery.objects.get(campaign=campaign, customer=her)
    Click.objects.create(delivery=delivery, agent="agentcanary 1.0")
    resend.resend(delivery, ada.user, "reasoncanary: Marigold Quillfeather lost it", clock())
    walk_to_the_end(clock)
    AuditEntry.write(ada.organization, "read their words", her, ada.user, "plumcakecanary")
    lines = reviews.read("Marigold Q., 2026-03-04, plumcakecanary\nmarigold QUILLFEATHER\nSomebody Else")
    reviews.take_in(ada.business, lines, clock())
    cells = ["Marigold", "Quillfeather", "(512) 555-0187", "31/31/31"]
    rejected = [{"row": 3, "reason": "No such day", "cells": cells}, {"row": 4, "reason": "No phone", "cells": ["Bo"]}]
    CustomerImport.objects.create(business=ada.business, file_name="counter.csv", rejected=rejected, done_at=clock())
    return her, campaign


def in_the_rows(words: Iterable[str] = CANARIES) -> set[str]:
    """Canaries that some row of some table still has, with the table."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.all():
            said = " ".join(map(_said, (getattr(row, field.attname) for field in row._meta.concrete_fields)))
            found |= {f"{model.__name__}: {word}" for word in words if word in said}
    return found


def _said(value: object) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)


def in_the_files(words: Iterable[str] = CANARIES) -> set[str]:
    """Canaries that some file of DATA_DIR still has, with the file; of SQLite the whole file, row or no row."""
    found = set()
    for path in Path(settings.DATA_DIR).rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            found |= {f"{path.name}: {word}" for word in words if word.encode() in raw}
    return found


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"
