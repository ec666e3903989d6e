"""A backup is whole, or it is known not to be."""

import io
import tarfile

import pytest

from campaigns.management.archive import SEAL, Damaged, Newer, Writer, opened

PARTS = {"database.sqlite3": b"rows" * 300, "photos/van.jpg": b"\xff\xd8" * 200, "keys/suppression_key": b"k" * 64}


def made(folder, parts=PARTS, **about):
    path = folder / "a.backup"
    with path.open("wb") as file:
        writer = Writer(file)
        for name, content in parts.items():
            writer.add(name, content)
        writer.seal({"goodword": "0.1.0"} | about)
    return path


def taken_out(path, folder):
    """Everything that can be had from it."""
    with opened(path) as archive:
        for name in archive.parts:
            archive.take_out(name, folder / name)
    return {name: (folder / name).read_bytes() for name in archive.parts}


def test_what_was_put_in_comes_out(tmp_path):
    assert taken_out(made(tmp_path), tmp_path / "out") == PARTS


def test_what_comes_out_is_nobody_else_s_to_read(tmp_path):
    taken_out(made(tmp_path), tmp_path / "out")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").rglob("*.*")} == {0o600}


def test_a_byte_changed_anywhere_is_noticed_or_changes_nothing(tmp_path):
    whole = made(tmp_path).read_bytes()
    noticed = 0
    for place in range(0, len(whole), 41):
        path = tmp_path / f"{place}.backup"
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            assert taken_out(path, tmp_path / str(place)) == PARTS
        except Damaged:
            noticed += 1
        path.unlink()
    assert noticed > 60


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9])
def test_one_that_is_cut_short_is_noticed(tmp_path, share):
    path = made(tmp_path)
    whole = path.read_bytes().rstrip(b"\0")
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Damaged):
        taken_out(path, tmp_path / "out")


@pytest.mark.parametrize("rubbish", [b"", b"\0" * 5000, b"SQLite format 3\0" * 100, b"{}"])
def test_what_is_no_backup_at_all_is_told(tmp_path, rubbish):
    path = tmp_path / "a.backup"
    path.write_bytes(rubbish)
    with pytest.raises(Damaged):
        taken_out(path, tmp_path / "out")


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "photos/../../evil", "photos/.hidden", "pulse", "keys/a/b"])
def test_a_name_that_leads_elsewhere_is_refused_however_well_it_is_sealed(tmp_path, name):
    path = made(tmp_path, {"database.sqlite3": b"x", name: b"x"})
    with pytest.raises(Damaged, match="no backup holds"):
        taken_out(path, tmp_path / "out")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_part_that_is_no_plain_file_is_no_part(tmp_path, kind):
    path = made(tmp_path)
    with tarfile.open(path, "a:") as tar:
        entry = tarfile.TarInfo("photos/link.jpg")
        entry.type, entry.linkname = kind, "/etc/passwd"
        tar.addfile(entry)
    assert "photos/link.jpg" not in taken_out(path, tmp_path / "out")


def test_a_part_that_was_added_is_noticed(tmp_path):
    path = made(tmp_path)
    with tarfile.open(path, "a:") as tar:
        entry = tarfile.TarInfo("photos/more.jpg")
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"x"))
    with pytest.raises(Damaged, match="one too many"):
        taken_out(path, tmp_path / "out")


def test_without_its_seal_it_is_none(tmp_path):
    path = made(tmp_path)
    with tarfile.open(path) as tar:
        seal = tar.getmember(SEAL).offset
    path.write_bytes(path.read_bytes()[:seal] + b"\0" * 1024)
    with pytest.raises(Damaged, match="its end is missing"):
        taken_out(path, tmp_path / "out")


def test_one_of_a_newer_program_says_so(tmp_path):
    with pytest.raises(Newer):
        taken_out(made(tmp_path, format=99), tmp_path / "out")
