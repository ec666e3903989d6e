"""Phone numbers: what people type becomes E.164, and E.164 becomes what people read.  (pure)

`phonenumbers.geocoder` is never imported: it costs four seconds.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult, timezone

#: Marks that a copied contact carries and nobody sees: zero width, bidi, soft hyphen, byte order.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_EXTENSION = re.compile(r"(?:\b|\d)(?:extension|ext|xtn|x)\W{0,2}\d{1,7}\W*$|[#,;]\W?\d{1,7}$", re.IGNORECASE)
_SHORTENED = re.compile(r"(\d)[.,]?(\d*)e\+?(\d{1,2})", re.IGNORECASE)
_PLAIN = re.compile(r"\(?\+?[\d\s().\-/·]+")
#: Fifteen are E.164's most; two more for a prefix such as 011.
_MOST_DIGITS = 17
_SHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|NUM!|NULL!|DIV/0!)", re.IGNORECASE)

#: Area codes with counties in a second time zone, where phonenumbers names only one (M7: all of them must allow it).
_ALSO = {
    "219": "America/Chicago",
    "270": "America/Chicago",
    "308": "America/Denver",
    "364": "America/Chicago",
    "423": "America/New_York",
    "448": "America/Chicago",
    "458": "America/Boise",
    "541": "America/Boise",
    "574": "America/Chicago",
    "620": "America/Denver",
    "785": "America/Denver",
    "812": "America/Chicago",
    "850": "America/Chicago",
    "906": "America/Chicago",
    "928": "America/Denver",
    "930": "America/Chicago",
}
#: Kinds of numbers behind which there is no phone that takes messages, and what people call them.  The others may have
#: one, those nobody knows the kind of among them.
_NO_MOBILES = {
    PhoneNumberType.FIXED_LINE: "a landline",
    PhoneNumberType.TOLL_FREE: "a toll-free number",
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.UAN: "a company's service number",
    PhoneNumberType.VOICEMAIL: "a voicemail box",
}
#: A Mexican mobile as it was written until 2019: the 1 was dropped, and the number is the same.
_MEXICAN = re.compile(r"\+521(\d{10})")
#: An Argentine one from abroad has a 9 that many leave out.  (Brazil's numbers without their ninth digit are no longer
#: valid, so `parse` refuses them.)
_ARGENTINE = re.compile(r"\+54(9?)(\d{10})")
#: More candidates than this are the whole of North America (toll-free, 500, 900): that is "not known".
_MANY = 20


class BadPhone(ValueError):
    """This is no number a message can go to.  `sentence` says why, for people; it quotes what was written."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def parse(text: str, country: str = "US") -> str:
    """The number as E.164.  Raises `BadPhone`.

    1. Take off what spreadsheets add: a leading apostrophe, invisible marks, ".0", "tel:".
    2. Refuse what is not one number: letters, extensions, two numbers, digits that a spreadsheet rounded away.
    3. Read it as a number of `country` (ISO 3166, two letters) unless it names its own; a Mexican one with the 1 of
       former years is the one without.
    """
    written = text.strip()
    plain = _tidy(written)
    _refuse_what_is_no_number(plain, written)
    return _e164(_today(_read(plain, written, country)), written)


def shown(e164: str) -> str:
    """For people: "(512) 555-0142" in North America, else the international form."""
    number = _number(e164)
    if number is None:
        return "" if e164.startswith("+x") else e164  # what stands in the place of an erased one
    national = str(number.national_number)
    if number.country_code == 1 and len(national) == 10:
        return f"({national[:3]}) {national[3:6]}-{national[6:]}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked(e164: str) -> str:
    """For logs and reports (S48): "+1•••••0142"."""
    number = _number(e164)
    return f"+{number.country_code}•••••{e164[-4:]}" if number else "•••••"


def zones(e164: str) -> tuple[str, ...]:
    """Every time zone the number may be in (IANA names); empty when it says nothing, as toll-free numbers do."""
    number = _number(e164)
    found = timezone.time_zones_for_number(number) if number else ()
    if not number or len(found) > _MANY or "Etc/Unknown" in found:
        return ()
    also = _ALSO.get(str(number.national_number)[:3]) if number.country_code == 1 else None
    return (*found, also) if also and also not in found else tuple(found)


def no_mobile(e164: str) -> str:
    """What this number is instead of a mobile ("a landline", "a toll-free number"); empty where it may be one.

    In North America landlines and mobiles look alike, so there only toll-free and premium numbers are known.
    """
    # There, ten thousand numbers in a row are of one kind (but for a few on two islands): asked once for all of them.
    return _no_mobile(f"{e164[:8]}1234" if e164.startswith("+1") and len(e164) == 12 else e164)


@lru_cache(maxsize=16384)
def _no_mobile(e164: str) -> str:
    number = _number(e164)
    return _NO_MOBILES.get(phonenumbers.number_type(number), "") if number else ""


def twins(e164: str) -> tuple[str, ...]:
    """Other writings of this number that ring the same phone."""
    if match := _MEXICAN.fullmatch(e164):
        return (f"+52{match[1]}",)
    if e164.startswith("+52") and len(e164) == 13:
        return (f"+521{e164[3:]}",)
    match = _ARGENTINE.fullmatch(e164)
    return (f"+54{'' if match[1] else '9'}{match[2]}",) if match else ()


def writings(e164: str) -> tuple[str, ...]:
    """This number in each of its writings, the one that stands for all of them first."""
    return tuple(sorted({e164, *twins(e164)}))


def _today(number: PhoneNumber) -> PhoneNumber:
    match = _MEXICAN.fullmatch(f"+{number.country_code}{number.national_number}")
    return PhoneNumber(country_code=52, national_number=int(match[1])) if match else number


def _tidy(written: str) -> str:
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", written)).translate(_DASHES).strip()
    plain = plain.removeprefix("'").strip()
    plain = re.sub(r"^tel:\s*", "", plain, flags=re.IGNORECASE)
    plain = re.sub(r"^(\+?\d+)[.,]0+$", r"\1", plain)
    return _unfold(plain)


def _unfold(plain: str) -> str:
    """5.125550142E+09 holds every digit and becomes 5125550142; with digits rounded away it stays as it is."""
    match = _SHORTENED.fullmatch(plain)
    if match and len(match[2]) == int(match[3]) and match[2]:
        return match[1] + match[2]
    return plain


def _refuse_what_is_no_number(plain: str, written: str) -> None:
    if not plain:
        raise BadPhone("There is no phone number.")
    digits = sum(map(str.isdigit, plain))
    if _PLAIN.fullmatch(plain) and 0 < digits <= _MOST_DIGITS:
        return
    raise BadPhone(f"{quote(written)} {_what_it_is(plain, digits)}.")


def _what_it_is(plain: str, digits: int) -> str:
    if _SHEET_ERROR.match(plain):
        return "is an error the spreadsheet shows, not a phone number"
    if _SHORTENED.fullmatch(plain):
        return "was shortened by the spreadsheet; show that column as text and save the file again"
    if _EXTENSION.search(plain) and digits > 7:
        return "has an extension, which a message cannot reach"
    if any(map(str.isalpha, plain)):
        return "has letters in it; write the phone number in digits"
    if len(re.findall(r"\d[\d\s().\-]{6,}", plain)) > 1:
        return "holds more than one phone number; leave one"
    return "has too many digits for one phone number" if digits > _MOST_DIGITS else "is not a phone number"


def _read(plain: str, written: str, country: str) -> PhoneNumber:
    # In North America no number begins with 00, so there it is the other half of the world's way to write "+".
    if country in {"US", "CA"} and plain.startswith("00"):
        plain = "+" + plain[2:]
    try:
        return phonenumbers.parse(plain, country)
    except phonenumbers.NumberParseException as error:
        raise BadPhone(f"{quote(written)} is not a phone number.") from error


def _e164(number: PhoneNumber, written: str) -> str:
    why = _WHY_NOT.get(phonenumbers.is_possible_number_with_reason(number))
    if not why and not _may_exist(number):
        why = "is not a phone number anybody has"
    if why:
        raise BadPhone(f"{quote(written)} {why}.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _may_exist(number: PhoneNumber) -> bool:
    """Numbers kept for fiction (555 in America, 07700 900 in Britain) may: demonstrations use them."""
    national = str(number.national_number)
    if number.country_code == 1:
        return national[0] not in "01" and len(set(national)) > 1
    fiction = number.country_code == 44 and national.startswith("7700900")
    return fiction or phonenumbers.is_valid_number(number)


_WHY_NOT = {
    ValidationResult.TOO_SHORT: "has too few digits",
    ValidationResult.TOO_LONG: "has too many digits",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "has no area code",
    ValidationResult.INVALID_COUNTRY_CODE: "begins with a country code that does not exist",
    ValidationResult.INVALID_LENGTH: "has the wrong number of digits",
}


def quote(written: str, most: int = 40) -> str:
    """What was written, in quotation marks, cut and on one line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in written).split())
    return f"“{line[: most - 1]}…”" if len(line) > most else f"“{line}”"


@lru_cache(maxsize=4096)
def _number(e164: str) -> PhoneNumber | None:
    if e164.startswith("+1") and len(e164) == 12 and e164[1:].isascii() and e164[1:].isdecimal():
        return PhoneNumber(country_code=1, national_number=int(e164[2:]))  # what parsing gives, in a tenth of the time
    try:
        return phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return None
