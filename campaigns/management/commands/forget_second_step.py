"""`manage.py forget_second_step E-MAIL`: for who has lost the phone and the recovery codes."""

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from campaigns.accounts import noting, recovery
from campaigns.models import User


class Command(BaseCommand):
    help = "Take a person's app, passkeys and recovery codes away; passphrase and sign-in links stay."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="whose")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=User.objects.normalize_email(options["email"])).first()
        if user is None:
            raise CommandError("Nobody has this address here.")
        Authenticator.objects.filter(user=user).delete()
        recovery.forget(user)
        noting.note_by_hand(user, "forget second step")
        self.stdout.write("Forgotten. Look that it was really them who asked; a second step can be added anew.")
