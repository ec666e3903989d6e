"""What a text may not say, and what the first message must.  (pure; English)

The patterns stand in `tables`.  A finding that blocks refuses saving and launching; one that warns only speaks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from campaigns import merge
from campaigns.chert.parts import contains_url

from .tables import FOREIGN_FIELD, RULES, STOP, Level, Rule

__all__ = ["Finding", "Where", "blocks", "check", "scan"]

Where = Literal["greeting", "ask"]


@dataclass(frozen=True)
class Finding:
    """One thing a text says or lacks: the phrase as written (empty when something is missing), and why it matters.

    `rule_id` is the policy's (R1, R3, R4, R10, M10, M13), Chert's code 1005, or "merge", "empty".
    """

    level: Level
    phrase: str
    sentence: str
    rule_id: str
    where: Where = "ask"


def check(greeting: str, ask: str, *, business: str = "") -> list[Finding]:
    """Everything to be said about the texts of a campaign.  A text that is not used is the empty string.

    `business` is its name: it may stand in for {business}, and a shop called “Free Range Eggs” offers nothing by it.
    """
    if not greeting.strip() and not ask.strip():
        return [Finding("block", "", "There is no text yet.", "empty")]
    first: Where = "greeting" if greeting.strip() else "ask"
    found = [
        *scan(greeting, "greeting", business=business),
        *scan(ask, "ask", business=business, is_first=first == "ask"),
    ]
    return [*found, *_opening(greeting if first == "greeting" else ask, first, business)]


def blocks(findings: list[Finding]) -> list[Finding]:
    """Those that refuse saving and launching."""
    return [finding for finding in findings if finding.level == "block"]


def scan(text: str, where: Where = "ask", *, business: str = "", is_first: bool | None = None) -> list[Finding]:
    """What one text may not say: rewards, threats, tricks, stars, addresses, fields that do not exist.

    `is_first` says whether it opens the conversation; a greeting does.
    """
    plain = _plain(text)
    first = where == "greeting" if is_first is None else is_first
    found = [*_merge_fields(plain, where), *_addresses(plain, where, business, first)]
    nameless = _without_name(plain, business)
    for rule in RULES:
        found += _of_rule(rule, nameless, where)
    return found


def _of_rule(rule: Rule, text: str, where: Where) -> Iterator[Finding]:
    """One finding for each place: where two patterns meet on the same words, the longer phrase stands."""
    kept: list[re.Match[str]] = []
    for match in sorted(rule.matches(text), key=lambda m: m.start() - m.end()):
        if all(match.end() <= other.start() or match.start() >= other.end() for other in kept):
            kept.append(match)
    for match in sorted(kept, key=lambda m: m.start()):
        phrase = " ".join(match.group().split()).strip(" .,;:!?-")
        yield Finding(rule.level, phrase, f"“{phrase}”: {rule.why}", rule.id, where)


def _opening(text: str, where: Where, business: str) -> Iterator[Finding]:
    """M10: the first message names the business and says how to stop."""
    plain = _plain(text)
    named = re.search(r"\{\s*business\s*[|}]", plain, re.IGNORECASE)
    if not named and not (business and _plain(business).casefold() in plain.casefold()):
        sentence = "The first message does not say which business is writing. Put {business} into it."
        yield Finding("block", "", sentence, "M10", where)
    if not STOP.search(plain):
        sentence = "The first message does not say how to stop. Add “Reply STOP and I won’t write again.”"
        yield Finding("block", "", sentence, "M10", where)


def _merge_fields(text: str, where: Where) -> Iterator[Finding]:
    known = ", ".join(f"{{{name}}}" for name in merge.FIELDS)
    for field in dict.fromkeys(re.findall(r"\{{1,2}[^{}]*\}{1,2}", text)):
        if not _is_field(field):
            yield Finding("block", field, f"“{field}” is not a merge field. The fields are {known}.", "merge", where)
    lone = re.search(r"\{[^{}]{0,20}|[^{}]{0,20}\}", re.sub(r"\{\{[^{}]*\}\}|\{[^{}]*\}", "", text))
    if lone:
        phrase = lone.group().strip()
        yield Finding("block", phrase, f"“{phrase}” has a brace without its other half.", "merge", where)
    foreign = FOREIGN_FIELD.search(text)
    if foreign:
        phrase = foreign.group()
        sentence = f"“{phrase}” would be sent just as it stands. The fields are {known}."
        yield Finding("block", phrase, sentence, "merge", where)


def _is_field(text: str) -> bool:
    try:
        return bool(merge.fields_in(text))
    except merge.UnknownField:
        return False


def _addresses(text: str, where: Where, business: str, is_first: bool) -> Iterator[Finding]:
    """A bare address in the first message is refused by Chert (1005); later it would lead past the review link (R1)."""
    words = text.replace("{business}", business).split()
    phrase = next((word.strip("().,!?;:\"'") for word in words if contains_url(word)), "")
    if phrase and is_first:
        sentence = f"“{phrase}”: a first message with an address in it is refused. The review link has its own card."
        yield Finding("block", phrase, sentence, "1005", where)
    elif phrase:
        sentence = f"“{phrase}”: the review link goes out as its own card; a second address draws people away from it."
        yield Finding("warn", phrase, sentence, "1005", where)


_STRAIGHT = str.maketrans("‘’‚‛“”„‟\u00a0\u202f–—‑", "''''\"\"\"\"  ---")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def _plain(text: str) -> str:
    """The text with straight quotation marks and single spaces, without marks that split a word unseen.

    A line break in mid-sentence, before a small letter, is a space; any other ends the sentence.
    """
    shown = _HIDDEN.sub("", text).translate(_STRAIGHT)
    return re.sub(r"[ \t\r\f\v]+", " ", re.sub(r"\s*\n\s*(?=[a-z])", " ", shown))


def _without_name(text: str, business: str) -> str:
    name = _plain(business).strip()
    return re.sub(re.escape(name), "{business}", text, flags=re.IGNORECASE) if name else text
