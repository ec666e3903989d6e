"""Several numbers in one cell, where the program that wrote it says which is which."""

import pytest

from campaigns import phones
from campaigns.importing import numbers


@pytest.mark.parametrize(
    ("cell", "first", "others"),
    [
        ("(512) 555-0142", "(512) 555-0142", False),
        ("Phone:(512) 555-0142", "(512) 555-0142", False),
        ("Phone: (512) 555-0143 Mobile: (512) 555-0142", "(512) 555-0142", True),
        ("Fax: 512-555-0143 Phone: 512-555-0142", "512-555-0142", False),
        ("512-555-0142 ::: 512-555-0143", "512-555-0142", True),
        ("512-555-0142 ::: 512-555-0142", "512-555-0142", False),
    ],
)
def test_labels_and_marks_say_which_one_to_take(cell, first, others):
    number, note = numbers.choose(cell)
    assert (number, bool(note)) == (first, others)


@pytest.mark.parametrize("cell", ["512-555-0142, 512-555-0143", "call: the shop", "Fax: 512 555 0143", "x ::: y", ""])
def test_without_them_a_cell_stays_as_it_is(cell):
    assert numbers.choose(cell) == (cell, "")


def test_in_a_column_made_for_several_the_first_is_taken_and_said():
    assert numbers.holds_many("Main Phone #s")
    assert not numbers.holds_many("Phone")
    number, note = numbers.choose("512-555-0142, 512-555-0143", many=True)
    assert (number, note) == ("512-555-0142", "2 numbers stood here; 512-555-0142 was taken.")


@pytest.mark.parametrize(
    "cell", ["1.4155551234E+10", "1,4155551234E+10", "14155551234.0", "'+14155551234", "4.155551234E+09"]
)
def test_what_excel_made_of_a_number_is_repaired_where_every_digit_is_there(cell):
    assert phones.parse(cell) == "+14155551234"


@pytest.mark.parametrize("cell", ["1.41555E+10", "1.4E+10", "5.12E+9", "1E+10"])
def test_where_digits_were_rounded_away_it_is_refused_and_said(cell):
    with pytest.raises(phones.BadPhone) as refusal:
        phones.parse(cell)
    assert "shortened by the spreadsheet" in refusal.value.sentence
