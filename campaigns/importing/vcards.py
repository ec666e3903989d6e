"""An address book (vCard 2.1, 3.0 and 4.0, as Apple, Google and phones write them) as a CSV.  (pure)

Of each card its name (N, else FN), the best of its numbers (TEL; the mobile before others, a fax never), its language
(LANG) and its groups (CATEGORIES) are read: RFC 2426, RFC 6350; Apple's “item1.TEL” is a TEL in a group.
"""

import csv
import io
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import BadFile
from .table import MOST_ROWS

TITLES = ("First name", "Last name", "Mobile phone", "Language", "Tags")
_BEST = ("iphone", "cell", "mobile", "pref", "main", "home", "work")
_NEVER = frozenset({"fax", "pager", "x-fax"})
_AGAIN = "Export the contacts once more and try again."


@dataclass(frozen=True)
class Line:
    """One property of a card."""

    name: str
    kinds: frozenset[str]
    value: str


def is_one(start: bytes) -> bool:
    """Whether a file that begins so, in lower case, is an address book."""
    return start.startswith(b"begin:vcard")


def to_csv(data: bytes, encoding: str) -> bytes:
    """Every card as a row, in UTF-8.  Raises `BadFile` where the last card does not end."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(TITLES)
    for number, card in enumerate(_cards(data.decode(encoding)), start=1):
        if number > MOST_ROWS + 1:
            break
        writer.writerow(_row(card))
    return out.getvalue().encode("utf-8", "replace")


def _cards(text: str) -> Iterator[list[Line]]:
    card: list[Line] | None = None
    for raw in _unfolded(text):
        bare = raw.strip().upper()
        if bare == "BEGIN:VCARD":
            card = []
        elif bare == "END:VCARD" and card is not None:
            yield card
            card = None
        elif card is not None and ":" in raw:
            card.append(_line(raw))
    if card is not None:
        raise BadFile("The last contact in this address book is cut off.", _AGAIN)


def _unfolded(text: str) -> Iterator[str]:
    """Lines that were folded (a space begins the rest) or broken by quoted-printable (“=” at the end) as one."""
    whole = ""
    for raw in text.splitlines():
        if whole and raw[:1] in (" ", "\t"):
            whole += raw[1:]
        elif whole.endswith("=") and "QUOTED-PRINTABLE" in whole.upper().partition(":")[0]:
            whole = whole[:-1] + raw
        else:
            if whole:
                yield whole
            whole = raw
    if whole:
        yield whole


def _line(raw: str) -> Line:
    head, _, value = raw.partition(":")
    name, *given = head.split(";")
    kinds = {kind.strip('" ').lower() for part in given for kind in part.rpartition("=")[2].split(",")}
    if "quoted-printable" in kinds:
        value = quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")
    return Line(name.rpartition(".")[2].upper(), frozenset(kinds), value)


def _row(card: list[Line]) -> list[str]:
    first, last = _name(card)
    groups = ",".join(_plain(part) for line in card if line.name == "CATEGORIES" for part in line.value.split(","))
    return [first, last, _number(card), _plain(_value(card, "LANG")), groups]


def _name(card: list[Line]) -> tuple[str, str]:
    """N is family;given;middle;prefix;suffix.  FN alone is left in one, for the reader of names."""
    parts = [_plain(part) for part in re.split(r"(?<!\\);", _value(card, "N"))]
    family, given = (*parts, "", "")[:2]
    if family or given:
        return given, family
    first, _, last = _plain(_value(card, "FN")).partition(" ")
    return first, last


def _number(card: list[Line]) -> str:
    phones = [line for line in card if line.name == "TEL" and not line.kinds & _NEVER and line.value.strip()]
    best = min(phones, key=_worth, default=None)
    return _plain(best.value).lower().removeprefix("tel:") if best else ""


def _worth(line: Line) -> int:
    return next((place for place, kind in enumerate(_BEST) if kind in line.kinds), len(_BEST))


def _value(card: list[Line], name: str) -> str:
    return next((line.value for line in card if line.name == name and line.value.strip(";, ")), "")


def _plain(value: str) -> str:
    """A value without the backslashes that stand before commas, semicolons and line ends."""
    return re.sub(r"\\([,;:\\])", r"\1", re.sub(r"\\[nN]", " ", value)).strip()
