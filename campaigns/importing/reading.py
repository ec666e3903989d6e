"""Bytes of a file become a table: what kind of file, in which encoding, with which delimiter.  (pure)"""

import codecs
import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from . import formats, table, titles, vcards, workbook
from .errors import BadFile
from .table import Table

MOST_BYTES = 50 * 1024 * 1024
_SAMPLE = 64 * 1024
_SAVE_AS = "Save the list as .xlsx or as “CSV UTF-8” and try again."

#: How other files begin, and what people call them.
_OTHER_FILES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls) or one with a password"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "a text document"),
    (b"[{", "a JSON file"),
    (b'{"', "a JSON file"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
)


def read(raw: bytes) -> Table:
    """The list in this file (CSV with comma, semicolon, tab or bar, XLSX, or vCard).  Raises `BadFile`."""
    _refuse_size(raw)
    if raw.startswith(b"PK\x03\x04"):
        data, notes = workbook.to_csv(raw)
        return _told(table.survey(data, "utf-8", ",", notes))
    _refuse_other_files(raw)
    data, encoding, notes = _decoded(raw)
    if vcards.is_one(data[:200].lstrip().lower()):
        return replace(table.survey(vcards.to_csv(data, encoding), "utf-8", ",", notes), made_by=formats.APPLE)
    data, delimiter = _delimited(data, encoding)
    return _told(table.survey(data, encoding, delimiter, notes))


def _told(found: Table) -> Table:
    """With the program that made it, where its titles say so."""
    return replace(found, made_by=formats.made_by(found.titles) if found.has_header else "")


def _refuse_size(raw: bytes) -> None:
    if not raw.strip():
        raise BadFile("There are no customers in this file: it is empty.", "Check that it is the right file.")
    if len(raw) > MOST_BYTES:
        raise BadFile(
            f"The file is larger than {MOST_BYTES // 2**20} MB, which is the most for one import.",
            "Keep only the columns that are needed, or split it, and try again.",
        )


def _refuse_other_files(raw: bytes) -> None:
    start = raw[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, kind in _OTHER_FILES:
        if start.startswith(magic.lower()):
            raise BadFile(f"This is {kind}, not a list that can be read.", _SAVE_AS)


# ---- encoding ------------------------------------------------------------------------------------------------------


def _decoded(raw: bytes) -> tuple[bytes, str, list[str]]:
    """Bytes with one byte per line end, their encoding, and a note where it was a guess.

    UTF-8 by its mark or because it reads as such, UTF-16 by its mark or its zeros, else Windows-1252.
    """
    wide = _utf_16(raw)
    if wide:
        return _one_line_end(_narrow(raw, wide)), "utf-8", []
    _refuse_binary(raw)
    data = _one_line_end(raw.removeprefix(codecs.BOM_UTF8))
    if _reads_as(data, "utf-8"):
        return data, "utf-8", []
    if _reads_as(data, "cp1252"):
        note = "The file is not in UTF-8 and was read as Windows text: look whether names with accents are right."
        return data, "cp1252", [note]
    raise BadFile("The letters in this file are written in a way we do not know.", _SAVE_AS)


def _utf_16(raw: bytes) -> str | None:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-32" if raw.startswith(codecs.BOM_UTF32_LE) else "utf-16"
    sample = raw[:2000]
    even, odd = sample[::2].count(0) / len(sample), sample[1::2].count(0) / len(sample)
    if odd > 0.2 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.2 and odd < 0.05 else None


def _narrow(raw: bytes, encoding: str) -> bytes:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadFile("This file is damaged or only half of it arrived.", _SAVE_AS) from error
    if "\0" in text:
        raise BadFile("This is not a text file.", _SAVE_AS)
    return text.encode("utf-8", "replace").removeprefix(codecs.BOM_UTF8)


def _refuse_binary(raw: bytes) -> None:
    sample = raw[:_SAMPLE]
    odd = sum(count for byte, count in Counter(sample).items() if byte < 32 and byte not in b"\t\n\r\f\v")
    if odd * 200 > len(sample):
        raise BadFile("This is not a text file: it holds the raw data of some program.", _SAVE_AS)
    if b"\0" in raw:
        raise BadFile("The file holds zero bytes, as damaged files do.", "Export the list once more and try again.")


def _one_line_end(raw: bytes) -> bytes:
    """Old Mac line ends, alone or among others, become new ones."""
    if raw.count(b"\r") == raw.count(b"\r\n"):
        return raw
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _reads_as(data: bytes, encoding: str) -> bool:
    """Whether all of it can be decoded, without holding the text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), 1 << 20):
            decoder.decode(data[start : start + (1 << 20)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


# ---- delimiter -----------------------------------------------------------------------------------------------------


def _delimited(data: bytes, encoding: str) -> tuple[bytes, str]:
    """The data and what stands between its cells.  Excel's own hint, a first line “sep=;”, is believed."""
    first = data[:16].partition(b"\n")[0]
    hint = first.strip().lower().removeprefix(b"sep=")
    if len(hint) == 1 and first.strip().lower().startswith(b"sep="):
        return b"\n" + data[len(first) + 1 :], hint.decode("ascii", "replace")
    sample = data[:_SAMPLE].decode(encoding, "ignore").splitlines(keepends=True)[:200]
    # The last line may be cut in the middle.
    lines = sample[:-1] if len(data) > _SAMPLE and len(sample) > 1 else sample
    return data, max(",;\t|", key=lambda delimiter: _likeness(lines, delimiter))


def _likeness(lines: Sequence[str], delimiter: str) -> tuple[bool, float]:
    """How much like a table the lines are when cut here: known titles first, then many columns in equal rows."""
    try:
        cut = [cells for cells in islice(csv.reader(lines, delimiter=delimiter), 100) if any(cells)]
    except csv.Error:
        return False, 0.0
    if not cut:
        return False, 0.0
    width, rows = Counter(map(len, cut)).most_common(1)[0]
    header = titles.find(cut)
    fields = {titles.field_of(cell) for cell in cut[header]} - {None} if header is not None else set()
    return titles.Field.PHONE in fields and width > 1, rows / len(cut) * (width - 1)


def from_text(pasted: str) -> Table:
    """A list that was pasted instead of uploaded.  Raises `BadFile`."""
    return read(pasted.encode("utf-8", "replace"))
