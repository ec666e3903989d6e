"""Fonts as FreeType draws them fastest.

Fonts made from variable ones mark nearly every glyph as overlapping, and FreeType then draws it 16 times as large and
makes it small again: 4 to 6 times the work, for differences that nobody sees. The mark is taken off in memory; the file
stays as its makers published it. (OpenType, table "glyf": OVERLAP_SIMPLE is bit 6 of a glyph's first flag,
OVERLAP_COMPOUND bit 10 of a composite's.)
"""

import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

_SIMPLE: Final = 0x40
_COMPOUND: Final = 0x04  # in the high byte


def unmarked(font: bytes) -> bytes:
    """The same font without overlap marks; one that is compressed, damaged or drawn otherwise comes back as it is."""
    try:
        tables = _tables(font)
        if not {b"glyf", b"loca", b"head"} <= set(tables):
            return font
        changed = bytearray(font)
        for start in _glyphs(font, tables):
            flag, mark = _flag(font, start)
            changed[flag] &= ~mark
        return bytes(changed)
    except (struct.error, IndexError):
        return font


def _tables(font: bytes) -> dict[bytes, tuple[int, int]]:
    """Where each table lies: offset and length in bytes."""
    if font[:4] not in (b"\0\1\0\0", b"true"):
        return {}
    (count,) = struct.unpack_from(">H", font, 4)
    entries = (struct.unpack_from(">4sIII", font, 12 + 16 * number) for number in range(count))
    return {tag: (offset, length) for tag, _, offset, length in entries}


def _glyphs(font: bytes, tables: dict[bytes, tuple[int, int]]) -> Iterator[int]:
    """Where each glyph that has an outline begins."""
    is_long = struct.unpack_from(">h", font, tables[b"head"][0] + 50)[0]
    offset, length = tables[b"loca"]
    kind, unit = ("I", 1) if is_long else ("H", 2)
    places = struct.unpack_from(f">{length // (4 if is_long else 2)}{kind}", font, offset)
    for here, after in pairwise(places):
        if after - here:
            yield tables[b"glyf"][0] + here * unit


def _flag(font: bytes, start: int) -> tuple[int, int]:
    """The byte that holds a glyph's mark, and the bit."""
    (contours,) = struct.unpack_from(">h", font, start)
    if contours <= 0:
        return start + 10, _COMPOUND if contours else 0
    instructions = start + 10 + 2 * contours
    (length,) = struct.unpack_from(">H", font, instructions)
    return instructions + 2 + length, _SIMPLE
