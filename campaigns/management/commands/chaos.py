"""`manage.py chaos`: the fault run.  Real processes, a pretend Chert in bad weather, and a killer at work."""

import importlib
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from campaigns.management.answering import Answer


class Command(Answer):
    help = "Send to many customers while workers are killed and frozen and Chert misbehaves; then check every promise."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--rows", type=int, default=300, help="customers")
        parser.add_argument("--kills", type=int, default=5, help="SIGKILLs of a sending process")
        parser.add_argument("--freezes", type=int, default=1, help="SIGSTOPs of one, for longer than its leases")
        parser.add_argument("--faults", type=float, default=0.2, help="share of calls that go wrong, 0 to 0.5")
        parser.add_argument("--seed", type=int, default=1, help="of the faults, the strikes and the stops")
        parser.add_argument("--keys", choices=("honoured", "ignored"), default="honoured", help="on follow-ups")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = {name: options[name] for name in ("rows", "kills", "freezes", "faults", "seed", "keys")}
        found = importlib.import_module("benchmarks.chaos").main(**chosen)
        self.answer(options, found, lambda: json.dumps(found, indent=2, ensure_ascii=False))
        if not found["passed"]:
            raise CommandError("A promise was broken: see above.")
