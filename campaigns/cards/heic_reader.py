"""A program of its own that reads a HEIC on its standard input and writes a PNG on its standard output.

The decoder of this format is native code in which holes are found every year, and it comes with an encoder that we
never call. So it never enters the processes that hold keys and customers: a file that breaks it breaks this program
alone, which has no secrets in its environment, little memory and little time.

It knows nothing of the rest of Goodword, and is started by `heic.py`.
"""

import contextlib
import resource
import sys
from collections.abc import Mapping
from typing import Any

import pillow_heif
from PIL import Image, PngImagePlugin

MOST_MEMORY = 2 * 1024 * 1024 * 1024
MOST_SECONDS = 15
_ALREADY_SRGB = 1


def main(long_side: int, most_pixels: int) -> None:
    """The first picture of the file, upright, at most so long, with its colour profile and nothing else."""
    _bound()
    pillow_heif.options.DECODE_THREADS = 2
    for extra in ("THUMBNAILS", "DEPTH_IMAGES", "AUX_IMAGES"):
        setattr(pillow_heif.options, extra, False)
    file = pillow_heif.open_heif(sys.stdin.buffer.read(), convert_hdr_to_8bit=True)
    found = file[file.primary_index]
    if found.size[0] * found.size[1] > most_pixels:
        raise ValueError("More pixels than its header said.")
    picture = found.to_pillow()
    profile = picture.info.get("icc_profile")
    picture.thumbnail((long_side, long_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture.info.clear()
    picture.save(sys.stdout.buffer, "PNG", compress_level=1, icc_profile=profile, pnginfo=_named_colours(found.info))


def _bound() -> None:
    """Limits that cannot be raised again. They are not known on every system; what we ask of it is asked twice."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _named_colours(info: Mapping[str, Any]) -> PngImagePlugin.PngInfo:
    """HEIC may name its colours by numbers instead of a profile; a PNG says the same in a chunk called cICP."""
    chunks = PngImagePlugin.PngInfo()
    named = info.get("nclx_profile")
    if isinstance(named, dict):
        chunks.add(b"cICP", bytes([int(named["color_primaries"]), int(named["transfer_characteristics"]), 0, 1]))
    return chunks


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
