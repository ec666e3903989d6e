"""`manage.py launch`: what a dry run tells a program."""

import json
from io import StringIO

from django.core.management import call_command

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
