"""Names as lists have them: what looks odd about one, and what to call its owner instead.  Pure: values in and out."""

from .letters import proper
from .nicknames import are_one_name, forms
from .oddities import NO_NAME, Finding, look, unspeakable
from .several import household, listed

__all__ = [
    "NO_NAME",
    "Finding",
    "are_one_name",
    "forms",
    "household",
    "listed",
    "look",
    "proper",
    "unspeakable",
]
