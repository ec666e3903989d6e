"""docs/asvs.md: every requirement has a row, every row an answer, and every test it names is there."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.ROOT)
TEXT = (ROOT / "docs" / "asvs.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if re.match(r"\| \d+\.", line)
]
#: Ten of level 3 that are kept besides.
BESIDES = {"1.2.10", "5.2.6", "14.2.7", "14.2.8", "15.4.2", "3.4.8", "8.3.2", "13.1.3", "13.2.6", "16.5.4"}
#: Requirements of levels 1 and 2 by chapter.
CHAPTERS = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9}
CHAPTERS |= {15: 13, 16: 16, 17: 7}
STATES = {"met", "not met", "not applicable"}


def test_every_requirement_of_the_levels_has_one_row():
    numbers = [row[0] for row in ROWS]
    assert len(numbers) == len(set(numbers))
    assert {row[0] for row in ROWS if row[1] == "3"} == BESIDES
    levels = [row[1] for row in ROWS]
    assert (levels.count("1"), levels.count("2"), levels.count("3")) == (70, 183, 10)
    found = [int(row[0].split(".")[0]) for row in ROWS if row[1] != "3"]
    assert {chapter: found.count(chapter) for chapter in set(found)} == CHAPTERS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_how_and_by_which_test(row):
    assert len(row) == 6
    assert all(row)
    state, tests = row[3], re.findall(r"`(tests/[^`]+)`", row[5])
    assert state in STATES
    assert tests or state != "met"
    assert [test for test in tests if not (ROOT / test).exists()] == []


def test_what_is_not_met_says_what_is_missing():
    assert [row[0] for row in ROWS if row[3] == "not met" and len(row[4]) < 40] == []
