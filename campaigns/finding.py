"""Finding somebody by part of a name or number, however it is typed.  (pure)

No database folds é and Ł alike, so the folding is done here and kept: " grace hopper 15125551001".
"""

import string
import unicodedata

#: Control characters go as well, for no database takes a NUL; but not those between words.
CONTROLS = "".join(c for c in map(chr, (*range(32), 127)) if not c.isspace())
NO_SIGNS = str.maketrans("", "", string.punctuation + CONTROLS)
#: A word this short is looked for at the beginning of a name: in the middle of one it tells nobody apart, and no index
#: of three letters would know it.
SHORT = 3
#: Letters of a name that are kept for it.
LONGEST = 250


def folded(text: str) -> str:
    """Letters and digits without capitals, accents and signs: "O’Neill" and "oneill", "(503) 555" and "503 555"."""
    if text.isascii():
        return text.lower().translate(NO_SIGNS)
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(c for c in plain if c.isalnum() or c.isspace())


def indexed(first: str, last: str, phone: str) -> str:
    """What is kept to be looked through; an empty number (an erased one) is not found by anything."""
    digits = phone[1:] if phone[1:].isdecimal() else ""
    name = " ".join(folded(f"{first} {last}").split())[:LONGEST]
    return f" {name} {digits}" if digits else ""


def parts(typed: str) -> list[str]:
    """What must all be contained in the kept text."""
    return [word if len(word) >= SHORT or word.isdecimal() else f" {word}" for word in folded(typed).split()]


def matches(kept: str, wanted: list[str]) -> bool:
    """The same on this side of the database."""
    return all(part in kept for part in wanted)
