"""Bringing a list in four steps: file, columns, review, done."""

import csv
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Customer, CustomerImport, Membership, Suppression
from tests.cast import Ada, make_customer

START = "/customers/import/"
LIST = b"First name,Mobile,Visit\nLinus,(512) 555-0142,3/1/2026\nRuth,512-555-0143,\nBad,call the shop,\n"
SAID = {"consent": "Gave their number at the counter", "attested": "on"}


@pytest.fixture
def desk(ada: Ada, client: Client) -> Client:
    """Ada's browser, signed in."""
    client.force_login(ada.user)
    return client


@pytest.fixture(autouse=True)
def empty_folder() -> None:
    for file in folder().glob("*"):
        file.unlink()


def folder() -> Path:
    return Path(site.DATA_DIR) / "imports"


def words(response) -> str:
    return response.content.decode()


def bring(desk: Client, content: bytes = LIST, name: str = "list.csv", **said: str):
    """Step one; returns the answer."""
    return desk.post(START, SAID | said | {"file": SimpleUploadedFile(name, content)})


def brought(desk: Client, content: bytes = LIST) -> CustomerImport:
    assert bring(desk, content).status_code == 302
    return CustomerImport.objects.latest("pk")


def address(step: str, record: CustomerImport) -> str:
    return reverse(f"import_{step}", args=[record.pk])


def test_a_list_goes_the_whole_way(desk, ada) -> None:
    answer = bring(desk)
    record = CustomerImport.objects.get()
    assert answer.url == address("columns", record)
    chosen = {"column_0": "first_name", "column_1": "phone", "column_2": "last_visit"}
    assert desk.post(answer.url, chosen).url == address("review", record)
    assert desk.post(address("review", record)).url == address("done", record)
    assert "2 people are saved" in words(desk.get(address("done", record)))
    linus = Customer.objects.get(first_name="Linus")
    assert (linus.phone, linus.business) == ("+15125550142", ada.business)
    assert (linus.consent_basis, linus.consent_by, linus.consent_source) == (SAID["consent"], ada.user, "list.csv")


def test_nothing_is_written_before_the_last_step(desk) -> None:
    record = brought(desk)
    desk.get(address("columns", record))
    desk.get(address("review", record))
    assert not Customer.objects.exists()


def test_the_file_waits_outside_the_site_and_is_gone_when_done(desk) -> None:
    record = brought(desk)
    (waiting,) = folder().iterdir()
    assert waiting.name == record.file_path
    assert len(record.file_path) == 32
    assert waiting.stat().st_mode & 0o777 == 0o600
    desk.post(address("review", record))
    assert not list(folder().iterdir())


def test_pasted_rows_are_as_good_as_a_file(desk) -> None:
    pasted = "Name\tPhone\nMarcus Bell\t(503) 555-0133"
    answer = desk.post(START, SAID | {"pasted": pasted})
    desk.post(answer.url.replace("columns", "review"))
    marcus = Customer.objects.get()
    assert (marcus.first_name, marcus.last_name, marcus.consent_source) == ("Marcus", "Bell", "pasted list")


@pytest.mark.parametrize(("field", "said"), [("consent", "how these customers agreed"), ("attested", "Tick this")])
def test_without_the_attestation_nothing_is_taken(desk, field, said) -> None:
    answer = bring(desk, **{field: ""})
    assert answer.status_code == 422
    assert said in words(answer)
    assert not CustomerImport.objects.exists()
    assert not list(folder().glob("*"))


def test_a_refused_list_keeps_what_was_typed(desk) -> None:
    answer = desk.post(START, {"consent": SAID["consent"], "pasted": "Linus;(512) 555-0142"})
    assert SAID["consent"] in words(answer)
    assert "Linus;(512) 555-0142" in words(answer)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"Name,Phone\n", "nothing below the column titles"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 90, "This is a picture"),
        (b"%PDF-1.7 ...", "This is a PDF"),
        (b"PK\x03\x04 not a workbook", "Excel"),
        (bytes(range(256)) * 40, "not a text file"),
        (b'Name,Phone\n"Linus,512', "quotation mark"),
    ],
)
def test_a_bad_file_is_a_plain_sentence(desk, content, said) -> None:
    answer = bring(desk, content)
    assert answer.status_code == 422
    assert said in words(answer)
    assert "Nothing was imported" in words(answer)


def test_a_file_of_more_than_fifty_megabytes_is_refused_by_its_size(desk, settings) -> None:
    settings.IMPORT_MAX_BYTES = 50
    assert "50 MB is the most" in words(bring(desk))


def test_without_a_file_and_without_rows_it_asks_for_either(desk) -> None:
    assert "Choose a file, or paste" in words(desk.post(START, SAID))


def test_the_columns_show_three_values_each_and_our_guess(desk) -> None:
    shown = desk.get(address("columns", brought(desk)))
    columns = list(shown.context["form"].columns())
    assert [column.choice.value() for column in columns] == ["first_name", "phone", "last_visit"]
    assert columns[0].samples == ["Linus", "Ruth", "Bad"]


def test_a_column_is_left_out_when_somebody_says_so(desk) -> None:
    record = brought(desk)
    desk.post(address("columns", record), {"column_0": "", "column_1": "phone", "column_2": ""})
    desk.post(address("review", record))
    assert set(Customer.objects.values_list("first_name", "last_visit")) == {("", None)}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"column_0": "first_name"}, "which column holds the phone numbers"),
        ({"column_0": "phone", "column_1": "phone"}, "stands for the same"),
        ({"column_0": "password", "column_1": "phone"}, "valid choice"),
    ],
)
def test_columns_that_do_not_fit_are_said(desk, chosen, said) -> None:
    answer = desk.post(address("columns", brought(desk)), chosen)
    assert answer.status_code == 422
    assert said in words(answer)


WITH_JOBS = b"Client,Phone,Assigned to,Job type\nLinus,(512) 555-0142,Todd,Drain\nRuth,512-555-0143,Ana,%s\n"


def test_who_was_there_and_what_was_done_are_guessed_reviewed_and_saved(desk, ada) -> None:
    record = brought(desk, WITH_JOBS % b"Heater")
    columns = words(desk.get(address("columns", record)))
    assert [f'value="{field}" selected' in columns for field in ("technician", "service")] == [True, True]
    review = words(desk.get(address("review", record), {"show": "all"}))
    assert '<th scope="col" class="more">Technician</th><th scope="col" class="more">Service</th>' in review
    assert "<bdi>Todd</bdi>" in review
    desk.post(address("review", record))
    assert set(Customer.objects.values_list("technician", "service")) == {("Todd", "Drain"), ("Ana", "Heater")}


def test_a_list_without_them_has_no_empty_columns_in_its_review(desk) -> None:
    assert "Technician</th>" not in words(desk.get(address("review", brought(desk))))


def test_what_was_done_in_far_too_many_words_wants_a_look_and_stops_nothing(desk, ada) -> None:
    record = brought(desk, WITH_JOBS % (b"x" * 3000))
    assert "The service has 3,000 characters; 120 is the most" in words(desk.get(address("review", record)))
    desk.post(address("review", record))
    assert Customer.objects.get(first_name="Ruth").service == ""


def test_an_update_shows_who_was_there_now(desk, ada) -> None:
    make_customer(ada.business, phone="+15125550142", first_name="Linus", technician="Bo")
    record = brought(desk, WITH_JOBS % b"Heater")
    updated = words(desk.get(address("review", record), {"show": "updated"}))
    assert "<bdi>Todd</bdi>" in updated
    assert "<bdi>Ana</bdi>" not in updated


def test_the_counts_of_the_review_add_up_and_filter(desk, ada) -> None:
    make_customer(ada.business, phone="+15125550143", first_name="Ruth", timezone="")
    Suppression.add(ada.organization, "+15125550150", "Wrote STOP")
    record = brought(desk, LIST + b"Twin,5125550142,\nSilent,5125550150,\n")
    shown = desk.get(address("review", record))
    assert {kind: number for kind, _, number in shown.context["counts"]} == {
        "added": 1,
        "updated": 0,
        "unchanged": 1,
        "duplicate": 1,
        "suppressed": 1,
        "rejected": 1,
    }
    assert shown.context["total"] == 5
    only = desk.get(address("review", record), {"show": "duplicate"})
    assert [row.verdict.reason for row in only.context["rows"]] == ["The same number as row 2."]


def test_every_row_that_is_left_out_says_why(desk) -> None:
    shown = words(desk.get(address("review", brought(desk))))
    assert "“call the shop” has letters in it" in shown
    assert "1 row cannot be read" in shown


def test_the_rows_left_out_come_back_as_a_file_that_can_be_mended_and_brought_again(desk) -> None:
    record = brought(desk)
    desk.post(address("review", record))
    answer = desk.get(address("rejected", record))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["First name"] == "Bad"
    assert "letters" in row["Why it was left out"]
    again = brought(desk, text.replace("call the shop", "(512) 555-0144").encode())
    desk.post(address("review", again))
    assert Customer.objects.filter(first_name="Bad", phone="+15125550144").exists()


def test_a_cell_that_would_calculate_is_harmless_in_the_file(desk) -> None:
    record = brought(desk, LIST + b'"=HYPERLINK(""http://evil"")",none,\n')
    desk.post(address("review", record))
    text = b"".join(desk.get(address("rejected", record)).streaming_content).decode()
    assert "'=HYPERLINK" in text


def test_pressing_twice_saves_once(desk) -> None:
    record = brought(desk)
    desk.post(address("review", record))
    assert desk.post(address("review", record)).url == address("done", record)
    record.refresh_from_db()
    assert record.counts["added"] == 2


def test_a_second_press_in_the_middle_waits_for_the_first(desk) -> None:
    record = brought(desk)
    waiting = folder() / record.file_path
    waiting.rename(waiting.with_suffix(".taken"))
    answer = desk.post(address("review", record))
    assert "being saved" in words(answer)
    assert answer["Refresh"] == "3"
    assert not Customer.objects.exists()


def test_a_list_whose_saving_was_cut_off_can_be_saved_again(desk, clock) -> None:
    record = brought(desk)
    waiting = folder() / record.file_path
    taken = waiting.rename(waiting.with_suffix(".taken"))
    clock.to(datetime.fromtimestamp(taken.stat().st_ctime, UTC) + timedelta(minutes=16))
    desk.force_login(record.by)
    assert desk.post(address("review", record)).url == address("done", record)
    assert Customer.objects.count() == 2


def test_reloading_a_step_that_is_behind_leads_to_the_result(desk) -> None:
    record = brought(desk)
    desk.post(address("review", record))
    assert desk.get(address("columns", record)).url == address("done", record)
    assert desk.get(address("review", record)).url == address("done", record)


def test_a_list_whose_file_is_gone_is_asked_for_again(desk) -> None:
    record = brought(desk)
    (folder() / record.file_path).unlink()
    answer = desk.get(address("review", record), follow=True)
    assert "not here any more" in words(answer)


def test_a_list_nobody_came_back_to_is_thrown_away_after_a_day(desk, clock) -> None:
    record = brought(desk)
    clock.go(hours=25)
    old = (timezone.now() - timedelta(hours=25)).timestamp()
    os.utime(folder() / record.file_path, (old, old))
    newer = brought(desk)
    assert list(CustomerImport.objects.all()) == [newer]
    assert [file.name for file in folder().iterdir()] == [newer.file_path]


def test_html_in_a_cell_and_in_the_name_of_the_file_is_text(desk) -> None:
    bring(desk, b"Name,Phone\n<script>alert(1)</script>,5125550142\n", name="<img src=x onerror=alert(1)>.csv")
    record = CustomerImport.objects.get()
    for step in ("columns", "review"):
        shown = words(desk.get(address(step, record)))
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


@pytest.mark.parametrize("step", ["columns", "review", "done", "rejected"])
def test_the_rival_finds_nothing_there(desk, rival, step) -> None:
    record = brought(desk)
    desk.force_login(rival.user)
    assert desk.get(address(step, record)).status_code == 404
    assert desk.post(address(step, record)).status_code in {404, 405}
    assert not Customer.objects.exists()


def test_the_lists_brought_before_are_listed(desk) -> None:
    record = brought(desk)
    assert "Waits for you" in words(desk.get("/customers/imports/"))
    desk.post(address("review", record))
    assert "2 new, 0 updated, 1 left out" in words(desk.get("/customers/imports/"))


def test_without_lists_it_says_what_to_do(desk) -> None:
    assert "No list yet" in words(desk.get("/customers/imports/"))


def test_a_viewer_brings_nothing(desk) -> None:
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert desk.get(START).status_code == 403
    assert bring(desk).status_code == 403
