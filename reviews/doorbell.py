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
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.json import dumps, loads


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

    def _list_of(self, exchange: str) -> Path:
        return Path(self._exchange_file(exchange))  # type: ignore[attr-defined]  # which refuses names that lead away

    def get_table(self, exchange: str) -> Any:
        """Who listens.  Read without a lock: the list is always whole."""
        try:
            return [exchange_queue_t(*each) for each in loads(self._list_of(exchange).read_text())]
        except (FileNotFoundError, ValueError):
            return []

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None) -> None:
        """Put a listener on the list, which is written beside and moved into place.

        Kombu's own waits here for a lock, and whoever was frozen while ringing holds it for as long as it sleeps: no
        other worker could start.  Of two who bind at once one may be lost, and comes back with its next start; ours
        all listen to one queue.
        """
        known, mine = self.get_table(exchange), exchange_queue_t(routing_key or "", pattern or "", queue or "")
        if mine not in known:
            file = self._list_of(exchange)
            file.parent.mkdir(exist_ok=True)
            half = file.with_name(f".{uuid.uuid4()}")
            half.write_text(dumps([mine, *known]))
            half.replace(file)


class Transport(filesystem.Transport):
    """Kombu's filesystem transport with our channel."""

    Channel = Channel


def make_known() -> None:
    """Let broker addresses that begin with doorbell:// mean this."""
    TRANSPORT_ALIASES["doorbell"] = "reviews.doorbell:Transport"
