"""Lists that leave: no formula in them, and nothing lost on the way back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.importing import reading
from campaigns.importing.csv_out import lines, plain_cell, safe_cell

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "＝1",
    "＋1",
    "－1",
    "＠SUM",
    '=HYPERLINK("https://evil.com","x")',
    "=cmd|' /C calc'!A0",
    "'=1+1",
    "''@x",
]


@pytest.mark.parametrize("payload", FORMULAS)
def test_a_cell_that_could_run_gets_an_apostrophe(payload):
    assert safe_cell(payload) == f"'{payload}"


@pytest.mark.parametrize("value", ["Ada", "O'Neill", "'t Hooft", "", "1-2", "a=b"])
def test_an_ordinary_cell_stays_as_it_is(value):
    assert safe_cell(value) == value


def test_nothing_is_the_empty_cell_and_numbers_are_words():
    assert (safe_cell(None), safe_cell(7), safe_cell(-7)) == ("", "7", "'-7")


@given(st.text(alphabet="'=+-@＝ax\t\r\n\0", max_size=6) | st.text(max_size=20))
def test_the_way_back_gives_what_was_there(text):
    assert plain_cell(safe_cell(text)) == text


def test_a_list_that_went_out_comes_in_again():
    rows = [
        ["Name", "Phone"],
        ['José, the "first"', "+15125550142"],
        ["=1+1", "+442079460018"],
        ["a\nb", "+15125550143"],
    ]
    raw = b"".join(lines(rows))
    back = [[plain_cell(cell) for cell in row.cells] for row in reading.read(raw).rows()]
    assert back == rows[1:]


def test_lines_come_one_by_one_and_open_in_excel():
    parts = list(lines([["Ada"], ["Bo"]]))
    assert parts == [b"\xef\xbb\xbf", b"Ada\r\n", b"Bo\r\n"]


def test_no_cell_of_a_list_begins_like_a_formula():
    text = b"".join(lines([[payload] for payload in FORMULAS])).decode("utf-8-sig")
    cells = [row[0] for row in csv.reader(io.StringIO(text, newline=""))]
    assert all(cell.startswith("'") for cell in cells)
    assert len(cells) == len(FORMULAS)
