"""The code that a phone's camera reads (QR, ISO/IEC 18004)."""

import io
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import segno

#: White round the symbol, in modules: what the standard asks for.
QUIET: Final = 4
#: Millimetres across, quiet zone and all, at which the code must still be read.
SMALLEST: Final = 30
#: Millimetres that a module then has at least; cameras of old phones blur what is smaller.
LEAST_MODULE: Final = 0.5
#: Pixels of a module in the picture: at 41 modules a square of 984, sharp up to 8 cm at 300 dots an inch.
PIXELS: Final = 24


@dataclass(frozen=True)
class Symbol:
    """A code, and how it looks as a file."""

    code: segno.QRCode

    @cached_property
    def rows(self) -> list[list[bool]]:
        """Its modules, True for dark, without the quiet zone."""
        return [[bool(module) for module in row] for row in self.code.matrix]

    @property
    def side(self) -> int:
        """Modules across, with the quiet zone."""
        return len(self.rows) + 2 * QUIET

    @property
    def module(self) -> float:
        """Millimetres of one module where the code is printed as small as we allow."""
        return SMALLEST / self.side

    def svg(self) -> bytes:
        """For print shops: as large as one likes."""
        out = io.BytesIO()
        self.code.save(out, kind="svg", border=QUIET, scale=10, light="#fff", svgclass=None, lineclass=None)
        return out.getvalue()

    def png(self) -> bytes:
        """For everything that takes no SVG."""
        out = io.BytesIO()
        self.code.save(out, kind="png", border=QUIET, scale=PIXELS, light="#fff")
        return out.getvalue()


def symbol(address: str) -> Symbol:
    """The code of this address.

    A quarter of it may be scratched or stained (level Q), as it lies on a counter; a long address gets level M, 15 of
    100, where its modules would be too small otherwise.
    """
    sturdy = Symbol(segno.make_qr(address, error="q"))
    return sturdy if sturdy.module >= LEAST_MODULE else Symbol(segno.make_qr(address, error="m"))
