"""What has been made is kept for a while, by its weight in bytes: pictures differ too much in size to be counted."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

ENTRY: Final = 400
"""About what a key and its place take in memory, however small the thing itself."""


class Kept(Generic[T]):
    """Things that were made, each under its key, up to `most_bytes` in all; the longest unused go first.

    What alone is heavier than that is handed out and not kept. Many threads may use one at a time.
    """

    def __init__(self, most_bytes: int, weight: Callable[[T], int]) -> None:
        self.most_bytes = most_bytes
        self.size = 0
        self._weight = weight
        self._things: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        """The thing under this key, or None."""
        with self._lock:
            found = self._things.get(key)
            if found is not None:
                self._things.move_to_end(key)
            return found

    def keep(self, key: Hashable, thing: T) -> T:
        """Keep `thing` as the last used, and hand it back."""
        with self._lock:
            self._drop(key)
            self._things[key] = thing
            self.size += self._weight(thing) + ENTRY
            while self.size > self.most_bytes:
                self._drop(next(iter(self._things)))
        return thing

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing under this key, made when it is not there. Two threads may make the same at once."""
        found = self.get(key)
        return self.keep(key, make()) if found is None else found

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._things.clear()
            self.size = 0

    def __len__(self) -> int:
        return len(self._things)

    def _drop(self, key: Hashable) -> None:
        gone = self._things.pop(key, None)
        if gone is not None:
            self.size -= self._weight(gone) + ENTRY
