"""How every command answers: words for people or JSON for programs, and one plain sentence when it refuses."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.models import Business, Campaign, Delivery, User


class Answer(BaseCommand):
    """A command with `--json`.  Refusals are a `CommandError`: one sentence on stderr, exit 1, never a traceback."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Every one of them can speak JSON."""
        parser.add_argument("--json", action="store_true", help="answer in JSON, for programs")

    def run_from_argv(self, argv: list[str]) -> None:
        """As Django does it, but a refusal is its sentence alone, without the name of a class before it."""
        try:
            super().run_from_argv([*argv, "--traceback"] if "--traceback" not in argv else argv)
        except CommandError as refused:
            self.stderr.write(str(refused))
            sys.exit(refused.returncode)

    def answer(self, options: dict[str, Any], found: dict[str, Any], words: Callable[[], str]) -> None:
        """Print the values as JSON, or the words."""
        self.stdout.write(json.dumps(found, ensure_ascii=False, default=str) if options["json"] else words())


def business_named(slug: str) -> Business:
    """The business of this slug, or a refusal that names the ones there are."""
    found = Business.objects.select_related("organization").filter(slug=slug).first()
    if found is None:
        known = ", ".join(Business.objects.order_by("slug").values_list("slug", flat=True)[:10]) or "none yet"
        raise CommandError(f"There is no business called {slug}. Known: {known}.")
    return found


def campaign_numbered(number: int) -> Campaign:
    """The campaign of this number, or a refusal."""
    found = Campaign.objects.select_related("business__organization", "card").filter(pk=number).first()
    if found is None:
        raise CommandError(f"There is no campaign {number}.")
    return found


def delivery_numbered(number: int) -> Delivery:
    """The delivery of this number, or a refusal."""
    rows = Delivery.objects.select_related("campaign__business__organization", "customer__business__organization")
    found = rows.filter(pk=number).first()
    if found is None:
        raise CommandError(f"There is no delivery {number}.")
    return found


def operator(business: Business) -> User | None:
    """Whom a command acts for in the records: the owner of the account."""
    owner = business.organization.memberships.filter(role="owner").select_related("user").order_by("pk").first()
    return owner.user if owner else None
