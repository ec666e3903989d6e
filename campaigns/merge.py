"""Merge fields: the few words that change from customer to customer, in messages and on pictures.

The syntax is ``{first_name}``, or ``{first_name|friend}`` with what to say when the name is not known. An
empty fallback, ``{first_name|}``, leaves the field out together with the comma or space before it:
"Thanks, {first_name|}!" becomes "Thanks!". Doubled braces, as other programs write them, mean the same.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final

from campaigns import languages

FIELDS: Final[Mapping[str, str]] = languages.STAND_INS[languages.ENGLISH]
"""Each known field and what English texts say when neither a value nor a fallback of its own is given."""

ALWAYS_KNOWN: Final = frozenset({"sender", "business"})
"""Fields that every customer has a word for: those of the business."""

_FIELD = re.compile(r"\{\{([^{}]*)\}\}|\{([^{}]*)\}")
_LEAD = re.compile(r"\s*[,،、，]?\s*$")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Zs", "Zl", "Zp"})
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters by their class, and nothing to see: some call themselves by one."""

_JOINERS = frozenset("\u200c\u200d")
_TAGS = range(0xE0020, 0xE0080)


class UnknownField(ValueError):
    """A text asks for a field that does not exist. The message is a sentence for the person who wrote it."""

    def __init__(self, name: str) -> None:
        known = ", ".join(f"{{{field}}}" for field in FIELDS)
        super().__init__(f"{{{name}}} is not a merge field. The fields are {known}.")
        self.name = name


def fields_in(text: str) -> set[str]:
    """The names of the fields that `text` uses. Raises UnknownField."""
    return {_parse(match, languages.ENGLISH)[0] for match in _FIELD.finditer(text)}


def lacking_fallback(text: str) -> list[str]:
    """The fields as `text` writes them that leave open what to say where a customer's word is not known.

    In a language we speak ourselves we know what to say (`languages.STAND_INS`); elsewhere each needs its own.
    Raises UnknownField.
    """
    bare = [match for match in _FIELD.finditer(text) if "|" not in match.group()]
    return [match.group() for match in bare if _parse(match, languages.ENGLISH)[0] not in ALWAYS_KNOWN]


def fill(text: str, words: Mapping[str, str], language: str = languages.ENGLISH) -> str:
    """`text` with every field replaced by its word, or by its fallback where the word is missing or blank.

    `language` is the one of the text: a field without a fallback of its own says what is usual in it.  Words are data:
    braces inside them are never read as fields. Raises UnknownField.
    """
    filled = ""
    position = 0
    for match in _FIELD.finditer(text):
        filled += text[position : match.start()]
        word = _word(match, words, language)
        filled = filled + word if word else _LEAD.sub("", filled)
        position = match.end()
    return filled + text[position:]


def own_words(text: str) -> str:
    """`text` without its fields: what its writer says to everybody."""
    return _FIELD.sub("", text)


def plain(value: str) -> str:
    """`value` as one line of visible text: control and direction marks gone, runs of space made one."""
    if value.isascii() and value.isprintable():  # most are, and a list has a hundred thousand of them
        return " ".join(value.split())
    spaced = "".join(" " if character.isspace() else character for character in value)
    return " ".join("".join(filter(_kept, spaced)).split())


def words(
    *,
    first_name: str,
    sender: str,
    business: str,
    technician: str = "",
    service: str = "",
    visit: date | None = None,
    language: str = languages.ENGLISH,
) -> dict[str, str]:
    """The merge fields of one customer; those of the business are the same for all its customers.

    The visit is said as one says it in `language`.
    """
    return {
        "first_name": first_name,
        "sender": sender,
        "business": business,
        "technician": technician,
        "service": service,
        "visit_date": languages.said_day(visit, language) if visit else "",
    }


def is_blank(value: str) -> bool:
    """True where nothing of `value` could be seen: spaces, control marks, fillers, lone accents."""
    return all(character in _FILLERS or unicodedata.category(character) in _INVISIBLE for character in value)


def _word(match: re.Match[str], words: Mapping[str, str], language: str) -> str:
    name, fallback = _parse(match, language)
    value = plain(words.get(name) or "")
    return fallback if is_blank(value) else value


def _parse(match: re.Match[str], language: str) -> tuple[str, str]:
    name, bar, fallback = (match[1] if match[1] is not None else match[2]).partition("|")
    key = name.strip().lower()
    if key not in FIELDS:
        raise UnknownField(name.strip())
    return key, plain(fallback) if bar else languages.stand_in(key, language)


def _kept(character: str) -> bool:
    """Joiners stay (Persian and emoji need them), and so do the tags in the flags of England or Scotland."""
    if character in _JOINERS or ord(character) in _TAGS:
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
