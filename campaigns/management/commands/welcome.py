"""`python3 manage.py welcome`: where the site is, and a link that signs in once.  `start` runs it when all is up."""

from argparse import ArgumentParser
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from campaigns import connecting, demo
from campaigns.models import Organization, SignInLink, User

PATIENCE = 60  # seconds for the site to come up


class Command(BaseCommand):
    help = "Print the site's address and a link that signs its owner in once."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("door", nargs="?", default=settings.SITE_URL, help="where the site answers on this machine")
        parser.add_argument("--no-demo", action="store_true", help="make no demo business")
        parser.add_argument("--email", default="", help="for whom; without it for the first who was here")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = person(options["email"], with_demo=not options["no_demo"])
        wait_for(options["door"])
        for organization in Organization.objects.exclude(chert_secret=""):  # our address may be another than last time
            connecting.try_to_connect(organization)
        self.stdout.write(f"Goodword is at {settings.SITE_URL} · {invitation(owner)}")


def person(email: str, *, with_demo: bool) -> User | None:
    """For whom the link is.  Raises `CommandError` where nobody has the address."""
    if not email:
        return demo.make() if with_demo else first_person()
    found = User.objects.filter(email=User.objects.normalize_email(email), is_active=True).first()
    if found is None:
        raise CommandError("Nobody has this address here.")
    return found


def first_person() -> User | None:
    return User.objects.filter(is_active=True).order_by("pk").first()


def wait_for(door: str) -> None:
    """Until the site answers.  `start` listens before the site is up, so one question waits by itself."""
    connection = HTTPConnection(urlsplit(door).netloc, timeout=PATIENCE)
    connection.request("GET", "/healthz")
    connection.getresponse().read()


def invitation(owner: User | None) -> str:
    if owner is None:
        return "make your business: python3 manage.py provision --help"
    minutes = SignInLink.LIFE.seconds // 60
    return f"sign in once: {settings.SITE_URL}/sign-in/{SignInLink.make(owner)}/ (works for {minutes} minutes)"
