"""What a number of lives had to put up with, in figures."""

from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.life import Life

#: The parts of the fault matrix (reliability §7), by their last number.
PARTS = {15: "worker", 43: "Chert", 52: "webhooks", 63: "host"}
#: So many faults, each of another part, make a mix.
MIX = 3
MANY = 6


@dataclass
class Odds:
    """Figures of lives; a life itself is not kept."""

    lives: int = 0
    #: Messages that reached somebody, and lives in which any did.
    messages: int = 0
    with_messages: int = 0
    #: By fault: the lives that had it, and how often it struck in all.
    had: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    #: Lives by the number of parts of the matrix, and of kinds of fault.
    parts: Counter[int] = field(default_factory=Counter)
    kinds: Counter[int] = field(default_factory=Counter)

    def add(self, life: Life) -> None:
        """Count one more."""
        self.lives += 1
        self.messages += len(life.world.effects)
        self.with_messages += bool(life.world.effects)
        self.had.update(list(life.met))
        self.times.update(life.met)
        self.parts[len({part(fault) for fault in life.met})] += 1
        self.kinds[min(len(life.met), MANY)] += 1

    @property
    def mixed(self) -> int:
        """Lives that had three faults, each from another part."""
        return sum(lives for parts, lives in self.parts.items() if parts >= MIX)

    def table(self) -> str:
        """All of it, for reading."""
        lines = [f"{self.lives} lives, {self.messages} messages reached somebody", ""]
        lines += [f"{fault:32} {self.had[fault]:5} lives {self.times[fault]:6} times" for fault in sorted(self.had)]
        lines += ["", *(f"faults from {n} parts of the matrix: {self.parts[n]:5} lives" for n in range(len(PARTS) + 1))]
        lines += [f"{n}{'+' if n == MANY else ' '} kinds of fault: {self.kinds[n]:5} lives" for n in range(MANY + 1)]
        return "\n".join([*lines, f"mixed (three faults from three parts): {self.mixed} lives"])


def part(fault: str) -> str:
    """The part of the matrix that "F-17 reset after" stands in."""
    number = int(fault[2:4])
    return next(name for last, name in PARTS.items() if number <= last)
