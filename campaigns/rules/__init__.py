"""What a text may not say, and what the first message must.  (pure; English and Spanish)

The patterns stand in `tables`, `spanish` and `health`, and in `manner` what is merely unwise.  A finding that blocks
refuses saving and launching; one that warns only speaks.  Each names its rule and offers better words.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from campaigns import merge
from campaigns.chert.parts import contains_url

from . import manner, spanish, tables
from .health import CLINICAL
from .health import FIELDS as TELLING
from .tables import FOREIGN_FIELD, STOP, Level, Rule

__all__ = ["Finding", "Where", "blocks", "check", "scan"]

Where = Literal["greeting", "ask", "reminder"]


_NAMES = {
    "R1": "Ask everyone alike · R1",
    "R3": "No rewards · R3",
    "R4": "No asking for stars · R4",
    "R10": "No threats · R10",
    "M10": "Who writes, and how to stop · M10",
    "M13": "No tricks with the link · M13",
    "D7": "Health · D7",
    "1005": "No addresses · 1005",
    "merge": "Merge fields",
    "style": "Manner",
    "empty": "No text",
}


@dataclass(frozen=True)
class Finding:
    """One thing a text says or lacks: the phrase as written (empty when something is missing), and why it matters.

    `rule_id` is the policy's (R1, R3, R4, R10, M10, M13, D7), Chert's code 1005, or "merge", "style", "empty".
    `better` is what may be written instead, in the language of the text; empty where nothing general can be said.
    """

    level: Level
    phrase: str
    sentence: str
    rule_id: str
    where: Where = "ask"
    better: str = ""

    @property
    def rule_name(self) -> str:
        """The rule as people may look it up: what it is about, and its mark in our policy where it has one."""
        return _NAMES[self.rule_id]

    @property
    def words(self) -> str:
        """The sentence, and what to write instead."""
        return f"{self.sentence} Better: “{self.better}”" if self.better else self.sentence


def check(greeting: str, ask: str, *, business: str = "", health: bool = False) -> list[Finding]:
    """Everything to be said about the texts of a campaign.  A text that is not used is the empty string.

    `business` is its name: it may stand in for {business}, and a shop called “Free Range Eggs” offers nothing by it.
    With `health` the texts are a practice's, and may not tell what somebody came for (D7).
    """
    if not greeting.strip() and not ask.strip():
        return [Finding("block", "", "There is no text yet.", "empty")]
    first: Where = "greeting" if greeting.strip() else "ask"
    found = [
        *scan(greeting, "greeting", business=business, health=health),
        *scan(ask, "ask", business=business, is_first=first == "ask", health=health),
    ]
    return [*found, *_opening(greeting if first == "greeting" else ask, first, business)]


def blocks(findings: list[Finding]) -> list[Finding]:
    """Those that refuse saving and launching."""
    return [finding for finding in findings if finding.level == "block"]


def scan(
    text: str, where: Where = "ask", *, business: str = "", is_first: bool | None = None, health: bool = False
) -> list[Finding]:
    """What one text may not say: rewards, threats, tricks, stars, addresses, fields that do not exist.

    `is_first` says whether it opens the conversation; a greeting does.
    """
    plain = _plain(text)
    first = where == "greeting" if is_first is None else is_first
    found = [*_merge_fields(plain, where, health), *_addresses(plain, where, business, first)]
    nameless = _without_name(plain, business)
    for rules in _kinds(health):
        found += _of_kind(rules, nameless, where)
    return [*found, *_manner(_without_name(text, business), where)]


def _kinds(health: bool) -> list[tuple[Rule, ...]]:
    """The rules, those of one kind together in all languages."""
    by_id: dict[str, tuple[Rule, ...]] = {}
    for rule in [*tables.RULES, *spanish.RULES, *(CLINICAL if health else ())]:
        by_id[rule.id] = (*by_id.get(rule.id, ()), rule)
    return list(by_id.values())


def _of_kind(rules: tuple[Rule, ...], text: str, where: Where) -> Iterator[Finding]:
    """One finding for each place: where two patterns meet on the same words, the longer phrase stands."""
    kept: list[tuple[re.Match[str], Rule]] = []
    found = [(match, rule) for rule in rules for match in rule.matches(_unaccented(text))]
    for match, rule in sorted(found, key=lambda pair: pair[0].start() - pair[0].end()):
        if all(match.end() <= other.start() or match.start() >= other.end() for other, _ in kept):
            kept.append((match, rule))
    for match, rule in sorted(kept, key=lambda pair: pair[0].start()):
        phrase = " ".join(text[match.start() : match.end()].split()).strip(" .,;:!?¡¿-")
        yield Finding(rule.level, phrase, f"“{phrase}”: {rule.why}", rule.id, where, rule.better)


def _manner(text: str, where: Where) -> Iterator[Finding]:
    for phrase, why, better in manner.speaks(re.sub(r"\{[^{}]*\}", "", text)):
        yield Finding("warn", phrase, f"“{phrase}”: {why}" if phrase else why, "style", where, better)


def _opening(text: str, where: Where, business: str) -> Iterator[Finding]:
    """M10: the first message names the business and says how to stop."""
    plain, in_spanish = _plain(text), _is_spanish(text)
    named = re.search(r"\{\s*business\s*[|}]", plain, re.IGNORECASE)
    if not named and not any(name.casefold() in plain.casefold() for name in _names(business)):
        sentence = "The first message does not say which business is writing. Put {business} into it."
        better = "Le escribe {sender}, de {business}." if in_spanish else "It’s {sender} from {business}."
        yield Finding("block", "", sentence, "M10", where, better)
    if not STOP.search(_unaccented(plain)):
        better = "Responda ALTO y no le escribo más." if in_spanish else "Reply STOP and I won’t write again."
        yield Finding("block", "", "The first message does not say how to stop.", "M10", where, better)


_SPANISH = re.compile(
    r"\b(?:hola|gracias|usted|ustedes|por|para|que|una|los|las|nos|su|sus|del|con|como|le|de|el|la)\b", re.I
)


def _is_spanish(text: str) -> bool:
    return len(_SPANISH.findall(text)) >= 2


def _merge_fields(text: str, where: Where, health: bool) -> Iterator[Finding]:
    known = ", ".join(f"{{{name}}}" for name in merge.FIELDS)
    telling = re.search(rf"\{{\s*(?:{'|'.join(TELLING)})\s*(?:\|[^{{}}]*)?\}}", text, re.IGNORECASE)
    if health and telling:
        sentence = f"“{telling.group()}” would tell what somebody came for, or when, to anybody who sees the screen."
        yield Finding("block", telling.group(), sentence, "D7", where, "your visit")
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
    """A bare address in the first message is refused by Chert (1005); later it would lead past the review link (R1).

    The business's own name, should it be an address, leads nowhere else: after the first message it may stand.
    """
    said = text.replace("{business}", business) if is_first else _without_name(text, business)
    phrase = next((word.strip("().,!?;:\"'") for word in said.split() if contains_url(word)), "")
    better = "El enlace está en la tarjeta de abajo." if _is_spanish(text) else "The link is in the card below."
    if phrase and any(phrase.casefold() in name.casefold() for name in _names(business)):
        sentence = f"“{phrase}”: a first message with an address in it is refused, also when it is your name. Write the"
        yield Finding("block", phrase, f"{sentence} name without its ending, here or in the settings.", "1005", where)
    elif phrase and is_first:
        sentence = f"“{phrase}”: a first message with an address in it is refused. The review link has its own card."
        yield Finding("block", phrase, sentence, "1005", where, better)
    elif phrase:
        sentence = f"“{phrase}”: the review link goes out as its own card; a second address draws people away from it."
        yield Finding("block", phrase, sentence, "1005", where, better)


_STRAIGHT = str.maketrans("‘’‚‛“”„‟\u00a0\u202f–—‑", "''''\"\"\"\"  ---")
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def _plain(text: str) -> str:
    """The text with straight quotation marks and single spaces, without marks that split a word unseen.

    A line break in mid-sentence, before a small letter, is a space; any other ends the sentence.
    """
    shown = unicodedata.normalize("NFC", _HIDDEN.sub("", text)).translate(_STRAIGHT)
    return re.sub(r"[ \t\r\f\v]+", " ", re.sub(r"\s*\n\s*(?=[a-z])", " ", shown))


def _unaccented(text: str) -> str:
    """The same length, letter by letter: what is found in it stands at the same place in the text."""
    return text.translate(_ACCENTS)


_ACCENTS = str.maketrans("áéíóúüñÁÉÍÓÚÜÑ", "aeiouunAEIOUUN")
_COMPANY = re.compile(r",? (?:llc|l\.l\.c\.|inc|inc\.|co|co\.|corp|corp\.|ltd|ltd\.|llp|pc|pllc)$", re.IGNORECASE)


def _names(business: str) -> list[str]:
    """The name in full, and as people say it: without LLC."""
    name = _plain(business).strip()
    return [each for each in dict.fromkeys([name, _COMPANY.sub("", name)]) if each]


def _without_name(text: str, business: str) -> str:
    for name in _names(business):
        text = re.sub(re.escape(name), "{business}", text, flags=re.IGNORECASE)
    return text
