"""`manage.py chaos`: the fault run.  Real processes, a pretend Chert in bad weather, and a killer at work."""

import importlib
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from campaigns.management.answering import Answer

AT_SERVERS = ("redis_kills", "flushes", "postgres_restarts")
CHOICES = ("rows", "kills", "freezes", "faults", "seed", "keys", "on", "call_seconds", *AT_SERVERS)


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
        parser.add_argument("--keys", choices=("honoured", "ignored"), default="honoured", help="does Chert heed them?")
        parser.add_argument("--on", choices=("sqlite", "postgres"), default="", help="postgres: servers of its own")
        parser.add_argument("--call-seconds", type=float, default=2.0, help="what a call may take; leases follow")
        parser.add_argument("--redis-kills", type=int, default=0, help="SIGKILLs of its Redis, away for seconds each")
        parser.add_argument("--flushes", type=int, default=0, help="FLUSHALLs of its Redis")
        parser.add_argument("--postgres-restarts", type=int, default=0, help="hard restarts of its PostgreSQL")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["on"] != "postgres" and any(options[name] for name in AT_SERVERS):
            raise CommandError("Only servers of its own are struck: add --on postgres.")
        missing = importlib.import_module("benchmarks.servers").Missing
        try:
            found = importlib.import_module("benchmarks.chaos").main(**{name: options[name] for name in CHOICES})
        except missing as sentence:
            raise CommandError(str(sentence)) from sentence
        self.answer(options, found, lambda: json.dumps(found, indent=2, ensure_ascii=False))
        if not found["passed"]:
            raise CommandError("A promise was broken: see above.")
