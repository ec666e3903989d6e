"""Letters on the page: how far a run of text reaches, and its picture.

Plain letters (Latin, Greek, Cyrillic) are put together from single ones that are drawn once and kept, with the font's
own kerning between them: a new name costs no more than finding its letters. Scripts whose letters join, stack or swap
places are shaped as whole runs, by HarfBuzz where it is here.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor
from typing import Final, NamedTuple

import arabic_reshaper
from bidi import get_display  # type: ignore[import-untyped]
from PIL import Image, ImageDraw

from . import typefaces
from .kept import Kept
from .typefaces import LOCK, Face

EM: Final = 512
"""The size, in pixels, at which distances between letters are measured; they grow and shrink with the size."""

LARGE: Final = 160
"""Sizes in pixels above which letters are kept by their weight: a thousand of the largest would take 400 MB."""

MOST_LARGE_BYTES: Final = 32 * 1024 * 1024
"""Large letters kept per process."""

MOST_SHAPED_BYTES: Final = 16 * 1024 * 1024
"""Drawn runs of scripts that join, kept per process."""

_NO_SWAPS: Final = ["-liga", "-calt", "-clig"]
"""Font features that put other shapes in the place of single letters."""


class Extent(NamedTuple):
    """How far a run reaches, in pixels from the pen on the baseline; `top` is negative above it."""

    advance: float
    left: float
    top: float
    right: float
    bottom: float


class Stamp(NamedTuple):
    """A drawn letter or run: white on black, as large as its ink, and where that lies from the pen on the baseline."""

    picture: Image.Image
    left: int
    top: int


def _stamp_weight(stamp: Stamp) -> int:
    return stamp.picture.width * stamp.picture.height


@lru_cache(maxsize=4096)
def measure(face: Face, text: str, size: int, rtl: bool, shaping: bool, thicker: float = 0) -> Extent:
    """The extent of `text`, which is one run of one direction in logical order; `thicker` is the outline round it.

    Edges are whole pixels, those of its stamps.
    """
    if not rtl and is_plain(face, text):
        return _letters_extent(face, text, size, shaping, thicker)
    with LOCK:
        font, factor = typefaces.scaled(face, size, shaping)
        shown, direction = _shown(text, rtl, shaping)
        advance = font.getlength(shown, direction=direction) * factor
        ink = font.getbbox(shown, direction=direction, anchor="ls", stroke_width=thicker / factor)
        left, top, right, bottom = (edge * factor for edge in ink)
        return Extent(advance, floor(left), floor(top), ceil(right), ceil(bottom))


def stamps(face: Face, text: str, size: int, rtl: bool, shaping: bool, thicker: float = 0) -> Iterator[Stamp]:
    """The picture of a run: letter by letter where they are plain, else in one."""
    if not rtl and is_plain(face, text):
        pens, _ = _pens(face, text, size, shaping)
        for character, pen in zip(text, pens, strict=True):
            letter = _letter(face, size, character, thicker)
            if letter is not None:
                yield Stamp(letter.picture, pen + letter.left, letter.top)
    else:
        whole = _shaped(face, text, size, rtl, shaping, thicker)
        if whole is not None:
            yield whole


# --- plain letters --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def is_plain(face: Face, text: str) -> bool:
    """True where every letter stands for itself, so that letters can be drawn one by one."""
    return not face.slow_to_open and all(_stands_alone(face, character) for character in text)


@lru_cache(maxsize=4096)
def _stands_alone(face: Face, character: str) -> bool:
    code = ord(character)
    is_simple = code < 0x0590 or 0x1E00 <= code < 0x2100
    if not is_simple or unicodedata.category(character)[0] in "MC":
        return False
    return character == " " or typefaces.draws(face, character)


def _letters_extent(face: Face, text: str, size: int, shaping: bool, thicker: float) -> Extent:
    pens, end = _pens(face, text, size, shaping)
    letters = zip(pens, (_edges(face, size, character, thicker) for character in text), strict=True)
    inks = [(pen + ink[0], ink[1], pen + ink[2], ink[3]) for pen, ink in letters if ink is not None]
    if not inks:
        return Extent(end, 0, 0, 0, 0)
    lefts, tops, rights, bottoms = zip(*inks, strict=True)
    return Extent(end, min(lefts), min(tops), max(rights), max(bottoms))


@lru_cache(maxsize=1024)
def _pens(face: Face, text: str, size: int, shaping: bool) -> tuple[list[int], float]:
    """Where each letter begins, on whole pixels, and where the next would."""
    scale = size / EM
    pen, pens = 0.0, [0]
    for character, after in pairwise(text):
        pen += (_advance(face, character) + _kerning(face, character + after, shaping)) * scale
        pens.append(round(pen))
    return pens, pen + _advance(face, text[-1]) * scale


@lru_cache(maxsize=4096)
def _advance(face: Face, character: str) -> float:
    with LOCK:
        return typefaces.opened(face, EM, False).getlength(character)


@lru_cache(maxsize=16384)
def _kerning(face: Face, pair: str, shaping: bool) -> float:
    """By how much two letters stand nearer (negative) than their widths say. Only HarfBuzz knows it."""
    if not shaping:
        return 0.0
    together, first, second = (_shaped_length(face, text) for text in (pair, pair[0], pair[1]))
    return together - first - second


@lru_cache(maxsize=16384)
def _shaped_length(face: Face, text: str) -> float:
    with LOCK:
        return typefaces.opened(face, EM, True).getlength(text, features=_NO_SWAPS)


@lru_cache(maxsize=16384)
def _edges(face: Face, size: int, character: str, thicker: float) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the ink of one letter: kept longer than its picture, as sizes are often tried."""
    seen = _letter(face, size, character, thicker)
    return (seen.left, seen.top, seen.left + seen.picture.width, seen.top + seen.picture.height) if seen else None


def _letter(face: Face, size: int, character: str, thicker: float) -> Stamp | None:
    """One letter, cut out along its ink; None where there is none."""
    return (_usual_letter if size <= LARGE else _large_letter)(face, size, character, thicker)


@lru_cache(maxsize=2048)
def _usual_letter(face: Face, size: int, character: str, thicker: float) -> Stamp | None:
    return _drawn_letter(face, size, character, thicker)


def _large_letter(face: Face, size: int, character: str, thicker: float) -> Stamp | None:
    key = (face, size, character, thicker)
    return _large_letters.made(key, lambda: (_drawn_letter(*key),))[0]


def _letter_weight(letter: tuple[Stamp | None]) -> int:
    return _stamp_weight(letter[0]) if letter[0] else 0


_large_letters: "Kept[tuple[Stamp | None]]" = Kept(MOST_LARGE_BYTES, _letter_weight)


def _drawn_letter(face: Face, size: int, character: str, thicker: float) -> Stamp | None:
    with LOCK:
        font = typefaces.opened(face, size, False)
        left, top, right, bottom = font.getbbox(character, anchor="ls", stroke_width=thicker)
        left, top = floor(left) - 1, floor(top) - 1
        tile = Image.new("L", (ceil(right) + 1 - left, ceil(bottom) + 1 - top))
        ImageDraw.Draw(tile).text((-left, -top), character, 255, font, "ls", stroke_width=thicker)
    ink = tile.getbbox()
    return Stamp(tile.crop(ink), left + ink[0], top + ink[1]) if ink else None


# --- shaped runs ----------------------------------------------------------------------------------------------------


_shaped_runs: "Kept[Stamp]" = Kept(MOST_SHAPED_BYTES, _stamp_weight)


def _shaped(face: Face, text: str, size: int, rtl: bool, shaping: bool, thicker: float) -> Stamp | None:
    """A whole run, kept for a while, as most words come again; None where there is nothing to see."""
    key = (face, text, size, rtl, shaping, thicker)
    found = _shaped_runs.get(key)
    if found is None and (drawn := _drawn_run(*key)) is not None:
        return _shaped_runs.keep(key, drawn)
    return found


def _drawn_run(face: Face, text: str, size: int, rtl: bool, shaping: bool, thicker: float) -> Stamp | None:
    extent = measure(face, text, size, rtl, shaping, thicker)
    wanted = (int(extent.right - extent.left), int(extent.bottom - extent.top))
    if min(wanted) <= 0:
        return None
    with LOCK:
        font, factor = typefaces.scaled(face, size, shaping)
        shown, direction = _shown(text, rtl, shaping)
        left, top, right, bottom = (edge / factor for edge in extent[1:])
        tile = Image.new("L", (ceil(right - left), ceil(bottom - top)))
        pen = ImageDraw.Draw(tile)
        pen.text((-left, -top), shown, 255, font, "ls", direction=direction, stroke_width=thicker / factor)
    fitting = tile if tile.size == wanted else tile.resize(wanted, Image.Resampling.LANCZOS)
    return Stamp(fitting, int(extent.left), int(extent.top))


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
