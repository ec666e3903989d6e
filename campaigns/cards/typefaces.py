"""The shipped fonts: which there are, what each can draw, and opening them once.

FreeType faces must not be used by two threads at a time, so everything that touches one holds `LOCK`. The fonts of
Chinese, Japanese and Korean are woff2, which cost some 30 ms to open: they are opened at one size and scaled.
"""

import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor
from pathlib import Path
from typing import Final, NamedTuple

import arabic_reshaper
from bidi import get_display  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFont, features

FONTS: Final = Path(__file__).parent / "fonts"
LOCK: Final = threading.RLock()
MASTER: Final = 192
"""The one size, in pixels, at which a font that is slow to open is opened."""

SHAPING: Final = bool(features.check("raqm"))
"""Whether letters can be joined and stacked by HarfBuzz here. Without it Devanagari cannot be drawn."""


@dataclass(frozen=True)
class Face:
    """One font file. `scale` is how large it is drawn beside a card font that itself has the scale 1."""

    file: str
    scale: float = 1.0
    leading: float = 1.15

    @property
    def slow_to_open(self) -> bool:
        return self.file.endswith(".woff2")


CHOICES: Final = {
    "hand": Face("Caveat_700Bold.ttf", scale=1.4, leading=0.92),
    "sans": Face("Inter_800ExtraBold.ttf", leading=1.16),
    "serif": Face("SourceSerif4_700Bold.ttf", scale=1.06, leading=1.12),
    "display": Face("Oswald_700Bold.ttf", leading=1.22),
}
"""The fonts a card can be designed with."""

NOTO: Final = Face("NotoSans_700Bold.ttf")
ARABIC: Final = Face("NotoSansArabic_700Bold.ttf", scale=1.08)
HEBREW: Final = Face("NotoSansHebrew_700Bold.ttf", scale=1.06)
DEVANAGARI: Final = Face("NotoSansDevanagari_700Bold.ttf")
THAI: Final = Face("NotoSansThai_700Bold.ttf", scale=1.04)
CHINESE: Final = Face("noto-sans-sc-chinese-simplified-700-normal.woff2")
TAIWANESE: Final = Face("noto-sans-tc-chinese-traditional-700-normal.woff2")
JAPANESE: Final = Face("noto-sans-jp-japanese-700-normal.woff2")
KOREAN: Final = Face("noto-sans-kr-korean-700-normal.woff2")


class Extent(NamedTuple):
    """How far a run reaches, in pixels from the pen on the baseline; `top` is negative above it."""

    advance: float
    left: float
    top: float
    right: float
    bottom: float


@lru_cache(maxsize=8192)
def draws(face: Face, character: str) -> bool:
    """True where `face` has a glyph of its own for `character`, not the empty box.

    Without a table of glyphs at hand the question is put to the font: a missing one looks like U+10FFFF.
    """
    with LOCK:
        return _picture(face, character) != _picture(face, "\U0010ffff")


@lru_cache(maxsize=4096)
def measure(face: Face, text: str, size: int, rtl: bool, shaping: bool, thicker: float = 0) -> Extent:
    """The extent of `text`, which is one run of one direction in logical order; `thicker` is the outline round it.

    Edges are whole pixels, those of the picture that `draw` puts down.
    """
    with LOCK:
        font, factor = _font(face, size, shaping)
        shown, direction = _shown(text, rtl, shaping)
        advance = font.getlength(shown, direction=direction) * factor
        ink = font.getbbox(shown, direction=direction, anchor="ls", stroke_width=thicker / factor)
        left, top, right, bottom = (edge * factor for edge in ink)
        return Extent(advance, floor(left), floor(top), ceil(right), ceil(bottom))


class Stroke(NamedTuple):
    """How one run is drawn: where its pen begins on the baseline, and how much thicker its letters are."""

    x: float
    y: float
    thicker: float = 0


def draw(mask: Image.Image, at: Stroke, face: Face, text: str, size: int, rtl: bool, shaping: bool) -> None:
    """Draw one run in white on an "L" picture. What has just been drawn is kept, as most words come again."""
    with LOCK:
        extent = measure(face, text, size, rtl, shaping, at.thicker)
        letters = _letters(face, text, size, rtl, shaping, at.thicker)
        if letters is not None:
            mask.paste(255, (round(at.x) + int(extent.left), round(at.y) + int(extent.top)), letters)


@lru_cache(maxsize=128)
def _letters(face: Face, text: str, size: int, rtl: bool, shaping: bool, thicker: float) -> Image.Image | None:
    """The run in white on black, exactly as large as its extent; None where there is nothing to see."""
    extent = measure(face, text, size, rtl, shaping, thicker)
    if extent.right <= extent.left or extent.bottom <= extent.top:
        return None
    font, factor = _font(face, size, shaping)
    shown, direction = _shown(text, rtl, shaping)
    left, top, right, bottom = extent.left / factor, extent.top / factor, extent.right / factor, extent.bottom / factor
    tile = Image.new("L", (ceil(right - left), ceil(bottom - top)))
    pen = ImageDraw.Draw(tile)
    pen.text((-left, -top), shown, 255, font, "ls", direction=direction, stroke_width=thicker / factor)
    wanted = (int(extent.right - extent.left), int(extent.bottom - extent.top))
    return tile if tile.size == wanted else tile.resize(wanted, Image.Resampling.LANCZOS)


def _font(face: Face, size: int, shaping: bool) -> tuple[ImageFont.FreeTypeFont, float]:
    """The opened font, and by how much what it draws must be scaled to be `size` pixels."""
    if face.slow_to_open:
        return _open_slow(face, shaping), size / MASTER
    return _open(face, size, shaping), 1


def _load(face: Face, size: int, shaping: bool) -> ImageFont.FreeTypeFont:
    layout = ImageFont.Layout.RAQM if shaping else ImageFont.Layout.BASIC
    return ImageFont.truetype(FONTS / face.file, size, layout_engine=layout)


_open: Callable[[Face, int, bool], ImageFont.FreeTypeFont] = lru_cache(maxsize=160)(_load)


@lru_cache(maxsize=8)
def _open_slow(face: Face, shaping: bool) -> ImageFont.FreeTypeFont:
    return _load(face, MASTER, shaping)


def _picture(face: Face, character: str) -> tuple[bytes, tuple[int, int], float]:
    font, _ = _font(face, 32, shaping=False)
    mask = font.getmask(character, mode="L")
    return bytes(mask), mask.size, font.getlength(character)


_UNSEEN = frozenset("\u200c\u200d")
_RESHAPER = arabic_reshaper.ArabicReshaper(configuration={"ARABIC LIGATURE ALLAH": False})


def _shown(text: str, rtl: bool, shaping: bool) -> tuple[str, str | None]:
    """What to hand to Pillow: with raqm the text and its direction, without it the shapes from left to right."""
    if shaping:
        return text, "rtl" if rtl else "ltr"
    return joined(text) if rtl else text, None


def joined(text: str) -> str:
    """Right-to-left `text` in the order and the joined shapes in which it is drawn from the left.

    Vowel points are left out, as in everyday writing: without raqm they would stand in the wrong place.
    """
    shaped = "".join(character for character in _RESHAPER.reshape(text) if character not in _UNSEEN)
    bare = "".join(character for character in shaped if unicodedata.category(character) != "Mn")
    return str(get_display(bare, base_dir="R"))
