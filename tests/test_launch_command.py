"""`manage.py launch`: what a dry run tells a program."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from campaigns.models import Campaign, Line
from tests.cast import make_customer


def dry_run(ada, *more: str) -> str:
    out = StringIO()
    call_command("launch", "--business", ada.business.slug, "--name", "Autumn", "--dry-run", *more, stdout=out)
    return out.getvalue()


def test_a_dry_run_counts_the_names_to_look_at(ada, grace):
    make_customer(ada.business, 2, first_name="HARBOR HVAC LLC")
    found = json.loads(dry_run(ada, "--json"))
    assert (found["deliveries"], found["odd_names"], found["skipped"]) == (1, 1, {"name": 1})
    assert not Campaign.objects.exists()


def test_and_says_so_in_words_only_where_there_are_any(ada, grace):
    assert "Names to look at" not in dry_run(ada)
    make_customer(ada.business, 2, first_name="DANA")
    assert "Names to look at: 1." in dry_run(ada)


def test_a_card_that_cannot_be_drawn_does_not_hide_the_rest(ada, grace):
    ada.card.photo = "gone.jpg"
    ada.card.save()
    assert json.loads(dry_run(ada, "--json"))["odd_names"] == 0


def test_a_dry_run_tells_the_plan_day_by_day_and_how_many_wait(ada, clock):
    Line.objects.update(budget=30, gap=600)
    for number in range(45):
        make_customer(ada.business, number)
    make_customer(ada.business, 50, timezone="Pacific/Honolulu")
    found = json.loads(dry_run(ada, "--json"))
    assert [(day["day"], day["count"]) for day in found["plan"]] == [("2026-03-02", 30), ("2026-03-03", 16)]
    assert [day["first_at"] for day in found["plan"]] == ["2026-03-02T12:00:00-06:00", "2026-03-03T09:00:00-06:00"]
    assert (found["waiting"], found["finishes_on"]) == (1, "2026-03-03")
    assert "Wait for their morning: 1 Honolulu." in dry_run(ada)


def test_a_dry_run_of_a_window_that_never_opens_says_why(ada, grace):
    ada.business.window = "17:00-09:00"
    ada.business.save()
    found = json.loads(dry_run(ada, "--json"))
    assert (found["plan"], found["finishes_on"]) == ([], None)
    assert "These hours never open" in " ".join(found["problems"])


def test_a_filter_on_the_command_line_is_the_one_of_the_page(ada, grace):
    make_customer(ada.business, 2, technician="Dana", last_visit=date(2026, 2, 1))
    make_customer(ada.business, 3, technician="Dana", last_visit=date(2026, 1, 1))
    found = json.loads(dry_run(ada, "--technician", "Dana", "--visited-from", "2026-01-15", "--json"))
    assert (found["deliveries"], found["skipped"]) == (1, {})
    assert found["only"] == {"technician": "Dana", "visited_from": "2026-01-15"}
    assert "2 of 3 customers are meant: technician Dana." in dry_run(ada, "--technician", "Dana")


def test_a_day_that_is_none_is_refused_in_a_sentence(ada, grace):
    with pytest.raises(CommandError, match="2026-13-01 is no day; write it as 2026-11-01"):
        dry_run(ada, "--visited-until", "2026-13-01")


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("no_visit", {"is_attested": False}),
        ("no_mobile", {"phone": "+18005551234"}),
        ("name", {"first_name": "Harbor HVAC"}),
    ],
)
def test_it_counts_under_the_same_reasons_as_the_page(ada, grace, code, more):
    make_customer(ada.business, 2, **more)
    assert json.loads(dry_run(ada, "--json"))["skipped"] == {code: 1}
