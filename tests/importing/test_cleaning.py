"""Cells become names, dates and zones, or half a sentence that says why not."""

from datetime import date

import pytest

from campaigns.importing import cleaning

TODAY = date(2026, 3, 20)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("  José ", "José"),
        ("Jose\u0301", "José"),
        ("O'Neill", "O'Neill"),
        ("'t Hooft", "'t Hooft"),
        ("李伟", "李伟"),
        ("محمد", "محمد"),
        ("\u202eevil\u202c", "evil"),
        ("Zoë\u200f\ufeff", "Zoë"),
        ("Ada\r\nLove\tlace\x00\x07", "Ada Love lace"),
        ("<b>Bob</b>", "<b>Bob</b>"),
        ("👩\u200d🔧 Kim", "👩\u200d🔧 Kim"),
        ("'=SUM(A1)", "=SUM(A1)"),
        ("'+1 fan", "+1 fan"),
        ("{first_name}", "{first_name}"),
        ("n/a", ""),
        ("#N/A", ""),
        ("\u200b\u200e", ""),
        ("x" * 200, "x" * 200),
    ],
)
def test_names_are_kept_as_written_without_what_nobody_sees(cell, name):
    assert cleaning.name(cell) == name


def test_a_name_of_five_hundred_characters_is_refused():
    with pytest.raises(cleaning.BadCell) as refusal:
        cleaning.name("x" * 500)
    assert refusal.value.sentence == "The name has 500 characters; 200 is the most."


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Marcus Bell", "Marcus", "Bell"),
        ("Bell, Marcus", "Marcus", "Bell"),
        ("Mary Ann van der Berg", "Mary", "Ann van der Berg"),
        ("Dr. Anh Trần", "Anh", "Trần"),
        ("Mr. Smith", "", "Smith"),
        ("John & Mary Smith", "John & Mary", "Smith"),
        ("Prince", "Prince", ""),
        ("李伟", "李伟", ""),
        ("Acme Plumbing LLC", "", "Acme Plumbing LLC"),
        ("Bell,", "Bell", ""),
        ("Lee, Marcus", "Marcus", "Lee"),
        ("Marcus & Dana Lee", "Marcus & Dana", "Lee"),
        ("Lee, Marcus & Dana", "Marcus & Dana", "Lee"),
        ("Marcus and Dana", "Marcus and Dana", ""),
        ("MARCUS", "MARCUS", ""),
        ("Dr. Marcus Lee Jr.", "Marcus", "Lee Jr."),
        ("Marcus Lee, Jr.", "Marcus", "Lee Jr."),
        ("Lee, Marcus, Jr.", "Marcus", "Lee Jr."),
        ("Lee, Dr. Anna Maria", "Anna Maria", "Lee"),
        ("Mr. & Mrs. Lee", "", "Lee"),
        ("Prof. Dr. Eva Braun", "Eva", "Braun"),
        ("Acme, Inc.", "", "Acme, Inc."),
    ],
)
def test_a_full_name_is_split(full, first, last):
    assert cleaning.split(full) == (first, last)


@pytest.mark.parametrize(
    ("cell", "country", "day"),
    [
        ("2026-03-14", "US", date(2026, 3, 14)),
        ("2026-03-14T09:30:00Z", "US", date(2026, 3, 14)),
        ("2026/3/4", "DE", date(2026, 3, 4)),
        ("3/14/2026", "US", date(2026, 3, 14)),
        ("3/4/2026", "US", date(2026, 3, 4)),
        ("3/2/2026", "GB", date(2026, 2, 3)),
        ("14/3/2026", "US", date(2026, 3, 14)),
        ("3/14/26", "US", date(2026, 3, 14)),
        ("3/14/2026 3:04 PM", "US", date(2026, 3, 14)),
        ("14.3.2026", "US", date(2026, 3, 14)),
        ("1.2.2026", "US", date(2026, 2, 1)),
        ("Mar 14, 2026", "US", date(2026, 3, 14)),
        ("14 March 2026", "GB", date(2026, 3, 14)),
        ("46095", "US", date(2026, 3, 14)),
        ("46095.5", "US", date(2026, 3, 14)),
        ("", "US", None),
        ("n/a", "US", None),
    ],
)
def test_dates_are_read_as_the_country_writes_them(cell, country, day):
    assert cleaning.visit(cell, country, TODAY) == day


@pytest.mark.parametrize(
    "cell", ["soon", "31.2.2026", "2026-13-45", "3/2026", "0/0/0", "12345678901", "May may 1 2026"]
)
def test_what_is_no_date_is_left_out_with_a_sentence(cell):
    with pytest.raises(cleaning.BadCell) as refusal:
        cleaning.visit(cell, "US", TODAY)
    assert "left out" in refusal.value.sentence


@pytest.mark.parametrize(("cell", "why"), [("2026-04-01", "ahead"), ("1/1/1900", "too far back")])
def test_a_day_no_visit_can_have_is_left_out(cell, why):
    with pytest.raises(cleaning.BadCell) as refusal:
        cleaning.visit(cell, "US", TODAY)
    assert why in refusal.value.sentence


@pytest.mark.parametrize(
    ("cell", "zone"),
    [
        ("America/Chicago", "America/Chicago"),
        ("america/new york", "America/New_York"),
        ("Central", "America/Chicago"),
        ("CST", "America/Chicago"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("", ""),
    ],
)
def test_zones_are_known_by_several_names(cell, zone):
    assert cleaning.zone(cell) == zone


@pytest.mark.parametrize("cell", ["Mars/Olympus", "UTC+99", "Texas", "../../etc/passwd"])
def test_an_unknown_zone_is_left_out_with_a_sentence(cell):
    with pytest.raises(cleaning.BadCell):
        cleaning.zone(cell)
