"""What a picture file says of itself in its first bytes, before anything of it is decoded.  (pure)

Name and declared type of an upload are never looked at: only the content counts.
"""

import re
from collections.abc import Iterator
from typing import Final

#: Brands of an ISO media file that stand for still pictures in HEVC; any other kind of "ftyp" is something else.
_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"miaf", b"MiHB"})
_AVIF: Final = frozenset({b"avif", b"avis"})
_PNG: Final = b"\x89PNG\r\n\x1a\n"
#: A telephone's picture has some sixty boxes at most in any of its containers.
_MOST_BOXES: Final = 2000
#: Colour profile and metadata of a JPEG come in pieces of 64 kB, the pixels of a PNG in pieces of 4 kB or more.
_MOST_SEGMENTS: Final = 1000
_MOST_CHUNKS: Final = 8000
_MOST_JUNK: Final = 4096
_PADDING: Final = re.compile(rb"\xff+[^\xff]", re.DOTALL)
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN: Final = 0xDA
#: Markers that have no length after them.
_ALONE: Final = frozenset({0x00, 0x01, *range(0xD0, 0xDA)})

Size = tuple[int, int]


class BadHeader(ValueError):
    """The first bytes contradict themselves."""


def kind(raw: bytes) -> str:
    """JPEG, PNG, WEBP or HEIC; AVIF and GIF, which have a sentence of their own; else nothing."""
    if raw.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if raw.startswith(_PNG):
        return "PNG"
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "WEBP"
    if raw.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    return _media_kind(raw) if raw[4:8] == b"ftyp" else ""


def _media_kind(raw: bytes) -> str:
    end = min(int.from_bytes(raw[:4]), 256)
    brands = {raw[8:12], *(raw[at : at + 4] for at in range(16, end, 4))}
    if brands & _AVIF:
        return "AVIF"
    return "HEIC" if brands & _HEIC else ""


def moves(raw: bytes, kind: str) -> bool:
    """Is it a film of several frames?"""
    if kind == "PNG":
        return b"acTL" in raw[: max(0, raw.find(b"IDAT"))]
    if kind == "WEBP":
        return raw[12:16] == b"VP8X" and len(raw) > 20 and bool(raw[20] & 2)
    parts = {name for name, _, _ in _boxes(raw, 0, len(raw))} if kind == "HEIC" else set()
    return b"moov" in parts and b"meta" not in parts


def sizes(raw: bytes, kind: str) -> list[Size]:
    """Every width and height that is said before the pixels begin.  Raises BadHeader."""
    readers = {"JPEG": _jpeg_sizes, "PNG": _png_sizes, "WEBP": _webp_sizes, "HEIC": _heic_sizes}
    return readers[kind](raw)


# --- JPEG, PNG and WebP ---------------------------------------------------------------------------------------------


def _jpeg_sizes(raw: bytes) -> list[Size]:
    """What the frame headers say, up to the first scan; a loader walks the same way, so it must not be a long one."""
    at, found = 2, list[Size]()
    for _ in range(_MOST_SEGMENTS):
        at = raw.find(b"\xff", at, at + _MOST_JUNK)
        padding = _PADDING.match(raw, at, at + _MOST_JUNK) if at >= 0 else None
        if padding is None:
            break
        marker, at = raw[padding.end() - 1], padding.end()
        if marker == _SCAN and found:
            return found
        if marker in _FRAMES:
            found.append((int.from_bytes(raw[at + 5 : at + 7]), int.from_bytes(raw[at + 3 : at + 5])))
        at += int.from_bytes(raw[at : at + 2]) if marker not in _ALONE else 0
    raise BadHeader("No frame header, or too long a way to it.")


def _png_sizes(raw: bytes) -> list[Size]:
    at, found = len(_PNG), list[Size]()
    for _ in range(_MOST_CHUNKS):
        name = raw[at + 4 : at + 8]
        if name == b"IHDR":
            found.append((int.from_bytes(raw[at + 8 : at + 12]), int.from_bytes(raw[at + 12 : at + 16])))
        if name in (b"IEND", b"") and found:
            return found
        at += 12 + int.from_bytes(raw[at : at + 4])
    raise BadHeader("No header, or more chunks than a photo has.")


def _webp_sizes(raw: bytes) -> list[Size]:
    return [_webp_size(raw)]


def _webp_size(raw: bytes) -> Size:
    """Pillow's decoder would set aside the memory before it told us."""
    chunk, body = raw[12:16], raw[20:30].ljust(10, b"\0")
    if chunk == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF


# --- HEIC: boxes within boxes (ISO/IEC 14496-12), pictures as items with properties (ISO/IEC 23008-12) ---------------


def _heic_sizes(raw: bytes) -> list[Size]:
    """The size of every item: the picture, its tiles, its thumbnail."""
    found = [(0, len(raw))]
    for name, skipped in ((b"meta", 4), (b"iprp", 0), (b"ipco", 0)):
        found = [(s + skipped, e) for start, end in found for box, s, e in _boxes(raw, start, end) if box == name]
    spans = [s for start, end in found for box, s, e in _boxes(raw, start, end) if box == b"ispe" and e - s >= 12]
    if not spans:
        raise BadHeader("A picture without a size.")
    return [(int.from_bytes(raw[at + 4 : at + 8]), int.from_bytes(raw[at + 8 : at + 12])) for at in spans]


def _boxes(raw: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of a container: what each is called, and where its content begins and ends."""
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        length, head = int.from_bytes(raw[start : start + 4]), 8
        if length == 1:
            length, head = int.from_bytes(raw[start + 8 : start + 16]), 16
        length = length or end - start
        if length < head or start + length > end:
            raise BadHeader("A box that reaches beyond its container.")
        yield raw[start + 4 : start + 8], start + head, start + length
        start += length
    raise BadHeader("More boxes than a photo has.")


# --- colour ---------------------------------------------------------------------------------------------------------


def primaries(raw: bytes, kind: str) -> int | None:
    """The colour primaries a PNG names by number (its cICP chunk; the numbers are those of ITU-T H.273)."""
    if kind != "PNG":
        return None
    at = raw.find(b"\0\0\0\x04cICP", 0, max(0, raw.find(b"IDAT")))
    return raw[at + 8] if at >= 0 else None
