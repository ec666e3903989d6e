"""The fonts: which there are, what each can draw, and opening them once.

FreeType faces must not be used by two threads at a time, so everything that touches one holds `LOCK`. The fonts of
Chinese, Japanese, Korean and of emoji are woff2, which cost some 30 ms to open: they are opened at one size and scaled.
"""

import threading
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import ImageFont, features

from . import outlines

FONTS: Final = Path(__file__).parent / "fonts"
LOCK: Final = threading.RLock()
MASTER: Final = 192
"""The one size, in pixels, at which a font that is slow to open is opened."""

MOST_OPEN: Final = 120
"""Opened fonts kept per process, one for each size: about a third of a megabyte each."""

SHAPING: Final = bool(features.check("raqm"))
"""Whether letters can be joined and stacked by HarfBuzz here. Without it Indic scripts cannot be drawn."""


@dataclass(frozen=True, eq=False)  # each is made once, and looked up by many caches for every letter
class Face:
    """One font file: its name among the shipped ones, or its path on this system. `scale` is how large it is drawn
    beside a card font that itself has the scale 1; `leading` is from line to line, in sizes."""

    file: str
    scale: float = 1.0
    leading: float = 1.15

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return FONTS / self.file

    @property
    def slow_to_open(self) -> bool:
        """Compressed, or one of this system that may have many megabytes: opened at one size only."""
        return self.file.endswith(".woff2") or self.is_foreign

    @property
    def is_foreign(self) -> bool:
        """A font of this system, not one of ours."""
        return Path(self.file).is_absolute()


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
EMOJI: Final = Face("noto-emoji-emoji-700-normal.woff2", scale=0.9)
SHIPPED: Final = (
    *CHOICES.values(),
    NOTO,
    ARABIC,
    HEBREW,
    DEVANAGARI,
    THAI,
    CHINESE,
    TAIWANESE,
    JAPANESE,
    KOREAN,
    EMOJI,
)


def lost() -> list[str]:
    """The files of shipped fonts that are no longer there; their words are drawn in Noto Sans, or left out."""
    return [face.file for face in SHIPPED if not face.path.exists()]


@lru_cache(maxsize=16384)
def draws(face: Face, character: str) -> bool:
    """True where `face` has a glyph of its own for `character`, not the empty box.

    Without a table of glyphs at hand the question is put to the font: a missing one looks like U+10FFFF.
    """
    if not _is_sound(face):
        return False
    try:
        with LOCK:
            return _picture(face, character) != _no_glyph(face)
    except OSError:  # one glyph of it is damaged
        return False


@lru_cache(maxsize=256)
def _is_sound(face: Face) -> bool:
    """False for a font of this system that cannot be opened; it is not read again for every letter."""
    try:
        with LOCK:
            _no_glyph(face)
    except OSError:
        return False
    return True


def scaled(face: Face, size: int, shaping: bool) -> tuple[ImageFont.FreeTypeFont, float]:
    """The opened font, and by how much what it draws must be scaled to be `size` pixels. Hold `LOCK` to use it."""
    if face.is_foreign:
        return _opened_foreign(face, shaping), size / MASTER
    if face.slow_to_open:
        return _opened_slowly(face, shaping), size / MASTER
    return opened(face, size, shaping), 1


@lru_cache(maxsize=MOST_OPEN)
def opened(face: Face, size: int, shaping: bool) -> ImageFont.FreeTypeFont:
    """The font at this size in pixels, opened from memory."""
    layout = ImageFont.Layout.RAQM if shaping else ImageFont.Layout.BASIC
    content = face.path.read_bytes() if face.is_foreign else _content(face)
    return ImageFont.truetype(BytesIO(content), size, layout_engine=layout)


@lru_cache(maxsize=16)
def _opened_slowly(face: Face, shaping: bool) -> ImageFont.FreeTypeFont:
    return opened.__wrapped__(face, MASTER, shaping)


@lru_cache(maxsize=16)
def _opened_foreign(face: Face, shaping: bool) -> ImageFont.FreeTypeFont:
    """Apart from ours, as one odd letter is looked for in a dozen of them."""
    return opened.__wrapped__(face, MASTER, shaping)


@lru_cache(maxsize=24)
def _content(face: Face) -> bytes:
    """The file of one of ours, read once per process. One that has been removed is replaced by Noto Sans."""
    try:
        return outlines.unmarked(face.path.read_bytes())
    except FileNotFoundError:
        return outlines.unmarked(NOTO.path.read_bytes())


@lru_cache(maxsize=64)
def _no_glyph(face: Face) -> tuple[bytes, tuple[int, int], float]:
    return _picture(face, "\U0010ffff")


def _picture(face: Face, character: str) -> tuple[bytes, tuple[int, int], float]:
    font, _ = scaled(face, 32, shaping=False)
    mask = font.getmask(character, mode="L")
    return bytes(mask), mask.size, font.getlength(character)
