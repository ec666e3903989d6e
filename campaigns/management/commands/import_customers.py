"""`manage.py import_customers`: a file of customers, and what became of every row."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from campaigns import importing
from campaigns.management.answering import Answer, business_named, operator

#: Rejected rows that the answer in words spells out; --json gives all.
SPELT_OUT = 20


class Command(Answer):
    help = "Bring in customers from a CSV or XLSX file. All good rows come in, or on a failure none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="CSV (comma, semicolon, tab or bar) or XLSX")
        parser.add_argument("--business", required=True, help="its slug")
        parser.add_argument(
            "--consent",
            default="",
            help="in one sentence how these customers, whom you have served, agreed to be written to",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        business = business_named(options["business"])
        path: Path = options["file"]
        try:
            done = importing.run(
                business, _read(path), path.name, consent=options["consent"], by=operator(business), source=path.name
            )
        except importing.ImportRefused as refused:
            raise CommandError(refused.sentence) from refused
        self.answer(options, done.as_json(), lambda: _words(done))


def _read(path: Path) -> bytes:
    """Not a byte more than the importer would take."""
    try:
        with path.open("rb") as file:
            return file.read(importing.MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}. Nothing was imported.") from error


def _words(done: importing.Outcome) -> str:
    counts = ", ".join(f"{number} {word}" for word, number in done.counts.items() if word != "rows")
    rejected = [verdict for verdict in done.verdicts if verdict.kind == importing.Kind.REJECTED]
    lines = [f"{done.counts['rows']} rows: {counts}."]
    lines += [f"  row {verdict.row}: {verdict.reason}" for verdict in rejected[:SPELT_OUT]]
    if len(rejected) > SPELT_OUT:
        lines.append(f"  and {len(rejected) - SPELT_OUT} more; --json tells all of them")
    return "\n".join(lines)
