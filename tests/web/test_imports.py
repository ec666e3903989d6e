"""Bringing a list in four steps: file, columns, review, done."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.importing import work
from campaigns.models import Customer, CustomerImport, ImportRow, Membership, Suppression
from tests.cast import Ada, make_customer

START = "/customers/import/"
LIST = b"First name,Mobile,Visit\nLinus,(512) 555-0142,3/1/2026\nRuth,512-555-0143,\nBad,call the shop,\n"
SAID = {"consent": "Gave their number at the counter", "attested": "on"}


@pytest.fixture
def desk(ada: Ada, client: Client) -> Client:
    """Ada's browser, signed in."""
    client.force_login(ada.user)
    return client


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


def begun(desk: Client, record: CustomerImport):
    """Let the rows be read with the columns as guessed; returns the review."""
    return desk.post(address("review", record), follow=True)


def save(desk: Client, record: CustomerImport):
    """Steps two and three, with the columns as guessed; returns the answer to the button."""
    begun(desk, record)
    record.refresh_from_db()
    return desk.post(address("review", record), {"version": record.version})


def test_a_list_goes_the_whole_way(desk, ada) -> None:
    answer = bring(desk)
    record = CustomerImport.objects.get()
    assert answer.url == address("columns", record)
    chosen = {"column_0": "first_name", "column_1": "phone", "column_2": "last_visit"}
    assert desk.post(answer.url, chosen).url == address("review", record)
    assert save(desk, record).url == address("done", record)
    assert "2 people are saved" in words(desk.get(address("done", record)))
    linus = Customer.objects.get(first_name="Linus")
    assert (linus.phone, linus.business) == ("+15125550142", ada.business)
    assert (linus.consent_basis, linus.consent_by, linus.consent_source) == (SAID["consent"], ada.user, "list.csv")


def test_nothing_is_written_before_the_last_step(desk) -> None:
    record = brought(desk)
    desk.get(address("columns", record))
    begun(desk, record)
    assert not Customer.objects.exists()


def test_looking_at_the_review_of_a_list_that_nobody_has_read_begins_nothing(desk) -> None:
    record = brought(desk)
    assert desk.get(address("review", record)).url == address("columns", record)
    record.refresh_from_db()
    assert (record.job, record.reviewed_at) == ("", None)


def test_the_rows_wait_in_the_database_and_no_file_is_kept(desk, settings) -> None:
    record = brought(desk)
    assert (record.kept, record.rows.count()) == ("all", 3)
    assert not (settings.DATA_DIR / "imports").exists() or not list((settings.DATA_DIR / "imports").iterdir())


def test_the_last_step_asks_to_look_first(desk) -> None:
    record = brought(desk)
    assert desk.post(address("review", record)).url == address("review", record)
    assert not Customer.objects.exists()


def test_columns_changed_in_another_window_are_looked_at_before_anything_is_saved(desk) -> None:
    record = brought(desk)
    begun(desk, record)
    record.refresh_from_db()
    seen = record.version
    desk.post(address("columns", record), {"column_0": "last_name", "column_1": "phone", "column_2": ""})
    answer = desk.post(address("review", record), {"version": seen}, follow=True)
    assert "Something has changed about this list" in words(answer)
    assert not Customer.objects.exists()


def test_pasted_rows_are_as_good_as_a_file(desk) -> None:
    pasted = "Name\tPhone\nMarcus Bell\t(503) 555-0133"
    answer = desk.post(START, SAID | {"pasted": pasted})
    save(desk, CustomerImport.objects.get(pk=answer.url.split("/")[3]))
    marcus = Customer.objects.get()
    assert (marcus.first_name, marcus.last_name, marcus.consent_source) == ("Marcus", "Bell", "pasted list")


@pytest.mark.parametrize(("field", "said"), [("consent", "how these customers agreed"), ("attested", "Tick this")])
def test_without_the_attestation_nothing_is_taken(desk, field, said) -> None:
    answer = bring(desk, **{field: ""})
    assert answer.status_code == 422
    assert said in words(answer)
    assert not CustomerImport.objects.exists()
    assert not ImportRow.objects.exists()


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
    save(desk, record)
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
    begun(desk, record)
    review = words(desk.get(address("review", record), {"show": "all"}))
    assert '<th scope="col" class="more">Technician</th><th scope="col" class="more">Service</th>' in review
    assert "<bdi>Todd</bdi>" in review
    save(desk, record)
    assert set(Customer.objects.values_list("technician", "service")) == {("Todd", "Drain"), ("Ana", "Heater")}


def test_a_list_without_them_has_no_empty_columns_in_its_review(desk) -> None:
    assert "Technician</th>" not in words(begun(desk, brought(desk)))


def test_what_was_done_in_far_too_many_words_wants_a_look_and_stops_nothing(desk, ada) -> None:
    record = brought(desk, WITH_JOBS % (b"x" * 3000))
    assert "The service has 3,000 characters; 120 is the most" in words(begun(desk, record))
    save(desk, record)
    assert Customer.objects.get(first_name="Ruth").service == ""


def test_an_update_shows_who_was_there_now(desk, ada) -> None:
    make_customer(ada.business, phone="+15125550142", first_name="Linus", technician="Bo")
    record = brought(desk, WITH_JOBS % b"Heater")
    begun(desk, record)
    updated = words(desk.get(address("review", record), {"show": "updated"}))
    assert "<bdi>Todd</bdi>" in updated
    assert "<bdi>Ana</bdi>" not in updated


def test_the_counts_of_the_review_add_up_and_filter(desk, ada) -> None:
    make_customer(ada.business, phone="+15125550143", first_name="Ruth", timezone="")
    Suppression.add(ada.organization, "+15125550150", "Wrote STOP")
    record = brought(desk, LIST + b"Twin,5125550142,\nSilent,5125550150,\n")
    shown = begun(desk, record)
    assert {kind: number for kind, _, number in shown.context["counts"]} == {
        "added": 1,
        "updated": 0,
        "unchanged": 1,
        "duplicate": 1,
        "suppressed": 1,
        "stopped": 0,
        "rejected": 1,
    }
    assert shown.context["total"] == 5
    only = desk.get(address("review", record), {"show": "duplicate"})
    assert [row.reason for row in only.context["rows"]] == ["The same number as row 2."]


def test_every_row_that_is_left_out_says_why(desk) -> None:
    shown = words(begun(desk, brought(desk)))
    assert "“call the shop” has letters in it" in shown
    assert "1 row cannot be read" in shown


def test_the_rows_left_out_come_back_as_a_file_that_can_be_mended_and_brought_again(desk) -> None:
    record = brought(desk)
    save(desk, record)
    answer = desk.get(address("rejected", record))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["First name"] == "Bad"
    assert "letters" in row["Why it was left out"]
    again = brought(desk, text.replace("call the shop", "(512) 555-0144").encode())
    save(desk, again)
    assert Customer.objects.filter(first_name="Bad", phone="+15125550144").exists()


def test_a_cell_that_would_calculate_is_harmless_in_the_file(desk) -> None:
    record = brought(desk, LIST + b'"=HYPERLINK(""http://evil"")",none,\n')
    save(desk, record)
    text = b"".join(desk.get(address("rejected", record)).streaming_content).decode()
    assert "'=HYPERLINK" in text


def test_pressing_twice_saves_once(desk) -> None:
    record = brought(desk)
    save(desk, record)
    assert desk.post(address("review", record), {"version": record.version}).url == address("done", record)
    record.refresh_from_db()
    assert record.counts["added"] == 2


def test_a_value_is_mended_in_place(desk, ada) -> None:
    record = brought(desk)
    shown = words(begun(desk, record))
    assert 'name="phone" value="call the shop"' in shown
    answer = desk.post(
        reverse("import_mend", args=[record.pk, 4]), {"phone": "(512) 555-0199", "show": "look"}, follow=True
    )
    assert "Row 4 is mended: <strong>New</strong>" in words(answer)
    save(desk, record)
    assert Customer.objects.get(phone="+15125550199").first_name == "Bad"


def test_any_row_can_be_opened_to_change_it(desk) -> None:
    record = brought(desk)
    begun(desk, record)
    shown = words(desk.get(address("review", record), {"show": "all", "edit": "2"}))
    assert 'form="mend-2" name="first_name" value="Linus"' in shown
    assert 'form="mend-3"' not in shown


def test_only_what_the_columns_stand_for_can_be_mended(desk) -> None:
    record = brought(desk)
    begun(desk, record)
    desk.post(reverse("import_mend", args=[record.pk, 4]), {"tags": "VIP", "kind": "added", "pk": "1"})
    assert record.rows.get(number=4).values == ["Bad", "call the shop"]
    assert desk.post(reverse("import_mend", args=[record.pk, 99]), {"phone": "1"}).status_code == 404


# --- long lists -----------------------------------------------------------------------------------------------------


@pytest.fixture
def long_lists(monkeypatch) -> None:
    """Every list is long: the worker reads and saves it."""
    monkeypatch.setattr(work, "SHORT", 0)


def test_a_long_list_shows_how_far_it_is_and_goes_on_by_itself(desk, long_lists) -> None:
    record = brought(desk)
    waiting = begun(desk, record)
    assert "This list is being read" in words(waiting)
    assert '<noscript><meta http-equiv="refresh" content="3">' in words(waiting)
    bar = desk.get(address("progress", record), headers={"HX-Request": "true"})
    assert "Waiting for its turn" in words(bar)
    assert "every 1s" in words(bar)
    work.go_on(timezone.now)
    assert desk.get(address("progress", record), headers={"HX-Request": "true"})["HX-Redirect"] == address(
        "review", record
    )
    record.refresh_from_db()
    answer = desk.post(address("review", record), {"version": record.version}, follow=True)
    assert "This list is being saved" in words(answer)
    assert not Customer.objects.exists()
    work.go_on(timezone.now)
    assert "2 people are saved" in words(desk.get(address("done", record)))


def test_a_bar_in_the_middle_says_the_rows(desk, long_lists) -> None:
    record = brought(desk)
    begun(desk, record)
    CustomerImport.objects.update(job_rows=2)
    assert "<b>2</b> of 3 rows" in words(desk.get(address("progress", record)))


def test_while_it_is_saved_it_can_be_stopped_and_taken_back(desk, long_lists) -> None:
    record = brought(desk)
    begun(desk, record)
    work.go_on(timezone.now)
    save(desk, record)
    assert "Stop and take it back" in words(desk.get(address("done", record)))
    desk.post(address("undo", record))
    work.go_on(timezone.now)
    assert "This list is taken back" in words(desk.get(address("done", record)))
    assert not Customer.objects.exists()


# --- undo -----------------------------------------------------------------------------------------------------------


def test_a_saved_list_can_be_taken_back_and_says_what_that_did(desk) -> None:
    record = brought(desk)
    save(desk, record)
    done = words(desk.get(address("done", record)))
    assert "Take this list back" in done
    Customer.objects.filter(first_name="Ruth").update(chat_id="chat-1")
    answer = words(desk.post(address("undo", record), follow=True))
    assert "This list is taken back" in answer
    assert "<b>1</b> customer who came with it is gone." in answer
    assert "<b>1</b> customer stays: asked already" in answer
    assert "<bdi>Ruth</bdi></a>: stays: asked" in answer
    assert list(Customer.objects.values_list("first_name", flat=True)) == ["Ruth"]
    assert "Taken back" in words(desk.get("/customers/imports/"))


def test_after_a_day_the_button_is_gone_and_pressing_it_does_nothing(desk, clock) -> None:
    record = brought(desk)
    save(desk, record)
    clock.go(hours=25)
    desk.force_login(record.by)
    assert "Take this list back" not in words(desk.get(address("done", record)))
    assert "cannot be taken back any more" in words(desk.post(address("undo", record), follow=True))
    assert Customer.objects.count() == 2


# --- out and in again -----------------------------------------------------------------------------------------------


def test_all_customers_come_out_and_in_again_unchanged(desk, ada, rival, client) -> None:
    odd = b"First name,Last name,Phone,Last visit,Technician,Tags\n=1+1,@SUM(A1),5125550142,2026-02-03,-Todd,+VIP;Spa\n"
    save(
        desk, brought(desk, odd + b"'quoted,O'Neill,5125550143,,,\nZo\xc3\xab,\xe6\x9d\x8e\xe4\xbc\x9f,5125550144,,,\n")
    )
    first = b"".join(desk.get("/customers/customers.csv").streaming_content)
    assert b"'=1+1" in first
    assert not [
        cell
        for row in csv.reader(io.StringIO(first.decode("utf-8-sig")))
        for cell in row
        if cell[:1] in "=+-@" and cell
    ]
    again = brought(desk, first)
    begun(desk, again)
    again.refresh_from_db()
    assert (again.counts["unchanged"], again.counts["rows"]) == (3, 3)
    client.force_login(rival.user)
    save(client, brought(client, first))
    assert b"".join(client.get("/customers/customers.csv").streaming_content) == first


def test_reloading_a_step_that_is_behind_leads_to_the_result(desk) -> None:
    record = brought(desk)
    save(desk, record)
    assert desk.get(address("columns", record)).url == address("done", record)
    assert desk.get(address("review", record)).url == address("done", record)


def test_a_list_whose_rows_are_gone_is_asked_for_again(desk) -> None:
    record = brought(desk)
    CustomerImport.objects.update(kept="nothing")
    answer = begun(desk, record)
    assert "not here any more" in words(answer)


def test_html_in_a_cell_and_in_the_name_of_the_file_is_text(desk) -> None:
    bring(desk, b"Name,Phone\n<script>alert(1)</script>,5125550142\n", name="<img src=x onerror=alert(1)>.csv")
    record = CustomerImport.objects.get()
    begun(desk, record)
    for step in ("columns", "review"):
        shown = words(desk.get(address(step, record), follow=True))
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


@pytest.mark.parametrize("step", ["columns", "review", "done", "rejected", "progress", "undo"])
def test_the_rival_finds_nothing_there(desk, rival, step) -> None:
    record = brought(desk)
    desk.force_login(rival.user)
    assert desk.get(address(step, record)).status_code in {404, 405}
    assert desk.post(address(step, record)).status_code in {404, 405}
    assert desk.post(reverse("import_mend", args=[record.pk, 2]), {"phone": "5125550100"}).status_code == 404
    assert not Customer.objects.exists()


def test_the_lists_brought_before_are_listed(desk) -> None:
    record = brought(desk)
    assert "Waits for you" in words(desk.get("/customers/imports/"))
    save(desk, record)
    assert "2 new, 0 updated, 1 left out" in words(desk.get("/customers/imports/"))


def test_without_lists_it_says_what_to_do(desk) -> None:
    assert "No list yet" in words(desk.get("/customers/imports/"))


def test_a_viewer_brings_nothing(desk) -> None:
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert desk.get(START).status_code == 403
    assert bring(desk).status_code == 403
