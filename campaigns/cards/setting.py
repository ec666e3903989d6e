"""Setting the words of one box: which text, how large, on which lines. Nothing is drawn here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from campaigns import merge

from . import lettering, scripts
from .design import Box
from .scripts import Run
from .typefaces import CHOICES, Face

MOST_LINES: Final = 6
LONGEST: Final = 300
"""Characters; a filled text beyond this is not tried, it would be unreadable. No design's own words are longer."""

SAME_FOR_ALL: Final = frozenset({"sender", "business"})
"""Merge fields that are the same for all customers of a business: the last to be left out."""

_SPOKEN: Final = {
    "first_name": "the name",
    "sender": "the sender",
    "business": "the name of the business",
    "technician": "who was there",
    "service": "what was done",
    "visit_date": "the day",
}
"""What a field is called in a sentence about leaving it out."""

LINE_PENALTY: Final = 0.78
"""A further line has to make the letters this much larger to be worth it."""

CAPITAL: Final = 0.9
"""A guess at the height of one line, in sizes; the measured ink decides."""

SMALLEST: Final = 6
"""Pixels: how far the words without the name may shrink when nothing else helps."""


@dataclass(frozen=True)
class Placed:
    """One run with its size and the place of its pen, in pixels of the box."""

    run: Run
    size: int
    x: float
    y: float


@dataclass(frozen=True)
class Setting:
    """The words of one box, ready to draw. `note` says in a sentence why something was left out, or is empty;
    `left_out` are the merge fields whose words that cost."""

    text: str
    size: int
    runs: tuple[Placed, ...]
    note: str = ""
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Line:
    runs: tuple[tuple[Run, int, float], ...]
    width: float
    left: float
    top: float
    right: float
    bottom: float


class _Reach(NamedTuple):
    capital: float
    descent: float


@dataclass(frozen=True)
class _Room:
    """What the words have to fit into, and with what."""

    width: float
    height: float
    face: Face
    base: int
    shaping: bool


def compose(box: Box, words: Mapping[str, str], shaping: bool, inset: float = 0) -> Setting:
    """Set the words of `box`, `inset` pixels away from its edges.

    1. The text with all its words, from the box's size down to its floor.
    2. If a letter has no glyph: the same without the words that have it. If the text does not fit: without the
       longest of its words, or the next; then without all that differ between customers, then without any.
    3. If even that does not fit: as small as it must be.

    Signs that no font has, unlike letters, are left out without further ado.
    """
    face = CHOICES[box.font]
    lacking: list[str] | None = None
    for text, left_out in _versions(box.text, words, face, shaping):
        room = _room(box, inset, text, shaping)
        lost = scripts.undrawable(text, face, shaping)
        letters = [character for character in lost if scripts.is_letter(character)]
        shown = "" if letters else _without(text, lost)
        if not shown and not letters:
            return Setting("", 0, (), _reason(lacking, left_out), left_out)
        found = _fit(shown, box.size, box.floor, room)
        if found:
            return _placed(found, shown, box, inset, _reason(lacking, left_out), left_out)
        lacking = letters if lacking is None else lacking
    return _last_resort(text, box, inset, shaping, _reason(lacking, left_out), left_out)


def missing(box: Box, words: Mapping[str, str], shaping: bool) -> list[str]:
    """The letters of the filled text that no font here can draw."""
    text = _lines(merge.fill(box.text, _tidied(box.text, words)))
    return _letters_without_font(text, CHOICES[box.font], shaping)


def _letters_without_font(text: str, face: Face, shaping: bool) -> list[str]:
    return [each for each in scripts.undrawable(text, face, shaping) if scripts.is_letter(each)]


def _room(box: Box, inset: float, text: str, shaping: bool) -> _Room:
    face, base = CHOICES[box.font], _base(box.text, text)
    return _Room(box.width - 2 * inset, box.height - 2 * inset, face, base, shaping)


def _reason(lacking: list[str] | None, left_out: frozenset[str]) -> str:
    """Why the card does not say all it should: the letters that no font has, or else the room. None is no reason."""
    if lacking is None:
        return ""
    gone = " and ".join(spoken for name, spoken in _SPOKEN.items() if name in left_out)
    if lacking:
        said = f"so the card says its words without {gone}" if gone else "so the card leaves this out"
        return f"No font here has {' '.join(lacking[:8])}, {said}."
    if gone:
        return f"The words do not fit with {gone}, so the card says them without it."
    return "The words do not fit, so the letters are smaller than they should be."


def _without(text: str, lost: list[str]) -> str:
    return _lines("".join(character for character in text if character not in lost)) if lost else text


def _versions(
    template: str, words: Mapping[str, str], face: Face, shaping: bool
) -> Iterator[tuple[str, frozenset[str]]]:
    """The filled text, then poorer ones, each only where it differs; and the fields each leaves out."""
    tidied = _tidied(template, words)
    seen: set[str] = set()
    for left_out in _leavings(tidied, face, shaping):
        text = _lines(merge.fill(template, {name: said for name, said in tidied.items() if name not in left_out}))
        if text not in seen:
            seen.add(text)
            yield text, left_out


def _leavings(tidied: Mapping[str, str], face: Face, shaping: bool) -> Iterator[frozenset[str]]:
    """What to leave out: nothing, what has no glyphs, then also the longest word or the next, all personal, all."""
    said = [name for name, word in tidied.items() if word]
    yield frozenset()
    spoiled = frozenset(name for name in said if _letters_without_font(tidied[name], face, shaping))
    yield spoiled
    personal = [name for name in said if name not in SAME_FOR_ALL]
    for name in sorted(personal, key=lambda name: (-len(tidied[name]), name)):
        yield spoiled | {name}
    yield spoiled | frozenset(personal)
    yield frozenset(said)


def _tidied(template: str, words: Mapping[str, str]) -> dict[str, str]:
    return {name: _said(words.get(name) or "") for name in _fields(template)}


@lru_cache(maxsize=256)
def _fields(template: str) -> frozenset[str]:
    return frozenset(merge.fields_in(template))


def _said(value: str) -> str:
    """A word as it can be drawn; emoji alone are none."""
    tidied = scripts.tidy(value)
    return "" if scripts.is_ornament(tidied) else tidied


def _lines(text: str) -> str:
    """Line breaks are the designer's and stay; the rest is tidied."""
    if "\n" not in text:
        return scripts.tidy(text)
    return "\n".join(filter(None, (scripts.tidy(line) for line in text.splitlines())))


def _base(template: str, text: str) -> int:
    """The designer's own words decide the direction; where there are none, the name does."""
    own = _own_level(template)
    return scripts.base_level(text) if own is None else own


@lru_cache(maxsize=256)
def _own_level(template: str) -> int | None:
    own = merge.own_words(template)
    return scripts.base_level(own) if any(character.isalpha() for character in own) else None


@lru_cache(maxsize=512)
def _fit(text: str, size: int, floor: int, room: _Room) -> tuple[int, list[_Line]] | None:
    """The largest size and the lines at which `text` fits, or None below `floor`."""
    if not 0 < len(text) <= LONGEST:
        return None
    paragraphs = [line.split(" ") for line in text.split("\n")]
    widths = [[_line(word, size, room).width for word in words] for words in paragraphs]
    space = lettering.measure(room.face, " ", size, False, room.shaping).advance
    for guess, wide in _candidates(widths, space, size, room):
        pairs = zip(paragraphs, widths, strict=True)
        lines = [line for words, sizes in pairs for line in _wrap(words, sizes, space, wide)]
        found = _shrink(lines, guess, floor, room)
        if found:
            return found
    return None


def _candidates(widths: list[list[float]], space: float, size: int, room: _Room) -> Iterator[tuple[int, float]]:
    """Sizes worth trying with the line width they wrap at (measured at `size`), the best looking first."""
    fewest = len(widths)
    wide = max(sum(line) + space * (len(line) - 1) for line in widths) + 1
    first = _guess(wide, fewest, size, room)
    if first > size * LINE_PENALTY:  # more lines cannot look better
        yield int(first), wide
    tried: list[tuple[float, int, float]] = [(first, int(first), wide)]
    for count in range(fewest + 1, fewest + MOST_LINES):
        wide = _narrowest(widths, space, count)
        guess = _guess(wide, count, size, room)
        tried.append((guess * LINE_PENALTY ** (count - fewest), int(guess), wide))
    yield from ((guess, wide) for _, guess, wide in sorted(tried, reverse=True))


def _guess(wide: float, count: int, size: int, room: _Room) -> float:
    """The size at which `count` lines, `wide` pixels wide at `size`, should fit."""
    return min(size, size * room.width / wide, room.height / (room.face.leading * (count - 1) + CAPITAL))


def _narrowest(widths: list[list[float]], space: float, count: int) -> float:
    """The least width at which all words go on `count` lines: even lines look best."""
    low = max(max(line) for line in widths)
    high = max(sum(line) + space * (len(line) - 1) for line in widths) + 1
    while high - low > 1:
        middle = (low + high) / 2
        needed = sum(len(_starts(line, space, middle)) for line in widths)
        low, high = (low, middle) if needed <= count else (middle, high)
    return high


def _starts(widths: list[float], space: float, wide: float) -> list[int]:
    """The index of the first word of each line."""
    starts, used = [0], widths[0]
    for index, width in enumerate(widths[1:], start=1):
        used += space + width
        if used > wide:
            starts.append(index)
            used = width
    return starts


def _wrap(words: list[str], widths: list[float], space: float, wide: float) -> list[str]:
    starts = _starts(widths, space, wide)
    return [" ".join(words[start:end]) for start, end in zip(starts, [*starts[1:], len(words)], strict=True)]


def _shrink(lines: list[str], size: int, floor: int, room: _Room) -> tuple[int, list[_Line]] | None:
    """Set `lines` at `size` or, as estimates err a little, just below. Sizes are even, so that fonts are found open."""
    size = max(size // 2 * 2, min(floor, size))
    while size >= floor:
        made = [_line(line, size, room) for line in lines]
        if _fits(made, size, room):
            return size, made
        size -= max(1, size // 32)
    return None


def _fits(lines: list[_Line], size: int, room: _Room) -> bool:
    baselines = _baselines(lines, size, room.face)
    height = baselines[-1] + lines[-1].bottom - lines[0].top  # and a pixel, as pens stand on whole ones
    return height + 1 <= room.height and all(line.right - line.left + 1 <= room.width for line in lines)


def _baselines(lines: list[_Line], size: int, face: Face) -> list[float]:
    """How far each baseline lies below the first: even, but never so near that lines touch."""
    found = [0.0]
    for before, line in pairwise(lines):
        found.append(found[-1] + max(face.leading * size, before.bottom - line.top + 0.06 * size))
    return found


def _line(text: str, size: int, room: _Room) -> _Line:
    """Measure one line; fallback fonts are drawn at a size that looks even beside the card's own."""
    runs: list[tuple[Run, int, float]] = []
    pen = left = top = right = bottom = 0.0
    for run in scripts.visual_runs(text, room.face, room.base, room.shaping):
        own = _beside(run.face, room.face, size)
        extent = lettering.measure(run.face, run.text, own, run.rtl, room.shaping)
        runs.append((run, own, pen))
        left, right = min(left, pen + extent.left), max(right, pen + extent.right)
        top, bottom = min(top, extent.top), max(bottom, extent.bottom)
        pen += extent.advance
    return _Line(tuple(runs), pen, left, top, right, bottom)


def _beside(face: Face, card: Face, size: int) -> int:
    return size if face == card else max(1, round(size * face.scale / card.scale))


def _placed(
    found: tuple[int, list[_Line]], text: str, box: Box, inset: float, note: str, left_out: frozenset[str]
) -> Setting:
    """Give every run its place. The capitals stand in the middle of the box, so that a line does not jump with
    each name; ink that would leave the box moves the whole block."""
    size, lines = found
    baselines = _baselines(lines, size, CHOICES[box.font])
    first = _first_baseline(lines, baselines, size, box, inset)
    runs = [
        Placed(run, own, _start(line, box, inset) + x, first + baseline)
        for line, baseline in zip(lines, baselines, strict=True)
        for run, own, x in line.runs
    ]
    return Setting(text, size, tuple(runs), note, left_out)


def _first_baseline(lines: list[_Line], baselines: list[float], size: int, box: Box, inset: float) -> float:
    face = CHOICES[box.font]
    highest, lowest = inset - lines[0].top, box.height - inset - baselines[-1] - lines[-1].bottom
    wanted = {
        "top": inset + _reach(face, size).capital,
        "middle": (box.height - baselines[-1] + _reach(face, size).capital) / 2,
        "bottom": box.height - inset - _reach(face, size).descent - baselines[-1],
    }[box.valign]
    return max(highest, min(wanted, lowest))


def _start(line: _Line, box: Box, inset: float) -> float:
    """Where the pen begins, so that the ink of the line stands left, right or in the middle."""
    slack = box.width - 2 * inset - (line.right - line.left)
    return inset - line.left + slack * {"left": 0, "center": 0.5, "right": 1}[box.align]


def _reach(face: Face, size: int) -> _Reach:
    """How high capitals stand and how deep letters hang: the same for every name."""
    capital = -lettering.measure(face, "H", size, False, False).top
    return _Reach(capital, lettering.measure(face, "gjpy", size, False, False).bottom)


def _last_resort(text: str, box: Box, inset: float, shaping: bool, note: str, left_out: frozenset[str]) -> Setting:
    """The poorest version without what cannot be drawn, below the floor if it must be; perhaps nothing."""
    left = _without(text, scripts.undrawable(text, CHOICES[box.font], shaping))
    found = _fit(left, box.size, SMALLEST, _room(box, inset, left, shaping))
    return _placed(found, left, box, inset, note, left_out) if found else Setting("", 0, (), note, left_out)
