"""What this machine cannot draw or read, in words for whoever runs it."""

from . import heic, typefaces


def shortcomings() -> list[str]:
    """Each in a sentence, with what to do; usually none."""
    found = []
    if not typefaces.SHAPING:
        found.append(
            "Names in Indic scripts cannot be drawn here, so their cards say the words without the name. "
            "Install FriBidi (Debian: apt install libfribidi0) and start again."
        )
    if gone := typefaces.lost():
        found.append(f"Fonts are missing, and Noto Sans is drawn in their place: {', '.join(gone)}.")
    if not heic.is_here():
        found.append("HEIC photos cannot be read here. Install the package pillow-heif.")
    return found
