"""Text as the fonts need it: cleaned, cut into runs of one font and one direction, in the order they are seen."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby
from typing import Final

from bidi import algorithm as bidi  # type: ignore[import-untyped]

from campaigns import merge

from . import lettering, system_fonts, typefaces
from .typefaces import Face

MOST_MARKS: Final = 4
"""Accents on one letter; more is a joke that climbs out of the card."""

_JOINERS = frozenset("\u200c\u200d")
_FROM_THE_RIGHT = frozenset({"R", "AL", "AN"})
_SCRIPTS: Final = ("ARABIC", "HEBREW", "DEVANAGARI", "THAI", "HANGUL", "HIRAGANA", "KATAKANA", "CJK")
_JOINING: Final = ("ARABIC", "DEVANAGARI")
_CJK: Final = frozenset({"HANGUL", "HIRAGANA", "KATAKANA", "CJK"})
_FALLBACK: Final[dict[str, tuple[Face, ...]]] = {
    "ARABIC": (typefaces.ARABIC,),
    "HEBREW": (typefaces.HEBREW,),
    "DEVANAGARI": (typefaces.DEVANAGARI, typefaces.NOTO),
    "THAI": (typefaces.THAI,),
    "CJK": (typefaces.CHINESE, typefaces.TAIWANESE, typefaces.JAPANESE, typefaces.KOREAN),
    "KANA": (typefaces.JAPANESE, typefaces.CHINESE, typefaces.TAIWANESE),
    "HANGUL": (typefaces.KOREAN, typefaces.CHINESE),
}
_OTHERS: Final = (typefaces.NOTO, typefaces.CHINESE, typefaces.EMOJI)
_NEED_SHAPING: Final = frozenset(
    {"DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA"}
    | {"KHMER", "MYANMAR", "TIBETAN", "SYRIAC", "THAANA", "NKO", "MONGOLIAN", "BALINESE", "JAVANESE", "OL", "CHAKMA"}
)
_EUROPEAN: Final = frozenset({"LATIN", "GREEK", "CYRILLIC", "COMBINING", "MODIFIER", "FEMININE", "MASCULINE"})


@dataclass(frozen=True)
class Run:
    """A stretch of text in one font and one direction, in the order it is read."""

    text: str
    face: Face
    rtl: bool


@lru_cache(maxsize=2048)
def tidy(text: str) -> str:
    """`text` as it can be drawn: composed, one line, without control marks and stray accents.

    Of emoji only the pictures stay: no skin tones, no flags, nothing that joins them into one.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(c for c in composed if not _is_part(c))
    return merge.plain("".join(_with_few_marks(_with_needed_joiners(kept))))


def undrawable(text: str, face: Face, shaping: bool) -> list[str]:
    """The characters of `text` that neither `face` nor any other font here can draw, each once."""
    if lettering.is_plain(face, text):
        return []
    found = {c: None for segment, own in _segments(text, face, shaping) if own is None for c in segment}
    return list(found)


def is_ornament(text: str) -> bool:
    """True for nothing but emoji: on a card that is no name."""
    return all(character.isspace() or ord(character) in _PICTURES for character in text)


def is_letter(character: str) -> bool:
    """True for what a name is made of; other signs can be left out and the name is still right."""
    return unicodedata.category(character)[0] in "LMNC"


def base_level(text: str) -> int:
    """0 where a line reads from left to right, 1 where from right to left: its first letter decides."""
    return int(bidi.get_base_level(text))


def visual_runs(line: str, face: Face, base: int, shaping: bool) -> list[Run]:
    """The runs of `line` from left to right, as they are seen. Every character must be drawable.

    Words read from the left are runs of their own: "Thanks, " is on every card and need not be drawn anew.
    """
    if base == 0 and lettering.is_plain(face, line):
        return [Run(word, face, False) for word in _ENDING.findall(line)]
    runs: list[tuple[int, Run]] = []
    start = 0
    for level, same in groupby(levels(line, base)):
        text = line[start : start + len(list(same))]
        start += len(text)
        for own, group in groupby(_with_spaces(_segments(text, face, shaping)), key=lambda pair: pair[1]):
            if own is not None:
                whole = "".join(segment for segment, _ in group)
                words = [whole] if level % 2 else _ENDING.findall(whole)
                runs.extend((level, Run(word, own, bool(level % 2))) for word in words)
    return [run for _, run in _reordered(runs)]


def levels(text: str, base: int) -> list[int]:
    """The embedding level of each character (Unicode annex 9, without explicit marks, which are gone by now)."""
    if base == 0 and not any(unicodedata.bidirectional(character) in _FROM_THE_RIGHT for character in text):
        return [0] * len(text)
    storage = bidi.get_empty_storage()
    storage["base_level"] = base
    storage["base_dir"] = ("L", "R")[base]
    bidi.get_embedding_levels(_without_joiners(text), storage)
    bidi.explicit_embed_and_overrides(storage)
    bidi.resolve_weak_types(storage)
    bidi.resolve_neutral_types(storage, False)
    bidi.resolve_implicit_levels(storage, False)
    return [int(character["level"]) for character in storage["chars"]]


def _reordered(runs: list[tuple[int, Run]]) -> list[tuple[int, Run]]:
    """Rule L2: from the highest level down to 1, turn round each stretch at that level or above."""
    for lowest in range(max((level for level, _ in runs), default=0), 0, -1):
        turned: list[tuple[int, Run]] = []
        for high, group in groupby(runs, key=lambda pair: pair[0] >= lowest):
            stretch = list(group)
            turned.extend(reversed(stretch) if high else stretch)
        runs = turned
    return runs


def _segments(text: str, face: Face, shaping: bool) -> Iterator[tuple[str, Face | None]]:
    """Words and single signs with the font for each; where no font has a whole word, its clusters one by one."""
    voice = _voice(text)
    for segment in _WORD.findall(text):
        for _, group in groupby(_marked_scripts(segment), key=lambda pair: pair[1]):
            part = "".join(character for character, _ in group)
            own = _font_for(part, voice, face, shaping)
            if own is not None:
                yield part, own
            else:
                clusters = _CLUSTER.findall(part)
                yield from ((cluster, _font_for(cluster, voice, face, shaping)) for cluster in clusters)


_WORD = re.compile(r"[\w\u0300-\u036f\u200c\u200d'’.·-]+|\s+|.", re.DOTALL)
_ENDING = re.compile(r"\s*\S+\s*|\s+")
_CLUSTER = re.compile(r".[\u0300-\u036f\u200c\u200d]*", re.DOTALL)


def _marked_scripts(word: str) -> Iterator[tuple[str, str]]:
    """Each character with its script; marks, digits and signs take that of the letter before."""
    current = ""
    for character in word:
        if character.isalpha():
            current = _family(character)
        yield character, "CJK" if current in _CJK else current


def _with_spaces(segments: Iterator[tuple[str, Face | None]]) -> Iterator[tuple[str, Face | None]]:
    """Let spaces belong to the font before them, or else after them, so that they do not cut a run.

    Emoji keep none: theirs are as wide as a picture.
    """
    listed = list(segments)
    before = next((own for text, own in listed if not text.isspace()), None)
    for text, own in listed:
        if not text.isspace() or before is None:
            before = own
        yield text, own if before is typefaces.EMOJI else before


@lru_cache(maxsize=4096)
def _font_for(text: str, voice: str, face: Face, shaping: bool) -> Face | None:
    """The first font that has all of `text`: the card's own, then those of the script."""
    if text.isspace():
        return face
    script = _script(text)
    own = _FALLBACK.get(voice if script == "CJK" and voice else script, ())
    shipped = (face, *own, *(other for other in _OTHERS if other not in own))
    candidates = chain(shipped, _on_this_system(script, text))
    return next((font for font in candidates if _covers(font, text, shaping)), None)


def _on_this_system(script: str, text: str) -> Iterator[Face]:
    """Asked only when no shipped font has the letters; for signs, that can be left out, the disk is not searched."""
    if any(is_letter(character) for character in text):
        yield from system_fonts.for_script("CJK" if script in ("KANA", "HANGUL") else script or "Sans")


def _voice(text: str) -> str:
    """Whose signs the Chinese ones of a line are: any kana makes it Japanese, any Hangul Korean."""
    script = _script(text)
    return script if script in ("KANA", "HANGUL") else ""


def _covers(face: Face, text: str, shaping: bool) -> bool:
    if not shaping and _script(text) in _NEED_SHAPING:
        return False
    return all(_has(face, character, shaping) for character in text if character not in _JOINERS)


def _has(face: Face, character: str, shaping: bool) -> bool:
    """HarfBuzz composes ễ from ê and tilde where the font has no glyph for the whole."""
    if character.isspace() or typefaces.draws(face, character):
        return True
    parts = unicodedata.normalize("NFD", character)
    return shaping and len(parts) > 1 and all(typefaces.draws(face, part) for part in parts)


def _script(text: str) -> str:
    """The script that decides the font."""
    found = {_family(character) for character in text}
    if found & {"HIRAGANA", "KATAKANA"}:
        return "KANA"
    known = next((name for name in ("HANGUL", "CJK", *_SCRIPTS) if name in found), "")
    return known or next((name for name in sorted(found) if name), "")


@lru_cache(maxsize=8192)
def _family(character: str) -> str:
    """The script of a letter or mark, as the names of Unicode begin; empty for European letters and signs."""
    name = unicodedata.name(character, "")
    known = next((script for script in _SCRIPTS if name.startswith(script)), "")
    if known or unicodedata.category(character)[0] not in "LM":
        return known
    word = name.partition(" ")[0]
    return "" if word in _EUROPEAN else word


def _without_joiners(text: str) -> str:
    """Joiners have no direction and would vanish from the list; they go with the letter before them."""
    held = ""
    for character in text:
        held += held[-1] if character in _JOINERS and held else character
    return held


def _with_needed_joiners(text: str) -> Iterator[str]:
    """Joiners matter between letters that join, as in Persian and Hindi; elsewhere they only hide."""
    for index, character in enumerate(text):
        if character not in _JOINERS or (
            0 < index < len(text) - 1 and all(_joins(neighbour) for neighbour in (text[index - 1], text[index + 1]))
        ):
            yield character


def _joins(character: str) -> bool:
    return _family(character) in _JOINING


def _with_few_marks(characters: Iterator[str]) -> Iterator[str]:
    """No accent without a letter, and no more than a few on one."""
    room = 0
    for character in characters:
        if unicodedata.category(character) in ("Mn", "Me"):
            room -= 1
            if room < 0:
                continue
        else:
            room = 0 if character.isspace() else MOST_MARKS
        yield character


_PICTURES: Final = frozenset({*range(0x1F000, 0x20000), *range(0x2600, 0x27C0), 0x2B50, 0x2B55})
_PARTS: Final = (range(0xFE00, 0xFE10), range(0xE0000, 0xE0200), range(0x1F3FB, 0x1F400), range(0x1F1E6, 0x1F200))


def _is_part(character: str) -> bool:
    """Parts of emoji that are nothing by themselves, and private signs: a card is as true without them."""
    if any(ord(character) in block for block in _PARTS):
        return True
    return unicodedata.category(character) in ("Co", "Cs") or character in "\u20e3\ufffc\ufffd"
