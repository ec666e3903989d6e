"""Designs to begin with: those we ship with a picture, and one for a photo somebody brings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

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
        "boxes": [words | thanks, words | sign],
    }


def design_for(photo: Photo) -> dict[str, Any]:
    """The first design for a photo of one's own: like a print with a white edge to write on, in the photo's form.

    The words stand on plain paper, so they can be read whatever the photo shows.
    """
    width, height = FORMATS[_format(photo)]
    band, margin = 310, 60
    thanks = {"text": THANKS, "y": height - band + 12, "height": 190, "size": 166, "min_size": 66}
    sender = {"text": SENDER, "y": height - band + 202, "height": 80, "size": 62, "min_size": 30}
    place = {"x": margin, "width": width - 2 * margin, "font": "hand", "colour": _BROWN}
    return {
        "width": width,
        "height": height,
        "band": {"edge": "bottom", "size": band, "colour": _PAPER},
        "focus": [0.5, 0.4],
        "boxes": [{**thanks, **place}, {**sender, **place}],
    }


def _format(photo: Photo) -> str:
    shape = photo.width / photo.height
    return "landscape" if shape > 1.1 else "portrait" if shape < 0.95 else "square"


def _starter(entry: Mapping[str, Any]) -> Starter:
    photo = (STARTERS / entry["photo"]).read_bytes()
    return Starter(entry["key"], entry["name"], entry["alt"], entry["design"], photo)
