"""`manage.py bench NAME`: run one of the measurements in benchmarks/ and print what it saw."""

import importlib
import inspect
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from campaigns.management.answering import Answer

#: What stands beside the measurements.
NO_MEASUREMENTS = {"__init__", "harness", "naive", "servers", "door"}
#: Other names of some.
ALSO = {"send": "deliveries"}


class Command(Answer):
    help = "Measure. Every benchmark prints ratios and counts from one run on this machine."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", choices=_names(), help="which measurement")
        parser.add_argument("--rows", type=int, help="how many customers, where that can be chosen")
        parser.add_argument("--stops", type=int, help="how many customers write STOP, where they do")
        parser.add_argument("--knocks", type=int, help="how often Chert knocks, where it does")
        parser.add_argument("--kills", type=int, help="how often the sending process is killed, where it can be")

    def handle(self, *args: Any, **options: Any) -> None:
        name = ALSO.get(options["name"], options["name"])
        main = importlib.import_module(f"benchmarks.{name}").main
        chosen = {name: options[name] for name in ("rows", "stops", "knocks", "kills") if options[name] is not None}
        unknown = set(chosen) - set(inspect.signature(main).parameters)
        if unknown:
            raise CommandError(f"{options['name']} has no {', '.join(sorted(unknown))} to choose.")
        found = main(**chosen)
        self.answer(options, found, lambda: json.dumps(found, indent=2, ensure_ascii=False))


def _names() -> list[str]:
    folder = Path(settings.ROOT) / "benchmarks"
    return sorted({*ALSO, *(path.stem for path in folder.glob("*.py"))} - NO_MEASUREMENTS)
