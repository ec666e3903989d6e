"""HEIC, the photo of an iPhone, becomes a PNG; the decoder runs in a process of its own (see `heic_reader`)."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_READER: Final = Path(__file__).with_name("heic_reader.py")
_SECONDS: Final = 20


class UnreadableHeic(ValueError):
    """The decoder gave up, or was stopped."""


def is_here() -> bool:
    """Is there a decoder on this machine?"""
    return find_spec("pillow_heif") is not None


def to_png(raw: bytes, long_side: int, most_pixels: int) -> bytes:
    """The picture as a PNG, upright (once: by the file's own irot and imir), 8 bits deep, at most so long.

    Its colour profile comes along, nothing else. Raises UnreadableHeic.
    """
    program = [sys.executable, "-I", str(_READER), str(long_side), str(most_pixels)]
    try:
        done = subprocess.run(  # noqa: S603  our own program; the upload is only what it reads
            program, input=raw, capture_output=True, env={}, timeout=_SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError) as fault:
        raise UnreadableHeic from fault
    return done.stdout
