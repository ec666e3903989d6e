"""`manage.py backup` and `manage.py restore`, with the real commands on folders and databases of their own."""

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.site.processes import own_database, until

pytestmark = pytest.mark.processes

NOWHERE = "http://127.0.0.1:9/api/v1"
PLACE = ["--place-id", "ChIJ_benchmark_place_000", "--line", "+15125550100", "--email", "todd@bench.example"]
#: What a restore changes by itself: it says when the copy was made.
PULSE = "campaigns_pulse"
KEYS = ("encryption_keys", "suppression_key")


class Shop:
    """A folder with data, and on PostgreSQL a database of its own."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        secret = {"CHERT_SIGNING_SECRET": "00112233445566778899aabbccddeeff", "CHERT_API_BASE": NOWHERE}
        self.environ = {**os.environ, "DATA_DIR": str(folder), **secret, **variables}

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(
            command, cwd=settings.ROOT, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str) -> str:
        """What a command says; fails with its words where it refuses."""
        process = self.begin(*arguments)
        said, complained = process.communicate(timeout=120)
        assert process.returncode == 0, complained
        return said

    def refused(self, *arguments: str) -> str:
        """Its one sentence."""
        process = self.begin(*arguments)
        _, complained = process.communicate(timeout=120)
        assert (process.returncode, len(complained.splitlines())) == (1, 1), complained
        return complained.strip()

    def backup(self, *more: str) -> dict:
        return json.loads(self.run("backup", "--json", *more))

    def connect(self):
        address = self.environ.get("DATABASE_URL")
        return psycopg.connect(address) if address else sqlite3.connect(self.folder / "goodword.sqlite3", timeout=20)

    def ask(self, question: str) -> list[tuple]:
        with contextlib.closing(self.connect()) as database:
            rows = database.execute(question).fetchall()
            database.commit()
            return rows

    def tell(self, *statements: str) -> None:
        with contextlib.closing(self.connect()) as database:
            for statement in statements:
                database.execute(statement)
            database.commit()

    def everything(self, tables: list[str]) -> dict[str, list[tuple]]:
        return {name: sorted(self.ask(f'SELECT * FROM "{name}"'), key=repr) for name in tables if name != PULSE}

    def files(self) -> dict[str, bytes]:
        kept = ("photos", "logos", "pictures", "files", "imports")
        found = [path for folder in kept for path in (self.folder / folder).rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found}


def stocked(folder: Path, **variables: str) -> Shop:
    """Bench Plumbing with four customers and some pictures."""
    shop = Shop(folder, **variables)
    shop.run("migrate", "--verbosity", "0")
    shop.run("provision", "--name", "Bench Plumbing", "--sender", "Todd", *PLACE)
    people = folder / "people.csv"
    people.write_text("name,phone\n" + "".join(f"Marcus {n},+1512555{1000 + n}\n" for n in range(4)))
    shop.run("import_customers", str(people), "--business", "bench-plumbing", "--consent", "They are customers")
    for name in ("photos/van.jpg", "logos/wrench.png", "pictures/-_a1.jpg", "pictures/b2.half"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(name.encode() * 50)
    return shop


def a_moved_in(folder: Path, shop: Shop, **variables: str) -> Shop:
    """Another machine that has been given the keys."""
    new = Shop(folder, **variables)
    for name in KEYS:
        shutil.copy(shop.folder / name, folder / name)
    return new


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with own_database(empty=True) as database:
        yield stocked(tmp_path_factory.mktemp("shop"), **database)


@pytest.fixture(scope="module")
def made(shop, tmp_path_factory):
    """One backup of it, for those who only want to put one back."""
    return shop.backup(str(tmp_path_factory.mktemp("made")))


@pytest.fixture
def elsewhere(tmp_path, shop):
    with own_database(empty=True) as database:
        yield a_moved_in(tmp_path / "elsewhere", shop, **database)


def test_what_was_kept_comes_back_on_another_machine_row_by_row(shop, elsewhere, made):
    """Runbook: Putting a backup back. Runbook: What has to be kept."""
    assert "Restored" in elsewhere.run("restore", made["file"])
    tables = list(made["counts"])
    assert elsewhere.everything(tables) == shop.everything(tables)
    whole = {name: content for name, content in shop.files().items() if not name.endswith(".half")}
    assert elsewhere.files() == whole
    assert elsewhere.ask("SELECT count(*) FROM campaigns_customer") == [(4,)]


def test_it_is_one_file_that_only_its_owner_may_read_and_nothing_is_left_beside_it(shop, tmp_path):
    made = shop.backup(str(tmp_path / "new"))
    [file] = (tmp_path / "new").iterdir()
    assert (str(file), file.stat().st_mode & 0o777, file.stat().st_size) == (made["file"], 0o600, made["bytes"])
    assert re.fullmatch(r"goodword-\d{8}-\d{6}\.backup", file.name)


def test_the_keys_are_not_in_it_and_it_says_where_they_are(shop, tmp_path):
    said = shop.run("backup", str(tmp_path))
    content = next(tmp_path.glob("*.backup")).read_bytes()
    for name in KEYS:
        assert (shop.folder / name).read_bytes().strip() not in content
        assert str(shop.folder / name) in said
    assert "apart from it" in said


def test_no_secret_of_ours_stands_in_it_open(shop, made):
    assert shop.environ["CHERT_SIGNING_SECRET"].encode() not in Path(made["file"]).read_bytes()


def test_without_its_keys_it_is_refused_and_with_them_inside_it_brings_them(shop, made, tmp_path):
    full = shop.backup(str(tmp_path / "b"), "--with-keys")
    with own_database(empty=True) as database:
        stranger = Shop(tmp_path / "stranger", **database)
        assert "is not the key this backup was made with" in stranger.refused("restore", made["file"])
        assert (made["keys_inside"], full["keys_inside"]) == (False, True)
        stranger.run("restore", full["file"])
        for name in KEYS:
            assert (stranger.folder / name).read_bytes().strip() == (shop.folder / name).read_bytes().strip()
            assert (stranger.folder / name).stat().st_mode & 0o777 == 0o600
        assert len(list(stranger.folder.glob("before-restore-*/encryption_keys"))) == 1


def test_a_key_that_comes_from_the_environment_is_not_written_over(shop, tmp_path):
    full = shop.backup(str(tmp_path), "--with-keys")
    with own_database(empty=True) as database:
        stranger = Shop(tmp_path / "stranger", SUPPRESSION_KEY="another" * 9, **database)
        assert "The variable SUPPRESSION_KEY" in stranger.refused("restore", full["file"])


def test_what_was_there_is_kept_beside_it(shop, made, tmp_path):
    with own_database(empty=True) as database:
        here = a_moved_in(tmp_path / "here", shop, **database)
        here.run("migrate", "--verbosity", "0")
        here.tell("UPDATE django_content_type SET model = 'mine' WHERE id = 1")
        (here.folder / "photos").mkdir()
        (here.folder / "photos" / "mine.jpg").write_bytes(b"mine")
        kept = json.loads(here.run("restore", made["file"], "--json"))["kept"]
        [old] = here.folder.glob("before-restore-*")
        assert str(old) in kept
        assert (old / "photos" / "mine.jpg").read_bytes() == b"mine"
        assert "mine" in what_is_kept(here, old, kept)
        assert here.ask("SELECT model FROM django_content_type WHERE id = 1") != [("mine",)]


def what_is_kept(here, old, kept):
    question = "SELECT model FROM {}django_content_type WHERE id = 1"
    if "DATABASE_URL" not in here.environ:
        with contextlib.closing(sqlite3.connect(old / "goodword.sqlite3")) as database:
            return database.execute(question.format("")).fetchone()[0]
    [schema] = [re.search(r"schema (\w+)", words)[1] for words in kept if "schema" in words]
    return here.ask(question.format(f"{schema}."))[0][0]


def test_a_backup_made_while_somebody_writes_is_one_moment_and_holds_nobody_up(shop, elsewhere, tmp_path):
    big = "randomblob(1000000)" if "DATABASE_URL" not in shop.environ else "decode(repeat('ab', 1000000), 'hex')"
    shop.tell(
        "CREATE TABLE pairs_a (n integer, filler bytea)",
        "CREATE TABLE pairs_b (n integer)",
        *[f"INSERT INTO pairs_a VALUES (0, {big})", "INSERT INTO pairs_b VALUES (0)"] * 20,
    )
    ended, written, slowest = threading.Event(), [0], [0.0]

    def write():
        with contextlib.closing(shop.connect()) as database:
            while not ended.is_set():
                began = time.monotonic()
                database.execute("INSERT INTO pairs_a VALUES (1, NULL)")
                database.execute("INSERT INTO pairs_b VALUES (1)")
                database.commit()
                slowest[0] = max(slowest[0], time.monotonic() - began)
                written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        until(lambda: written[0] > 10)
        made = shop.backup(str(tmp_path))
        after = written[0]
    finally:
        ended.set()
        writer.join()
    elsewhere.run("restore", made["file"])
    both = [elsewhere.ask(f"SELECT count(*) FROM pairs_{name}")[0][0] for name in "ab"]
    shop.tell("DROP TABLE pairs_a", "DROP TABLE pairs_b")
    assert both[0] == both[1]
    assert 30 < both[0] <= after + 20
    assert slowest[0] < 2


def test_put_back_with_nothing_done_since_it_is_held_all_the_same(made, elsewhere):
    """F-54: from elsewhere no file knows its beat; here the file is ahead of it, though both said the same before."""
    beat, pulse = "SELECT beat FROM campaigns_pulse", elsewhere.folder / "pulse"
    elsewhere.run("restore", made["file"])
    [(first,)] = elsewhere.ask(beat)
    assert (first > 0, pulse.exists()) == (True, False)
    pulse.write_text(str(first))
    elsewhere.run("restore", elsewhere.backup()["file"])
    [(again,)] = elsewhere.ask(beat)
    assert int(pulse.read_text()) > again > 0


def test_a_damaged_one_is_refused_and_nothing_is_changed(made, elsewhere, tmp_path):
    (elsewhere.folder / "photos").mkdir()
    path = Path(shutil.copy(made["file"], tmp_path / "damaged.backup"))
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)
    assert re.search(r"is not a whole backup: .* Nothing was changed\.", elsewhere.refused("restore", str(path)))
    left = [path.name for path in elsewhere.folder.iterdir() if re.match(r"\.?(before-)?restore|goodword", path.name)]
    assert (left, list((elsewhere.folder / "photos").iterdir())) == ([], [])


@pytest.mark.parametrize("file", ["missing.backup", "."])
def test_a_file_that_is_none_is_one_sentence(elsewhere, tmp_path, file):
    assert "cannot be read" in elsewhere.refused("restore", str(tmp_path / file))


def test_one_of_a_newer_program_is_refused_by_name(shop, elsewhere, tmp_path):
    newer = "INSERT INTO django_migrations (app, name, applied) VALUES ('campaigns', '9999_new', '2030-01-01')"
    shop.tell(newer)
    made = shop.backup(str(tmp_path))
    shop.tell("DELETE FROM django_migrations WHERE name = '9999_new'")
    said = elsewhere.refused("restore", made["file"])
    assert "made by a newer Goodword" in said
    assert "campaigns.9999_new" in said


def test_it_refuses_while_goodword_runs_on_the_data(made, elsewhere):
    with (elsewhere.folder / "running.json").open("a+") as held:
        subprocess.run(["flock", "--exclusive", "--nonblock", str(held.fileno())], pass_fds=[held.fileno()], check=True)
        assert "Goodword is running on the data" in elsewhere.refused("restore", made["file"])


def test_it_refuses_while_a_worker_is_alive_that_start_has_not_started(made, elsewhere):
    (elsewhere.folder / "workers").mkdir()
    with (elsewhere.folder / "workers" / "0123456789abcdef").open("w") as held:
        subprocess.run(["flock", "--exclusive", "--nonblock", str(held.fileno())], pass_fds=[held.fileno()], check=True)
        assert "A worker is sending" in elsewhere.refused("restore", made["file"])


def test_it_refuses_while_anybody_has_the_database_open(made, elsewhere):
    elsewhere.run("migrate", "--verbosity", "0")
    with contextlib.closing(elsewhere.connect()) as other:
        other.execute("SELECT count(*) FROM campaigns_customer").fetchone()
        said = elsewhere.refused("restore", made["file"])
    assert re.search("has the database open|are connected", said)
    elsewhere.run("restore", made["file"])


def test_killed_in_the_middle_it_leaves_no_half_backup_and_the_next_one_clears_away(shop, tmp_path):
    process = shop.begin("backup", str(tmp_path))
    until(lambda: any(tmp_path.iterdir()))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    for path in tmp_path.glob("*.backup"):  # it was quicker than we
        assert path.stat().st_size > 100_000
    shop.backup(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".backup")] == []


def test_old_ones_are_deleted_only_when_asked_and_the_newest_stay(shop, tmp_path):
    for day in ("20250101-000000", "20250102-000000", "20250103-000000"):
        (tmp_path / f"goodword-{day}.backup").touch()
    (tmp_path / "letter.txt").touch()
    assert shop.backup(str(tmp_path))["deleted"] == []
    assert len(shop.backup(str(tmp_path), "--keep", "2")["deleted"]) == 3
    left = sorted(path.name for path in tmp_path.iterdir())
    assert (len(left), left[-1], any("goodword-2025" in name for name in left)) == (3, "letter.txt", False)


def test_two_at_once_make_two(shop, tmp_path):
    both = [shop.begin("backup", str(tmp_path)) for _ in range(2)]
    assert [process.communicate() and process.returncode for process in both] == [0, 0]
    assert len(list(tmp_path.glob("goodword-*.backup"))) == 2
    assert len(list(tmp_path.iterdir())) == 2


def test_where_it_cannot_be_written_it_says_so(shop, tmp_path):
    (tmp_path / "file").touch()
    assert "could not be written to" in shop.refused("backup", str(tmp_path / "file"))


def test_without_a_database_there_is_nothing_to_keep(tmp_path):
    if "DATABASE_URL" in os.environ:
        pytest.skip("asks about the file of SQLite")
    assert "no database yet" in Shop(tmp_path).refused("backup")
    assert not (tmp_path / "goodword.sqlite3").exists()


@pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="SQLite needs no tools")
@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "psql")])
def test_without_the_tools_of_postgresql_it_says_what_to_install(shop, made, elsewhere, tmp_path, command, tool):
    at = {"backup": shop, "restore": elsewhere}[command]
    path, at.environ["PATH"] = at.environ["PATH"], str(tmp_path / "empty")
    try:
        said = at.refused(command, *([made["file"]] if command == "restore" else []))
    finally:
        at.environ["PATH"] = path
    assert f"{tool} is not on this machine. On Debian and Ubuntu: apt install postgresql-client." in said


@pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="one file is damaged as a whole")
def test_a_restore_that_fails_in_the_middle_leaves_the_database_as_it_was(made, elsewhere, tmp_path):
    elsewhere.run("migrate", "--verbosity", "0")
    false_tool = tmp_path / "tools" / "pg_restore"
    false_tool.parent.mkdir()
    real = shutil.which("pg_restore")
    false_tool.write_text(f'#!/bin/sh\ncase "$*" in *--list*) exit 0;; esac\n{real} "$@" | head -c 20000\nexit 1\n')
    false_tool.chmod(0o700)
    elsewhere.environ["PATH"] = f"{false_tool.parent}:{elsewhere.environ['PATH']}"
    assert "could not be put back" in elsewhere.refused("restore", made["file"])
    assert elsewhere.ask("SELECT count(*) FROM campaigns_customer") == [(0,)]
    schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'before_restore%'"
    assert elsewhere.ask(schemas) == [(0,)]
