"""What looks odd about a first name as it will be said and drawn.

It is shy: a real name, however rare, is none of its business, and what it proposes a person takes or leaves.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from campaigns import merge

from .letters import is_cased, is_loud, is_quiet, proper, word_set

NO_NAME: Final = ""
"""What to call somebody whose name nobody knows: the words do without."""


@dataclass(frozen=True)
class Finding:
    """What is odd: a word for it, a sentence for people, and what to call this customer instead ("" is no name)."""

    code: str
    sentence: str
    suggestion: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Oddity:
    code: str
    sentence: str
    #: Names to try, the best first; what is itself odd is passed over.
    instead: tuple[str, ...] = ()
    #: So unsure that no name is better than the best of them.
    is_unsure: bool = False


_TITLES = word_set(
    "mr mrs ms miss mx mister dr doctor prof professor sir madam herr frau sr sra srta mme mlle rev capt sgt"
)
#: After these a single word may well be the family name, and “Thanks, Bell!” is rude.
_FAMILIAR_TITLES = word_set("mr mrs ms miss mx mister herr frau sr sra srta mme mlle")
_SUFFIXES = word_set("jr sr ii iii iv md phd esq dds cpa rn")
#: Words that no person is called by, alone or anywhere in a name.
_COMPANY = word_set(
    "llc inc ltd gmbh corp pllc llp plc sarl srl pty incorporated corporation company plumbing hvac roofing heating "
    "cooling electrical construction contractors contracting landscaping restaurant dental dentistry realty properties "
    "apartments enterprises holdings services solutions industries consulting remodeling automotive insurance "
    "logistics trucking pharmacy hospital university"
)
#: Words that are company words beside others, and may be a name alone ("Bank" in Thailand, "Church", "Co").
_COMPANY_BESIDE = word_set(
    "co ag kg ohg ug bv nv oy electric salon spa bakery clinic church school hotel group associates partners builders "
    "homes motors auto agency studio cafe café pizza shop store center centre management maintenance rentals supply "
    "foundation college office systems cleaning painting catering bank"
)
_STAND_INS = word_set(
    "test testing test-user asdf asdfg asdfgh asdfghjkl qwerty qwertz unknown customer client anonymous noname nobody "
    "dummy tbd null undefined none unbekannt kunde inconnu desconocido cliente guest user admin firstname deleted "
    "invalid walkin walk-in"
)
_BESIDE_STAND_INS = word_set("valued new old name first last no not the given known a our")
_STAND_IN_PHRASES = frozenset(
    (
        "n/a",
        "n.a.",
        "#n/a",
        "#ref!",
        "#value!",
        "no name",
        "not given",
        "not known",
        "not provided",
        "first name",
        "name unknown",
        "do not use",
        "walk in",
        "cash",
        "cash customer",
    )
)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_PHONE = re.compile(r"[+(]?[\d\s().+/-]{5,}")
_AND = re.compile(r"\s*[&+/;]\s*|\s+(?:and|und|et|y)\s+", re.IGNORECASE)
_COMMA = re.compile(r"\s*[,،、，]\s*")
_BRACKETS = re.compile(r"\s*(?:\(([^()]*)\)|\[([^\[\]]*)\]|\"([^\"]*)\"|“([^”]*)”|„([^“”]*)[“”]|«([^«»]*)»)\s*")
_INITIAL = re.compile(r"[^\W\d_]\.?")
_SIGNS = frozenset('*!?#"_~=<>|\\:;^%${}[]()“”„«»•…@&+/,،、，')
_SYMBOLS = frozenset({"So", "Sc", "Sm"})
_JOINERS = "\u200d\ufe0e\ufe0f\u20e3"


@lru_cache(maxsize=4096)
def look(first_name: str, last_name: str = "") -> Finding | None:
    """What is odd about this first name; None when it can be said as it is.

    The last name only tells companies apart.  Whatever is suggested is not odd itself, is never longer than the name,
    and has no letters that the name has not.
    """
    name = merge.plain(first_name)
    found = _oddity(name, merge.plain(last_name))
    if found is None:
        return None
    sound = list(dict.fromkeys(each for each in map(merge.plain, found.instead) if _is_sound(each, name)))
    if found.is_unsure:
        sound.insert(0, NO_NAME)
    return Finding(found.code, found.sentence, sound[0] if sound else NO_NAME, tuple(sound[1:3]))


def unspeakable(first_name: str, last_name: str = "") -> Finding | None:
    """What is odd about a first name for which nothing better can be proposed; None for all others, and for no name."""
    # First names repeat and whole names do not: the last one is only asked for where it is a company's.
    found = look(first_name, last_name if _COMPANY.intersection(_words(last_name)) else "")
    has_better = found and (found.suggestion or found.alternatives or found.code == "empty")
    return None if has_better else found


def _is_sound(proposed: str, name: str) -> bool:
    """Can it be said without being odd in its turn?"""
    return bool(proposed) and len(proposed) <= len(name) and _oddity(proposed) is None


def _oddity(name: str, last_name: str = "") -> _Oddity | None:
    """The first that fits, the worst first."""
    if merge.is_blank(name):
        return _Oddity("empty", "No first name. The picture and the text do without one.")
    return (
        _no_name(name)
        or _company(name, last_name)
        or _two(name)
        or _title(name, last_name)
        or _last_first(name)
        or _decorated(name)
        or _digits(name)
        or _letters(name)
    )


def _no_name(name: str) -> _Oddity | None:
    if email := _EMAIL.search(name):
        return _Oddity("email", "An e-mail address, not a name.", _from_email(email[0]))
    if _PHONE.fullmatch(name) and sum(c.isdigit() for c in name) >= 5:
        return _Oddity("phone", "A phone number, not a name.")
    if re.search(r"<[^<>]*>|[{}]", name):
        return _Oddity("code", "Looks like code, not a name.")
    if _is_stand_in(name):
        return _Oddity("stand_in", "Stands in for a name that nobody knew.")
    return None


def _from_email(address: str) -> tuple[str, ...]:
    """“marcus.bell@…” gives Marcus; a part with digits or without a dot gives nothing sure."""
    first, dot, _ = address.partition("@")[0].partition(".")
    return (proper(first),) if dot and len(first) > 2 and first.isalpha() else ()


def _is_stand_in(name: str) -> bool:
    text = name.casefold().strip()
    words = [word.strip(".!?*#-_()0123456789") for word in text.split()]
    words = [word for word in words if word]
    if text in _STAND_IN_PHRASES or name in ("NA", "XX"):
        return True
    if len(words) == 1 and re.fullmatch(r"([a-z])\1{2,}", words[0]):
        return True
    known = [word in _STAND_INS for word in words]
    return any(known) and all(k or word in _BESIDE_STAND_INS for k, word in zip(known, words, strict=True))


def _company(name: str, last_name: str) -> _Oddity | None:
    own, all_words = _words(name), _words(f"{name} {last_name}")
    beside = len(own) > 1 and any(word in _COMPANY_BESIDE for word in own[1:])
    if not beside and not any(word in _COMPANY for word in all_words):
        return None
    loud = ", in capitals" if is_loud(name) else ""
    return _Oddity("company", f"Looks like a company{loud}. Who picks up?")


def _words(text: str) -> list[str]:
    """The words, small and without dots: “L.L.C.” is “llc”."""
    return [word for word in (w.replace(".", "").strip("(),&") for w in text.casefold().split()) if word]


def _two(name: str) -> _Oddity | None:
    parts = [part for part in _AND.split(name) if part]
    people = [part for part in parts if sum(c.isalpha() for c in part) > 1 or not is_cased(part)]
    if len(people) < 2 or (re.search(r"\sY\s", name) and not is_loud(name)):
        return None
    return _Oddity("two", "Two people in one name. Whose phone is it?", tuple(proper(part) for part in people))


def _title(name: str, last_name: str) -> _Oddity | None:
    words = name.split()
    rest = list(_after_titles(words))
    if len(rest) == len(words):
        return None
    if not rest:
        return _Oddity("title", "Only a title, no name.")
    is_family = _bare(words[0]) in _FAMILIAR_TITLES and len(rest) == 1 and not last_name
    instead = (proper(" ".join(rest)), proper(rest[0]))
    return _Oddity("title", "Begins with a title.", instead, is_unsure=is_family)


def _after_titles(words: list[str]) -> Iterator[str]:
    begun = False
    for word in words:
        begun = begun or _bare(word) not in _TITLES
        if begun:
            yield word


def _bare(word: str) -> str:
    return word.casefold().rstrip(".,")


def _last_first(name: str) -> _Oddity | None:
    family, *given = [part for part in _COMMA.split(name) if part] or [name]
    if not given:
        return None
    if _bare(given[0]) in _SUFFIXES:
        return _Oddity("suffix", "Has more than the name in it.", (proper(family),))
    return _Oddity("last_first", "Looks like the last name comes first.", (proper(given[0]), proper(family)))


def _decorated(name: str) -> _Oddity | None:
    inside = [merge.plain(next(filter(None, groups), "")) for groups in _BRACKETS.findall(name)]
    outside = _undecorated(_BRACKETS.sub(" ", name))
    if any(inside):
        return _Oddity("nickname", "Has a second name in it.", (proper(outside), *map(proper, inside)))
    if not any(c.isalpha() for c in name):
        return None if any(c.isdigit() for c in name) else _Oddity("signs", "Signs and no name.")
    if outside == name:
        return None
    return _Oddity("signs", "Has signs in it that are no part of a name.", (proper(outside),))


def _undecorated(name: str) -> str:
    """Without emoji and signs; the marks that belong into names (' ’ - . ·) stay inside it."""
    kept = "".join(" " if _is_decoration(c) else c for c in name)
    if kept == name:
        return name.strip(" -–—")
    return merge.plain("".join(c for c in kept if c not in _JOINERS)).strip(" -–—.,'’")


def _is_decoration(character: str) -> bool:
    if character in _SIGNS or "\U0001f3fb" <= character <= "\U0001f3ff":
        return True
    return unicodedata.category(character) in _SYMBOLS


def _digits(name: str) -> _Oddity | None:
    if not any(c.isdigit() for c in name):
        return None
    words = [word.strip("0123456789.-–'’") for word in name.split()]
    spoken = " ".join(word for word in words if word)
    return _Oddity("digits", "Has digits in it.", (proper(spoken),))


def _letters(name: str) -> _Oddity | None:
    if _INITIAL.fullmatch(name) and is_cased(name):
        return _Oddity("initial", "Only an initial.")
    if is_loud(name):
        return _Oddity("capitals", "All in capitals.", (proper(name),))
    if is_quiet(name):
        return _Oddity("small", "All in small letters.", (proper(name),))
    return None
