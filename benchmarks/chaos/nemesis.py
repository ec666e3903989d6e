"""Who kills and freezes the workers, and strikes at the servers behind them.

A seed decides when, counted in progress and not in seconds.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, Site, stop
from benchmarks.servers import Servers
from campaigns.management import leash

#: Nobody is struck before the first messages are out and after nearly all of them are.
FIRST, LAST = 0.03, 0.95
#: A frozen worker sleeps so many seconds longer than the longest lease.
OVERSLEPT = (1.0, 3.0)
#: A killed Redis stays away so many seconds.
AWAY = (0.5, 8.0)
#: The supervisor takes a worker for hung after 30 seconds.
LONGEST_SLEEP = 25.0
#: Whoever froze inside a transaction held others up; so many seconds later that is made good.
AFTERMATH = 10.0
WORKER = ["celery", "-q", "-A", "reviews.celery", "worker", "-P", "threads", "-l", "warning", "--without-gossip"]
HELD = (
    "SELECT count(*) FROM campaigns_message WHERE status IN ('planned', 'rendered', 'uploaded') AND lease_token LIKE "
)


@dataclass
class Nemesis:
    """Strikes the workers of a site.  There are always two, so that what one drops the other finds.

    `strikes` says how many of each: kill, freeze; and where the servers are ours, redis, flush and postgres.
    """

    site: Site
    strikes: Mapping[str, int]
    seed: int
    longest_lease: float
    servers: Servers | None = None
    struck: Counter[str] = field(default_factory=Counter)
    #: Seconds from a worker's death until nothing is lent to it any more.
    recoveries: list[float] = field(default_factory=list)
    _second: "subprocess.Popen[bytes] | None" = None
    _asleep: dict[int, float] = field(default_factory=dict)
    _mourned: dict[str, float] = field(default_factory=dict)
    _woke: float = float("-inf")
    _redis_back: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        strikes = [strike for strike, times in self.strikes.items() for _ in range(times)]
        self._plan = sorted((self._chance.uniform(FIRST, LAST), strike) for strike in strikes)

    @property
    def is_done(self) -> bool:
        """Nothing is planned any more, nobody sleeps, and nobody is away."""
        return not (self._plan or self._asleep or self._redis_back)

    @property
    def is_felt(self) -> bool:
        """Somebody sleeps, or has just woken up: a transaction it froze in holds up everybody who writes."""
        return bool(self._asleep) or time.monotonic() - self._woke < AFTERMATH

    def act(self, progress: float, database: Any) -> None:
        """Wake who has slept enough, keep a second worker, and strike when it is time."""
        self._wake()
        self._bring_redis_back()
        self._keep_a_second()
        self._count_recoveries(database)
        if self._plan and progress >= self._plan[0][0] and self._strike(self._plan[0][1]):
            self._plan.pop(0)

    def _strike(self, strike: str) -> bool:
        """False where nobody is there to be struck just now."""
        if strike in ("kill", "freeze"):
            awake = self._awake()
            if not awake or (strike == "freeze" and self._asleep):
                return False
            (self._kill if strike == "kill" else self._freeze)(self._chance.choice(awake))
            return True
        if self._redis_back and strike != "postgres":
            return False
        self._strike_a_server(strike)
        self.struck[strike] += 1
        return True

    def _strike_a_server(self, strike: str) -> None:
        assert self.servers is not None
        if strike == "postgres":
            self.servers.postgresql.restart()
        elif strike == "flush":
            self.servers.redis.flush()
        else:
            self.servers.redis.kill()
            self._redis_back = time.monotonic() + self._chance.uniform(*AWAY)

    def _bring_redis_back(self, now: bool = False) -> None:
        if self.servers is not None and self._redis_back and (now or time.monotonic() >= self._redis_back):
            self.servers.redis.start()
            self._redis_back = 0.0

    def end(self) -> None:
        """Leave nobody asleep or away and no worker of ours behind."""
        self._wake(everybody=True)
        self._bring_redis_back(now=True)
        if self._second is not None:
            stop(self._second)

    def _awake(self) -> list[int]:
        """Workers that are up: they have a name already."""
        ours = [self._second.pid] if self._second is not None and self._second.poll() is None else []
        return [pid for pid in [*self.site.processes("celery"), *ours] if pid not in self._asleep and self._name(pid)]

    def _name(self, pid: int) -> str:
        """The name under which a worker borrows messages: that of the file it keeps locked."""
        workers = self.site.folder / "workers"
        with contextlib.suppress(OSError):
            for handle in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    if (path := handle.readlink()).parent == workers:
                        return path.name
        return ""

    def _kill(self, pid: int) -> None:
        name = self._name(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.struck["kill"] += 1
            self._mourned[name] = time.monotonic()

    def _freeze(self, pid: int) -> None:
        seconds = min(self.longest_lease + self._chance.uniform(*OVERSLEPT), LONGEST_SLEEP)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            self.struck["freeze"] += 1
            self._asleep[pid] = time.monotonic() + seconds

    def _wake(self, everybody: bool = False) -> None:
        for pid, until in list(self._asleep.items()):
            if everybody or time.monotonic() >= until:
                del self._asleep[pid]
                self._woke = time.monotonic()
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _keep_a_second(self) -> None:
        if self._second is None or self._second.poll() is not None:
            parent = os.getpid()
            with (self.site.folder / "second.txt").open("ab") as log:
                self._second = subprocess.Popen(
                    [sys.executable, "-m", *WORKER],
                    cwd=ROOT,
                    env=self.site.environ,
                    stdout=log,
                    stderr=log,
                    preexec_fn=lambda: leash.die_with_parent(parent),
                )

    def _count_recoveries(self, database: Any) -> None:
        for name, since in list(self._mourned.items()):
            if not name or not database.execute(f"{HELD}'{name}:%'").fetchone()[0]:
                self.recoveries.append(time.monotonic() - since)
                del self._mourned[name]
