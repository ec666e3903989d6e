"""The languages customers read: what each is called, and the few words of our own that are said in it.  (pure)

Two of them we speak ourselves (`SPOKEN`): there we know how a day is said and what stands in for a word that is not
known.  Any other can be written by hand; then its texts bring what stands in with them.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

ENGLISH: Final = "en"
SPANISH: Final = "es"

#: Languages in which we have words of our own: the first message, the link's title, the confirmation of a stop.
SPOKEN: Final = (ENGLISH, SPANISH)

#: Letters of a language's code (BCP 47, the primary subtag).
LONGEST: Final = 8


@dataclass(frozen=True)
class Language:
    """One language: its code (BCP 47, the primary subtag), its name in English, and what those who speak it say."""

    code: str
    name: str
    own_name: str
    #: What else lists of customers write, as `_folded` leaves it.
    aliases: tuple[str, ...] = ()


_KNOWN: Final = (
    Language("en", "English", "English", ("eng", "ingles", "anglais", "englisch")),
    Language("es", "Spanish", "Español", ("spa", "esp", "castellano", "espagnol", "spanisch")),
    Language("am", "Amharic", "አማርኛ", ("amh",)),
    Language("ar", "Arabic", "العربية", ("ara",)),
    Language("bn", "Bengali", "বাংলা", ("ben", "bangla")),
    Language("zh", "Chinese", "中文", ("zho", "chi", "mandarin", "cantonese")),
    Language("nl", "Dutch", "Nederlands", ("nld", "dut")),
    Language("fa", "Persian", "فارسی", ("fas", "per", "farsi")),
    Language("tl", "Filipino", "Filipino", ("fil", "tgl", "tagalog")),
    Language("fr", "French", "Français", ("fra", "fre", "frances")),
    Language("de", "German", "Deutsch", ("deu", "ger", "aleman")),
    Language("el", "Greek", "Ελληνικά", ("ell", "gre")),
    Language("gu", "Gujarati", "ગુજરાતી", ("guj",)),
    Language("ht", "Haitian Creole", "Kreyòl ayisyen", ("hat", "haitian", "creole", "kreyol")),
    Language("he", "Hebrew", "עברית", ("heb", "iw")),
    Language("hi", "Hindi", "हिन्दी", ("hin",)),
    Language("hmn", "Hmong", "Hmoob", ()),
    Language("it", "Italian", "Italiano", ("ita",)),
    Language("ja", "Japanese", "日本語", ("jpn",)),
    Language("km", "Khmer", "ខ្មែរ", ("khm",)),
    Language("ko", "Korean", "한국어", ("kor",)),
    Language("ne", "Nepali", "नेपाली", ("nep",)),
    Language("pl", "Polish", "Polski", ("pol", "polaco")),
    Language("pt", "Portuguese", "Português", ("por", "portugues", "brazilian")),
    Language("pa", "Punjabi", "ਪੰਜਾਬੀ", ("pan", "panjabi")),
    Language("ro", "Romanian", "Română", ("ron", "rum")),
    Language("ru", "Russian", "Русский", ("rus",)),
    Language("so", "Somali", "Soomaali", ("som",)),
    Language("ta", "Tamil", "தமிழ்", ("tam",)),
    Language("te", "Telugu", "తెలుగు", ("tel",)),
    Language("th", "Thai", "ไทย", ("tha",)),
    Language("tr", "Turkish", "Türkçe", ("tur",)),
    Language("uk", "Ukrainian", "Українська", ("ukr",)),
    Language("ur", "Urdu", "اردو", ("urd",)),
    Language("vi", "Vietnamese", "Tiếng Việt", ("vie", "viet")),
)
KNOWN: Final[Mapping[str, Language]] = {language.code: language for language in _KNOWN}
"""Every language we have a name for, by its code: those we speak first, then by their English name."""

STAND_INS: Final[Mapping[str, Mapping[str, str]]] = {
    ENGLISH: {
        "first_name": "there",
        "sender": "the team",
        "business": "us",
        "technician": "our team",
        "service": "work",
        "visit_date": "the other day",
    },
    SPANISH: {  # "Hola {first_name}, …" is "Hola, …" to somebody whose name nobody knows
        "first_name": "",
        "sender": "el equipo",
        "business": "nosotros",
        "technician": "nuestro equipo",
        "service": "trabajo",
        "visit_date": "otro día",
    },
}
"""What is said for each merge field whose word is not known, in the languages we speak."""

_MESES = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


class UnknownLanguage(ValueError):
    """No language we know is called so."""


def read(text: str) -> str:
    """The code of the language that is meant: “es”, “es-MX”, “Spanish”, “Español (México)” and “spa” are all "es".

    Empty for nothing.  Raises `UnknownLanguage`.
    """
    if not text.strip():
        return ""
    whole = _folded(text)
    first = _folded(re.split(r"[-_(/,;]", text.strip(), maxsplit=1)[0])
    code = _codes().get(whole) or _codes().get(first)
    if code is None:
        raise UnknownLanguage(text.strip())
    return code


def name(code: str) -> str:
    """What staff call it: "Spanish".  A code we have no name for stays as it is."""
    return KNOWN[code].name if code in KNOWN else code


def own_name(code: str) -> str:
    """What those who speak it call it: "Español"."""
    return KNOWN[code].own_name if code in KNOWN else code


def spoken(wanted: str, otherwise: str) -> str:
    """The first of the two that we speak, and English where we speak neither."""
    return next((code for code in (wanted, otherwise) if code in SPOKEN), ENGLISH)


def stand_in(field: str, language: str) -> str:
    """What is said for a merge field whose word is not known; nothing in a language we do not speak."""
    return STAND_INS.get(language, {}).get(field, "")


def said_day(day: date, language: str) -> str:
    """'November 3', '3 de noviembre'; in figures where we do not know how they say it."""
    match language:
        case "en":
            return f"{day:%B} {day.day}"
        case "es":
            return f"{day.day} de {_MESES[day.month - 1]}"
        case _:
            return day.isoformat()


@cache
def _codes() -> dict[str, str]:
    named = ((word, each.code) for each in _KNOWN for word in (each.code, each.name, each.own_name, *each.aliases))
    return {_folded(word): code for word, code in named}


def _folded(text: str) -> str:
    """Without case, spaces and signs, and without the accents of Latin letters."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())
