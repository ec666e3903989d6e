"""Names as lists have them: what looks odd about one, and what to call its owner instead.  Pure: values in and out."""

from .letters import proper
from .oddities import NO_NAME, Finding, look, unspeakable

__all__ = ["NO_NAME", "Finding", "look", "proper", "unspeakable"]
