"""What becomes of a row, as people see it: look, icon, words, and the colour of the stroke."""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.importing import Kind
from campaigns.models import ImportRow


@dataclass(frozen=True)
class Fate:
    """For a chip and for the counts."""

    look: str
    icon: str
    word: str
    swatch: str


FATES: Mapping[str, Fate] = {
    Kind.ADDED: Fate("read", "plus", "New", "sw-read"),
    Kind.UPDATED: Fate("sent", "refresh-cw", "Updated", "sw-delivered"),
    Kind.UNCHANGED: Fate("planned", "equal", "Known already", "sw-sent"),
    Kind.DUPLICATE: Fate("skipped", "copy", "Duplicate", "sw-skipped"),
    Kind.SUPPRESSED: Fate("stopped", "ban", "Opted out", "sw-dark"),
    Kind.STOPPED: Fate("stopped", "hand", "Stopped", "sw-dark"),
    Kind.REJECTED: Fate("refused", "circle-x", "Unreadable", "sw-refused"),
}

#: What an undo did, in a sentence for one and for several.
UNDONE: Mapping[str, tuple[str, str]] = {
    ImportRow.Undone.GONE: ("customer who came with it is gone.", "customers who came with it are gone."),
    ImportRow.Undone.BACK: ("customer is as before.", "customers are as before."),
    ImportRow.Undone.PARTLY: (
        "customer is as before, but for what was changed since.",
        "customers are as before, but for what was changed since.",
    ),
    ImportRow.Undone.ASKED: (
        "customer stays: asked already, in a campaign, or has answered.",
        "customers stay: asked already, in a campaign, or have answered.",
    ),
    ImportRow.Undone.CHANGED: (
        "customer stays as now: changed since by somebody.",
        "customers stay as now: changed since by somebody.",
    ),
    ImportRow.Undone.MISSING: ("customer was gone already.", "customers were gone already."),
}


def counted(counts: Mapping[str, int]) -> list[tuple[str, Fate, int]]:
    """Kind, how it looks, and how many; together they are all the rows."""
    return [(str(kind), fate, counts.get(kind, 0)) for kind, fate in FATES.items()]
