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
    "half an address book": (lambda: b"BEGIN:VCARD\nFN:Marcus\nTEL:51255", "cut off"),
    "an address book of nobody": (lambda: b"BEGIN:VCARD\n", "cut off"),
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


def hidden_first_sheet() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Do not", "read"])
    shown = book.create_sheet("Customers")
    shown.append(["Name", "Phone"])
    shown.append(["Marcus Bell", 5125550142])
    book.active.sheet_state = "hidden"
    book.active = 1
    return saved(book)


def merged_titles() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Customer", None, "Contact"])
    sheet.merge_cells("A1:B1")
    sheet.append(["First Name", "Last Name", "Phone"])
    sheet.append(["Marcus", "Bell", "(512) 555-0142"])
    return saved(book)


TITLES = "Name,Phone"
CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Bell;Marcus;;;\r\nTEL;TYPE=CELL:5125550142\r\nEND:VCARD\r\n"

#: Awkward lists that can be read all the same: name → how to make one, and how many of its rows become customers.
ODD_LISTS: dict[str, tuple[Callable[[], bytes], int]] = {
    "UTF-8 with a mark": (lambda: b"\xef\xbb\xbf" + MARCUS, 1),
    "UTF-16": (lambda: csv_of(TITLES, "Zoë Müller,5125550142", encoding="utf-16"), 1),
    "UTF-16 the other way round, without a mark": (
        lambda: csv_of(TITLES, "Zoe Muller,5125550142", encoding="utf-16-be"),
        1,
    ),
    "UTF-32": (lambda: csv_of(TITLES, "Zoë Müller,5125550142", encoding="utf-32"), 1),
    "Windows text": (lambda: csv_of(TITLES, "José Müller,5125550142", encoding="cp1252"), 1),
    "line ends of old Macs": (lambda: csv_of(TITLES, "Ada,5125550142", end="\r"), 1),
    "line ends of every kind": (lambda: b"Name,Phone\r\nAda,5125550142\rBo,5125550143\nCy,5125550144\n", 3),
    "semicolons": (lambda: csv_of("Name;Phone", "Bell, Marcus;5125550142"), 1),
    "tabs": (lambda: csv_of("Name\tPhone", "Ada\t5125550142"), 1),
    "bars": (lambda: csv_of("Name|Phone", "Ada|5125550142"), 1),
    "Excel's hint": (lambda: csv_of("sep=;", "Name;Phone", "Ada;5125550142"), 1),
    "two rows of titles": (
        lambda: csv_of("Customer,,Contact", "First Name,Last Name,Phone", "Ada,Byron,5125550142"),
        1,
    ),
    "merged titles": (merged_titles, 1),
    "a hidden sheet before the list": (hidden_first_sheet, 1),
    "two sheets": (lambda: xlsx_of(["Name", "Phone"], ["Ada", 5125550142], more_sheets=["Old"]), 1),
    "titles once more in the middle": (lambda: csv_of(TITLES, "Ada,5125550142", TITLES, "Bo,5125550143"), 2),
    "no titles": (lambda: csv_of("Ada,5125550142", "Bo,5125550143"), 2),
    "words above the titles": (lambda: csv_of("Customers of Ada's Bakery", "", TITLES, "Ada,5125550142"), 1),
    "words below the list": (lambda: csv_of(TITLES, "Ada,5125550142", "", "Exported on 3 November,"), 1),
    "blank lines": (lambda: csv_of(TITLES, "", "Ada,5125550142", ",", "Bo,5125550143"), 2),
    "quotation marks in names": (lambda: csv_of(TITLES, '"Gus ""Doc"" Halvorsen",5125550142'), 1),
    "a line end within a cell": (lambda: csv_of("Name,Address,Phone", '"Ada","1 Main St\nAustin",5125550142'), 1),
    "formulas": (lambda: csv_of(TITLES, "=HYPERLINK(1),5125550142", "@SUM(A1),'+15125550143", "-2+3,5125550144"), 3),
    "a page in a name": (lambda: csv_of(TITLES, "<img src=x onerror=alert(1)>,5125550142"), 1),
    "marks that turn the direction": (lambda: csv_of(TITLES, "\u202eada\u202c,5125550142"), 1),
    "emoji": (lambda: csv_of(TITLES, "👍 Ada 🏳️\u200d🌈,5125550142"), 1),
    "numbers Excel has shortened": (lambda: csv_of(TITLES, "Ada,1.5125550142E+10", "Bo,1.51255E+10"), 1),
    "numbers with .0": (lambda: csv_of(TITLES, "Ada,5125550142.0"), 1),
    "numbers, days and errors of Excel": (
        lambda: xlsx_of(["Name", "Phone", "Last visit"], ["Ada", 5125550142.0, 45992], ["Bo", "#N/A", True]),
        1,
    ),
    "a row that is too long": (lambda: csv_of(TITLES, "Ada,5125550142,a,b", "Bo,5125550143", "Cy,5125550144"), 2),
    "rows that are too short": (lambda: csv_of("Name,Phone,Notes", "Ada,5125550142", "Bo"), 1),
    "nothing but numbers": (lambda: csv_of("5125550142", "5125550143"), 2),
    "two numbers in a cell": (lambda: csv_of(TITLES, '"Ada","5125550142, 5125550143"'), 0),
    "everybody twice": (lambda: csv_of(TITLES, *["Ada,5125550142"] * 30), 1),
    "nobody readable": (lambda: csv_of(TITLES, *["Ada,nobody"] * 30), 0),
    "500 columns": (lambda: csv_of(",".join([TITLES, *map(str, range(498))]), "Ada,5125550142" + "," * 498), 1),
    "a cell of 100,000 letters": (lambda: csv_of("Name,Phone,Notes", f"Ada,5125550142,{'x' * 100_000}"), 1),
    "a name of 300 letters": (lambda: csv_of(TITLES, f"{'x' * 300},5125550142", "Bo,5125550143"), 1),
    "an address book": (lambda: CARD * 2 + CARD.replace(b"0142", b"0143"), 2),
    "an address book with a contact without a number": (lambda: CARD + b"BEGIN:VCARD\nFN:Ada\nEND:VCARD\n", 1),
    "line ends and tabs in a name": (lambda: csv_of(TITLES, '"A\tda\nByron",5125550142'), 1),
}
