"""The broker in files, made safe for a reader that comes while the writer is at work.

Kombu's own writes straight into the folder that is read, so that a quick reader finds an empty file and the worker
dies of it (seen under load).  Here a message is written beside the folder and moved into it whole, and what cannot be
read all the same is thrown away: a message says only "look", and the next one comes within a second.
"""

import uuid
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """A folder of messages, each of which appears whole or not at all."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # as kombu itself names it
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        half = folder / f".{name}"
        half.write_text(dumps(payload))
        half.rename(folder / name)

    def _get(self, queue: str, timeout: Any = None) -> Any:
        try:
            return super()._get(queue)
        except ValueError as unreadable:
            raise Empty from unreadable

    def get_table(self, exchange: str) -> Any:
        """Who listens; nobody while the list is being written, which loses one ring."""
        try:
            return super().get_table(exchange)
        except ValueError:
            return []


class Transport(filesystem.Transport):
    """Kombu's filesystem transport with our channel."""

    Channel = Channel


def make_known() -> None:
    """Let broker addresses that begin with doorbell:// mean this."""
    TRANSPORT_ALIASES["doorbell"] = "reviews.doorbell:Transport"
