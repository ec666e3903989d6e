"""Everything we hold about one person: found, handed out, joined, forgotten."""

from campaigns.person.erasing import (
    Outlook,
    ask,
    carry_out,
    clear_away,
    leaves_remains,
    may_scrub,
    outlook,
    scrub,
    work,
)
from campaigns.person.export import as_zip, everything
from campaigns.person.merging import CHOICES, CannotJoin, Choice, choices, join, twins_of
from campaigns.person.whose import Whose

__all__ = [
    "CHOICES",
    "CannotJoin",
    "Choice",
    "Outlook",
    "Whose",
    "as_zip",
    "ask",
    "carry_out",
    "choices",
    "clear_away",
    "everything",
    "join",
    "leaves_remains",
    "may_scrub",
    "outlook",
    "scrub",
    "twins_of",
    "work",
]
