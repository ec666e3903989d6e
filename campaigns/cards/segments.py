"""A JPEG in pieces that can be exchanged.

Restart markers cut the scan of a baseline JPEG into segments that know nothing of each other (ITU-T T.81, E.1.4).
Where a picture has changed, only the segments that show the change are encoded anew, from a crop of the picture, and
put in the place of the old ones. The result is, byte for byte, what encoding the whole picture would give.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import BinaryIO, Final, NamedTuple, Self

from PIL import Image

QUALITY: Final = 85
SUBSAMPLING: Final = "4:2:0"
UNIT: Final = 16
"""Pixels along the side of the smallest unit that is coded on its own, with colours at half the resolution."""

WANTED_ACROSS: Final = 4
"""Segments a row: more are more exact, and cost more bytes."""

MOST_EXTRA_BYTES: Final = 0.018
"""How much larger than without markers a picture may be, as a share."""

LARGE: Final = 500_000
"""Pixels from which a picture is encoded into a real file, where Pillow lets other threads work meanwhile."""

_MARK: Final = re.compile(rb"\xff[\xd0-\xd7]")
_MARKS: Final = tuple(bytes((0xFF, 0xD0 + number)) for number in range(8))
_END: Final = b"\xff\xd9"


class NotInPieces(Exception):
    """This encoder has not set the restart markers it was asked for."""


class Region(NamedTuple):
    """Whole segments: columns of the grid from `left` up to `right`, rows of units from `top` up to `bottom`."""

    left: int
    top: int
    right: int
    bottom: int

    def touches(self, other: "Region") -> bool:
        """True where the two share a segment."""
        apart_across = self.right <= other.left or other.right <= self.left
        return not (apart_across or self.bottom <= other.top or other.bottom <= self.top)

    def with_(self, other: "Region") -> "Region":
        """The smallest region that holds both."""
        return Region(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True)
class Grid:
    """How a picture of this size, in pixels, is cut: segments `block` units wide and one unit high."""

    width: int
    height: int
    block: int

    @property
    def across(self) -> int:
        """Segments in a row."""
        return ceil(self.width / UNIT) // self.block

    @property
    def down(self) -> int:
        """Rows."""
        return ceil(self.height / UNIT)

    @property
    def count(self) -> int:
        """Segments in all."""
        return self.across * self.down

    def region(self, left: int, top: int, right: int, bottom: int) -> Region | None:
        """The segments that these pixels touch; None where they all lie outside the picture."""
        step = self.block * UNIT
        found = Region(
            max(left, 0) // step,
            max(top, 0) // UNIT,
            min(ceil(right / step), self.across),
            min(ceil(bottom / UNIT), self.down),
        )
        return found if found.left < found.right and found.top < found.bottom else None

    def pixels(self, region: Region) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of a region on the picture."""
        step = self.block * UNIT
        right, bottom = min(region.right * step, self.width), min(region.bottom * UNIT, self.height)
        return region.left * step, region.top * UNIT, right, bottom

    def indices(self, region: Region) -> list[int]:
        """The numbers of its segments, in the order in which a crop of the region has them."""
        rows, across = range(region.top, region.bottom), self.across
        return [row * across + column for row in rows for column in range(region.left, region.right)]

    def share(self, regions: Iterable[Region]) -> float:
        """How much of the picture these regions cover together, if they do not touch: 0 to 1."""
        covered = sum((region.right - region.left) * (region.bottom - region.top) for region in regions)
        return covered / self.count

    @property
    def whole(self) -> Region:
        """All of it."""
        return Region(0, 0, self.across, self.down)


@dataclass(frozen=True)
class Sheet:
    """An encoded picture in its pieces. `pieces` are the head and then every segment with the marker after it."""

    grid: Grid
    quality: int
    pieces: tuple[bytes, ...]

    @classmethod
    def of(cls, picture: Image.Image, quality: int = QUALITY) -> Self:
        """Encode `picture` (RGB) in as many segments a row as its bytes allow. Raises NotInPieces."""
        plain = len(_saved(picture, quality=quality))
        for across in _choices(picture.width):
            grid = Grid(*picture.size, ceil(picture.width / UNIT) // across)
            jpeg = encode(picture, grid.block, quality)
            if across == 1 or len(jpeg) <= plain * (1 + MOST_EXTRA_BYTES):
                break
        head, segments = _cut(jpeg, grid.count)
        stamped = (_stamped(segment, index, grid.count) for index, segment in enumerate(segments))
        return cls(grid, quality, (head, *stamped))

    @property
    def size(self) -> int:
        """Bytes of the whole."""
        return sum(map(len, self.pieces))

    def cut(self, crop: Image.Image, region: Region) -> dict[int, bytes]:
        """The segments of `crop`, which shows this region of the picture, by their number; ready for `joined`."""
        indices = self.grid.indices(region)
        _, segments = _cut(encode(crop, self.grid.block, self.quality), len(indices))
        count = self.grid.count
        return {index: _stamped(segment, index, count) for index, segment in zip(indices, segments, strict=True)}

    def joined(self, changed: Mapping[int, bytes]) -> bytes:
        """The whole JPEG, with these segments in the place of its own."""
        pieces = list(self.pieces)
        for index, segment in changed.items():
            pieces[index + 1] = segment
        return b"".join(pieces)


def encode(picture: Image.Image, block: int, quality: int = QUALITY) -> bytes:
    """A baseline JPEG of `picture` with a restart marker after every `block` units."""
    return _saved(picture, quality=quality, restart_marker_blocks=block)


def apart(regions: Iterable[Region]) -> list[Region]:
    """The same segments in regions that do not touch each other: what touches becomes one."""
    found: list[Region] = []
    for region in regions:
        while touching := [other for other in found if other.touches(region)]:
            for other in touching:
                found.remove(other)
                region = region.with_(other)
        found.append(region)
    return found


def _choices(width: int) -> list[int]:
    """Numbers of segments a row that are worth trying: near to what is wanted, then fewer."""
    units = ceil(width / UNIT)
    whole = [across for across in range(1, units + 1) if units % across == 0]
    best = min(whole, key=lambda across: abs(across - WANTED_ACROSS))
    return [across for across in reversed(whole) if across <= best]


def _stamped(segment: bytes, index: int, count: int) -> bytes:
    """A segment with what follows it: the marker, which counts to eight over and over, or the end of the picture."""
    return segment + (_MARKS[index % 8] if index < count - 1 else _END)


def _cut(jpeg: bytes, expected: int) -> tuple[bytes, list[bytes]]:
    """The head of a JPEG, up to its scan, and the segments of the scan without markers. Raises NotInPieces."""
    start = _scan_start(jpeg)
    segments = _MARK.split(jpeg[start:-2])
    if len(segments) != expected or not jpeg.endswith(_END):
        raise NotInPieces(f"{expected} segments were asked for, {len(segments)} came")
    return jpeg[:start], segments


def _scan_start(jpeg: bytes) -> int:
    """Where the coded pixels begin: walk from marker to marker past the head of the scan (FF DA)."""
    place = 2
    while jpeg[place + 1] != 0xDA:
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
    return place + 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")


def _saved(picture: Image.Image, **options: int) -> bytes:
    with _file(picture.width * picture.height) as out:
        picture.save(out, "JPEG", subsampling=SUBSAMPLING, **options)
        out.seek(0)
        return out.read()


def _file(pixels: int) -> BinaryIO:
    """Memory for a small picture; for a large one a nameless file that never touches a disk, where there is such."""
    if pixels < LARGE or not hasattr(os, "memfd_create"):
        return BytesIO()
    return os.fdopen(os.memfd_create("card"), "w+b")
