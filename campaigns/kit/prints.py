"""A sheet as a file: PDF for the printer, PNG to look at.

The PDF is written by hand (ISO 32000-1): rectangles stay rectangles, and words are pictures of themselves, so that no
font has to travel and every script looks as it does on our cards.
"""

import io
import zlib
from collections.abc import Iterable

from PIL import Image, ImageColor, ImageDraw

from .counter_card import BLEED, HEIGHT, MM_AN_INCH, WIDTH, Lettering, Panel, Sheet

POINTS_AN_INCH = 72


def png(sheet: Sheet, dpi: int) -> bytes:
    """The trimmed card as a picture."""
    dots = dpi / MM_AN_INCH
    picture = Image.new("RGB", (round(WIDTH * dots), round(HEIGHT * dots)), "#ffffff")
    draw = ImageDraw.Draw(picture)
    for panel in sheet.panels:
        left, top = round(panel.x * dots), round(panel.y * dots)
        right, bottom = round((panel.x + panel.width) * dots), round((panel.y + panel.height) * dots)
        draw.rectangle((left, top, right - 1, bottom - 1), panel.colour)
    for words in sheet.letterings:
        size = (round(words.width * dots), round(words.height * dots))
        mask = words.mask.resize(size, Image.Resampling.LANCZOS)
        picture.paste(words.colour, (round(words.x * dots), round(words.y * dots)), mask)
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(dpi, dpi), optimize=True)
    return out.getvalue()


def pdf(sheet: Sheet, *, bleed: bool) -> bytes:
    """One page, the size of the card to the point; with `bleed` 3 mm larger on each side, the trim box inside."""
    edge = BLEED if bleed else 0.0
    page = _Page(edge)
    content = "\n".join([*map(page.panel, sheet.panels), *(page.words(n, w) for n, w in _numbered(sheet))])
    return _file([*page.head(len(sheet.letterings)), _stream("", content.encode()), *_pictures(sheet.letterings)])


def _numbered(sheet: Sheet) -> Iterable[tuple[int, Lettering]]:
    return enumerate(sheet.letterings)


class _Page:
    """Millimetres from the upper left of the trimmed card become points from the lower left of the page."""

    def __init__(self, edge: float) -> None:
        self.edge = edge

    def head(self, pictures: int) -> list[bytes]:
        """Catalogue, pages and the page itself; its content is the fourth object, each picture two after it."""
        outer = f"0 0 {_points(WIDTH + 2 * self.edge)} {_points(HEIGHT + 2 * self.edge)}"
        trim = [self.edge, self.edge, self.edge + WIDTH, self.edge + HEIGHT]
        inner = " ".join(map(_points, trim))
        named = " ".join(f"/W{number} {5 + 2 * number} 0 R" for number in range(pictures))
        return [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [{outer}] /BleedBox [{outer}] /TrimBox [{inner}] "
                f"/Resources << /XObject << {named} >> >> /Contents 4 0 R >>"
            ).encode(),
        ]

    def panel(self, panel: Panel) -> str:
        """A filled rectangle."""
        red, green, blue = (f"{part / 255:.4f}" for part in _rgb(panel.colour))
        return f"{red} {green} {blue} rg {self._place(panel)} re f"

    def words(self, number: int, words: Lettering) -> str:
        """A picture of words, stretched over its rectangle."""
        left, bottom, width, height = self._place(words).split()
        return f"q {width} 0 0 {height} {left} {bottom} cm /W{number} Do Q"

    def _place(self, what: Panel | Lettering) -> str:
        left = what.x + self.edge
        bottom = HEIGHT + self.edge - what.y - what.height
        return " ".join(map(_points, (left, bottom, what.width, what.height)))


def _pictures(letterings: Iterable[Lettering]) -> Iterable[bytes]:
    """For each a single pixel of its colour, and the mask it is seen through."""
    number = 5
    for words in letterings:
        look = "/Type /XObject /Subtype /Image /BitsPerComponent 8"
        one = f"{look} /Width 1 /Height 1 /ColorSpace /DeviceRGB /SMask {number + 1} 0 R"
        mask = f"{look} /Width {words.mask.width} /Height {words.mask.height} /ColorSpace /DeviceGray"
        yield _stream(one, bytes(_rgb(words.colour)))
        yield _stream(mask, words.mask.tobytes())
        number += 2


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def _points(millimetres: float) -> str:
    return f"{millimetres / MM_AN_INCH * POINTS_AN_INCH:.3f}"


def _stream(entries: str, raw: bytes) -> bytes:
    packed = zlib.compress(raw, 9)
    return f"<< {entries} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"


def _file(objects: Iterable[bytes]) -> bytes:
    """The objects, numbered from one, with the table that says where each begins."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
