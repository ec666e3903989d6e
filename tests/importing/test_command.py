"""`manage.py import_customers`: what it prints, how it ends."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Customer

from .files import MARCUS, NO_LISTS, csv_of

CONSENT = "Gave their number at the counter"


def run(path: Path, *more: str, business: str = "adas-bakery") -> str:
    out = io.StringIO()
    call_command("import_customers", str(path), "--business", business, *more, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_bytes(MARCUS)
    return path


def test_json_has_the_fixed_keys(ada, file):
    found = json.loads(run(file, "--consent", CONSENT, "--json"))
    keys = {"rows", "added", "updated", "unchanged", "duplicate", "suppressed", "rejected"}
    assert keys <= found.keys()
    assert (found["rows"], found["added"], found["rejected"]) == (1, 1, [])


def test_in_words_it_counts_and_gives_reasons(ada, file):
    file.write_bytes(csv_of("Name,Phone", "Ada,5125550142", *["Bo,nobody"] * 25))
    words = run(file, "--consent", CONSENT)
    assert words.startswith("26 rows: 1 added, 0 updated")
    assert "row 3: “nobody” has letters in it" in words
    assert "and 5 more" in words


def test_the_customer_carries_who_and_from_where(ada, file):
    run(file, "--consent", CONSENT)
    marcus = Customer.objects.get(business=ada.business)
    assert (marcus.consent_by, marcus.consent_source) == (ada.user, "customers.csv")


def test_without_consent_it_refuses(ada, file):
    with pytest.raises(CommandError, match="agreed to be written to"):
        run(file)


def test_an_unknown_business_is_named(ada, file):
    with pytest.raises(CommandError, match="nowhere"):
        run(file, "--consent", CONSENT, business="nowhere")


def test_a_missing_file_and_a_folder_are_one_sentence(ada, tmp_path):
    with pytest.raises(CommandError, match="Nothing was imported"):
        run(tmp_path / "none.csv", "--consent", CONSENT)
    with pytest.raises(CommandError, match="Nothing was imported"):
        run(tmp_path, "--consent", CONSENT)


@pytest.mark.parametrize("name", ["noise", "only titles", "a PDF", "more than 50 MB", "half a workbook"])
def test_a_file_that_is_no_list_is_one_sentence(ada, file, name):
    make, words = NO_LISTS[name]
    file.write_bytes(make())
    with pytest.raises(CommandError, match=words):
        run(file, "--consent", CONSENT)
