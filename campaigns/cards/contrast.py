"""How well the words of a card can be read where they stand, and what would help. Values in, values out.

Contrast is that of WCAG 2: the ratio of two luminances, from 1 to 21. What is measured are the photo's own pixels
under and around the letters; the ratio said is the one that nine tenths of them reach.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageColor, ImageFilter

from . import drawing, layers
from .design import Box, Card
from .starters import plain_photo

LARGE: Final = 48
"""From this size on, in pixels of a card, letters are large on a phone too: they need less."""
ENOUGH_LARGE: Final = 3.0
ENOUGH_SMALL: Final = 4.5
GRAIN: Final = 8
"""Pixels are looked at in squares of so many."""
WORST: Final = 0.1
SHADOW: Final = 0.5
"""How much of a soft shadow's colour lies under and around the letters."""

WHITE: Final = "#ffffff"
DARK: Final = "#221f1a"

Pixel = tuple[int, int, int]


@dataclass(frozen=True)
class Fix:
    """One thing that would make the words readable: what the button says, and the box's parts it changes."""

    label: str
    change: Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """How one box reads. `said` is a sentence where it is hard to read, else empty; `fixes` help, best first."""

    ratio: float
    enough: float
    said: str = ""
    fixes: tuple[Fix, ...] = ()


def readings(card: Card, words: Mapping[str, str]) -> list[Reading]:
    """How each box of `card` reads for this customer, in the order of the boxes.

    Boxes beneath are not counted: what is measured is the photo with its band and logo. Raises BadDesign.
    """
    ground = drawing.bare(card).reduce(GRAIN)
    return [_reading(box, _behind(card, box, words, ground)) for box in card.boxes]


def ratio(one: float, other: float) -> float:
    """The contrast of two luminances."""
    light, dark = max(one, other), min(one, other)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=65536)
def luminance(pixel: Pixel) -> float:
    """The relative luminance of an sRGB colour, 0 to 1."""
    red, green, blue = (_linear(part / 255) for part in pixel)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _reading(box: Box, behind: Sequence[Pixel]) -> Reading:
    enough = ENOUGH_LARGE if box.size >= LARGE else ENOUGH_SMALL
    if not behind:
        return Reading(21.0, enough)
    reached = _reached(box, behind)
    if reached >= enough:
        return Reading(reached, enough)
    fixes = tuple(_fixes(box, behind, enough))
    help_words = f" {_advice(fixes)}" if fixes else ""
    return Reading(reached, enough, f"Hard to read here: {reached:.1f} : 1.{help_words}", fixes)


def _advice(fixes: Sequence[Fix]) -> str:
    words = [fix.label[:1].lower() + fix.label[1:] for fix in fixes]
    return f"Try {' or '.join(filter(None, (', '.join(words[:-1]), words[-1])))}."


def _fixes(box: Box, behind: Sequence[Pixel], enough: float) -> Iterator[Fix]:
    """Those of the usual remedies that are enough here: another colour first, then something behind the words."""
    for label, colour in (("White letters", WHITE), ("Dark letters", DARK)):
        if _reached(replace(box, colour=colour), behind) >= enough:
            yield Fix(label, {"colour": colour})
    other = WHITE if luminance(_rgb(box.colour)) < 0.18 else "#000000"
    names = {"panel": "panel", "outline": "outline"}
    for effect, name in names.items():
        if effect != box.effect and _reached(replace(box, effect=effect, effect_colour=other), behind) >= enough:
            tone = "light" if other == WHITE else "dark"
            yield Fix(f"A {tone} {name}", {"effect": effect, "effect_colour": other})


def _reached(box: Box, behind: Sequence[Pixel]) -> float:
    """The contrast that nine tenths of the pixels behind the words reach."""
    letters = luminance(_rgb(box.colour))
    share = {"panel": layers.PANEL_OPACITY, "shadow": SHADOW, "outline": 1.0}.get(box.effect, 0.0)
    effect = _rgb(box.effect_colour)
    found = sorted(ratio(letters, luminance(_mixed(pixel, effect, share))) for pixel in behind)
    return found[int(len(found) * WORST)]


def _mixed(pixel: Pixel, effect: Pixel, share: float) -> Pixel:
    red, green, blue = (round(own + (over - own) * share) for own, over in zip(pixel, effect, strict=True))
    return red, green, blue


def _rgb(colour: str) -> Pixel:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def _behind(card: Card, box: Box, words: Mapping[str, str], ground: Image.Image) -> list[Pixel]:
    """The pixels of the ground, in squares, under the letters of this box and next to them."""
    mask = _letters(card, box, words).reduce(GRAIN).filter(ImageFilter.MaxFilter(3))
    inked = mask.tobytes()
    pixels = ground.tobytes()
    return [(pixels[3 * at], pixels[3 * at + 1], pixels[3 * at + 2]) for at, ink in enumerate(inked) if ink > 40]


def _letters(card: Card, box: Box, words: Mapping[str, str]) -> Image.Image:
    """The letters alone, white on black, exactly where the renderer puts them: it draws them itself."""
    alone = replace(box, colour=WHITE, effect_colour="#000000")
    night = Card(plain_photo("black"), card.width, card.height, (alone,))
    with Image.open(BytesIO(drawing.render(night, words)), formats=("JPEG",)) as drawn:
        return drawn.convert("L")
