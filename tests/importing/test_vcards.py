"""Address books of telephones and Macs."""

from datetime import date

import pytest

from campaigns.importing import BadFile, outcome, reading
from campaigns.importing.mapping import guess


def people(raw: bytes):
    table = reading.read(raw)
    return [each.person for each in outcome.read_rows(table, guess(table), "US", date(2026, 3, 20))]


def card(*lines: str, end: str = "\r\n") -> bytes:
    return end.join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""]).encode()


def test_apples_card_is_a_customer():
    raw = card(
        "N:Lee;Marcus;;Dr.;Jr.",
        "FN:Dr. Marcus Lee Jr.",
        "item1.TEL;type=HOME;type=VOICE:(512) 555-0143",
        "item2.TEL;type=CELL;type=VOICE;type=pref:(512) 555-0142",
        "CATEGORIES:VIP,Spa",
    )
    (marcus,) = people(raw)
    assert (marcus.phone, marcus.first_name, marcus.last_name) == ("+15125550142", "Marcus", "Lee")
    assert marcus.tags == ("VIP", "Spa")
    assert reading.read(raw).made_by == "an address book"


def test_an_old_card_with_broken_lines_is_read():
    name = "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Zo=\n=C3=AB;;;"
    raw = card(name, "TEL;CELL:5125550144", end="\n").replace(b"3.0", b"2.1")
    (zoe,) = people(raw)
    assert (zoe.first_name, zoe.last_name, zoe.phone) == ("Zoë", "Müller", "+15125550144")


def test_a_new_card_with_folded_lines_and_an_address_for_a_number_is_read():
    (zoe,) = people(card("FN:Zoë Mül", " ler", "TEL;VALUE=uri;TYPE=cell:tel:+1-512-555-0144"))
    assert (zoe.first_name, zoe.last_name, zoe.phone) == ("Zoë", "Müller", "+15125550144")


def test_a_fax_is_no_number_and_a_card_without_one_is_told():
    assert people(card("N:Lee;Marcus;;;", "TEL;type=FAX:5125550142")) == [None]


def test_what_a_card_escapes_is_plain():
    (marcus,) = people(card(r"N:Lee\, the elder;Marcus;;;", "TEL:5125550142"))
    assert marcus.last_name == "Lee, the elder"


def test_an_address_book_that_is_cut_off_is_refused():
    with pytest.raises(BadFile, match="cut off"):
        reading.read(card("N:Lee;Marcus;;;", "TEL:5125550142") + b"BEGIN:VCARD\nN:Bell;Ada;;;\nTEL:51255")


def test_a_formula_in_a_card_stays_text():
    (one,) = people(card("N:=1+1;@SUM(A1);;;", "TEL:5125550142"))
    assert (one.first_name, one.last_name) == ("@SUM(A1)", "=1+1")
