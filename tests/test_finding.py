"""Finding somebody by part of a name or number, however it is typed."""

import pytest

from campaigns import finding


@pytest.mark.parametrize(
    ("first", "last", "typed"),
    [
        ("Zoë", "O’Neill", "zoe oneill"),
        ("Zoë", "O’Neill", "O'NEILL"),
        ("Łukasz", "Żak", "lukasz zak"),
        ("Grace", "Hopper", "opp"),
        ("Grace", "Hopper", "ho gr"),
        ("Grace", "Hopper", "(512) 555-1001"),
        ("Grace", "Hopper", "5125551001"),
        ("Grace", "Hopper", "51"),
        ("Grace", "Hopper", ""),
        ("王", "小明", "王"),
    ],
)
def test_it_is_found(first, last, typed):
    assert finding.matches(finding.indexed(first, last, "+15125551001"), finding.parts(typed))


@pytest.mark.parametrize("typed", ["hoppre", "op", "grace 999", "%", "_______"])
def test_it_is_not_found(typed):
    """Two letters count at the beginning of a name only."""
    kept = finding.indexed("Grace", "Hopper", "+15125551001")
    assert not finding.matches(kept, finding.parts(typed)) or not finding.parts(typed)


def test_an_erased_number_is_found_by_nothing():
    assert finding.indexed("", "", "+x0011223344556677") == ""


def test_the_longest_name_fits_into_the_index():
    assert len(finding.indexed("ﷺ" * 200, "x" * 200, "+15125551001")) < 300
