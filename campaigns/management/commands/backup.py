"""`manage.py backup`: everything that must not be lost, in one file, while everything runs."""

import os
import time
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from campaigns.management import backing_up, keys
from campaigns.management.answering import Answer

#: Tables that say the most about a backup.
SHOWN = {"campaigns_customer": "customers", "campaigns_campaign": "campaigns", "campaigns_message": "messages"}


class Command(Answer):
    help = "Put database and pictures into one file, while everything runs. The keys stay out of it unless asked for."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", nargs="?", type=Path, help="where to put it; by default backups/ in DATA_DIR")
        parser.add_argument("--keep", type=count, metavar="N", help="then delete all but the newest N in that folder")
        parser.add_argument("--with-keys", action="store_true", help="put the keys in too: whoever has it reads it all")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        folder: Path = (options["folder"] or Path(settings.DATA_DIR) / "backups").resolve()
        began = time.monotonic()
        try:
            made = backing_up.make(folder, timezone.now(), with_keys=options["with_keys"])
        except backing_up.NotPossible as refused:
            raise CommandError(str(refused)) from refused
        found = {
            "file": str(made.path),
            "bytes": made.bytes,
            "seconds": round(time.monotonic() - began, 1),
            "files": made.files,
            "counts": made.facts.counts,
            "keys_inside": made.with_keys,
            "keys": {key.name: key.place for key in keys.all_here()},
            "deleted": [str(path) for path in (backing_up.prune(folder, options["keep"]) if options["keep"] else [])],
        }
        self.answer(options, found, lambda: _words(found))


def count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError("at least one is kept")
    return int(text)


def _words(found: dict[str, Any]) -> str:
    counts = ", ".join(f"{found['counts'].get(table, 0):,} {word}" for table, word in SHOWN.items())
    places = " and ".join(found["keys"].values())
    kept = (
        "The keys are IN it: whoever has this file can read all of it. Lock it away."
        if found["keys_inside"]
        else f"The keys are NOT in it. Without them it is of no use: keep {places} apart from it, in a safe place."
    )
    gone = [f"Deleted {len(found['deleted'])} older."] if found["deleted"] else []
    return "\n".join(
        [
            f"{found['file']}: {found['bytes'] / 1e6:,.1f} MB in {found['seconds']} s.",
            f"{counts}, {found['files']:,} pictures and files.",
            kept,
            "It holds names and numbers of customers. Copy it to another machine, and delete it after 35 days.",
            *gone,
        ]
    )
