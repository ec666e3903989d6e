"""The colours of a picture as sRGB, whatever space it came in.  (pure)"""

import struct
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

#: Red, green and blue of the wide spaces telephones use, as XYZ under the light of an ICC profile (D50), by their
#: number in ITU-T H.273. Number 1 is sRGB's own and needs no conversion.
_WIDE: Final[Mapping[int, tuple[tuple[float, float, float], ...]]] = {
    9: ((0.67348, 0.27904, -0.00194), (0.16566, 0.67534, 0.02998), (0.12505, 0.04561, 0.79686)),  # BT.2020
    12: ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),  # Display P3
}
_TAGS: Final = (b"rXYZ", b"gXYZ", b"bXYZ")
#: Profiles of printing presses have 3 MB; more than this is no profile.
_LONGEST_PROFILE: Final = 8 * 1024 * 1024


def profile_for(primaries: int | None) -> bytes | None:
    """An ICC profile for a space that is named by its number; None when it is sRGB, or unknown."""
    return _profile(primaries) if primaries in _WIDE else None


@cache
def _profile(primaries: int) -> bytes:
    """The profile of sRGB with other primaries; its tone curve is that of Display P3 too."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for tag, xyz in zip(_TAGS, _WIDE[primaries], strict=True):
        entry = made.index(tag)
        at = int.from_bytes(made[entry + 4 : entry + 8]) + 8
        made[at : at + 12] = struct.pack(">3i", *(round(part * 65536) for part in xyz))
    return bytes(made)


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as RGB, through its own profile where it has one; what is see-through becomes white."""
    if "A" in picture.getbands():
        picture = _on_white(picture)
    return _converted(picture, profile) or picture.convert("RGB")


def in_srgb_with_alpha(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The same as RGBA: what is see-through stays so."""
    if "A" not in picture.getbands():
        return in_srgb(picture, profile).convert("RGBA")
    alpha = picture.getchannel("A")
    ink = picture.convert("L" if picture.mode == "LA" else "RGB")
    done = in_srgb(ink, profile)
    done.putalpha(alpha)
    return done


def _on_white(picture: Image.Image) -> Image.Image:
    """Laid on white in its own space: grey stays grey, so that the profile of a grey picture still fits."""
    ink = picture.convert("L" if picture.mode == "LA" else "RGB")
    white = Image.new(ink.mode, ink.size, "white")
    white.paste(ink, mask=picture.getchannel("A"))
    return white


def _converted(picture: Image.Image, profile: bytes | None) -> Image.Image | None:
    """Through the profile; None without one, or when it is broken or of another kind of picture."""
    if not profile or len(profile) > _LONGEST_PROFILE:
        return None
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
