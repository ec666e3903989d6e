"""Numbers as people read them: each with the number it is a part of, and drawn for those who would rather see."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from campaigns.results.counting import Funnel, Group
from campaigns.results.periods import Period

#: Of fewer than these no percentage is said: one customer more would change it by five.
FEW = 20
#: What is counted of those who were asked: column, word of the table's head, and word of a sentence.
STEPS = (
    ("delivered", "Delivered", "delivered"),
    ("read", "Read", "read"),
    ("opened", "Opened link", "opened the link"),
    ("replied", "Replied", "replied"),
    ("likely", "Likely reviewed", "have likely reviewed"),
    ("stopped", "Stopped", "stopped"),
)
#: Units of the drawing: the room of all bars together, the widest of them, the tallest, and where they stand.
WIDE, WIDEST, HIGH, GROUND = 600, 36, 90, 100


@dataclass(frozen=True)
class Step:
    """So many of those who were asked; `percent` is empty where there are too few to say one."""

    look: str
    label: str
    words: str
    count: int
    of: int
    #: False where nobody counts it: then there is no number at all.
    is_counted: bool = True

    @property
    def percent(self) -> str:
        """'34 %'."""
        return share_of(self.count, self.of)

    @property
    def width(self) -> str:
        """Of its bar, in percent of the whole."""
        return f"{self.count * 100 / self.of:.2f}%" if self.of else "0%"


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    name: str
    asked: int
    steps: list[Step]
    key: int | None = None


@dataclass(frozen=True)
class Stroke:
    """One bar of the drawing, in its units from the upper left."""

    look: str
    x: float
    y: float
    width: float
    height: float


def share_of(part: int, whole: int) -> str:
    """'34 %', or nothing where there are too few."""
    return f"{round(part * 100 / whole)} %" if whole >= FEW else ""


def steps(funnel: Funnel, *, opens: bool) -> list[Step]:
    """The whole way of those who were asked.  `opens`: is it counted who opens the link?"""
    return [
        Step(look, label, words, getattr(funnel, look), funnel.asked, opens or look != "opened")
        for look, label, words in STEPS
    ]


def rows(groups: Iterable[Group], *, opens: bool) -> list[Row]:
    """The lines of a table."""
    return [Row(each.name, each.funnel.asked, steps(each.funnel, opens=opens), each.key) for each in groups]


def strokes(weeks: Sequence[Funnel]) -> list[Stroke]:
    """The drawing: one tall bar a week for the asked, with the read and the replied side by side before it."""
    most = max((funnel.asked for funnel in weeks), default=0)
    return [stroke for stroke in _strokes(weeks, most) if stroke.height] if most else []


def _strokes(weeks: Sequence[Funnel], most: int) -> Iterator[Stroke]:
    room = WIDE / len(weeks)
    width = min(room * 0.8, WIDEST)
    for number, funnel in enumerate(weeks):
        left = number * room + (room - width) / 2
        yield _stroke("sent", left, width, funnel.asked * HIGH / most)
        yield _stroke("read", left, width / 2, funnel.read * HIGH / most)
        yield _stroke("pen", left + width / 2, width / 2, funnel.replied * HIGH / most)


def _stroke(look: str, x: float, width: float, height: float) -> Stroke:
    return Stroke(look, round(x, 2), round(GROUND - height, 2), round(width, 2), round(height, 2))


def cells(kind: str, name: str, period: Period, funnel: Funnel, *, opens: bool) -> Sequence[object]:
    """One line of the file; what nobody counts is left empty."""
    counts = [getattr(funnel, look) if opens or look != "opened" else "" for look, _, _ in STEPS]
    return (kind, name, period.first.isoformat(), period.last.isoformat(), funnel.asked, *counts)


#: The first line of the file.
HEADER = ("What", "Name", "From", "To", "Asked", *(label for _, label, _ in STEPS))
