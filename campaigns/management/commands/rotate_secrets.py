"""`manage.py rotate_secrets`: every secret in the database under the newest key, while everything runs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from campaigns import vault
from campaigns.management import rotating
from campaigns.management.answering import Answer

SHOWN = 10


class Command(Answer):
    help = (
        "Seal every secret in the database with the first of ENCRYPTION_KEYS, while everything runs. It may be stopped "
        "and begun again at any moment: what is not sealed anew yet is still read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--new-key", action="store_true", help="make a new key first, where the keys lie in a file")
        which.add_argument("--drop-old", action="store_true", help="afterwards: keep the first key alone in the file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["new_key"]:
                rotating.add_key()
            found = rotating.rotate(lambda column: self._said(column, options))
            dropped = rotating.drop_old() if options["drop_old"] else 0
        except rotating.NotPossible as refused:
            raise CommandError(str(refused)) from refused
        told = {
            "key": vault.key_id(vault.keys()[0]),
            "keys": len(vault.keys()),
            "dropped": dropped,
            "sealed": {column.name: column.done for column in found},
            "left": {column.name: column.left for column in found if column.left},
            "shut": {column.name: column.shut for column in found if column.shut},
        }
        self.answer(options, told, lambda: _words(told))
        if told["left"]:
            raise CommandError(_left(told))

    def _said(self, column: rotating.Column, options: dict[str, Any]) -> None:
        if not options["json"] and options["verbosity"] > 1:
            self.stdout.write(f"{column.name}: {column.done} sealed")


def _words(told: dict[str, Any]) -> str:
    done = sum(told["sealed"].values())
    lines = [f"{done:,} secrets sealed with the key {told['key']}."]
    if told["dropped"]:
        lines.append(f"{told['dropped']} older keys thrown away. Backups made with them need them: keep them there.")
    elif not told["left"] and told["keys"] > 1:
        lines.append(
            f"Nothing needs the older keys any more ({told['keys'] - 1}): --drop-old takes them out of the file."
        )
    return "\n".join(lines)


def _left(told: dict[str, Any]) -> str:
    count = sum(told["left"].values())
    shut = [f"{name} {', '.join(map(str, pks[:SHOWN]))}" for name, pks in told["shut"].items()]
    if not shut:
        return f"{count} were written meanwhile and are left: run it again."
    rows = "; ".join(shut)
    return f"{count} are left. No key of ours opens these rows, so put the key that does behind the others: {rows}."
