"""What a text may not say, and what the first message must.  (pure; English and Spanish)

The patterns stand in `tables`, `spanish` and `health`, and in `manner` what is merely unwise.  A finding that blocks
refuses saving and launching; one that warns only speaks.  Each names its rule and offers better words.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from campaigns import languages, merge
from campaigns.chert.parts import contains_url

from . import manner, spanish, tables
from .health import CLINICAL
from .health import FIELDS as TELLING
from .health import ON_PICTURES as TELLING_ON_PICTURES
from .tables import FOREIGN_FIELD, STOP, STOP_IN_CAPITALS, Level, Rule

__all__ = ["TELLING", "Finding", "Where", "blocks", "check", "on_a_picture", "scan"]

Where = Literal["greeting", "ask", "reminder", "picture"]


_NAMES = {
    "R1": "Ask everyone alike · R1",
    "R3": "No rewards · R3",
    "R4": "No asking for stars · R4",
    "R10": "No threats · R10",
    "M10": "Who writes, and how to stop · M10",
    "M13": "No tricks with the link · M13",
    "D5": "A way to stop in every message · D5",
    "D7": "Health · D7",
    "1005": "No addresses · 1005",
    "merge": "Merge fields",
    "style": "Manner",
    "empty": "No text",
}


@dataclass(frozen=True)
class Finding:
    """One thing a text says or lacks: the phrase as written (empty when something is missing), and why it matters.

    `rule_id` is the policy's (R1, R3, R4, R10, M10, M13, D5, D7), Chert's code 1005, or "merge", "style", "empty".
    `better` is what may be written instead, in the language of the text; empty where nothing general can be said.
    """

    level: Level
    phrase: str
    sentence: str
    rule_id: str
    where: Where = "ask"
    better: str = ""
    #: Of the text, where a campaign has several; its code.
    language: str = ""

    @property
    def language_name(self) -> str:
        """What staff call the language of the text: "Spanish"; empty where it goes without saying."""
        return languages.name(self.language)

    @property
    def rule_name(self) -> str:
        """The rule as people may look it up: what it is about, and its mark in our policy where it has one."""
        return _NAMES[self.rule_id]

    @property
    def words(self) -> str:
        """The sentence, and what to write instead; it begins with the language where a campaign has several."""
        said = f"{self.sentence} Better: “{self.better}”" if self.better else self.sentence
        return f"In {self.language_name}: {said}" if self.language else said


def check(
    greeting: str,
    ask: str,
    reminder: str = "",
    *,
    business: str = "",
    health: bool = False,
    language: str = languages.ENGLISH,
    stop_in_each: bool = False,
) -> list[Finding]:
    """Everything to be said about the texts of a campaign in one language.  A text not used is the empty string.

    `business` is its name: it may stand in for {business}, and a shop called “Free Range Eggs” offers nothing by it.
    With `health` the texts are a practice's, and may not tell what somebody came for (D7).  With `stop_in_each` they
    go to the United Kingdom, where every message says how to stop (D5).
    """
    if not greeting.strip() and not ask.strip():
        return [Finding("block", "", "There is no text yet.", "empty")]
    first: Where = "greeting" if greeting.strip() else "ask"
    found = [
        *scan(greeting, "greeting", business=business, health=health, language=language),
        *scan(ask, "ask", business=business, is_first=first == "ask", health=health, language=language),
        *scan(reminder, "reminder", business=business, health=health, language=language),
        *_opening(greeting if first == "greeting" else ask, first, business, language),
    ]
    if stop_in_each:
        found += _without_a_way_to_stop(ask if first == "greeting" else "", "ask", language)
        found += _without_a_way_to_stop(reminder, "reminder", language)
    return found


def blocks(findings: list[Finding]) -> list[Finding]:
    """Those that refuse saving and launching."""
    return [finding for finding in findings if finding.level == "block"]


def on_a_picture(text: str, *, business: str = "") -> list[Finding]:
    """What a practice's picture may not say: it tells no more than a first name (D7)."""
    plain = _plain(text)
    telling = [_telling_field(plain, "picture", TELLING_ON_PICTURES)]
    return [*filter(None, telling), *_of_kind(CLINICAL, _without_name(plain, business), "picture")]


def scan(
    text: str,
    where: Where = "ask",
    *,
    business: str = "",
    is_first: bool | None = None,
    health: bool = False,
    language: str = languages.ENGLISH,
) -> list[Finding]:
    """What one text may not say: rewards, threats, tricks, stars, addresses, fields that do not exist.

    `is_first` says whether it opens the conversation; a greeting does.  The rules of every language are held against
    every text; `language` says how it says what is not known of a customer.
    """
    plain = _plain(text)
    first = where == "greeting" if is_first is None else is_first
    found = [*_merge_fields(plain, where, health), *_open_fields(plain, where, language)]
    found += _addresses(plain, where, business, first)
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


def _opening(text: str, where: Where, business: str, language: str) -> Iterator[Finding]:
    """M10: the first message names the business and says how to stop."""
    plain = _plain(text)
    named = re.search(r"\{\s*business\s*[|}]", plain, re.IGNORECASE)
    if not named and not any(name.casefold() in plain.casefold() for name in _names(business)):
        sentence = "The first message does not say which business is writing. Put {business} into it."
        better = _in_the_language(
            text, language, "It’s {sender} from {business}.", "Le escribe {sender}, de {business}."
        )
        yield Finding("block", "", sentence, "M10", where, better)
    if not _says_how_to_stop(plain, language):
        yield _no_way_to_stop("The first message does not say how to stop.", text, "M10", where, language)


def _without_a_way_to_stop(text: str, where: Where, language: str) -> Iterator[Finding]:
    """D5: to the United Kingdom every message says how to stop, not the first one alone."""
    if text.strip() and not _says_how_to_stop(_plain(text), language):
        sentence = "To numbers in the United Kingdom every message must say how to stop, and this one does not."
        yield _no_way_to_stop(sentence, text, "D5", where, language)


def _no_way_to_stop(sentence: str, text: str, rule_id: str, where: Where, language: str) -> Finding:
    is_ours = language in languages.SPOKEN
    sentence = sentence if is_ours else f"{sentence} Put STOP into it, in capitals: we understand that as an answer."
    better = _in_the_language(
        text, language, "Reply STOP and I won’t write again.", "Responda ALTO y no le escribo más."
    )
    return Finding("block", "", sentence, rule_id, where, better)


def _says_how_to_stop(plain: str, language: str) -> bool:
    """In a language we do not speak, the bare word in capitals is what we can recognise."""
    is_foreign = language not in languages.SPOKEN
    return bool(STOP.search(_unaccented(plain)) or (is_foreign and STOP_IN_CAPITALS.search(plain)))


def _in_the_language(text: str, language: str, english: str, spanish: str) -> str:
    """Better words in the language of the text; none where we do not speak it."""
    if language not in languages.SPOKEN:
        return ""
    return spanish if language == languages.SPANISH or _is_spanish(text) else english


_SPANISH = re.compile(
    r"\b(?:hola|gracias|usted|ustedes|por|para|que|una|los|las|nos|su|sus|del|con|como|le|de|el|la)\b", re.I
)


def _is_spanish(text: str) -> bool:
    return len(_SPANISH.findall(text)) >= 2


def _merge_fields(text: str, where: Where, health: bool) -> Iterator[Finding]:
    known = ", ".join(f"{{{name}}}" for name in merge.FIELDS)
    telling = _telling_field(text, where, TELLING) if health else None
    if telling:
        yield telling
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


def _telling_field(text: str, where: Where, fields: tuple[str, ...]) -> Finding | None:
    """The first of these merge fields that would say for each of them what a practice may not."""
    telling = re.search(rf"\{{\s*(?:{'|'.join(fields)})\s*(?:\|[^{{}}]*)?\}}", text, re.IGNORECASE)
    if telling is None:
        return None
    sentence = f"“{telling.group()}” would tell what somebody came for, or when, to anybody who sees the screen."
    return Finding("block", telling.group(), sentence, "D7", where, "" if where == "picture" else "your visit")


def _open_fields(text: str, where: Where, language: str) -> Iterator[Finding]:
    """Fields that a language we do not speak would leave us to find words for."""
    if language in languages.SPOKEN:
        return
    for field in dict.fromkeys(re.findall(r"\{\{[^{}]*\}\}|\{[^{}]*\}", text)):
        if not _is_field(field):
            continue
        name = next(iter(merge.fields_in(field)))
        if name == "visit_date":
            sentence = f"“{field}”: we do not know how a day is said in {languages.name(language)}. Leave it out."
            yield Finding("block", field, sentence, "merge", where)
        elif merge.lacking_fallback(field):
            sentence = (
                f"“{field}”: we know no word in {languages.name(language)} to say where this is not known. Write one "
                f"after a bar, like {{{name}|…}}, or none, like {{{name}|}}."
            )
            yield Finding("block", field, sentence, "merge", where)


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
