"""`manage.py restore`: a backup put back.  Afterwards nothing goes out by itself before somebody has looked."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from campaigns.management import restoring
from campaigns.management.answering import Answer


class Command(Answer):
    help = "Put a backup back. What is there now is kept beside it, and every campaign waits for a person."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="made by `manage.py backup`")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            done = restoring.restore(options["file"].resolve(), timezone.now())
        except restoring.NotPossible as refused:
            raise CommandError(str(refused)) from refused
        found = {
            "made_at": done.made_at,
            "made_on": done.made_on,
            "counts": done.facts.counts,
            "kept": done.kept,
            "trouble": done.trouble,
        }
        self.answer(options, found, lambda: _words(done))
        if done.trouble:
            raise CommandError(done.trouble)


def _words(done: restoring.Restored) -> str:
    return "\n".join(
        [
            f"Restored what was kept on {done.made_at:%d %B %Y at %H:%M} UTC on {done.made_on}.",
            f"What was here before is in {' and '.join(done.kept)}; delete it when you are sure.",
            f"If the Goodword on {done.made_on} still runs, stop it: two of them write to the same customers.",
            "Start as usual. Campaigns that were running wait, and their pages ask whether to go on.",
        ]
    )
