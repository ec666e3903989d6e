"""Which column stands for what."""

import pytest

from campaigns.importing import BadMapping, Field, reading
from campaigns.importing.mapping import chosen, guess
from campaigns.importing.titles import column_name, field_of
from campaigns.web.imports.forms import FIELD_WORDS

from .files import csv_of


def guessed(*lines: str, country: str = "US") -> dict[str, int]:
    return guess(reading.read(csv_of(*lines)), country).to_json()


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("First Name", "first_name"),
        ("FNAME", "first_name"),
        ("customer_last-name", "last_name"),
        ("Last name:", "last_name"),
        ("Mobile Phone #", "phone"),
        ("Téléphone", "phone"),
        ("Teléfono", "phone"),
        ("Customer", "name"),
        ("Date of last visit", "last_visit"),
        ("Time Zone", "timezone"),
        ("Assigned Technicians", "technician"),
        ("Primary Technician", "technician"),
        ("Assigned to", "technician"),
        ("Employee", "technician"),
        ("Stylist", "technician"),
        ("Técnico", "technician"),
        ("Job Type", "service"),
        ("Job description", "service"),
        ("Job title", "service"),
        ("Product/Service", "service"),
        ("Service", "service"),
        ("Service date", "last_visit"),
        ("Last service", "last_visit"),
        ("Job #", None),
        ("Employee ID", None),
        ("Rating", None),
        ("NPS", None),
        ("Satisfaction", None),
        ("", None),
    ],
)
def test_titles_are_known_in_many_spellings_and_none_for_satisfaction(title, field):
    assert field_of(title) == field


def test_columns_are_found_by_their_titles():
    found = guessed("E-mail,Last visit,Cell,Surname,First", "a@b.com,2026-01-02,5125550142,Bell,Marcus")
    assert found == {"phone": 2, "first_name": 4, "last_name": 3, "last_visit": 1}


@pytest.mark.parametrize(
    ("titles", "technician", "service"),
    [
        ("Job Type,Assigned Technicians,Customer Name,Customer Phone,Completed On", 1, 0),
        ("First Name,Last Name,Mobile Phone,Date,Employee,Job Description", 4, 5),
        ("Client name,Client phone,Visit title,Assigned to,Completed date", 3, 2),
        ("First name,Last name,Phone,Job type,Technician", 4, 3),
        ("Client,Phone,Staff,Service,Appointment date", 2, 3),
    ],
    ids=["ServiceTitan", "Housecall Pro", "Jobber", "Workiz", "a salon"],
)
def test_who_was_there_and_what_was_done_are_found_in_the_lists_of_other_programs(titles, technician, service):
    found = guessed(titles, ",".join("5125550142" if "hone" in title else "x" for title in titles.split(",")))
    assert (found["technician"], found["service"]) == (technician, service)


def test_the_titles_of_rows_we_give_back_are_known_again():
    titles = [("Name" if field == Field.NAME else words, field) for field, words in FIELD_WORDS.items()]
    assert [field_of(title) for title, _ in titles] == [field for _, field in titles]


def test_the_better_filled_phone_column_is_taken():
    assert guessed("Name,Phone,Mobile", "A,5125550142,", "B,5125550143,5125550144")["phone"] == 1


def test_of_two_full_phone_columns_the_mobile_one_is_taken():
    assert guessed("Name,Home phone,Mobile", "A,5125550142,5125550143")["phone"] == 2


def test_a_phone_column_without_numbers_gives_way_to_one_with():
    assert guessed("Name,Phone,Nr.", "A,,5125550142", "B,n/a,5125550143")["phone"] == 2


def test_without_titles_contents_tell():
    found = guessed("Marcus,Bell,2026-01-02,(512) 555-0142,Central", "Ada,Lee,2026-01-03,(512) 555-0143,Eastern")
    assert found == {"first_name": 0, "last_name": 1, "last_visit": 2, "phone": 3, "timezone": 4}


def test_without_titles_a_column_of_full_names_is_a_name():
    assert guessed("5125550142,Marcus Bell", "5125550143,Ada Lee") == {"phone": 0, "name": 1}


def test_dates_and_mail_are_not_taken_for_numbers_or_names():
    found = guessed("2026-01-02,ada@example.com,5125550142", "2026-01-03,bo@example.com,5125550143")
    assert found == {"last_visit": 0, "phone": 2}


def test_name_beside_first_name_is_the_last_name():
    assert guessed("Vorname,Name,Handy", "Zoë,Müller,0151 23456789", country="DE")["last_name"] == 1


def test_name_beside_surname_is_the_first_name():
    assert guessed("Name,Surname,Phone", "Zoë,Bell,5125550142")["first_name"] == 0


def test_a_full_name_beside_both_parts_is_ignored():
    assert "name" not in guessed("Name,First,Last,Phone", "Zoë Bell,Zoë,Bell,5125550142")


def test_a_person_may_choose_instead():
    table = reading.read(csv_of("A,B", "Ada,5125550142"))
    assert chosen({"phone": 1, "name": 0, "timezone": None}, table).to_json() == {"phone": 1, "name": 0}


@pytest.mark.parametrize("mapping", [{"phone": 7}, {"phone": -1}, {"rating": 0}, {"phone": 0, "name": 0}])
def test_a_choice_that_does_not_fit_is_refused(mapping):
    with pytest.raises(BadMapping) as refusal:
        chosen(mapping, reading.read(csv_of("A,B", "Ada,5125550142")))
    assert "Nothing was imported." in refusal.value.sentence


def test_columns_are_lettered_as_in_a_spreadsheet():
    assert [column_name(i) for i in (0, 25, 26, 701, 702)] == [
        "Column A",
        "Column Z",
        "Column AA",
        "Column ZZ",
        "Column AAA",
    ]
