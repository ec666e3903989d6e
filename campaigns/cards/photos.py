"""A photo as somebody sends it becomes a plain JPEG we dare to keep: small, upright, sRGB, nothing hidden in it."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms, ImageOps

MOST_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
LEAST_SIDE: Final = 100
LONG_SIDE: Final = 2160
MOST_SCANS: Final = 100
"""A progressive JPEG has about ten scans; thousands of them only keep a processor busy."""

QUALITY: Final = 90
STRIP: Final = 64
"""Rows of the smaller picture that are made at a time."""

_MOST: Final = "40 million in all is the most. Save it smaller and try again."
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_HEIC: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


class BadPhoto(ValueError):
    """A file that cannot be used as a photo. The message says in a sentence or two why, and what to do."""


@dataclass(frozen=True)
class Photo:
    """A cleaned photo: an sRGB JPEG without metadata and its size in pixels."""

    jpeg: bytes
    width: int
    height: int


def clean_photo(raw: bytes) -> Photo:
    """Check, turn upright, convert to sRGB, shrink to 2160 pixels and encode anew. Raises BadPhoto."""
    _check_file(raw)
    try:
        with Image.open(BytesIO(raw), formats=_FORMATS) as opened:
            _check_size(opened)
            picture = _small(_upright(opened))
            return _photo(_in_srgb(picture))
    except BadPhoto:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise BadPhoto(f"This photo has too many pixels; {_MOST}") from bomb
    except Exception as fault:
        raise BadPhoto(
            "This photo is damaged and cannot be read. Export it once more as a JPEG and try again."
        ) from fault


def thumbnail(jpeg: bytes, width: int) -> bytes:
    """A small JPEG, `width` pixels wide, of a picture we made ourselves."""
    with Image.open(BytesIO(jpeg), formats=("JPEG",)) as picture:
        height = max(1, round(picture.height * width / picture.width))
        picture.draft("RGB", (width, height))
        small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    return _encoded(small, 82)


def _check_file(raw: bytes) -> None:
    if not raw:
        raise BadPhoto("This file is empty. Choose a photo: JPEG, PNG or WebP.")
    if len(raw) > MOST_BYTES:
        raise BadPhoto(
            f"This photo has {len(raw) / 1024 / 1024:.0f} MB; 15 MB is the most. Save it smaller and try again."
        )
    if raw[4:8] == b"ftyp" and raw[8:12] in _HEIC:
        raise BadPhoto("This is a HEIC photo, which cannot be read here. Save it as JPEG and try again.")
    kind = _kind(raw)
    if kind is None:
        raise BadPhoto("This file is not a photo we can read. Choose a JPEG, PNG or WebP.")
    if kind == "JPEG" and raw.count(b"\xff\xda") > MOST_SCANS:
        raise BadPhoto("This JPEG is built in an unusual way. Export it once more and try again.")
    if kind == "WEBP":
        _check_pixels(*_webp_size(raw))


def _kind(raw: bytes) -> str | None:
    if raw.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    return "WEBP" if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP" else None


def _webp_size(raw: bytes) -> tuple[int, int]:
    """Width and height from the header: Pillow's decoder would set aside the memory before it told us."""
    chunk, body = raw[12:16], raw[20:30].ljust(10, b"\0")
    if chunk == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF


def _check_size(picture: Image.Image) -> None:
    _check_pixels(picture.width, picture.height)
    if min(picture.size) < LEAST_SIDE:
        raise BadPhoto(
            f"This photo is only {picture.width} × {picture.height} pixels. "
            f"Choose one of at least {LEAST_SIDE} × {LEAST_SIDE}, better 1,080 × 1,350."
        )


def _check_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise BadPhoto(f"This photo has {width:,} × {height:,} pixels; {_MOST}")


def _upright(opened: Image.Image) -> Image.Image:
    """Decode the first frame, as small as will do, and turn it as its EXIF says."""
    opened.draft(None, (LONG_SIDE, LONG_SIDE))
    opened.load()
    ImageOps.exif_transpose(opened, in_place=True)
    return opened


def _small(picture: Image.Image) -> Image.Image:
    """At most 2160 pixels long: before anything else, so that a large photo is never in memory many times over."""
    smooth = _averaged(picture, max(1, max(picture.size) // LONG_SIDE))
    smooth.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
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
    whole.info["icc_profile"] = picture.info.get("icc_profile")
    return whole


def _with_smooth_pixels(picture: Image.Image) -> Image.Image:
    """A mode whose pixels can be averaged: 16 bits become 8, palettes become colours."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda level: level / 256).convert("L")
    if picture.mode in ("P", "PA") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.convert("L") if picture.mode == "1" else picture


def _photo(picture: Image.Image) -> Photo:
    return Photo(_encoded(picture, QUALITY), picture.width, picture.height)


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if picture.has_transparency_data:
        picture = _on_white(picture.convert("RGBA"))
    return _converted(picture, profile) if profile else picture.convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _converted(picture: Image.Image, profile: bytes) -> Image.Image:
    """Through the photo's own colour profile; one that is broken or of another kind is passed over."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        done = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        done = None
    return picture.convert("RGB") if done is None else done


def _encoded(picture: Image.Image, quality: int) -> bytes:
    """A JPEG of the pixels alone: a new picture carries no EXIF, no comment and no profile into the file."""
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    out = BytesIO()
    bare.save(out, "JPEG", quality=quality, subsampling="4:2:0")
    return out.getvalue()
