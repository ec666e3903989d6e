"""A passphrase that was stolen somewhere is refused, out of a file and without asking anybody."""

import hashlib
import random

import pytest

from campaigns.accounts import breached, passphrases

STOLEN = "correct horse battery staple"


def listed(folder, *words, end=b"\r\n"):
    """A file as it is downloaded."""
    lines = sorted(hashlib.sha1(word.encode()).hexdigest().upper().encode() + b":12" for word in words)
    file = folder / "stolen.txt"
    file.write_bytes(end.join(lines) + (end if lines else b""))
    return file


def test_a_stolen_one_is_refused_in_a_sentence(tmp_path, settings):
    settings.BREACHED_PASSPHRASES = listed(tmp_path, STOLEN, "another one of them")
    assert passphrases.trouble(STOLEN) == [passphrases.SENTENCES["breached"]]
    assert passphrases.trouble("marmalade on a wet slate roof") == []


def test_without_a_file_nobody_is_asked(settings):
    settings.BREACHED_PASSPHRASES = None
    assert passphrases.trouble(STOLEN) == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("count", [1, 2, 3, 17, 400])
def test_each_that_stands_there_is_found_and_no_other(tmp_path, count, end):
    words = [f"phrase {number}" for number in range(count)]
    file = listed(tmp_path, *words, end=end)
    assert all(breached.is_known(word, file) for word in words)
    assert not any(breached.is_known(f"{word}!", file) for word in words)


def test_a_look_reads_a_few_lines_of_a_large_file(tmp_path, monkeypatch):
    chance = random.Random(7)
    lines = sorted(b"%040X:1\n" % chance.getrandbits(160) for _ in range(20_000))
    (file := tmp_path / "large").write_bytes(b"".join(lines))
    looks = []
    kept = breached._hash
    monkeypatch.setattr(breached, "_hash", lambda line: looks.append(line) or kept(line))
    assert not breached.is_known(STOLEN, file)
    assert len(looks) < 25


def test_an_empty_file_and_one_that_is_gone_know_none(tmp_path, caplog):
    assert not breached.is_known(STOLEN, listed(tmp_path))
    assert not breached.is_known(STOLEN, tmp_path / "gone")
    assert "could not be read" in caplog.text
