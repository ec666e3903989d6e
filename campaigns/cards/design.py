"""What a card looks like: a photo, perhaps a band of colour, and boxes of text. Values only."""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Final, Self, get_type_hints

from campaigns import merge

from .typefaces import CHOICES

MOST_BOXES: Final = 8
LONGEST_TEXT: Final = 300
SMALLEST_SIDE: Final = 200
LARGEST_SIDE: Final = 2160
LARGEST_ZOOM: Final = 4
ALIGNS: Final = ("left", "center", "right")
VALIGNS: Final = ("top", "middle", "bottom")
EFFECTS: Final = ("none", "shadow", "outline", "panel")
INSTEAD: Final = "sans"
"""The font in which a text is drawn whose own is gone."""

EDGES: Final = ("top", "bottom", "left", "right")
_SIZES: Final = ("x", "y", "width", "height")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")


class BadDesign(ValueError):
    """A design that cannot be drawn. The message is one sentence for the person who made it."""


@dataclass(frozen=True)
class Box:
    """One text on the card. Positions and sizes are pixels of the card; rotation is degrees, clockwise.

    The text shrinks from `size` down to `min_size` and wraps at spaces until it fits. `effect` sets it off
    from the photo, in `effect_colour`. A `min_size` of 0 means two fifths of `size`.
    """

    text: str
    x: int
    y: int
    width: int
    height: int
    font: str = "hand"
    size: int = 150
    min_size: int = 0
    colour: str = "#221f1a"
    align: str = "center"
    valign: str = "middle"
    effect: str = "none"
    effect_colour: str = "#000000"
    rotation: float = 0

    @property
    def floor(self) -> int:
        """The smallest size at which the whole text, name included, may be drawn."""
        return min(self.min_size or max(18, round(self.size * 0.4)), self.size)

    def corners(self) -> list[tuple[float, float]]:
        """The four corners on the card, after rotation about the middle of the box."""
        middle_x, middle_y = self.x + self.width / 2, self.y + self.height / 2
        turn = math.radians(self.rotation)
        across, down = self.width / 2, self.height / 2
        return [
            (middle_x + dx * math.cos(turn) - dy * math.sin(turn), middle_y + dx * math.sin(turn) + dy * math.cos(turn))
            for dx, dy in ((-across, -down), (across, -down), (across, down), (-across, down))
        ]


@dataclass(frozen=True)
class Band:
    """A strip of plain colour along one edge; the photo fills the rest."""

    edge: str = "bottom"
    size: int = 310
    colour: str = "#fffaf0"


@dataclass(frozen=True)
class Logo:
    """Where the business's logo stands, in pixels of the card: it is fitted into it, whole and in the middle."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Card:
    """A whole card. `photo` is a JPEG as `clean_photo` gives it; `focus` is the point of the photo that
    stays in sight when it is cropped, as shares of its width and height; `zoom` enlarges it beyond filling
    its place. `logo` is drawn from `logo_png`, under the words; without a picture its place stays empty."""

    photo: bytes = field(repr=False)
    width: int
    height: int
    boxes: tuple[Box, ...]
    band: Band | None = None
    focus: tuple[float, float] = (0.5, 0.5)
    zoom: float = 1.0
    logo: Logo | None = None
    logo_png: bytes = field(default=b"", repr=False)

    @classmethod
    def from_json(cls, design: Mapping[str, Any], photo: bytes, logo_png: bytes = b"") -> Self:
        """Build and check a card from the design as it is stored. Raises BadDesign."""
        _check_keys(design, {"width", "height", "boxes", "band", "focus", "zoom", "logo"}, "The card")
        width, height = (_side(design.get(name), name) for name in ("width", "height"))
        boxes = design.get("boxes")
        if not isinstance(boxes, list | tuple):
            raise BadDesign("The card has no list of text boxes.")
        if len(boxes) > MOST_BOXES:
            raise BadDesign(f"The card has {len(boxes)} text boxes; {MOST_BOXES} is the most.")
        checked = tuple(_box(value, number, width, height) for number, value in enumerate(boxes, start=1))
        band = None if design.get("band") is None else _band(design["band"], width, height)
        logo = None if design.get("logo") is None else _logo(design["logo"], width, height)
        focus, zoom = _focus(design.get("focus")), _zoom(design.get("zoom", 1.0))
        return cls(photo, width, height, checked, band, focus, zoom, logo, logo_png)

    def to_json(self) -> dict[str, Any]:
        """The design without the photo; `from_json` takes it back."""
        design: dict[str, Any] = {
            "width": self.width,
            "height": self.height,
            "focus": list(self.focus),
            "zoom": self.zoom,
            "boxes": [asdict(box) for box in self.boxes],
        }
        layers = {"band": self.band, "logo": self.logo}
        return design | {name: asdict(layer) for name, layer in layers.items() if layer is not None}

    def at_half_size(self) -> Self:
        """The same card, half as wide and half as high: drawn in a quarter of the time, while something is dragged."""
        boxes = tuple(_halved(box, *_SIZES, "size", "min_size") for box in self.boxes)
        band = self.band and _halved(self.band, "size")
        logo = self.logo and _halved(self.logo, *_SIZES)
        return replace(self, width=self.width // 2, height=self.height // 2, boxes=boxes, band=band, logo=logo)

    @cached_property
    def photo_id(self) -> str:
        """The same photo always has the same id, and another photo has another."""
        return hashlib.blake2b(self.photo, digest_size=16).hexdigest()

    @cached_property
    def design_id(self) -> str:
        """The same for whatever looks the same: photo, logo and everything the design says."""
        said = repr((self.photo_id, self.logo_id, self.width, self.height, self.boxes, self.band))
        place = repr((self.focus, self.zoom, self.logo))
        return hashlib.blake2b(f"{said}{place}".encode(), digest_size=16).hexdigest()

    @cached_property
    def logo_id(self) -> str:
        """The same for the logo."""
        return hashlib.blake2b(self.logo_png, digest_size=16).hexdigest()


def mended(design: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """A stored design with fonts that there are, and a sentence for each text whose own font is gone.

    What was once saved can be drawn for ever; a text that is saved now has to name a font there is.
    """
    if not isinstance(design, Mapping) or not isinstance(design.get("boxes"), list | tuple):
        return design, []  # nothing to mend; `from_json` says what is wrong with it
    boxes, sentences = [], []
    for number, box in enumerate(design["boxes"], start=1):
        is_gone = isinstance(box, Mapping) and box.get("font", INSTEAD) not in CHOICES
        boxes.append({**box, "font": INSTEAD} if is_gone else box)
        if is_gone:
            sentences.append(f"The font of text box {number} is no longer here, so it is drawn in another one.")
    return {**design, "boxes": boxes}, sentences


def _halved(part: Any, *names: str) -> Any:
    return replace(part, **{name: -(-getattr(part, name) // 2) for name in names})


def _box(value: Any, number: int, width: int, height: int) -> Box:
    """One box from JSON, checked against the card it stands on."""
    label = f"Text box {number}"
    box: Box = _build(Box, value, label)
    _check_text(box, label)
    _check_choices(box, label)
    if box.width < 1 or box.height < 1:
        raise BadDesign(f"{label} has no size; make it at least 1 × 1 pixel.")
    inside = all(-0.5 <= x <= width + 0.5 and -0.5 <= y <= height + 0.5 for x, y in box.corners())
    if not inside:
        raise BadDesign(f"{label} reaches outside the picture, which is {width} × {height} pixels.")
    return box


def _check_text(box: Box, label: str) -> None:
    if len(box.text) > LONGEST_TEXT:
        raise BadDesign(f"{label} has {len(box.text)} characters; {LONGEST_TEXT} is the most.")
    try:
        merge.fields_in(box.text)
    except merge.UnknownField as unknown:
        raise BadDesign(f"{label}: {unknown}") from unknown


def _check_choices(box: Box, label: str) -> None:
    for name, allowed in (("font", tuple(CHOICES)), ("align", ALIGNS), ("valign", VALIGNS), ("effect", EFFECTS)):
        if getattr(box, name) not in allowed:
            raise BadDesign(f"{label}: {name} is one of {', '.join(allowed)}, not “{getattr(box, name)}”.")
    _check_colour(box.colour, label)
    _check_colour(box.effect_colour, label)
    if not 8 <= box.size <= 600 or not 0 <= box.min_size <= 600:
        raise BadDesign(f"{label}: letters can be 8 to 600 pixels high.")
    if not -180 <= box.rotation <= 180:
        raise BadDesign(f"{label} can be turned by -180 to 180 degrees.")


def _band(value: Any, width: int, height: int) -> Band:
    band: Band = _build(Band, value, "The band")
    if band.edge not in EDGES:
        raise BadDesign(f"The band: edge is one of {', '.join(EDGES)}, not “{band.edge}”.")
    _check_colour(band.colour, "The band")
    room = height if band.edge in ("top", "bottom") else width
    if not 1 <= band.size <= room * 0.9:
        raise BadDesign("The band leaves no room for the photo, or has no size.")
    return band


def _logo(value: Any, width: int, height: int) -> Logo:
    logo: Logo = _build(Logo, value, "The logo")
    if logo.width < 1 or logo.height < 1:
        raise BadDesign("The logo has no size; make it at least 1 × 1 pixel.")
    if logo.x < 0 or logo.y < 0 or logo.x + logo.width > width or logo.y + logo.height > height:
        raise BadDesign(f"The logo reaches outside the picture, which is {width} × {height} pixels.")
    return logo


def _build(kind: type[Any], value: Any, label: str) -> Any:
    """A dataclass from a JSON object, each part checked against its annotation."""
    if not isinstance(value, Mapping):
        raise BadDesign(f"{label} is not a set of named values.")
    hints = get_type_hints(kind)
    _check_keys(value, set(hints), label)
    lacking = [part.name for part in fields(kind) if part.name not in value and part.default is MISSING]
    if lacking:
        raise BadDesign(f"{label} lacks {', '.join(lacking)}.")
    return kind(**{name: _value(part, hints[name], f"{label}: {name}") for name, part in value.items()})


def _value(value: Any, kind: type[Any], label: str) -> Any:
    if kind is str:
        if not isinstance(value, str):
            raise BadDesign(f"{label} must be text.")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 10_000:
        raise BadDesign(f"{label} must be a number.")
    return round(value) if kind is int else float(value)


def _check_keys(value: Mapping[str, Any], known: set[str], label: str) -> None:
    if not isinstance(value, Mapping):
        raise BadDesign(f"{label} is not a set of named values.")
    for name in value:
        if name not in known:
            raise BadDesign(f"{label} has a part “{name}” that cards do not know.")


def _check_colour(value: str, label: str) -> None:
    if not _COLOUR.fullmatch(value):
        raise BadDesign(f"{label}: “{value}” is not a colour like #2f4d9c.")


def _side(value: Any, name: str) -> int:
    side: int = _value(value, int, f"The card: {name}")
    if not SMALLEST_SIDE <= side <= LARGEST_SIDE:
        raise BadDesign(f"The card's {name} can be {SMALLEST_SIDE} to {LARGEST_SIDE} pixels, not {side}.")
    return side


def _zoom(value: Any) -> float:
    zoom: float = _value(value, float, "The card: zoom")
    if not 1 <= zoom <= LARGEST_ZOOM:
        raise BadDesign(f"The photo can be enlarged 1 to {LARGEST_ZOOM} times.")
    return zoom


def _focus(value: Any) -> tuple[float, float]:
    if value is None:
        return 0.5, 0.5
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise BadDesign("The card: focus is two numbers from 0 to 1.")
    across, down = (_value(part, float, "The card: focus") for part in value)
    if not (0 <= across <= 1 and 0 <= down <= 1):
        raise BadDesign("The card: focus is two numbers from 0 to 1.")
    return across, down
