"""Who kills and freezes the workers.  A seed decides when, counted in progress and not in seconds."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, Site, stop
from campaigns.management import leash

#: Nobody is struck before the first messages are out and after nearly all of them are.
FIRST, LAST = 0.03, 0.95
#: A frozen worker sleeps so many seconds longer than the longest lease.
OVERSLEPT = (1.0, 3.0)
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
    """Strikes the workers of a site.  There are always two, so that what one drops the other finds."""

    site: Site
    kills: int
    freezes: int
    seed: int
    longest_lease: float
    killed: int = 0
    frozen: int = 0
    #: Seconds from a worker's death until nothing is lent to it any more.
    recoveries: list[float] = field(default_factory=list)
    _second: "subprocess.Popen[bytes] | None" = None
    _asleep: dict[int, float] = field(default_factory=dict)
    _mourned: dict[str, float] = field(default_factory=dict)
    _woke: float = float("-inf")

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        strikes = ["kill"] * self.kills + ["freeze"] * self.freezes
        self._plan = sorted((self._chance.uniform(FIRST, LAST), strike) for strike in strikes)

    @property
    def is_done(self) -> bool:
        """Nothing is planned any more, and nobody sleeps."""
        return not self._plan and not self._asleep

    @property
    def is_felt(self) -> bool:
        """Somebody sleeps, or has just woken up: a transaction it froze in holds up everybody who writes."""
        return bool(self._asleep) or time.monotonic() - self._woke < AFTERMATH

    def act(self, progress: float, database: Any) -> None:
        """Wake who has slept enough, keep a second worker, and strike when it is time."""
        self._wake()
        self._keep_a_second()
        self._count_recoveries(database)
        if self._plan and progress >= self._plan[0][0] and (awake := self._awake()):
            strike = self._plan[0][1]
            if strike == "freeze" and self._asleep:
                return
            self._plan.pop(0)
            (self._kill if strike == "kill" else self._freeze)(self._chance.choice(awake))

    def end(self) -> None:
        """Leave nobody asleep and no worker of ours behind."""
        self._wake(everybody=True)
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
            self.killed += 1
            self._mourned[name] = time.monotonic()

    def _freeze(self, pid: int) -> None:
        seconds = min(self.longest_lease + self._chance.uniform(*OVERSLEPT), LONGEST_SLEEP)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            self.frozen += 1
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
