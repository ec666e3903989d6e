"""The dry run as a file: everybody meant, with time, line and words; and nothing but a note of it is written."""

import csv
import io
import json
import zipfile
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from PIL import Image

from campaigns import launch
from campaigns.importing import csv_out
from campaigns.models import Allowance, AuditEntry, Campaign, Line, Membership
from campaigns.steering import dry_run
from tests.cast import make_campaign, make_customer


@pytest.fixture
def draft(ada, grace, clock) -> Campaign:
    """Grace, Koa in Honolulu, Ray with a chat, and an insider."""
    make_customer(ada.business, 2, first_name="Koa", last_name="K", timezone="Pacific/Honolulu")
    make_customer(ada.business, 3, first_name="Ray", last_name="", chat_id="chat_1", line=ada.line)
    make_customer(ada.business, 4, first_name="Todd", is_insider=True)
    return make_campaign(ada, remind_after=3, reminder="Hi {first_name}, once more. Reply STOP and I stop.")


@pytest.fixture
def desk(ada, client: Client) -> Client:
    client.force_login(ada.user)
    return client


def read(content: bytes) -> list[dict[str, str]]:
    """As our own importer would: without the apostrophes that keep a cell from being a formula."""
    found = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return [{name: csv_out.plain_cell(cell) for name, cell in row.items()} for row in found]


def rows(draft, clock) -> dict[str, dict[str, str]]:
    content = b"".join(dry_run.as_csv(draft, launch.check(draft, clock())))
    return {row["Name"]: row for row in read(content)}


def download(client, draft, name="campaign_dry_run") -> bytes:
    answer = client.get(reverse(name, args=[draft.pk]))
    assert "attachment" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


def everything() -> dict[str, list]:
    """Every row of every table but the book of who did what, and of how much of it may still be done."""
    tables = [noun for noun in apps.get_app_config("campaigns").get_models() if noun not in (AuditEntry, Allowance)]
    return {noun.__name__: list(noun._base_manager.order_by("pk").values()) for noun in tables}


def test_everybody_is_in_it_who_is_asked_first_and_who_not_with_the_reason(draft, clock):
    found = rows(draft, clock)
    assert [row["What happens"] for row in found.values()] == ["asked", "asked", "asked", "left out"]
    assert found["Todd Hopper"]["Why"].startswith("Employee or relative")
    assert found["Todd Hopper"]["Greeting"] == found["Todd Hopper"]["Our time"] == ""


def test_each_has_a_time_of_their_own_and_ours(draft, clock):
    koa = rows(draft, clock)["Koa K"]
    assert (koa["Their time"], koa["Their zone"]) == ("2026-03-02 09:00", "Pacific/Honolulu")
    assert koa["Our time"] == "2026-03-02 13:00"


def test_the_line_and_whether_it_is_a_first_message(draft, ada, clock):
    found = rows(draft, clock)
    assert (found["Grace Hopper"]["Line"], found["Grace Hopper"]["Kind"]) == (ada.line.number, "first message")
    assert (found["Ray"]["Line"], found["Ray"]["Kind"]) == (ada.line.number, "in the chat you have")


def test_the_very_words_and_no_greeting_for_whom_we_know(draft, clock):
    found = rows(draft, clock)
    assert found["Grace Hopper"]["Greeting"].startswith("Hi Grace, it's Ada from Ada's Bakery.")
    assert found["Ray"]["Greeting"] == ""
    assert found["Ray"]["Reminder"] == "Hi Ray, once more. Reply STOP and I stop."
    assert found["Ray"]["Request"] == draft.ask


def test_all_at_once_greets_nobody_and_no_reminder_is_no_words(ada, grace, clock):
    found = rows(make_campaign(ada, flow="all_at_once", reminder="Left over"), clock)
    assert (found["Grace Hopper"]["Greeting"], found["Grace Hopper"]["Reminder"]) == ("", "")


def test_the_link_shows_its_form_and_no_live_word(draft, clock):
    assert rows(draft, clock)["Ray"]["Link"].endswith("/r/a-word-of-their-own")


def test_a_field_that_does_not_exist_does_not_stop_the_file(ada, grace, clock):
    found = rows(make_campaign(ada, ask="Hi {nickname}"), clock)
    assert "{nickname} is not a merge field" in found["Grace Hopper"]["Request"]


def test_no_cell_becomes_a_formula(ada, clock):
    make_customer(ada.business, 5, first_name='=HYPERLINK("http://evil.example")', last_name="")
    content = b"".join(dry_run.as_csv(draft := make_campaign(ada), launch.check(draft, clock())))
    assert b"'=HYPERLINK" in content
    cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert csv_out.plain_cell(cells[len(dry_run.HEADER) + 1]).startswith("+1")


def test_two_lines_share_and_each_row_names_its_own(draft, ada, clock):
    Line.objects.create(organization=ada.organization, number="+15125550101", budget=1000, gap=600)
    Line.objects.update(gap=600)
    make_customer(ada.business, 6, first_name="Mia", last_name="")
    plan = launch.check(draft, clock())
    assert {rows(draft, clock)[name]["Line"] for name in ("Grace Hopper", "Mia")} == {"+15125550100", "+15125550101"}
    assert sum(sum(counts.values()) for counts in plan.by_line(ada.business.zone).values()) == 3


# --- the files --------------------------------------------------------------------------------------------------------


def test_taking_the_files_writes_a_note_and_nothing_else_and_calls_nobody(desk, draft, wire):
    before = everything()
    download(desk, draft)
    download(desk, draft, "campaign_dry_run_pictures")
    assert everything() == before
    assert wire.requests == []
    notes = AuditEntry.objects.filter(act="export dry run", about=f"campaign {draft.pk}").order_by("pk")
    assert list(notes.values_list("words", flat=True)) == ["CSV", "ZIP"]


def test_the_folder_has_the_same_rows_and_every_picture_under_its_name(desk, draft):
    folder = zipfile.ZipFile(io.BytesIO(download(desk, draft, "campaign_dry_run_pictures")))
    assert folder.testzip() is None
    assert folder.read("dry-run.csv") == download(desk, draft)
    named = [f"pictures/{row['Picture']}" for row in read(folder.read("dry-run.csv")) if row["Picture"]]
    assert folder.namelist() == ["dry-run.csv", *named]
    assert Image.open(io.BytesIO(folder.read(named[0]))).format == "JPEG"


def test_a_longer_list_has_the_first_pictures_and_says_so_for_the_rest(desk, draft, monkeypatch):
    monkeypatch.setattr(dry_run, "MOST_PICTURES", 2)
    folder = zipfile.ZipFile(io.BytesIO(download(desk, draft, "campaign_dry_run_pictures")))
    pictures = [row["Picture"] for row in read(folder.read("dry-run.csv"))]
    assert (len(folder.namelist()), pictures[2], pictures[3]) == (3, dry_run.NOT_HERE, "")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b\\c", "伟", "", "x" * 180, ".."])
def test_a_name_makes_no_path(ada, name):
    person = make_customer(ada.business, 7, first_name=name, last_name="")
    made = dry_run.picture_name(0, person)
    assert made.startswith("00001-")
    assert made.endswith(".jpg")
    assert not set(made) & set("/\\")
    assert len(made) < 70


def test_no_more_than_one_picture_is_held_at_a_time(ada, draft, clock):
    for number in range(20):
        make_customer(ada.business, 20 + number)
    pieces = list(dry_run.as_zip(draft, launch.check(draft, clock()), {"": draft.card.drawing()}))
    assert len(pieces) == 23 + 1
    assert max(map(len, pieces)) < sum(map(len, pieces)) / 10


@pytest.mark.parametrize("spoil", [{"card": None}, {"photo": "gone.jpg"}])
def test_without_a_picture_to_draw_it_says_what_to_do(desk, draft, ada, spoil):
    if "card" in spoil:
        Campaign.objects.update(card=None)
    else:
        ada.card.photo = spoil["photo"]
        ada.card.save()
    answer = desk.get(reverse("campaign_dry_run_pictures", args=[draft.pk]), follow=True)
    assert "The pictures cannot be drawn. Choose a card" in answer.content.decode()
    assert not AuditEntry.objects.filter(act="export dry run").exists()


def test_what_has_started_has_no_dry_run_any_more(desk, campaign):
    for name in ("campaign_dry_run", "campaign_dry_run_pictures"):
        assert desk.get(reverse(name, args=[campaign.pk])).url == reverse("campaign", args=[campaign.pk])


def test_another_tenant_and_a_viewer_get_nothing(desk, draft, rival):
    other = Client()
    other.force_login(rival.user)
    names = ("campaign_dry_run", "campaign_dry_run_pictures")
    assert [other.get(reverse(name, args=[draft.pk])).status_code for name in names] == [404, 404]
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert [desk.get(reverse(name, args=[draft.pk])).status_code for name in names] == [403, 403]


def test_the_check_page_offers_both_and_says_which_line_takes_whom(desk, draft, ada):
    Line.objects.create(organization=ada.organization, number="+15125550101", budget=1000, gap=600)
    Line.objects.update(gap=600)
    make_customer(ada.business, 6)
    shown = desk.get(reverse("campaign_check", args=[draft.pk])).content.decode()
    for words in ("dry-run.csv", "dry-run.zip", "Which line takes how many", "(512) 555-0101", "Monday 2 March"):
        assert words in shown


def test_with_one_line_there_is_nothing_to_share(desk, draft):
    assert "Which line" not in desk.get(reverse("campaign_check", args=[draft.pk])).content.decode()


# --- on the command line ----------------------------------------------------------------------------------------------


def command(ada, *more: str) -> str:
    out = StringIO()
    call_command("launch", "--business", ada.business.slug, "--name", "Autumn", "--dry-run", *more, stdout=out)
    return out.getvalue()


def test_the_command_writes_the_same_rows(ada, draft, tmp_path, clock):
    Campaign.objects.update(remind_after=None)
    draft.refresh_from_db()
    file = tmp_path / "plan.csv"
    found = json.loads(command(ada, "--json", "--csv", str(file)))
    assert found["deliveries"] == 3
    assert file.read_bytes() == b"".join(dry_run.as_csv(draft, launch.check(draft, clock())))


def test_and_prints_them(ada, draft):
    assert command(ada, "--csv", "-").startswith("Name,Phone,What happens")


def test_and_writes_nothing_else(ada, draft, tmp_path, wire):
    before = everything()
    command(ada, "--csv", str(tmp_path / "plan.csv"))
    assert (everything(), wire.requests) == (before, [])
    assert AuditEntry.objects.filter(act="export dry run", about="Autumn").count() == 1


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(ada, draft, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        command(ada, "--csv", str(tmp_path / "no" / "plan.csv"))
    with pytest.raises(CommandError, match="goes with --dry-run"):
        call_command("launch", "--business", ada.business.slug, "--name", "Autumn", "--csv", "x.csv")
    assert Campaign.objects.filter(state="running").count() == 0
