"""What the words of one box put on the picture: layers of one colour each, only as large as their ink."""

import math
from collections.abc import Iterable, Iterator
from itertools import groupby, product
from typing import Final, NamedTuple

from PIL import Image, ImageDraw, ImageFilter

from . import lettering
from .design import Box
from .kept import Kept
from .setting import Setting

PANEL_OPACITY: Final = 0.72
SHADOW_OPACITY: Final = 0.65
OUTLINE: Final = 0.035
"""Width of an outline, in sizes."""

MARGIN: Final = 3
"""Pixels without ink round what is turned, so that its edges are smooth."""

MOST_INK_BYTES: Final = 24 * 1024 * 1024
MOST_PANEL_BYTES: Final = 8 * 1024 * 1024
"""Plain colours and panels kept per process, for the layers that come again with every customer."""

_SHADOW: Final = [round(min(255, level * 1.5) * SHADOW_OPACITY) for level in range(256)]


class Layer(NamedTuple):
    """A colour, laid on through a mask whose upper left corner lies at `left`, `top` of the card."""

    colour: str
    mask: Image.Image
    left: int
    top: int

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom on the card."""
        return self.left, self.top, self.left + self.mask.width, self.top + self.mask.height

    def put_on(self, picture: Image.Image, left: int = 0, top: int = 0) -> None:
        """Paint it; `left`, `top` is where on the card the picture lies."""
        ink = _ink(picture.mode, self.mask.size, self.colour)
        picture.paste(ink, (self.left - left, self.top - top), self.mask)


def weight(picture: Image.Image) -> int:
    """How much memory its pixels take, in bytes: of colours four each, whatever the mode says."""
    return picture.width * picture.height * (1 if picture.mode in ("L", "P") else 4)


_inks: "Kept[Image.Image]" = Kept(MOST_INK_BYTES, weight)
_panels: "Kept[Image.Image]" = Kept(MOST_PANEL_BYTES, weight)


def _ink(mode: str, size: tuple[int, int], colour: str) -> Image.Image:
    """Pasting a picture of one colour takes half the time of pasting the colour (Pillow 13)."""
    return _inks.made((mode, size, colour), lambda: Image.new(mode, size, colour))


def inset(box: Box) -> int:
    """How far the words stay from the edge, so that shadow, outline or panel keep inside the box as well."""
    reach = {"none": 0.0, "shadow": 0.09, "outline": 0.04, "panel": 0.22}[box.effect]
    return min(round(box.size * reach) + 1, box.width // 6, box.height // 6)


def of(box: Box, words: Setting, shaping: bool) -> list[Layer]:
    """The layers of a box, the lowest first; none where it says nothing."""
    if not words.runs:
        return []
    flat = [_within(layer, box) for layer in (*_effect(box, words, shaping), *_runs(box, words, shaping))]
    if not box.rotation:
        return flat
    return [_turned(_as_one(colour, same), box) for colour, same in groupby(flat, key=lambda layer: layer.colour)]


def edges(layers: Iterable[Layer]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the rectangle round all of these; there must be one at least."""
    lefts, tops, rights, bottoms = zip(*(layer.edges for layer in layers), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _as_one(colour: str, layers: Iterable[Layer]) -> Layer:
    """Layers of one colour as a single one: turning each letter by itself would take minutes on a large card."""
    listed = list(layers)
    left, top, right, bottom = edges(listed)
    whole = Image.new("L", (right - left + 2 * MARGIN, bottom - top + 2 * MARGIN))
    for layer in listed:
        whole.paste(255, (layer.left - left + MARGIN, layer.top - top + MARGIN), layer.mask)
    return Layer(colour, whole, left - MARGIN, top - MARGIN)


def _turned(layer: Layer, box: Box) -> Layer:
    """Turned about the middle of the box; only where there is ink."""
    turn = math.radians(box.rotation)
    cos, sin = math.cos(turn), math.sin(turn)
    across, down = box.x + box.width / 2, box.y + box.height / 2
    sides = (x - across for x in layer.edges[::2]), (y - down for y in layer.edges[1::2])
    corners = [(across + x * cos - y * sin, down + x * sin + y * cos) for x, y in product(*sides)]
    left, top = (math.floor(min(side)) for side in zip(*corners, strict=True))
    right, bottom = (math.ceil(max(side)) for side in zip(*corners, strict=True))
    x, y = left - across, top - down
    back = (cos, sin, cos * x + sin * y + across - layer.left, -sin, cos, cos * y - sin * x + down - layer.top)
    size = (max(1, right - left), max(1, bottom - top))
    turned = layer.mask.transform(size, Image.Transform.AFFINE, back, Image.Resampling.BICUBIC)
    ink = turned.getbbox() or (0, 0, 1, 1)
    return Layer(layer.colour, turned.crop(ink), left + ink[0], top + ink[1])


def _runs(box: Box, words: Setting, shaping: bool, thicker: float = 0) -> Iterator[Layer]:
    """The letters, not turned yet."""
    for placed in words.runs:
        run, x, y = placed.run, box.x + round(placed.x), box.y + round(placed.y)
        for stamp in lettering.stamps(run.face, run.text, placed.size, run.rtl, shaping, thicker):
            yield Layer(box.colour, stamp.picture, x + stamp.left, y + stamp.top)


def _effect(box: Box, words: Setting, shaping: bool) -> Iterator[Layer]:
    if box.effect == "panel":
        yield Layer(box.effect_colour, _panel(box.width, box.height), box.x, box.y)
    if box.effect == "outline":
        thick = _runs(box, words, shaping, thicker=max(1.0, words.size * OUTLINE))
        yield from (layer._replace(colour=box.effect_colour) for layer in thick)
    if box.effect == "shadow":
        lit = list(_runs(box, words, shaping))
        yield from [_shadow(box, lit, words.size)] if lit else []


def _panel(width: int, height: int) -> Image.Image:
    return _panels.made((width, height), lambda: _drawn_panel(width, height))


def _drawn_panel(width: int, height: int) -> Image.Image:
    panel = Image.new("L", (width, height))
    edges = (0, 0, width - 1, height - 1)
    ImageDraw.Draw(panel).rounded_rectangle(edges, min(width, height) * 0.16, fill=round(255 * PANEL_OPACITY))
    return panel


def _shadow(box: Box, runs: list[Layer], size: int) -> Layer:
    """Soft and a little below. Blurred at a quarter of the size, which is fast and looks the same."""
    around, margin = edges(runs), inset(box)
    left, top, right, bottom = around[0] - margin, around[1] - margin, around[2] + margin, around[3] + margin
    ink = Image.new("L", (max(4, right - left), max(4, bottom - top)))
    for layer in runs:
        ink.paste(255, (layer.left - left, layer.top - top), layer.mask)
    small = ink.reduce(4).filter(ImageFilter.GaussianBlur(size * 0.03 / 4))
    soft = small.resize(ink.size, Image.Resampling.BILINEAR).point(_SHADOW)
    return Layer(box.effect_colour, soft, left, top + size // 50)


def _within(layer: Layer, box: Box) -> Layer:
    """Without what lies outside the box."""
    left, top, right, bottom = layer.edges
    if left >= box.x and top >= box.y and right <= box.x + box.width and bottom <= box.y + box.height:
        return layer
    keep = max(box.x, left), max(box.y, top), min(box.x + box.width, right), min(box.y + box.height, bottom)
    own = keep[0] - left, keep[1] - top, keep[2] - left, keep[3] - top
    return layer._replace(mask=layer.mask.crop(own), left=keep[0], top=keep[1])
