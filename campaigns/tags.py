"""Tags: words a business puts on its customers to find them again.  (pure)

What somebody thinks of the business is no tag: whoever could choose the pleased ones would ask only them (R2).
"""

import re
from collections.abc import Iterable

from campaigns import merge

#: Characters of one tag, and tags on one customer.
LONGEST, MOST = 40, 20
_BETWEEN = re.compile(r"[,;|\n]")
_PLEASED = re.compile(
    r"\b(?:nps|csat|promoters?|detractors?|satisf\w+|dis-?satisf\w+|un-?satisf\w+|un-?happy|very happy|sentiments?|"
    r"ratings?|rated|insatisfech\w+|calificaci\w+|zufrieden\w*|unzufrieden\w*)\b|"
    r"\b(?:[1-5]|one|two|three|four|five)[\s-]*(?:stars?|estrellas?|sterne?)\b|[★☆⭐👍👎]|"
    r"^(?:(?:happy|angry|pleased|delighted|content[oa]s?)(?: (?:customers?|clients?|clientes?))?)$",
    re.IGNORECASE,
)


class BadTag(ValueError):
    """These words are no tags.  `sentence` says why, and quotes the one."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def split(written: str) -> tuple[str, ...]:
    """The tags in "Spa, VIP; garden|spa": each once, whatever its capitals, in this order.  Raises `BadTag`."""
    found = unique(part for each in _BETWEEN.split(written) if (part := merge.plain(each)))
    for tag in found:
        _refuse(tag)
    if len(found) > MOST:
        raise BadTag(f"These are {len(found)} tags; {MOST} is the most.")
    return found


def _refuse(tag: str) -> None:
    if len(tag) > LONGEST:
        raise BadTag(f"The tag “{tag[: LONGEST - 1]}…” has {len(tag)} characters; {LONGEST} is the most.")
    if _PLEASED.search(tag):
        raise BadTag(f"“{tag}” says how pleased somebody is. Everybody is asked alike, so there are no tags for it.")


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once; of several writings the first."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(folded(name), name)
    return tuple(found.values())


def folded(name: str) -> str:
    """What is the same for “VIP” and “vip”: no database compares all letters alike."""
    return name.casefold()
