"""What becomes of every row."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import names
from campaigns.importing import Kind, Person, outcome, reading
from campaigns.importing.mapping import guess

from .files import csv_of

TODAY = date(2026, 3, 20)
MARCUS = Person("+15125550142", "Marcus", "Bell", date(2026, 1, 2), "America/Chicago")


def judged(*lines: str, existing: dict[str, Person] | None = None, suppressed: set[str] = frozenset()):
    table = reading.read(csv_of(*lines))
    readings = outcome.read_rows(table, guess(table), "US", TODAY)
    return list(outcome.decide(readings, existing or {}, suppressed))


def test_a_new_number_is_added():
    (verdict,) = judged("First,Last,Phone", "Marcus,Bell,(512) 555-0142")
    assert (verdict.row, verdict.kind, verdict.person) == (2, Kind.ADDED, Person("+15125550142", "Marcus", "Bell"))


def test_of_two_rows_with_one_number_the_first_wins():
    first, second = judged("Name,Phone", "Ada,5125550142", "Bo,+1 512 555 0142")
    assert (first.kind, second.kind) == (Kind.ADDED, Kind.DUPLICATE)
    assert second.reason == "The same number as row 2."


def test_a_rejected_row_wins_over_nobody():
    first, second = judged("Name,Phone", f"{'x' * 500},5125550142", "Bo,5125550142")
    assert (first.kind, second.kind) == (Kind.REJECTED, Kind.ADDED)


def test_a_known_customer_is_updated_and_loses_nothing_to_blank_cells():
    (verdict,) = judged("First,Last,Phone,Timezone", "Mark,,5125550142,", existing={MARCUS.phone: MARCUS})
    assert verdict.kind == Kind.UPDATED
    assert verdict.person == Person("+15125550142", "Mark", "Bell", date(2026, 1, 2), "America/Chicago")


def test_a_known_customer_with_nothing_new_is_unchanged():
    (verdict,) = judged("First,Phone", "Marcus,5125550142", existing={MARCUS.phone: MARCUS})
    assert (verdict.kind, verdict.person) == (Kind.UNCHANGED, MARCUS)


def test_an_older_file_does_not_move_the_last_visit_back():
    rows = ("Phone,Last visit", "5125550142,2025-05-05")
    assert judged(*rows, existing={MARCUS.phone: MARCUS})[0].kind == Kind.UNCHANGED


TODD = replace(MARCUS, technician="Todd", service="Water heater")


def test_who_was_there_and_what_was_done_are_kept():
    (verdict,) = judged("First,Phone,Technician,Service", "Marcus,5125550142,Todd M.,Drain  cleaning")
    assert (verdict.person.technician, verdict.person.service) == ("Todd M.", "Drain cleaning")


def test_blank_cells_do_not_take_away_who_was_there():
    (verdict,) = judged("First,Phone,Tech,Service", "Marcus,5125550142,,n/a", existing={TODD.phone: TODD})
    assert (verdict.kind, verdict.person) == (Kind.UNCHANGED, TODD)


def test_a_newer_list_says_who_was_there_now():
    (verdict,) = judged("Phone,Tech,Last visit", "5125550142,Ana,2026-03-01", existing={TODD.phone: TODD})
    assert (verdict.kind, verdict.person.technician, verdict.person.service) == (Kind.UPDATED, "Ana", "Water heater")


def test_an_older_list_does_not_say_who_was_there_at_the_newer_visit():
    (verdict,) = judged("Phone,Tech,Last visit", "5125550142,Ana,2025-03-01", existing={TODD.phone: TODD})
    assert (verdict.kind, verdict.person) == (Kind.UNCHANGED, TODD)


def test_an_older_list_may_fill_what_nobody_knew():
    (verdict,) = judged("Phone,Tech,Last visit", "5125550142,Ana,2025-03-01", existing={MARCUS.phone: MARCUS})
    assert (verdict.kind, verdict.person) == (Kind.UPDATED, replace(MARCUS, technician="Ana"))


@pytest.mark.parametrize("odd", ["x" * 121, "x" * 100_000, "see www.example.com", "todd@example.com", "<b>Todd</b>"])
def test_an_odd_technician_is_left_out_with_a_note_and_the_customer_comes_in(odd):
    (verdict,) = judged("First,Phone,Technician,Service", f"Marcus,5125550142,{odd},{odd}")
    assert (verdict.kind, verdict.person.technician, verdict.person.service) == (Kind.ADDED, "", "")
    assert ["technician" in verdict.notes[0], "service" in verdict.notes[1]] == [True, True]
    assert all("left out" in note and len(note) < 200 for note in verdict.notes)


def test_a_suppressed_number_is_neither_added_nor_changed():
    (verdict,) = judged("First,Phone", "Mark,5125550142", existing={MARCUS.phone: MARCUS}, suppressed={MARCUS.phone})
    assert (verdict.kind, verdict.person) == (Kind.SUPPRESSED, MARCUS)


def test_a_row_without_a_number_is_rejected_with_its_cells():
    (verdict,) = judged("First,Last,Phone", "Marcus,Bell,call me")
    assert (verdict.kind, verdict.cells) == (Kind.REJECTED, ("Marcus", "Bell", "call me"))
    assert "letters" in verdict.reason


def test_a_row_with_a_stray_comma_is_rejected_and_shifts_nothing():
    verdicts = judged("Name,Phone", "Ada,5125550142", "Bell, 5125550143,5125550144", "Bo,5125550145")
    assert [v.kind for v in verdicts] == [Kind.ADDED, Kind.REJECTED, Kind.ADDED]
    assert verdicts[1].reason == "This row has 3 cells where the list has 2."


def test_titles_that_come_again_are_no_customer():
    assert judged("Name,Phone", "Name,Phone", "Ada,5125550142")[0].reason == "This row repeats the column titles."


def test_a_date_that_cannot_be_read_costs_the_date_and_not_the_customer():
    (verdict,) = judged("First,Phone,Last visit", "Ada,5125550142,soon")
    assert verdict.kind == Kind.ADDED
    assert verdict.notes == ("The visit “soon” is not a date we can read and was left out.",)


@given(st.lists(st.sampled_from(["5125550142", "5125550143", "letters", "", "5125550144"]), max_size=20))
def test_the_counts_always_add_up(numbers):
    found = outcome.counts(
        judged("Name,Phone", "Ada,5125550140", *(f"X,{n}" for n in numbers), suppressed={"+15125550144"})
    )
    assert found.pop("rows") == sum(found.values()) == len(numbers) + 1


@pytest.mark.parametrize(
    ("name", "words"),
    [("MARCUS", "capitals"), ("ada@example.com", "e-mail"), ("John & Mary", "Two people"), ("", "No first name")],
)
def test_a_name_is_odd_here_as_it_will_be_on_the_contact_sheet(name, words):
    (verdict,) = judged("First,Last,Phone", f"{name},Osei,5125550142")
    assert names.look(name, "Osei").sentence in verdict.notes
    assert any(words in note for note in verdict.notes)


@pytest.mark.parametrize("name", ["Zoë", "李伟", "محمد", "Al", "JB"])
def test_a_real_name_gets_no_note(name):
    (verdict,) = judged("First,Last,Phone", f"{name},Osei,5125550142")
    assert verdict.notes == ()
