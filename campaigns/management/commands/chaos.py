"""`manage.py chaos`: the fault run.  Real processes, a pretend Chert in bad weather, and a killer at work."""

import importlib
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from campaigns.management.answering import Answer


class Command(Answer):
    help = "Send to many customers while the sender is killed and Chert misbehaves, then count: lost, doubled, stuck."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--rows", type=int, default=300, help="customers")
        parser.add_argument("--kills", type=int, default=5, help="SIGKILLs of the sending process")
        parser.add_argument("--faults", type=float, default=0.1, help="share of calls that go wrong, 0 to 0.5")
        parser.add_argument("--seed", type=int, default=1, help="of the faults")

    def handle(self, *args: Any, **options: Any) -> None:
        run = importlib.import_module("benchmarks.chaos").main
        found = run(options["rows"], options["kills"], options["faults"], options["seed"])
        self.answer(options, found, lambda: json.dumps(found, indent=2, ensure_ascii=False))
        if not found["passed"]:
            raise CommandError("The promise was broken: see the numbers above.")
