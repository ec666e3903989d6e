"""`manage.py sbom`: what this release is made of, as CycloneDX 1.6."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from campaigns.management import bill


class Command(BaseCommand):
    help = "Print the software bill of materials (CycloneDX 1.6, JSON) of what requirements.lock and the folders hold."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, help="write it into this file instead")

    def handle(self, *args: Any, **options: Any) -> None:
        made = bill.bill(Path(settings.ROOT), timezone.now())
        text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
        if options["out"] is None:
            self.stdout.write(text, ending="")
            return
        options["out"].write_text(text)
        self.stdout.write(f"{len(made['components'])} components in {options['out']}.")
