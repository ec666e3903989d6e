"""Many small pictures in one: what is drawn on a contact sheet, where it is fetched, and how a print is cut out of it.

The address of a sheet names its customers and carries a digest of everything that is drawn.  So a browser may keep the
sheet, and a changed name, design or sender has another address: no old picture is ever shown.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from campaigns import cards, picture_checks
from campaigns.models import Campaign, Card, Customer
from campaigns.picture_checks import Look

#: Thumbnails on one sheet, side by side, and how wide each is in pixels.
MOST, COLUMNS, WIDTH = 50, 10, 216
#: Customers to look at on one page: a before and an after of each fit on one sheet.
MOST_LOOKS = MOST // 2

Words = Mapping[str, str]


@dataclass(frozen=True)
class Print:
    """One thumbnail: the sheet it lies on, the part to cut out (of an SVG's view box), and what it says."""

    address: str
    view_box: str
    sheet_width: int
    sheet_height: int
    words: str


@dataclass(frozen=True)
class Design:
    """A card, read once for a whole page."""

    card: Card
    drawing: cards.Card

    @classmethod
    def of(cls, card: Card) -> "Design":
        """Raises `cards.BadDesign`, or OSError when the photo is gone."""
        return cls(card, card.drawing())

    @classmethod
    def readable(cls, campaign: Campaign, side: str = "") -> "Design | None":
        """The card of this campaign, on this side of it; None where there is none, or it cannot be read."""
        card = campaign.card_of(side)
        try:
            return cls.of(card) if card else None
        except (cards.BadDesign, OSError):
            return None

    @property
    def cell_height(self) -> int:
        """Of one thumbnail, in pixels."""
        return round(self.drawing.height * WIDTH / self.drawing.width)

    def says(self, words: Words) -> str:
        """What a picture says, for those who cannot see it."""
        return " ".join(setting.text for setting in cards.drawn_texts(self.drawing, words) if setting.text)

    def digest(self, pictures: Sequence[Words]) -> str:
        """Changes with everything that is drawn."""
        card = self.card
        drawn = [card.design, card.photo, card.logo, WIDTH, COLUMNS, [dict(words) for words in pictures]]
        return hashlib.blake2b(json.dumps(drawn, sort_keys=True).encode(), digest_size=12).hexdigest()


def of(campaign: int, design: Design, people: Sequence[Customer]) -> list[Print]:
    """The prints of these customers, all from one sheet."""
    pictures = [person.words() for person in people]
    return _cut(design, pictures, _address(campaign, "as_is", people, design, pictures))


def pairs(campaign: int, design: Design, looks: Sequence[Look]) -> list[tuple[Print, Print | None]]:
    """For each customer to look at the print as it is, and as it would be; None when that shows the same."""
    pictures = _before_and_after(looks)
    people = [look.customer for look in looks]
    cut = _cut(design, pictures, _address(campaign, "pairs", people, design, pictures))
    shown = zip(cut[::2], cut[1::2], strict=True)
    return [(before, None if before.words == after.words else after) for before, after in shown]


def drawn(design: Design, kind: str, people: Sequence[Customer], digest: str) -> bytes | None:
    """The sheet with this digest, as a JPEG; None when it would not be the same any more."""
    if kind == "pairs":
        pictures = _before_and_after(picture_checks.look(design.drawing, people))
    else:
        pictures = [person.words() for person in people]
    return _sheet(design, pictures) if design.digest(pictures) == digest else None


def numbers(text: str) -> list[int]:
    """Customers' numbers out of an address; nothing when it is none of ours."""
    parts = text.split("-") if text else []
    is_ours = len(parts) <= MOST and all(p.isascii() and p.isdecimal() and len(p) < 19 for p in parts)
    return [int(part) for part in parts] if is_ours else []


def _before_and_after(looks: Iterable[Look]) -> list[dict[str, str]]:
    pictures = []
    for look in looks:
        before = look.customer.words()
        pictures += [before, before | {"first_name": look.suggestion}]
    return pictures


def _address(campaign: int, kind: str, people: Sequence[Customer], design: Design, pictures: Sequence[Words]) -> str:
    asked: dict[str, Any] = {"who": "-".join(str(person.pk) for person in people), "kind": kind}
    asked |= {"card": design.card.pk, "v": design.digest(pictures)}
    return f"{reverse('campaign_sheet', args=[campaign])}?{urlencode(asked)}"


def _cut(design: Design, pictures: Sequence[Words], address: str) -> list[Print]:
    high = design.cell_height
    rows = -(-len(pictures) // COLUMNS)
    width, height = min(len(pictures), COLUMNS) * WIDTH, rows * high
    return [Print(address, _place(n, high), width, height, design.says(words)) for n, words in enumerate(pictures)]


def _place(number: int, high: int) -> str:
    """The view box of one cell, a pixel inside its edges: scaled, a line of the neighbour would show."""
    row, column = divmod(number, COLUMNS)
    return f"{column * WIDTH + 1} {row * high + 1} {WIDTH - 2} {high - 2}"


def _sheet(design: Design, pictures: Sequence[Words]) -> bytes:
    columns = min(len(pictures), COLUMNS)
    return cards.contact_sheet(design.drawing, pictures, columns=columns, width=WIDTH)
