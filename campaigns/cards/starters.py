"""Designs to begin with: those we ship with a picture, and one for a photo somebody brings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image

from .design import Card
from .photos import Photo

#: The message formats: portrait, square, landscape.  Width and height in pixels.
FORMATS: Final = ((1080, 1350), (1200, 1200), (1350, 1080))
STARTERS: Final = Path(__file__).parent / "starters"


@dataclass(frozen=True)
class Starter:
    """One shipped design. `key` is its name in code and files, `name` the one people read, `alt` says what it shows."""

    key: str
    name: str
    alt: str
    design: Mapping[str, Any]
    photo: bytes

    @property
    def card(self) -> Card:
        """The starter as a card ready to draw."""
        return Card.from_json(self.design, self.photo)


@lru_cache(maxsize=1)
def starters() -> tuple[Starter, ...]:
    """All shipped designs, the demo's own first. Read once per process."""
    listed = json.loads((STARTERS / "starters.json").read_text("utf-8"))
    return tuple(_starter(entry) for entry in listed)


def starter(key: str) -> Starter:
    """The starter of that key. Raises KeyError."""
    return {each.key: each for each in starters()}[key]


def design_for(photo: Photo) -> dict[str, Any]:
    """A first design for somebody's own photo, in the format nearest to its shape; the words stand on a cream band."""
    width, height = min(FORMATS, key=lambda size: abs(size[0] / size[1] - photo.width / photo.height))
    band = round(height * 0.23)
    top, across = height - band, width - 120
    words: dict[str, Any] = {"x": 60, "width": across, "font": "hand", "colour": "#3a2c1c"}
    thanks = {"text": "Thanks, {first_name|}!", "y": top + 4, "height": round(band * 0.62), "size": 160, "min_size": 64}
    sign_y, sign_height = top + round(band * 0.64), round(band * 0.28)
    sign = {"text": "— {sender|all of us}, {business|}", "y": sign_y, "height": sign_height, "size": 62, "min_size": 30}
    return {
        "width": width,
        "height": height,
        "band": {"edge": "bottom", "size": band, "colour": "#fff7ea"},
        "focus": [0.5, 0.4],
        "boxes": [words | thanks, words | sign],
    }


@lru_cache(maxsize=4)
def plain_photo(colour: str) -> bytes:
    """A photo of nothing but one colour: paper to try letters on."""
    out = BytesIO()
    Image.new("RGB", (64, 64), colour).save(out, "JPEG", quality=95)
    return out.getvalue()


def _starter(entry: Mapping[str, Any]) -> Starter:
    photo = (STARTERS / entry["photo"]).read_bytes()
    return Starter(entry["key"], entry["name"], entry["alt"], entry["design"], photo)
