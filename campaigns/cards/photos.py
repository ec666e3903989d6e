"""A photo or logo as somebody sends it becomes a plain picture we dare to keep: small, upright, sRGB, nothing hidden.

1. What it is, by its content, and what it says of its size: nothing is decoded yet (`headers`).
2. Decoded by the one loader of that kind, turned upright and made small.
3. Its colours become sRGB (`colour`), and the bare pixels are encoded anew.
"""

import threading
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image

from . import colour, headers, heic

MOST_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
LEAST_SIDE: Final = 100
LONG_SIDE: Final = 2160
LEAST_LOGO_SIDE: Final = 20
LONG_LOGO_SIDE: Final = 800
MOST_SCANS: Final = 40
"""A progressive JPEG has about ten scans, and a phone puts two or three pictures into one file; thousands of scans only
keep a processor busy."""

QUALITY: Final = 90
STRIP: Final = 64
"""Rows of the smaller picture that are made at a time."""

_MOST: Final = "40 million in all is the most. Save it smaller and try again."
_CHOOSE: Final = "Choose a JPEG, PNG, WebP or HEIC."
_LOADERS: Final = ("JPEG", "PNG", "WEBP")
_OTHERS: Final = {
    "AVIF": "This is an AVIF picture, which cannot be read here. Save it as JPEG and try again.",
    "GIF": f"This is a GIF, not a photo we can read. {_CHOOSE}",
}
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
#: A large picture takes some hundred megabytes while it is read; of many that come at once the others wait.
_DESKS: Final = threading.BoundedSemaphore(2)


class BadPhoto(ValueError):
    """A file that cannot be used as a photo. The message says in a sentence or two why, and what to do."""


@dataclass(frozen=True)
class Photo:
    """A cleaned photo: an sRGB JPEG without metadata and its size in pixels."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True)
class LogoPicture:
    """A cleaned logo: an sRGB PNG without metadata, see-through where it was so, and its size in pixels."""

    png: bytes
    width: int
    height: int


def clean_photo(raw: bytes) -> Photo:
    """Check, turn upright, convert to sRGB, shrink to 2160 pixels and encode anew. Raises BadPhoto."""
    with _DESKS:
        picture, profile = _read(raw, LEAST_SIDE, LONG_SIDE)
        done = colour.in_srgb(picture, profile)
    return Photo(_jpeg(done, QUALITY), done.width, done.height)


def clean_logo(raw: bytes) -> LogoPicture:
    """The same for a logo: 800 pixels, and what is see-through stays see-through. Raises BadPhoto."""
    with _DESKS:
        picture, profile = _read(raw, LEAST_LOGO_SIDE, LONG_LOGO_SIDE)
        done = colour.in_srgb_with_alpha(picture, profile)
    is_opaque = done.getchannel("A").getextrema() == (255, 255)
    return LogoPicture(_png(done.convert("RGB") if is_opaque else done), done.width, done.height)


def thumbnail(jpeg: bytes, width: int) -> bytes:
    """A small JPEG, `width` pixels wide, of a picture we made ourselves."""
    with Image.open(BytesIO(jpeg), formats=("JPEG",)) as picture:
        height = max(1, round(picture.height * width / picture.width))
        picture.draft("RGB", (width, height))
        small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    return _jpeg(small, 82)


# --- before anything is decoded -------------------------------------------------------------------------------------


def _checked_kind(raw: bytes) -> str:
    """Which of the four kinds it is. Raises BadPhoto for every other file, and for what its header gives away."""
    if not raw:
        raise BadPhoto(f"This file is empty. {_CHOOSE}")
    if len(raw) > MOST_BYTES:
        raise BadPhoto(
            f"This photo has {len(raw) / 1024 / 1024:.0f} MB; 15 MB is the most. Save it smaller and try again."
        )
    kind = headers.kind(raw)
    if kind in _OTHERS or not kind:
        raise BadPhoto(_OTHERS.get(kind, f"This file is not a photo we can read. {_CHOOSE}"))
    if kind == "HEIC" and not heic.is_here():
        raise BadPhoto("HEIC photos cannot be read here. Save it as a JPEG and try again.")
    if kind == "JPEG" and raw.count(b"\xff\xda") > MOST_SCANS:
        raise BadPhoto("This JPEG is built in an unusual way. Export it once more and try again.")
    if headers.moves(raw, kind):
        raise BadPhoto("This is a moving picture. Save one still picture of it as JPEG and try again.")
    for width, height in headers.sizes(raw, kind):
        _check_pixels(width, height)
    return kind


def _check_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise BadPhoto(f"This photo has {width:,} × {height:,} pixels; {_MOST}")


def _check_size(picture: Image.Image, least: int) -> None:
    _check_pixels(picture.width, picture.height)
    if min(picture.size) < least:
        raise BadPhoto(
            f"This picture is only {picture.width:,} × {picture.height:,} pixels. "
            f"Choose one of at least {least} × {least}."
        )


# --- reading --------------------------------------------------------------------------------------------------------


def _read(raw: bytes, least: int, long_side: int) -> tuple[Image.Image, bytes | None]:
    """The pixels, upright and at most so long, and their colour profile."""
    try:
        kind = _checked_kind(raw)
        if kind == "HEIC":
            raw, kind = heic.to_png(raw, long_side, MOST_PIXELS), "PNG"
        with Image.open(BytesIO(raw), formats=_LOADERS) as opened:
            _check_size(opened, least)
            profile = opened.info.get("icc_profile") or colour.profile_for(headers.primaries(raw, kind))
            return _small(_upright(opened, long_side), long_side), profile
    except BadPhoto:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise BadPhoto(f"This photo has too many pixels; {_MOST}") from bomb
    except Exception as fault:
        raise BadPhoto(
            "This photo is damaged and cannot be read. Export it once more as a JPEG and try again."
        ) from fault


def _upright(opened: Image.Image, long_side: int) -> Image.Image:
    """Decode the first frame, as small as will do, and turn it as its EXIF says."""
    opened.draft(None, (long_side, long_side))
    opened.load()
    turn = _TURNS.get(_orientation(opened))
    return opened.transpose(turn) if turn is not None else opened


def _orientation(opened: Image.Image) -> int:
    """The number in the EXIF data; 1, which is upright, when they are missing or cannot be read."""
    try:
        found = opened.getexif().get(0x0112, 1)
    except Exception:  # a camera's odd notes must not cost the photo, whatever Pillow raises for them
        return 1
    return found if isinstance(found, int) else 1


def _small(picture: Image.Image, long_side: int) -> Image.Image:
    """At most so long: before anything else, so that a large photo is never in memory many times over."""
    smooth = _averaged(picture, max(1, max(picture.size) // long_side))
    smooth.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    return smooth


def _averaged(picture: Image.Image, factor: int) -> Image.Image:
    """The picture `factor` times smaller, made strip by strip."""
    strips = []
    for top in range(0, picture.height, STRIP * factor):
        strip = picture.crop((0, top, picture.width, min(picture.height, top + STRIP * factor)))
        strips.append(_with_smooth_pixels(strip).reduce(factor))
    whole = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    for number, strip in enumerate(strips):
        whole.paste(strip, (0, number * STRIP))
    return whole


def _with_smooth_pixels(picture: Image.Image) -> Image.Image:
    """A mode whose pixels can be averaged: 16 bits become 8, palettes become colours."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda level: level / 256).convert("L")
    if picture.mode in ("P", "PA") or (picture.mode == "RGB" and "transparency" in picture.info):
        return picture.convert("RGBA")
    if picture.mode in ("1", "L"):
        return picture.convert("LA" if "transparency" in picture.info else "L")
    return picture


# --- encoding anew --------------------------------------------------------------------------------------------------


def _bare(picture: Image.Image) -> Image.Image:
    """What can be seen, alone: no EXIF, no comment, no profile, nothing behind pixels that are see-through."""
    bare = Image.new(picture.mode, picture.size)
    seen = picture.getchannel("A").point(lambda alpha: 255 if alpha else 0) if picture.mode == "RGBA" else None
    bare.paste(picture, mask=seen)
    return bare


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    _bare(picture).save(out, "JPEG", quality=quality, subsampling="4:2:0")
    return out.getvalue()


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    _bare(picture).save(out, "PNG", optimize=True)
    return out.getvalue()
