"""Names as real lists have them: which look odd, what is proposed instead, and which are nobody's business."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import names

ODD = [
    ("MARGARET", "capitals", "Margaret"),
    ("MACDONALD", "capitals", "Macdonald"),
    ("MCKENZIE", "capitals", "McKenzie"),
    ("O'NEILL", "capitals", "O'Neill"),
    ("O’NEILL", "capitals", "O’Neill"),
    ("D'ANGELO", "capitals", "D'Angelo"),
    ("SA'ID", "capitals", "Sa'id"),
    ("MARY-JANE", "capitals", "Mary-Jane"),
    ("ANNA MARIA", "capitals", "Anna Maria"),
    ("MARIA DE LA CRUZ", "capitals", "Maria de la Cruz"),
    ("VAN DYKE", "capitals", "Van Dyke"),
    ("AMY", "capitals", "Amy"),
    ("Mary ELLEN", "capitals", "Mary Ellen"),
    ("JOHN III", "capitals", "John III"),
    ("mARCUS", "capitals", "Marcus"),
    ("JOSÉ", "capitals", "José"),
    ("ĐẶNG", "capitals", "Đặng"),
    ("ŁUKASZ", "capitals", "Łukasz"),
    ("İBRAHİM", "capitals", "İbrahim"),
    ("IŞIL", "capitals", "Işıl"),
    ("GROßMANN", "capitals", "Großmann"),
    ("IJSBRAND", "capitals", "IJsbrand"),
    ("IJAZ", "capitals", "Ijaz"),
    ("ΓΙΩΡΓΟΣ", "capitals", "Γιωργος"),
    ("ВЛАДИМИР", "capitals", "Владимир"),
    ("marcus", "small", "Marcus"),
    ("jean-luc", "small", "Jean-Luc"),
    ("de la cruz", "small", "De la Cruz"),
    ("ibrahim ışık", "small", "İbrahim Işık"),
    ("Marcus2", "digits", "Marcus"),
    ("R2D2", "digits", ""),
    ("HARBOR HVAC LLC", "company", ""),
    ("Bell Plumbing", "company", ""),
    ("Müller GmbH", "company", ""),
    ("Acme, Inc.", "company", ""),
    ("Marcus & Dana", "two", "Marcus"),
    ("Sam and Alex", "two", "Sam"),
    ("SAM + ALEX", "two", "Sam"),
    ("Sam/Alex", "two", "Sam"),
    ("María y José", "two", "María"),
    ("Mr. & Mrs. Bell", "two", ""),
    ("info@bell.example", "email", ""),
    ("marcus.bell@bell.example", "email", "Marcus"),
    ("(512) 555-0100", "phone", ""),
    ("+15125550100", "phone", ""),
    ("<b>Marcus</b>", "code", ""),
    ("{first_name}", "code", ""),
    ("test", "stand_in", ""),
    ("Test Customer", "stand_in", ""),
    ("asdf", "stand_in", ""),
    ("xxx", "stand_in", ""),
    ("N/A", "stand_in", ""),
    ("unknown", "stand_in", ""),
    ("Customer 12", "stand_in", ""),
    ("Mr.", "title", ""),
    ("Dr. Marcus", "title", "Marcus"),
    ("Prof. Dr. ANNA", "title", "Anna"),
    ("Mr. Bell", "title", ""),
    ("Lee, Marcus", "last_first", "Marcus"),
    ("LEE, MARCUS", "last_first", "Marcus"),
    ("Marcus, Jr.", "suffix", "Marcus"),
    ("M.", "initial", ""),
    ("William (Bill)", "nickname", "William"),
    ("Marcus 🔧", "signs", "Marcus"),
    ("★ Dana ★", "signs", "Dana"),
    ("Marcus!!", "signs", "Marcus"),
    ("🔧", "signs", ""),
    ("", "empty", ""),
    ("   ", "empty", ""),
    ("\u200f", "empty", ""),
]
FINE = [
    *(
        "McDonald",
        "O'Neill",
        "O’Brien",
        "de la Cruz",
        "van Dyke",
        "JoAnn",
        "DeShawn",
        "LeBron",
        "Jean-Luc",
        "Mary Jane",
    ),
    *(
        "Mary Jane",
        "Anna Maria",
        "Đặng",
        "Łukasz",
        "Zoë",
        "Siobhán",
        "D'Angelo",
        "Ka'iulani",
        "Bo",
        "Al",
        "Ng",
        "JD",
        "J.D.",
    ),
    *(
        "محمد",
        "محمد علي",
        "伟",
        "李伟",
        "さくら",
        "지민",
        "प्रिया",
        "สมชาย",
        "יוסף",
        "ג׳ורג׳",
        "Ольга",
        "Ελένη",
        "ნინო",
        "ᏣᎳᎩ",
    ),
    *("Andy", "Sandy", "Yves", "Tess", "Xi", "Nil", "Anon", "Bank", "Church", "Co", "Marcus Jr.", "Wm.", "St. John"),
    *(
        "Nguyễn Thị",
        "Marie-José",
        "IJsbrand",
        "Ĳsbrand",
        "İbrahim",
        "Νίκος",
        "Großmann",
        "Amal·la",
        "John III",
        "Major",
    ),
]


@pytest.mark.parametrize(("name", "code", "suggestion"), ODD, ids=[repr(row[0]) for row in ODD])
def test_an_odd_name_is_found_and_something_better_proposed(name, code, suggestion):
    found = names.look(name)
    assert found is not None
    assert (found.code, found.suggestion) == (code, suggestion)
    assert found.sentence.endswith((".", "?"))


@pytest.mark.parametrize("name", FINE)
def test_a_real_name_is_nobodys_business(name):
    assert names.look(name) is None


def test_the_other_possibilities_stand_beside_it():
    assert names.look("MARCUS & DANA").alternatives == ("Dana",)
    assert names.look("William (Bill)").alternatives == ("Bill",)
    assert names.look("Mr. Bell").alternatives == ("Bell",)


def test_a_title_before_a_first_name_is_told_by_the_last_name():
    assert names.look("Mr. Marcus", "Bell").suggestion == "Marcus"


def test_a_company_in_the_last_name_is_a_company():
    assert names.look("Harbor", "HVAC LLC").code == "company"
    assert names.look("Marcus", "Bank") is None


def test_a_company_in_capitals_is_said_to_be_both():
    assert names.look("HARBOR HVAC LLC").sentence == "Looks like a company, in capitals. Who picks up?"


SCRAPS = ["MARCUS", "marcus", "Dana", " & ", " and ", "Dr. ", "LLC", ", ", "(", ")", "2", "İ", "ı", "ß", "IJ", "Σ", "'"]
anything = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(SCRAPS), max_size=7).map("".join))


def letters(text):
    """What is left when case and accents are taken away."""
    flat = unicodedata.normalize("NFKD", text.casefold()).replace("ı", "i")
    return {c for c in flat if c.isalnum()}


@given(anything, anything)
def test_what_is_proposed_comes_from_the_name_and_is_no_longer_than_it(first, last):
    found = names.look(first, last)
    for proposed in (found.suggestion, *found.alternatives) if found else ():
        assert len(proposed) <= len(first)
        assert letters(proposed) <= letters(first)


@given(anything)
def test_what_is_proposed_is_proposed_again_or_found_fine(first):
    found = names.look(first)
    for proposed in (found.suggestion, *found.alternatives) if found else ():
        again = names.look(proposed)
        assert again is None or again.suggestion == proposed
