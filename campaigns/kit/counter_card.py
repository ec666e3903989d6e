"""The card on the counter: A6 upright, with the business's name, one sentence and the code.

The sentence asks everybody alike and for no more than an opinion: nothing is offered for it, no stars are asked for,
and nobody is sent elsewhere first (R1, R3, R4).  Distances are millimetres of the trimmed card.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image

from campaigns import languages
from campaigns.cards import SHAPING, Box, layers, setting

from .symbols import QUIET, Symbol

WIDTH: Final = 105.0
HEIGHT: Final = 148.0
#: What print shops cut off on each side, so that no white edge is left.
BLEED: Final = 3.0
MM_AN_INCH: Final = 25.4

PAPER: Final = "#f4f2ec"
WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
INK: Final = "#17594a"
WRITING: Final = "#221f1a"


@dataclass(frozen=True)
class Said:
    """What the card says in one language: the question, what is asked, and what to do with the code."""

    question: str
    request: str
    camera: str


SAID: Final[Mapping[str, Said]] = {
    languages.ENGLISH: Said(
        "How was it?", "Good or not so good, tell others on Google.", "Point your phone’s camera at the code, or open"
    ),
    languages.SPANISH: Said(
        "¿Cómo le fue?",
        "Bueno o no tan bueno, cuénteselo a otros en Google.",
        "Apunte la cámara del teléfono al código, o abra",
    ),
}


@dataclass(frozen=True)
class Panel:
    """A rectangle of one colour."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Lettering:
    """Words as a mask (white is ink), laid over a rectangle in one colour."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    mask: Image.Image


@dataclass(frozen=True)
class Sheet:
    """Everything on a card, the lowest first, and what could not be said of it."""

    panels: tuple[Panel, ...]
    letterings: tuple[Lettering, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Line:
    """A text and its rectangle; `size` is the height of its letters at most."""

    text: str
    y: float
    height: float
    size: float
    font: str
    colour: str
    x: float = 9
    width: float = WIDTH - 18


#: The white square with the code, in the middle.
TILE: Final = 58.0
TILE_AT: Final = 66.0


def counter_card(name: str, code: Symbol, shown: str, language: str, dpi: int) -> Sheet:
    """The card of this business.  `shown` is the address as people type it; letters are drawn for `dpi`."""
    said = SAID[languages.spoken(language, languages.ENGLISH)]
    drawn = [_drawn(line, {"business": name}, dpi) for line in _lines(said, shown)]
    ground = Panel(-BLEED, -BLEED, WIDTH + 2 * BLEED, HEIGHT + 2 * BLEED, PAPER)
    return Sheet(
        panels=(ground, *_code(code)),
        letterings=tuple(lettering for lettering, _ in drawn if lettering is not None),
        notes=tuple(note for _, note in drawn if note),
    )


def _lines(said: Said, shown: str) -> Iterator[_Line]:
    """The name comes in through its merge field, so that a brace in a name stays a brace."""
    yield _Line("{business}", 9, 17, 8, "serif", INK)
    yield _Line(said.question, 27, 18, 17, "hand", WRITING)
    yield _Line(said.request, 46, 16, 6, "sans", WRITING)
    yield _Line(said.camera, TILE_AT + TILE + 3, 5, 3.2, "sans", WRITING)
    yield _Line(shown, TILE_AT + TILE + 8.5, 5.5, 3.6, "sans", INK)


def _code(code: Symbol) -> Iterator[Panel]:
    """The code with its quiet zone; modules that touch in a row are one rectangle, so that no hair line shows."""
    left, module = (WIDTH - TILE) / 2, TILE / code.side
    yield Panel(left, TILE_AT, TILE, TILE, WHITE)
    for number, row in enumerate(code.rows):
        y = TILE_AT + (number + QUIET) * module
        for start, length in _dark(row):
            yield Panel(left + (start + QUIET) * module, y, length * module, module, BLACK)


def _dark(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Where dark stretches begin, and how long they are."""
    start: int | None = None
    for place, dark in enumerate([*row, False]):
        if dark and start is None:
            start = place
        if not dark and start is not None:
            yield start, place - start
            start = None


def _drawn(line: _Line, words: Mapping[str, str], dpi: int) -> tuple[Lettering | None, str]:
    """The words as letters of our fonts, right in every script we have one for; and why something was left out."""
    dots = dpi / MM_AN_INCH
    width, height = round(line.width * dots), round(line.height * dots)
    size, least = round(line.size * dots), max(6, round(1.6 * dots))
    box = Box(line.text, 0, 0, width, height, font=line.font, size=size, min_size=least, colour=line.colour)
    words_set = setting.compose(box, words, SHAPING, layers.inset(box))
    mask = Image.new("L", (width, height))
    for layer in layers.of(box, words_set, SHAPING):
        mask.paste(255, (layer.left, layer.top), layer.mask)
    if not mask.getbbox():
        return None, words_set.note
    return Lettering(line.x, line.y, line.width, line.height, line.colour, mask), words_set.note
