"""`manage.py provision`: an organization, a business, its lines and its owner, without the browser."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from campaigns import connecting, pacing, provisioning
from campaigns.management.answering import Answer
from campaigns.models import SignInLink


class Command(Answer):
    help = "Make a business. The Chert secret comes from the environment: CHERT_SIGNING_SECRET."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--name", required=True, help="what customers know the business by")
        parser.add_argument("--sender", required=True, help="first name of the person who writes")
        parser.add_argument("--timezone", default="America/Chicago", help="for example America/Chicago")
        parser.add_argument("--country", default="US", help="two letters, for numbers without a country code")
        parser.add_argument("--place-id", default="", help="Google's place ID of the location")
        parser.add_argument("--review-url", default="", help="or the review address itself")
        parser.add_argument("--line", action="append", default=[], help="a Chert number, +1…; may be repeated")
        parser.add_argument("--line-budget", type=int, default=pacing.MOST_A_DAY, help="first messages a line and day")
        parser.add_argument("--line-gap", type=int, default=pacing.LEAST_GAP, help="seconds between two of them")
        parser.add_argument("--email", required=True, help="the owner's address")
        parser.add_argument("--ask-after", type=int, default=120, help="seconds between greeting and picture")
        parser.add_argument("--window", default="", help="hours of sending, like 09:00-18:00")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = provisioning.provision(_wanted(options))
        except provisioning.Refused as refused:
            raise CommandError(str(refused)) from refused
        organization = made.business.organization
        found = {
            "organization": organization.slug,
            "business": made.business.slug,
            "lines": [line.number for line in made.lines],
            "webhook_url": connecting.webhook_url(organization),
            "sign_in_url": f"{settings.SITE_URL}/sign-in/{SignInLink.make(made.owner)}/",
            "trouble": made.trouble,
        }
        self.answer(options, found, lambda: _words(found))


def _wanted(options: dict[str, Any]) -> provisioning.Wanted:
    names = ("name", "sender", "timezone", "country", "place_id", "review_url", "line_budget", "line_gap")
    given = {name: options[name] for name in (*names, "email", "ask_after", "window")}
    if not settings.CHERT_SIGNING_SECRET:
        raise CommandError("Put the Chert secret into the environment first: CHERT_SIGNING_SECRET.")
    return provisioning.Wanted(**given, lines=options["line"], secret=settings.CHERT_SIGNING_SECRET)


def _words(found: dict[str, Any]) -> str:
    trouble = f"\nChert said: {found['trouble']}" if found["trouble"] else ""
    return (
        f"Made {found['business']} with {len(found['lines'])} line(s).{trouble}\n"
        f"Sign in once: {found['sign_in_url']}\nReplies come in at: {found['webhook_url']}"
    )
