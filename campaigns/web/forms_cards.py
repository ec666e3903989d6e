"""The form of a card's design: a few plain fields that become a `cards.Card`, and come back from one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from campaigns import cards, wordings
from campaigns.models import Card

BOXES = 3
SHAPES = {"portrait": (1080, 1350), "square": (1200, 1200), "landscape": (1350, 1080)}
SHAPE_WORDS = [("portrait", "Upright, 4 : 5"), ("square", "Square"), ("landscape", "Wide, 5 : 4"), ("own", "As it is")]
FONT_WORDS = [("hand", "Handwriting"), ("sans", "Plain"), ("serif", "Bookish"), ("display", "Tall and narrow")]
EFFECT_WORDS = [("none", "Nothing"), ("shadow", "A shadow"), ("outline", "An outline"), ("panel", "A panel behind it")]
ALIGN_WORDS = [("left", "Left"), ("center", "Middle"), ("right", "Right")]
NO_BAND = "none"
EDGE_WORDS = [(NO_BAND, "No band"), ("bottom", "Below"), ("top", "Above"), ("left", "Left"), ("right", "Right")]
PLACE_WORDS = [
    ("upper", "Upper third"),
    ("middle", "Middle"),
    ("lower", "Lower third"),
    ("band", "In the band"),
    ("own", "Own place"),
]
#: What a new text box is like.
FRESH: Mapping[str, Any] = {
    "text": "",
    "font": "hand",
    "size": 150,
    "colour": "#fffaf0",
    "align": "center",
    "effect": "shadow",
    "effect_colour": "#000000",
}
LABELS = {1: "What it says", 2: "A second line", 3: "One more line"}
MARGIN = 60
NUMBERS = ("x", "y", "width", "height")


@dataclass(frozen=True)
class Group:
    """The fields of one text box, as the page shows them together."""

    number: int
    is_used: bool
    text: BoundField
    main: list[BoundField]
    place: list[BoundField]


class CardForm(forms.Form):
    """Name, shape, band and the texts.  `drawing` is the card it stands for once the form is valid."""

    name = forms.CharField(label="Name of the card", max_length=120, help_text="For you; customers do not see it.")
    shape = forms.ChoiceField(label="Shape", choices=SHAPE_WORDS)
    band_edge = forms.ChoiceField(label="Band of colour", choices=EDGE_WORDS)
    band_size = forms.IntegerField(label="Its width", min_value=1, max_value=2000)
    band_colour = forms.CharField(label="Its colour", widget=forms.TextInput(attrs={"type": "color"}))

    #: On which revision of the card this form was filled in.
    revision = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, card: Card, kept: cards.Card, data: Any = None) -> None:
        design = kept.to_json()
        boxes: list[Mapping[str, Any]] = list(design["boxes"])
        self.business = card.business
        self.design, self.kept, self.boxes = design, kept, boxes + [{}] * (BOXES - len(boxes))
        start = _initial(design, self.boxes) | {"name": card.name, "revision": card.revision}
        super().__init__(data, initial=start)
        for number in range(1, len(self.boxes) + 1):
            self.fields |= _box_fields(number)
        #: Set by `clean`.
        self.drawing: cards.Card | None = None

    def groups(self) -> Iterator[Group]:
        """The text boxes one by one."""
        for n in range(1, len(self.boxes) + 1):
            main = [self[f"{name}_{n}"] for name in ("font", "size", "colour", "place")]
            place = [self[f"{name}_{n}"] for name in ("align", "effect", "effect_colour", *NUMBERS)]
            used = any(field.errors for field in (*main, *place)) or bool(self[f"text_{n}"].value())
            yield Group(n, used, self[f"text_{n}"], main, place)

    def clean(self) -> dict[str, Any]:
        """Build the card; what the drawing board refuses is said at the text it is about."""
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            self.drawing = cards.Card.from_json(self._design(given), self.kept.photo, self.kept.logo_png)
        except cards.BadDesign as bad:
            self.add_error(self._about(str(bad), given), _plainly(str(bad)))
            return given
        used = self._used(given)
        for number, finding in wordings.on_the_boxes(self.drawing.to_json(), self.business):
            self.add_error(f"text_{used[number - 1]}", finding.words)
        return given

    def _design(self, given: Mapping[str, Any]) -> dict[str, Any]:
        width, height = SHAPES.get(given["shape"], (self.design["width"], self.design["height"]))
        band = self._band(given)
        boxes = [
            self._box(number, box, given, (width, height, band))
            for number, box in enumerate(self.boxes, start=1)
            if given[f"text_{number}"]
        ]
        made = {**self.design, "width": width, "height": height, "boxes": boxes, "band": band}
        return made | {"logo": self._logo(width, height)}

    def _logo(self, width: int, height: int) -> dict[str, int] | None:
        """The logo's place, which follows the shape of the card."""
        place = self.design.get("logo")
        across, down = width / self.design["width"], height / self.design["height"]
        scale = {"x": across, "width": across, "y": down, "height": down}
        return {name: max(int(place[name] * scale[name]), int(name not in "xy")) for name in NUMBERS} if place else None

    def _band(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        if given["band_edge"] == NO_BAND:
            return None
        return {"edge": given["band_edge"], "size": given["band_size"], "colour": given["band_colour"]}

    def _box(
        self, number: int, box: Mapping[str, Any], given: Mapping[str, Any], on: tuple[int, int, Any]
    ) -> dict[str, Any]:
        """The box as it was, with what the form says over it, in its place on the card."""
        said = {name: given[f"{name}_{number}"] for name in FRESH}
        said["text"] = said["text"].replace("\r\n", "\n")  # as browsers send the lines of a form
        place = given[f"place_{number}"]
        numbers = {name: given[f"{name}_{number}"] for name in NUMBERS}
        frame = self._own_frame(box, numbers, on) if place == "own" else _frame(place, *on)
        kept = dict(box) if place == "own" else {name: part for name, part in box.items() if name != "rotation"}
        smallest = min(int(kept.get("min_size", 0)), said["size"])
        return {**kept, **said, **frame, "min_size": smallest}

    def _own_frame(self, box: Mapping[str, Any], numbers: dict[str, int], on: tuple[int, int, Any]) -> dict[str, int]:
        """The numbers given; those of before follow the card when only its shape has changed."""
        if not all(numbers.get(name) == box.get(name) for name in NUMBERS):
            return numbers
        across, down = on[0] / self.design["width"], on[1] / self.design["height"]
        scale = {"x": across, "width": across, "y": down, "height": down}
        return {name: int(numbers[name] * scale[name]) for name in NUMBERS}

    def _about(self, sentence: str, given: Mapping[str, Any]) -> str | None:
        """The field of the text box that a sentence of the drawing board is about."""
        found = re.match(r"Text box (\d+)", sentence)
        used = self._used(given)
        if found and int(found[1]) <= len(used):
            return f"text_{used[int(found[1]) - 1]}"
        return "band_size" if sentence.startswith("The band") else None

    def _used(self, given: Mapping[str, Any]) -> list[int]:
        """The fields of the texts that say something, in the order of the card's boxes."""
        return [number for number in range(1, len(self.boxes) + 1) if given[f"text_{number}"]]


def _plainly(sentence: str) -> str:
    """The drawing board counts boxes; here the sentence stands at the text it is about."""
    sentence = re.sub(r"^Text box \d+: ", "", sentence)
    sentence = re.sub(r"^Text box \d+ ", "This text ", sentence)
    return sentence[:1].upper() + sentence[1:]


def _box_fields(number: int) -> dict[str, forms.Field]:
    colour = {"type": "color"}
    fields: dict[str, forms.Field] = {
        "text": forms.CharField(
            label=LABELS[min(number, 3)],
            max_length=cards.design.LONGEST_TEXT,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        ),
        "font": forms.ChoiceField(label="Letters", choices=FONT_WORDS),
        "size": forms.IntegerField(label="Size", min_value=8, max_value=600),
        "colour": forms.CharField(label="Colour", widget=forms.TextInput(attrs=colour)),
        "place": forms.ChoiceField(label="Where", choices=PLACE_WORDS),
        "align": forms.ChoiceField(label="Aligned", choices=ALIGN_WORDS),
        "effect": forms.ChoiceField(label="Set off by", choices=EFFECT_WORDS),
        "effect_colour": forms.CharField(label="In the colour", widget=forms.TextInput(attrs=colour)),
        "x": _pixels("From the left"),
        "y": _pixels("From above"),
        "width": _pixels("Width"),
        "height": _pixels("Height"),
    }
    return {f"{name}_{number}": field for name, field in fields.items()}


def _pixels(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=2160)


def _initial(design: Mapping[str, Any], boxes: list[Mapping[str, Any]]) -> dict[str, Any]:
    band = design.get("band") or {}
    defaults = asdict(cards.Box("", 0, 0, 0, 0))
    start: dict[str, Any] = {
        "shape": _shape(design),
        "band_edge": band.get("edge", NO_BAND),
        "band_size": band.get("size", cards.Band.size),
        "band_colour": band.get("colour", cards.Band.colour),
    }
    for number, box in enumerate(boxes, start=1):
        fresh = {**FRESH, "place": "upper", **_frame("upper", design["width"], design["height"], None)}
        values = {**defaults, **box, "place": "own"} if box else fresh
        start |= {f"{name}_{number}": values.get(name) for name in (*FRESH, "place", *NUMBERS)}
    return start


def _shape(design: Mapping[str, Any]) -> str:
    size = (design["width"], design["height"])
    return next((name for name, known in SHAPES.items() if known == size), "own")


def _frame(place: str, width: int, height: int, band: Mapping[str, Any] | None) -> dict[str, int]:
    """Where a box stands, in pixels of the card."""
    left, top, right, bottom = 0, 0, width, height
    if place == "band" and band:
        size = int(band["size"])
        edges = {
            "bottom": (left, height - size, right, bottom),
            "top": (left, top, right, size),
            "left": (left, top, size, bottom),
            "right": (width - size, top, right, bottom),
        }
        left, top, right, bottom = edges[band["edge"]]
        gap = min(MARGIN // 2, size // 4)
    else:
        gap = MARGIN
        third = {"upper": 0, "middle": 1}.get(place, 2)
        top, bottom = height * third // 3, height * (third + 1) // 3
    return {"x": left + gap, "y": top + gap, "width": right - left - 2 * gap, "height": bottom - top - 2 * gap}
