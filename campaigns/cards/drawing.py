"""Drawing a card: what is the same for everybody once, then only what changes. The same input gives the same bytes."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import Final

from PIL import Image, ImageOps

from campaigns import merge

from . import layers, segments, setting, typefaces
from .design import BadDesign, Box, Card, Logo
from .kept import Kept
from .layers import Layer
from .segments import Sheet
from .setting import Setting

MOST_BASE_BYTES: Final = 64 * 1024 * 1024
"""Prepared cards kept per process: ten at 1080 × 1350, three of the largest."""

MOST_BARE_BYTES: Final = 24 * 1024 * 1024
"""Cards without words kept per process, for the next version of the same card: four at 1080 × 1350."""

MOST_BAND_BYTES: Final = 8 * 1024 * 1024
"""Encoded bands kept per process, in bytes: what changed for the customers drawn last."""

SMALL_QUALITY: Final = 82
MOST_SHARE: Final = 0.85
"""Where more of the picture than this changes, it is encoded whole."""


def render(card: Card, words: Mapping[str, str], *, shaping: bool = typefaces.SHAPING) -> bytes:
    """The picture of `card` for one customer, as a JPEG without metadata.

    `words` are the merge fields. Where the name cannot be drawn or does not fit, the card says its words
    without it. `shaping` False draws as on a machine without libfribidi.
    Byte for byte what encoding the pixels of `picture` with the same settings gives, in a fraction of the time.
    Raises BadDesign where the card's photo is not a readable JPEG.
    """
    base = _base(card, words, shaping)
    key = (base.key, *(words.get(name, "") for name in base.fields))
    bands = _bands.get(key)
    if bands is None:
        bands = _changed(base, words, shaping)
        _bands.keep(key, bands)
    return base.sheet.joined(bands)


def picture(card: Card, words: Mapping[str, str], *, shaping: bool = typefaces.SHAPING) -> Image.Image:
    """The pixels that `render` encodes."""
    base = _base(card, words, shaping)
    drawn = base.picture.copy()
    _put_on(drawn, _layers(base.changing, words, shaping))
    return drawn


def contact_sheet(
    card: Card,
    people: Sequence[Mapping[str, str]],
    *,
    columns: int = 10,
    width: int = 216,
    shaping: bool = typefaces.SHAPING,
) -> bytes:
    """One JPEG with a small picture for each of `people` (their merge fields), row by row, without gaps.

    Each is `width` pixels wide and `round(card.height * width / card.width)` high; `columns` of them make a row.
    Raises BadDesign as `render` does.
    """
    height = round(card.height * width / card.width)
    sheet = Image.new("RGB", (columns * width, max(1, ceil(len(people) / columns)) * height), "white")
    smalls: dict[object, Image.Image] = {}
    for number, words in enumerate(people):
        base = _base(card, words, shaping)
        if base.key not in smalls:
            smalls[base.key] = base.picture.resize((width, height), Image.Resampling.BOX)
        row, column = divmod(number, columns)
        sheet.paste(smalls[base.key], (column * width, row * height))
        _put_small(sheet, (column * width, row * height), base, width, _layers(base.changing, words, shaping))
    out = BytesIO()
    sheet.save(out, "JPEG", quality=SMALL_QUALITY)
    return out.getvalue()


def missing(card: Card, words: Mapping[str, str], *, shaping: bool = typefaces.SHAPING) -> list[str]:
    """The letters of this customer's card that no font here can draw, each once; usually none.

    Where there are any, the card is drawn without the name. Signs that no font has are left out and not named here.
    """
    found = (character for box in card.boxes for character in setting.missing(box, words, shaping))
    return list(dict.fromkeys(found))


def drawn_texts(card: Card, words: Mapping[str, str], *, shaping: bool = typefaces.SHAPING) -> list[Setting]:
    """For each box the words that will stand there, and why something had to be left out; draws nothing."""
    return [setting.compose(box, words, shaping, layers.inset(box)) for box in card.boxes]


def kept_bytes() -> int:
    """How much memory the prepared cards and the encoded bands of this process take, in bytes."""
    return _bare.size + _bases.size + _bands.size


# --- what changes from customer to customer ---------------------------------------------------------------------------


def _weight(bands: Mapping[int, bytes]) -> int:
    return sum(map(len, bands.values())) + 100 * len(bands)  # a piece of bytes and its number take some 100 more


_bands: "Kept[dict[int, bytes]]" = Kept(MOST_BAND_BYTES, _weight)


def _changed(base: "_Base", words: Mapping[str, str], shaping: bool) -> dict[int, bytes]:
    """The segments that differ from the base for these words, by number."""
    boxes = [box for box in (_box_layers(box, words, shaping) for box in base.changing) if box]
    grid, put = base.sheet.grid, [layer for box in boxes for layer in box]
    regions = segments.apart(region for box in boxes if (region := grid.region(*layers.edges(box))))
    if grid.share(regions) > MOST_SHARE:
        regions = [grid.whole]
    bands: dict[int, bytes] = {}
    for region in regions:
        edges = grid.pixels(region)
        crop = base.picture.crop(edges)
        _put_on(crop, put, edges[0], edges[1])
        bands |= base.sheet.cut(crop, region)
    return bands


def _layers(boxes: Iterable[Box], words: Mapping[str, str], shaping: bool) -> list[Layer]:
    return [layer for box in boxes for layer in _box_layers(box, words, shaping)]


def _box_layers(box: Box, words: Mapping[str, str], shaping: bool) -> list[Layer]:
    return layers.of(box, setting.compose(box, words, shaping, layers.inset(box)), shaping)


def _put_on(drawn: Image.Image, put: Iterable[Layer], left: int = 0, top: int = 0) -> None:
    for layer in put:
        layer.put_on(drawn, left, top)


def _put_small(sheet: Image.Image, at: tuple[int, int], base: "_Base", width: int, put: list[Layer]) -> None:
    """The words on one small picture: drawn large on a crop of the base, and only that crop is made small."""
    if not put:
        return
    scale = base.picture.width / width
    ink = [edge / scale for edge in layers.edges(put)]
    left, top = max(0, int(ink[0])), max(0, int(ink[1]))
    right, bottom = min(width, ceil(ink[2])), min(round(base.picture.height / scale), ceil(ink[3]))
    if left >= right or top >= bottom:
        return
    exact = left * scale, top * scale, right * scale, min(bottom * scale, base.picture.height)
    corner = int(exact[0]), int(exact[1])
    crop = base.picture.crop((*corner, ceil(exact[2]), ceil(exact[3])))
    _put_on(crop, put, *corner)
    box = exact[0] - corner[0], exact[1] - corner[1], exact[2] - corner[0], exact[3] - corner[1]
    sheet.paste(crop.resize((right - left, bottom - top), Image.Resampling.BOX, box=box), (at[0] + left, at[1] + top))


# --- what is the same for everybody -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Base:
    """A card prepared: photo, band, logo and the words that are the same for everybody, as pixels and as a JPEG."""

    key: tuple[object, ...]
    picture: Image.Image
    changing: tuple[Box, ...]
    fields: tuple[str, ...]
    sheet: Sheet


def _base_weight(base: _Base) -> int:
    return layers.weight(base.picture) + base.sheet.size


_bases: "Kept[_Base]" = Kept(MOST_BASE_BYTES, _base_weight)
_bare: "Kept[Image.Image]" = Kept(MOST_BARE_BYTES, layers.weight)
_lock = threading.RLock()


def _base(card: Card, words: Mapping[str, str], shaping: bool) -> _Base:
    """Prepared once per version and process, while it stays among the last used."""
    key = (card.design_id, shaping, *(words.get(name, "") for name in sorted(setting.SAME_FOR_ALL)))
    with _lock:
        return _bases.made(key, lambda: _prepared(card, words, shaping, key))


def _prepared(card: Card, words: Mapping[str, str], shaping: bool, key: tuple[object, ...]) -> _Base:
    drawn = _bare_picture(card).copy()
    changing = tuple(_changing(card.boxes))
    _put_on(drawn, _layers((box for box in card.boxes if box not in changing), words, shaping))
    names = {name for box in changing for name in merge.fields_in(box.text)}
    return _Base(key, drawn, changing, tuple(sorted(names - setting.SAME_FOR_ALL)), Sheet.of(drawn))


def _changing(boxes: Iterable[Box]) -> list[Box]:
    """Boxes whose words differ from customer to customer, and those that lie over one of them."""
    found: list[Box] = []
    for box in boxes:
        own = merge.fields_in(box.text) - setting.SAME_FOR_ALL
        if own or any(_overlap(box, below) for below in found):
            found.append(box)
    return found


def _overlap(box: Box, other: Box) -> bool:
    (left, right), (top, bottom) = ((min(side), max(side)) for side in zip(*box.corners(), strict=True))
    (its_left, its_right), (its_top, its_bottom) = ((min(s), max(s)) for s in zip(*other.corners(), strict=True))
    return bool(left < its_right and its_left < right and top < its_bottom and its_top < bottom)


def bare(card: Card) -> Image.Image:
    """Photo, band and logo of a card, without any words, as an RGB picture of the caller's own. Raises BadDesign."""
    return _bare_picture(card).copy()


def _bare_picture(card: Card) -> Image.Image:
    """Kept for the last few, so that other words on the same photo cost nothing but the words."""
    key = (card.photo_id, card.width, card.height, card.band, card.focus, card.zoom, card.logo, card.logo_id)
    with _lock:
        return _bare.made(key, lambda: _made_bare(card))


def _made_bare(card: Card) -> Image.Image:
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
