"""Awkward files, built on the spot."""

import io
import random
import zipfile
from collections.abc import Callable, Sequence

import openpyxl

MARCUS = b"First Name,Last Name,Phone\nMarcus,Bell,(512) 555-0142\n"
MEGA = 1024 * 1024


def csv_of(*lines: str, encoding: str = "utf-8", end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode(encoding)


def people(count: int, extra: str = "") -> bytes:
    """So many customers, each with a number of their own."""
    rows = (f"Person {i},+1{5_120_000_000 + i},{extra}\n" for i in range(count))
    return b"Name,Phone,Notes\n" + "".join(rows).encode()


def xlsx_of(*rows: Sequence[object], more_sheets: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name in more_sheets:
        book.create_sheet(name).append(["Phone"])
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive_of(parts: dict[str, bytes], like: bytes | None = None) -> bytes:
    """A zip of these parts; with `like` the parts of that file too, unless replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        if like:
            with zipfile.ZipFile(io.BytesIO(like)) as old:
                for name in old.namelist():
                    if name not in parts:
                        made.writestr(name, old.read(name))
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
SHEET_XML = (
    '{head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    "{rows}</sheetData></worksheet>"
)


def with_sheet(rows: str, head: str = "") -> bytes:
    """A workbook whose sheet holds exactly this XML."""
    return archive_of({SHEET: SHEET_XML.format(head=head, rows=rows).encode()}, like=xlsx_of(["Phone"]))


BOMB = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "5125550142"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def noise(size: int, lowest: int = 0) -> bytes:
    chance = random.Random(7)
    return bytes(chance.randrange(lowest, 256) for _ in range(size))


ROW = '<row r="{0}"><c r="A{0}"><v>{1}</v></c></row>'

#: Files that are no list of customers: name → how to make one, and what the sentence says.
NO_LISTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing at all": (lambda: b"", "empty"),
    "blank lines": (lambda: b"\n \r\n\n", "empty"),
    "only separators": (lambda: b",,,\n,,\n", "empty"),
    "only titles": (lambda: b"First Name,Last Name,Phone\n", "nothing below the column titles"),
    "only titles in a workbook": (lambda: xlsx_of(["Name", "Phone"]), "nothing below the column titles"),
    "an empty workbook": (lambda: xlsx_of(), "empty"),
    "noise": (lambda: noise(20_000), "not a text file"),
    "noise without zeros": (lambda: noise(20_000, lowest=1), "not a text file"),
    "noise with a title": (lambda: b"Name,Phone\n" + noise(5_000), "not a text file"),
    "zero bytes": (lambda: MARCUS * 20 + b"Ad\0a,B,512-555-0143\n", "zero bytes"),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
    "a PNG": (lambda: b"\x89PNG\r\n\x1a\n" + noise(500), "picture"),
    "a JPEG": (lambda: b"\xff\xd8\xff\xe0" + noise(500), "picture"),
    "an old Excel file": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel file"),
    "gzip": (lambda: b"\x1f\x8b\x08" + noise(500), "compressed"),
    "an address book": (lambda: b"BEGIN:VCARD\nFN:Marcus\nTEL:5125550142\nEND:VCARD\n", "address book"),
    "a web page": (lambda: b"\n<!doctype html><table><tr><td>Phone</td></tr></table>", "web page"),
    "JSON": (lambda: b'[{"name": "Marcus", "phone": "5125550142"}]', "JSON"),
    "a Word document": (lambda: archive_of({"word/document.xml": b"<w/>"}), "some other kind"),
    "an empty archive": (lambda: archive_of({}) + bytes(3), "not a text file"),
    "half a workbook": (lambda: xlsx_of(["Phone"], [5125550142])[:3000], "only half of it arrived"),
    "a workbook of nonsense": (lambda: archive_of({"xl/workbook.xml": b"no xml"}), "damaged"),
    "letters nobody knows": (lambda: b"Name,Phone\nJos\x81\x8d,512-555-0142\n", "do not know"),
    "half of UTF-16": (lambda: "Name,Phone\nMarcus,5125550142\n".encode("utf-16")[:-1], "only half of it arrived"),
    "an open quotation mark": (
        lambda: b'Name,Phone\n"Marcus,512-555-0142\nAda,512-555-0143\n',
        "In row 2 a quotation mark",
    ),
    "ten thousand columns": (lambda: csv_of(",".join(map(str, range(10_000)))) * 3, "10,000 columns"),
    "one cell of 40 MiB": (lambda: b"Name,Phone\n" + b"x" * (40 * MEGA) + b",5125550142\n", "Around row 2"),
    "one quoted cell of 40 MiB": (lambda: b'Name,Phone\n"' + b"x\n" * (20 * MEGA) + b'",5125550142\n', "Around row 2"),
    "more than 50 MB": (lambda: b"Name,Phone\n" + b"x" * (50 * MEGA), "larger than 50 MB"),
    "200,001 rows": (lambda: people(200_001), "more than 200,000 rows"),
    "a zip bomb": (lambda: archive_of({SHEET: bytes(200 * MEGA)}, like=xlsx_of(["Phone"])), "unpacks to 200 MB"),
    "a bomb of shared texts": (
        lambda: archive_of({"xl/sharedStrings.xml": bytes(70 * MEGA)}, like=xlsx_of(["Phone"])),
        "unpacks to 70 MB",
    ),
    "an archive of many parts": (
        lambda: archive_of({f"xl/media/{i}": b"" for i in range(2_100)}, like=xlsx_of(["Phone"])),
        "unpacks to",
    ),
    "entities that grow": (lambda: with_sheet(ROW.format(1, "&c;"), head=BOMB), "damaged"),
    "an entity from outside": (lambda: with_sheet(ROW.format(1, "&x;"), head=OUTSIDE), "damaged"),
    "a sheet too wide": (lambda: with_sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'), "500 columns"),
    "a last row too far": (lambda: with_sheet(ROW.format(1, 1) + ROW.format(9_999_999, 1)), "200,000 rows"),
}
