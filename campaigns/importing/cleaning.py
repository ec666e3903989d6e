"""Cells become values: names, dates, time zones.  (pure)

A cell that cannot be read raises `BadCell` with half a sentence that says why.
"""

import re
import unicodedata
from datetime import date, timedelta
from functools import cache
from zoneinfo import available_timezones

from campaigns import languages, merge, phones

from .csv_out import plain_cell

LONGEST_NAME = 200
#: Characters of who was there and of what was done.
LONGEST_WORDS = 120


class BadCell(ValueError):
    """The cell says nothing we can keep.  `sentence` says why, and quotes it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


# ---- names ---------------------------------------------------------------------------------------------------------

_NO_NAME = frozenset({"n/a", "na", "#n/a", "#ref!", "#value!", "-", "--", "?", ".", "none", "(none)", "(blank)"})
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "mx", "sir", "herr", "frau", "sr", "sra", "mme"})
#: What may stand behind a family name, also after a comma: part of the name as it was written.
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|esq|md|m\.d|phd|ph\.d|dds|cpa|rn)\.?", re.IGNORECASE)
_AND = frozenset({"&", "and", "y", "und", "et"})
_COMPANY = re.compile(r"\b(?:llc|inc|ltd|corp|gmbh|co|pllc|llp|plc)\b\.?\s*$", re.IGNORECASE)
_PAIR = re.compile(r"(\S+ (?:&|and|y|und|et) \S+)(?: (\S.*))?", re.IGNORECASE)


def name(cell: str) -> str:
    """The name as it was written, on one line: control and direction marks gone, HTML and emoji kept as text.

    Raises `BadCell` when it is longer than a name can be.
    """
    text = unicodedata.normalize("NFC", merge.plain(plain_cell(cell.strip())))
    if merge.is_blank(text) or text.lower() in _NO_NAME:
        return ""
    if len(text) > LONGEST_NAME:
        raise BadCell(f"The name has {len(text)} characters; {LONGEST_NAME} is the most.")
    return text


def split(full: str) -> tuple[str, str]:
    """First and last name out of one.

    "Bell, Marcus", "Dr. Anh Trần", "John & Mary Smith", "Marcus Lee, Jr.", "Mr. & Mrs. Lee"; a company has no first.
    """
    if _COMPANY.search(full):
        return "", full
    parts = [part.strip() for part in full.split(",") if part.strip()]
    behind = [part for part in parts[1:] if _SUFFIX.fullmatch(part)]
    given = [part for part in parts if part not in behind]
    if len(given) == 2:
        return " ".join(_without_titles(given[1].split())), " ".join([given[0], *behind])
    return _in_order(" ".join([*given, *behind]).split())


def _in_order(words: list[str]) -> tuple[str, str]:
    """The given name before the family name."""
    rest = _without_titles(words)
    if len(rest) == 1 < len(words):
        return "", rest[0]  # “Mrs. Lee”: the one word is the family name
    pair = _PAIR.fullmatch(" ".join(rest))
    if pair:
        return pair[1], pair[2] or ""
    return " ".join(rest[:1]), " ".join(rest[1:])


def _without_titles(words: list[str]) -> list[str]:
    """Without “Dr.” or “Mr. & Mrs.” before the name; a title alone stays as it is."""
    rest = words
    while len(rest) > 1 and rest[0].lower().rstrip(".") in _TITLES:
        is_pair = len(rest) > 2 and rest[1].lower() in _AND and rest[2].lower().rstrip(".") in _TITLES
        rest = rest[2:] if is_pair else rest[1:]
    return rest


# ---- who was there, what was done ----------------------------------------------------------------------------------

_LINK = re.compile(r"@|://|\bwww\.|<[a-z/!]", re.IGNORECASE)


def words(cell: str, what: str) -> str:
    """A few words that may stand in a message, on one line; `what` they tell of.

    Raises `BadCell` when they are too many, or an address or part of a page: a customer is never sent half a text, nor
    a link nobody meant.
    """
    text = unicodedata.normalize("NFC", merge.plain(plain_cell(cell.strip())))
    if merge.is_blank(text) or text.lower() in _NO_NAME:
        return ""
    if len(text) > LONGEST_WORDS:
        raise BadCell(f"The {what} has {len(text):,} characters; {LONGEST_WORDS} is the most. It was left out.")
    if _LINK.search(text):
        raise BadCell(f"The {what} {phones.quote(text)} holds an address and was left out.")
    return text


# ---- dates ---------------------------------------------------------------------------------------------------------

_MONTHS = {
    month: number
    for number, month in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
#: Spanish, German and French where they begin otherwise.
_MONTHS |= {"ene": 1, "abr": 4, "ago": 8, "dic": 12, "mär": 3, "mai": 5, "okt": 10, "dez": 12}
_MONTHS |= {"fév": 2, "avr": 4, "jui": 7, "aoû": 8, "déc": 12}
_MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "VI"})
#: Day 1 of Excel's calendar is 1 January 1900, and it believes in a 29 February of that year.
_EXCEL_DAY_0 = date(1899, 12, 30)
_EARLIEST = date(1990, 1, 1)


def visit(cell: str, country: str, today: date) -> date | None:
    """The day of a visit; None for an empty cell.  Raises `BadCell` for what is no date, or none a visit can have."""
    text = plain_cell(cell.strip())
    if not text or text.lower() in _NO_NAME:
        return None
    day = _day(text, country)
    if day is None:
        raise BadCell(f"The visit {phones.quote(text)} is not a date we can read and was left out.")
    # A file from another time zone may be a day ahead of us.
    if not _EARLIEST <= day <= today + timedelta(days=1):
        raise BadCell(
            f"The visit {phones.quote(text)} lies {'ahead' if day > today else 'too far back'}; it was left out."
        )
    return day


def _day(text: str, country: str) -> date | None:
    """ISO; 3/14/2026 as the country orders it, or the only way it can be; 14.3.2026; 14 March 2026; Excel's number."""
    bare = re.sub(r"[T\s]\s*\d{1,2}:\d{2}.*$", "", text).strip()
    if match := re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", bare):
        return _date(match[1], match[3], match[4])
    if match := re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})", bare):
        one, other, year = match[1], match[3], match[4]
        month_first = country in _MONTH_FIRST and match[2] != "."
        by_custom = _date(year, one, other) if month_first else _date(year, other, one)
        return by_custom or (_date(year, other, one) if month_first else _date(year, one, other))
    if match := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", bare):
        return _date(match[1], match[2], match[3])
    if re.fullmatch(r"\d{5}(?:\.\d+)?", bare):
        return _EXCEL_DAY_0 + timedelta(days=int(float(bare)))
    return _named_month(bare)


def _named_month(text: str) -> date | None:
    words = re.findall(r"[^\W\d_]+|\d+", text)
    months = [str(number) for word in words if (number := _month(word))]
    numbers = [word for word in words if word.isdecimal()]
    if len(months) != 1 or len(numbers) != 2:
        return None
    day, year = numbers if len(numbers[0]) < 3 else reversed(numbers)
    return _date(year, months[0], day)


def _month(word: str) -> int | None:
    return 6 if word.lower() == "juin" else _MONTHS.get(word[:3].lower())


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


# ---- time zones ----------------------------------------------------------------------------------------------------

_ZONES = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "arizona": "America/Phoenix",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "est": "America/New_York",
    "edt": "America/New_York",
    "et": "America/New_York",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "ct": "America/Chicago",
    "mst": "America/Denver",
    "mdt": "America/Denver",
    "mt": "America/Denver",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
}


def zone(cell: str) -> str:
    """The IANA name of a time zone; empty for an empty cell.  Raises `BadCell`."""
    text = plain_cell(cell.strip())
    if not text or text.lower() in _NO_NAME:
        return ""
    known = _iana().get(text.replace(" ", "_").casefold())
    words = re.sub(r"\(.*?\)|\b(?:standard|daylight|time|us)\b", " ", text.casefold()).split()
    short = _ZONES.get(words[0]) if len(words) == 1 else None
    if not known and not short:
        raise BadCell(f"The time zone {phones.quote(text)} is not known and was left out.")
    return known or short or ""


@cache
def _iana() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}


# ---- languages -----------------------------------------------------------------------------------------------------


def language(cell: str) -> str:
    """The code of a language; empty for an empty cell.  Raises `BadCell`."""
    text = plain_cell(cell.strip())
    if not text or text.lower() in _NO_NAME:
        return ""
    try:
        return languages.read(text)
    except languages.UnknownLanguage as unknown:
        raise BadCell(f"The language {phones.quote(text)} is not known and was left out.") from unknown


# ---- tags ----------------------------------------------------------------------------------------------------------


def labels(cell: str) -> str:
    """A cell of tags with Google's “* myContacts ::: VIP” as “VIP”: what has a star is a group of Google's own."""
    if ":::" not in cell and not cell.startswith("* "):
        return cell
    return ",".join(label for part in cell.split(":::") if not (label := part.strip()).startswith("* "))
