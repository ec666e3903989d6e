"""Whatever file comes, it becomes a table or a sentence."""

import time

import pytest
from defusedxml import EntitiesForbidden

from campaigns.importing import BadFile, reading

from . import files
from .files import csv_of, xlsx_of


def cells(raw: bytes) -> list[list[str]]:
    return [row.cells for row in reading.read(raw).rows()]


def test_a_plain_file_is_read():
    table = reading.read(files.MARCUS)
    assert table.titles == ("First Name", "Last Name", "Phone")
    assert [(row.number, row.cells) for row in table.rows()] == [(2, ["Marcus", "Bell", "(512) 555-0142"])]
    assert table.count == 1


@pytest.mark.parametrize("name", files.NO_LISTS)
def test_what_is_no_list_is_refused_in_a_sentence(name):
    make, words = files.NO_LISTS[name]
    raw = make()
    start = time.process_time()
    with pytest.raises(BadFile) as refusal:
        reading.read(raw)
    assert words in refusal.value.sentence
    assert "Nothing was imported." in refusal.value.sentence
    assert refusal.value.sentence.count(".") >= 3
    assert time.process_time() - start < 15


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_unicode_encoding_is_told(encoding):
    """F-62."""
    raw = csv_of("Name,Phone", "José 李伟,512-555-0142", "Ada,512-555-0143", encoding=encoding)
    assert cells(raw)[0] == ["José 李伟", "512-555-0142"]


def test_windows_text_is_read_with_a_note():
    table = reading.read(csv_of("Name,Phone", "José O’Neill,512-555-0142", encoding="cp1252"))
    assert next(table.rows()).cells[0] == "José O’Neill"
    assert "accents" in table.notes[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter_is_told(delimiter):
    raw = csv_of(f"Name{delimiter}Address{delimiter}Phone", f"Ada{delimiter}1 Elm St. Austin{delimiter}512-555-0142")
    assert reading.read(raw).delimiter == delimiter


def test_commas_inside_cells_do_not_mislead():
    raw = csv_of("Name\tPhone\tPaid", *(f"Bell, Marcus\t512-555-014{i}\t1,50" for i in range(9)))
    assert reading.read(raw).titles == ("Name", "Phone", "Paid")


def test_excels_own_hint_is_believed():
    assert cells(csv_of("sep=;", "Name;Phone", "Ada, the first;5125550142")) == [["Ada, the first", "5125550142"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(end):
    assert cells(csv_of("Name,Phone", "Ada,5125550142", "Bo,5125550143", end=end)) == [
        ["Ada", "5125550142"],
        ["Bo", "5125550143"],
    ]


def test_quotation_marks_hold_commas_and_line_ends_together():
    raw = csv_of(
        "Name,Phone", '"Bell, Marcus\njunior",5125550142', 'Robert "Bob" Smith,5125550143', '"Bob" Lee,5125550144'
    )
    assert [row[0] for row in cells(raw)] == ["Bell, Marcus\njunior", 'Robert "Bob" Smith', "Bob Lee"]


def test_a_file_without_titles_loses_no_row():
    table = reading.read(csv_of("Marcus,Bell,512-555-0142", "Ada,B,512-555-0143"))
    assert not table.has_header
    assert table.titles == ("Column A", "Column B", "Column C")
    assert table.count == 2


@pytest.mark.parametrize("first", ["Marcus,512-CALL-NOW", "Marcus,", "512-555-0141,"])
def test_a_first_row_with_a_bad_number_is_not_taken_for_titles(first):
    assert not reading.read(csv_of(first, "Ada,512-555-0142", "Bo,512-555-0143")).has_header


def test_titles_in_a_language_we_do_not_know_are_titles():
    assert reading.read(csv_of("Nimi,Puhelin", "Ada,512-555-0142")).titles == ("Nimi", "Puhelin")


def test_lines_above_the_titles_are_left_out_with_a_note():
    table = reading.read(csv_of("Customers, exported 3 November", "", "Name,Phone", "Ada,512-555-0142"))
    assert table.titles == ("Name", "Phone")
    assert [row.number for row in table.rows()] == [4]
    assert "One line above" in table.notes[0]


def test_of_two_rows_of_titles_the_telling_one_is_taken():
    table = reading.read(csv_of("Customer,,Phone", "First,Last,Mobile", "Marcus,Bell,512-555-0142"))
    assert table.titles == ("First", "Last", "Mobile")


def test_blank_lines_count_for_numbers_but_not_as_rows():
    table = reading.read(csv_of("Phone", "", "5125550142", ",,", "5125550143"))
    assert [row.number for row in table.rows()] == [3, 5]
    assert table.count == 2


def test_a_column_without_a_title_is_called_as_in_a_spreadsheet():
    assert reading.read(csv_of("Name,,Phone", "Ada,x,5125550142,y")).titles == ("Name", "Column B", "Phone", "Column D")


def test_entities_are_refused_before_they_grow():
    make, _ = files.NO_LISTS["entities that grow"]
    with pytest.raises(BadFile) as refusal:
        reading.read(make())
    first = refusal.value
    while first.__context__:
        first = first.__context__
    assert type(first) is EntitiesForbidden


def test_samples_show_what_a_column_holds():
    table = reading.read(csv_of("Name,Phone", "Ada,1", ",2", "Bo,3", "Cy,4", "Di,5"))
    assert table.samples(0) == ["Ada", "Bo", "Cy"]


def test_a_workbook_is_read_with_its_numbers_whole():
    raw = xlsx_of(
        ["Name", "Phone", "Ok"], ["José", 5125550142, True], ["Zoë", 5125550143.0, None], ["Ada", "'+1512", 1.5]
    )
    assert cells(raw) == [["José", "5125550142", "TRUE"], ["Zoë", "5125550143"], ["Ada", "'+1512", "1.5"]]


def test_row_numbers_of_a_workbook_are_those_of_the_sheet():
    table = reading.read(xlsx_of(["Phone"], [None], [5125550142], [], [5125550143]))
    assert [row.number for row in table.rows()] == [3, 5]


def test_of_several_sheets_the_first_filled_one_is_read_and_named():
    table = reading.read(xlsx_of(["Phone"], [5125550142], more_sheets=["Old"]))
    assert table.notes == ("Only the sheet “Sheet” was read.",)


def test_a_million_empty_rows_are_passed_over():
    """F-62."""
    start = time.process_time()
    table = reading.read(files.with_sheet(files.ROW.format(1, 5125550142) + files.ROW.format(1_000_000, 5125550143)))
    assert [row.number for row in table.rows()] == [1, 1_000_000]
    assert time.process_time() - start < 15
