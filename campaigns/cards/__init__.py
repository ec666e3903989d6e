"""Cards: the personal picture. Strings and bytes in, JPEG bytes out; no models, no network."""

from .contrast import Fix, Reading, readings
from .design import BadDesign, Band, Box, Card, Logo, mended
from .drawing import bare, contact_sheet, drawn_texts, missing, render
from .machine import shortcomings
from .photos import BadPhoto, LogoPicture, Photo, clean_logo, clean_photo, thumbnail
from .setting import Setting
from .starters import FORMATS, Starter, design_for, plain_photo, starter, starters
from .typefaces import CHOICES as FONTS
from .typefaces import SHAPING

__all__ = [
    "FONTS",
    "FORMATS",
    "SHAPING",
    "BadDesign",
    "BadPhoto",
    "Band",
    "Box",
    "Card",
    "Fix",
    "Logo",
    "LogoPicture",
    "Photo",
    "Reading",
    "Setting",
    "Starter",
    "bare",
    "clean_logo",
    "clean_photo",
    "contact_sheet",
    "design_for",
    "drawn_texts",
    "mended",
    "missing",
    "plain_photo",
    "readings",
    "render",
    "shortcomings",
    "starter",
    "starters",
    "thumbnail",
]
