"""Capitals and small letters in names: which names shout, which whisper, and how they are properly written."""

import re
import unicodedata
from typing import Final


def word_set(words: str) -> frozenset[str]:
    """The words of a line."""
    return frozenset(words.split())


#: Scripts in which people write names with one capital and small letters.  Georgian and Cherokee have both and do not.
_CASED = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN")
_TURKISH: Final = frozenset("İıĞğŞş")
_PARTICLES = word_set("de del della di do dos das du von van der den ter ten zu y bin ibn")
_ARTICLES = word_set("la las los el")
_NUMERALS = frozenset(("II", "III", "IV", "VI", "VII", "VIII"))
#: What stands before an apostrophe that a capital follows: O'Neill, D'Angelo, De'Shawn; not Sa'id.
_BEFORE_APOSTROPHE = word_set("de da ja la le ke ta dell dall sant")
_PIECES = re.compile(r"[\s.'’‘ʼ´`‐‑–-]+|[^\s.'’‘ʼ´`‐‑–-]+")
_APOSTROPHES = frozenset("'’‘ʼ´`")
_VOWELS = frozenset("AEIOUYÀÁÂÃÄÅÆÈÉÊËÌÍÎÏÒÓÔÕÖØÙÚÛÜÝΑΕΗΙΟΥΩАЕЁИОУЫЭЮЯІЇЄİ")


def is_cased(text: str) -> bool:
    """Has it letters of a script with capitals?  In the others one sign may well be a whole name."""
    return any(unicodedata.name(c, "").startswith(_CASED) for c in text if c.isalpha())


def is_loud(name: str) -> bool:
    """A word all in capitals; two or three letters may be initials, and are left alone where they can be."""
    return any(_is_loud(word) for word in name.split()) or (" " in name and _shouts(name))


def is_quiet(name: str) -> bool:
    """All in small letters, in a script that has others for names."""
    letters = _cased(name)
    return bool(letters) and all(c.islower() for c in letters) and proper(name) != name


def proper(name: str) -> str:
    """The name as it is usually written, where it is all in capitals or all in small letters; else as it is.

    "MARY-JANE" is Mary-Jane, "O'NEILL" O'Neill, "IŞIL" Işıl, "IJSBRAND" IJsbrand, "ΓΙΩΡΓΟΣ" Γιωργος.
    """
    words = name.split(" ")
    quiet = all(c.islower() for c in _cased(name))
    loud = _shouts(name)
    is_turkish = not _TURKISH.isdisjoint(name)
    return " ".join(
        _word(word, words[:number], is_turkish) if quiet or loud or _is_loud(word) else word
        for number, word in enumerate(words)
    )


def _cased(text: str) -> list[str]:
    return [c for c in text if (c.islower() or c.isupper()) and unicodedata.name(c, "").startswith(_CASED)]


def _shouts(text: str) -> bool:
    """Every letter a capital (ß has none), and more than an abbreviation has."""
    letters = [c for c in _cased(text) if c != "ß"]
    return len(letters) > 3 and all(c.isupper() for c in letters)


def _is_loud(word: str) -> bool:
    letters = [c for c in _cased(word) if c != "ß"]
    if len(letters) < 3 or word in _NUMERALS or re.fullmatch(r"(?:\w\.)+\w?", word):
        return False
    if letters[0].islower():  # the key was locked: "mARCUS"
        return len(word) == len(letters) and all(c.isupper() for c in letters[1:])
    vowels = any(unicodedata.normalize("NFD", c)[0] in _VOWELS or c in _VOWELS for c in letters)
    return all(c.isupper() for c in letters) and (len(letters) > 3 or vowels)


def _word(word: str, before: list[str], is_turkish: bool) -> str:
    """One word: each piece between hyphens, dots and apostrophes for itself."""
    if before and word in _NUMERALS:
        return word
    if before and _is_particle(word, before[-1]):
        return word.lower()
    if len(word) == 2 and word.isupper() and word.isalpha() and _VOWELS.isdisjoint(word):
        return word  # JD, TJ
    pieces = _PIECES.findall(word)
    return "".join(_piece(piece, pieces[:place], is_turkish) for place, piece in enumerate(pieces))


def _is_particle(word: str, before: str) -> bool:
    """The small words of “de la Cruz” and “van der Berg”; “la” and its like only after another."""
    small = word.casefold()
    return small in _PARTICLES or (small in _ARTICLES and before.casefold() in _PARTICLES)


def _piece(piece: str, before: list[str], is_turkish: bool) -> str:
    small = _lower(piece, is_turkish)
    if before and before[-1][-1] in _APOSTROPHES and not _starts_anew(before, piece):
        return small
    if re.match(r"ij[^aeiouy\W]", small):  # Dutch; not Ijaz
        return f"IJ{small[2:]}"
    if len(small) > 3 and small.startswith("mc"):
        return f"Mc{_capital(small[2], is_turkish)}{small[3:]}"
    return _capital(small[:1], is_turkish) + small[1:]


def _starts_anew(before: list[str], piece: str) -> bool:
    """Does a capital follow this apostrophe?"""
    prefix = before[-2].casefold() if len(before) > 1 else ""
    return len(piece) > 1 and (len(prefix) <= 1 or prefix in _BEFORE_APOSTROPHE)


def _lower(text: str, is_turkish: bool) -> str:
    """Small letters; never longer than before, as İ would be with its dot apart."""
    return (text.replace("I", "ı") if is_turkish else text).replace("İ", "i").lower()


def _capital(letter: str, is_turkish: bool) -> str:
    if is_turkish and letter == "i":
        return "İ"
    capital = letter.title()
    return capital if len(capital) == len(letter) else letter
