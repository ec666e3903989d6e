"""Drawing a card: a prepared base, the words on top, a JPEG out. The same input gives the same bytes."""

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from io import BytesIO
from typing import BinaryIO, Final

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageOps

from . import setting, typefaces
from .design import BadDesign, Box, Card, Logo
from .setting import Setting
from .typefaces import Stroke

QUALITY: Final = 85
MOST_BASES: Final = 8
"""Prepared pictures kept per process: 4.4 MB each at 1080 × 1350."""

PANEL_OPACITY: Final = 0.72
SHADOW_OPACITY: Final = 0.65
OUTLINE: Final = 0.035
"""Width of an outline, in sizes."""


def render(card: Card, words: Mapping[str, str], *, shaping: bool = typefaces.SHAPING) -> bytes:
    """The picture of `card` for one customer, as a JPEG without metadata.

    `words` are the merge fields. Where the name cannot be drawn or does not fit, the card says its words
    without it. `shaping` False draws as on a machine without libfribidi.
    Raises BadDesign where the card's photo is not a readable JPEG.
    """
    return _encoded(picture(card, words, shaping=shaping))


def picture(card: Card, words: Mapping[str, str], *, shaping: bool = typefaces.SHAPING) -> Image.Image:
    """The pixels that `render` encodes."""
    drawn = _base(card).copy()
    with typefaces.LOCK:
        for box in card.boxes:
            _draw_box(drawn, box, setting.compose(box, words, shaping, _inset(box)), shaping)
    return drawn


def missing(card: Card, words: Mapping[str, str], *, shaping: bool = typefaces.SHAPING) -> list[str]:
    """The letters of this customer's card that no font here can draw, each once; usually none.

    Where there are any, the card is drawn without the name. Emoji and signs are left out and not named here.
    """
    found = (character for box in card.boxes for character in setting.missing(box, words, shaping))
    return list(dict.fromkeys(found))


def drawn_texts(card: Card, words: Mapping[str, str], *, shaping: bool = typefaces.SHAPING) -> list[Setting]:
    """For each box the words that will stand there, and why something had to be left out; draws nothing."""
    return [setting.compose(box, words, shaping, _inset(box)) for box in card.boxes]


_bases: "OrderedDict[tuple[object, ...], Image.Image]" = OrderedDict()
_bases_lock = threading.Lock()


def _base(card: Card) -> Image.Image:
    """The card without its words, prepared once per process while it stays among the last used."""
    key = (card.photo_id, card.width, card.height, card.band, card.focus, card.zoom, card.logo, card.logo_id)
    with _bases_lock:
        if key not in _bases:
            _bases[key] = _prepared(card)
        _bases.move_to_end(key)
        while len(_bases) > MOST_BASES:
            _bases.popitem(last=False)
        return _bases[key]


def _prepared(card: Card) -> Image.Image:
    left, top, right, bottom = _photo_area(card)
    fitted = _fitted(card, (right - left, bottom - top))
    base = Image.new("RGB", (card.width, card.height), card.band.colour if card.band else "white")
    base.paste(fitted, (left, top))
    if card.logo and card.logo_png:
        _paste_logo(base, card.logo, card.logo_png)
    return base


def _paste_logo(base: Image.Image, place: Logo, png: bytes) -> None:
    """The whole logo, as large as its place allows, in the middle of it. Raises BadDesign."""
    try:
        with Image.open(BytesIO(png), formats=("PNG",)) as opened:
            logo = ImageOps.contain(opened.convert("RGBA"), (place.width, place.height), Image.Resampling.LANCZOS)
    except (OSError, SyntaxError) as fault:
        raise BadDesign("The logo of this card cannot be read. Upload it again in the settings.") from fault
    left, top = place.x + (place.width - logo.width) // 2, place.y + (place.height - logo.height) // 2
    base.paste(logo, (left, top), logo)


def _fitted(card: Card, size: tuple[int, int]) -> Image.Image:
    """The photo, cropped round its focus and scaled to fill `size`. Raises BadDesign."""
    try:
        with Image.open(BytesIO(card.photo), formats=("JPEG",)) as photo:
            photo.draft("RGB", (round(size[0] * card.zoom), round(size[1] * card.zoom)))
            whole = photo.convert("RGB")
            return whole.resize(size, Image.Resampling.LANCZOS, box=_seen(whole.size, size, card))
    except (OSError, SyntaxError) as fault:
        raise BadDesign("The photo of this card cannot be read. Upload it again.") from fault


def _seen(whole: tuple[int, int], size: tuple[int, int], card: Card) -> tuple[float, float, float, float]:
    """The part of the photo in sight, in its own pixels: what the crop leaves over is shared as `focus` says."""
    scale = max(size[0] / whole[0], size[1] / whole[1]) * card.zoom
    width, height = min(whole[0], size[0] / scale), min(whole[1], size[1] / scale)
    left, top = (whole[0] - width) * card.focus[0], (whole[1] - height) * card.focus[1]
    return left, top, left + width, top + height


def _photo_area(card: Card) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the part that the band leaves to the photo."""
    edges = {"left": 0, "top": 0, "right": card.width, "bottom": card.height}
    if card.band is not None:
        edges[card.band.edge] += card.band.size if card.band.edge in ("left", "top") else -card.band.size
    return edges["left"], edges["top"], edges["right"], edges["bottom"]


def _inset(box: Box) -> int:
    """How far the words stay from the edge, so that shadow, outline or panel keep inside the box as well."""
    reach = {"none": 0.0, "shadow": 0.09, "outline": 0.04, "panel": 0.22}[box.effect]
    return min(round(box.size * reach) + 1, box.width // 6, box.height // 6)


def _draw_box(drawn: Image.Image, box: Box, words: Setting, shaping: bool) -> None:
    if not words.runs:
        return
    mask = _mask(box, words, shaping)
    effect = _effect(mask, box, words, shaping)
    if effect is not None:
        _paste(drawn, box, box.effect_colour, effect)
    _paste(drawn, box, box.colour, mask)


def _mask(box: Box, words: Setting, shaping: bool, thicker: float = 0) -> Image.Image:
    """The words in white on black, the size of the box: what lies outside it cannot be drawn."""
    mask = Image.new("L", (box.width, box.height))
    for placed in words.runs:
        run, at = placed.run, Stroke(placed.x, placed.y, thicker)
        typefaces.draw(mask, at, run.face, run.text, placed.size, run.rtl, shaping)
    return mask


def _effect(mask: Image.Image, box: Box, words: Setting, shaping: bool) -> Image.Image | None:
    if box.effect == "panel":
        return _panel(box)
    if box.effect == "shadow":
        return _shadow(mask, words.size)
    if box.effect == "outline":
        return _mask(box, words, shaping, thicker=max(1.0, words.size * OUTLINE))
    return None


def _panel(box: Box) -> Image.Image:
    panel = Image.new("L", (box.width, box.height))
    corner = min(box.width, box.height) * 0.16
    edges = (0, 0, box.width - 1, box.height - 1)
    ImageDraw.Draw(panel).rounded_rectangle(edges, corner, fill=round(255 * PANEL_OPACITY))
    return panel


def _shadow(mask: Image.Image, size: int) -> Image.Image:
    """Soft and a little below. Blurred at a quarter of the size, which is fast and looks the same."""
    small = mask.reduce(4)
    soft = small.filter(ImageFilter.GaussianBlur(size * 0.03 / 4)).resize(mask.size, Image.Resampling.BILINEAR)
    lowered = Image.new("L", mask.size)
    lowered.paste(soft.point([round(min(255, level * 1.5) * SHADOW_OPACITY) for level in range(256)]), (0, size // 50))
    return lowered


def _paste(drawn: Image.Image, box: Box, colour: str, mask: Image.Image) -> None:
    """Colour what is drawn through `mask`, which lies on the box and turns with it."""
    left, top = box.x, box.y
    if box.rotation:
        mask = mask.rotate(-box.rotation, Image.Resampling.BICUBIC, expand=True)
        left += (box.width - mask.width) // 2
        top += (box.height - mask.height) // 2
    ink = mask.getbbox()
    if ink is not None:
        drawn.paste(ImageColor.getrgb(colour), (left + ink[0], top + ink[1]), mask.crop(ink))


def _encoded(drawn: Image.Image) -> bytes:
    """Encoded into a real file, where Pillow lets other threads work meanwhile; into memory it would hold them up."""
    with _file() as out:
        drawn.save(out, "JPEG", quality=QUALITY, subsampling="4:2:0")
        out.seek(0)
        return out.read()


def _file() -> BinaryIO:
    """A nameless file that never touches a disk, where the system has such; else plain memory."""
    return os.fdopen(os.memfd_create("card"), "w+b") if hasattr(os, "memfd_create") else BytesIO()
