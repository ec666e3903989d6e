"""The cache: Redis where there is one, files otherwise.  What is counted in it (tries to sign in) is counted right."""

import fcntl
import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.redis import RedisCache

log = logging.getLogger(__name__)


#: At one of so many writes the folder is looked through.
LOOKS = 1 / 500
#: Seconds for which a Redis that did not answer is not asked again.  One that sleeps costs its whole time-out, and a
#: sign-in asks a dozen times.
LEFT_ALONE = 5.0


class Files(FileBasedCache):
    """Django's, whose `add` looks and writes in two steps: here of two at once only one adds, in all processes."""

    def __init__(self, folder: str, params: dict[str, Any]) -> None:
        super().__init__(folder, params)
        self._folder = Path(folder)

    def add(self, key: Any, *args: Any, **options: Any) -> bool:
        with self._alone():
            return super().add(key, *args, **options)

    def _cull(self) -> None:
        """Django's throws a third of all away, whichever, as soon as there are 300: a way to be rid of one's own tries.

        Here only what is over goes, and one looks for that now and then.
        """
        if random.random() < LOOKS:
            for path in self._folder.glob(f"*{self.cache_suffix}"):
                with suppress(FileNotFoundError), open(str(path), "rb") as kept:
                    self._is_expired(kept)  # type: ignore[attr-defined]  # it deletes those that are

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Redis(RedisCache):
    """Django's; while Redis is away the files of this host stand in, so that people can sign in (F-58)."""

    #: Where there is a Redis that did not answer, and until when it is left alone, on the monotonic clock.
    _away: dict[str, float] = {}

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._server = server

    def add(self, key: Any, *args: Any, **options: Any) -> Any:
        return self._or_spare("add", key, *args, **options)

    def get(self, key: Any, *args: Any, **options: Any) -> Any:
        return self._or_spare("get", key, *args, **options)

    def set(self, key: Any, *args: Any, **options: Any) -> Any:
        return self._or_spare("set", key, *args, **options)

    def delete(self, key: Any, *args: Any, **options: Any) -> Any:
        return self._or_spare("delete", key, *args, **options)

    def _or_spare(self, act: str, *args: Any, **options: Any) -> Any:
        if time.monotonic() >= self._away.get(self._server, 0):
            try:
                return getattr(super(), act)(*args, **options)
            except Exception:  # the client has errors of its own, and the network has others
                log.warning("the cache does not answer; files stand in for %s s", LEFT_ALONE, exc_info=True)
                self._away[self._server] = time.monotonic() + LEFT_ALONE
        return getattr(caches["spare"], act)(*args, **options)
