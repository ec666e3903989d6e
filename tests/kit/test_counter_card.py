"""The card on the counter: the right size, the right words, and a code that can be read from it."""

import io
import re
import zlib

import pytest
from PIL import Image

from campaigns import kit, rules
from campaigns.kit.counter_card import SAID, TILE, TILE_AT
from tests.kit.decoding import decoded, inner, seen

ADDRESS = "https://reviews.example.com/g/2345678/c"
SHOWN = ADDRESS.partition("://")[2]
MM = 72 / 25.4


def card(name="Ada's Bakery", language="en", dpi=150, shown=SHOWN):
    return kit.counter_card(name, kit.symbol(ADDRESS), shown, language, dpi)


def boxes(pdf: bytes) -> dict[str, list[float]]:
    """The page's boxes, in millimetres."""
    found = re.findall(rb"/(\w+Box) \[([^\]]+)\]", pdf)
    return {name.decode(): [round(float(part) / MM, 2) for part in parts.split()] for name, parts in found}


def content(pdf: bytes) -> str:
    streams = re.findall(rb"4 0 obj\n.*?stream\n(.*?)\nendstream", pdf, re.DOTALL)
    return zlib.decompress(streams[0]).decode()


@pytest.mark.parametrize("language", sorted(SAID))
def test_the_words_keep_every_rule_for_what_may_be_asked(language):
    """R1, R3, R4: nothing offered, no stars, nobody sent elsewhere."""
    said = SAID[language]
    for text in (said.question, said.request, said.camera, f"{said.question} {said.request}"):
        assert [finding.rule_id for finding in rules.scan(text, language=language)] == []


def test_the_code_is_read_from_the_picture_of_the_card():
    code, dots = kit.symbol(ADDRESS), 300 / 25.4
    left = (kit.WIDTH - TILE) / 2
    box = tuple(edge * dots for edge in (left, TILE_AT, left + TILE, TILE_AT + TILE))
    squares = seen(kit.png(card(dpi=300), 300), code.side, box)
    assert decoded(inner(squares, kit.QUIET))[0] == ADDRESS


def test_the_code_is_read_from_the_rectangles_of_the_file_for_the_printer():
    code = kit.symbol(ADDRESS)
    module = TILE / code.side
    grid = [[False] * code.side for _ in range(code.side)]
    for line in content(kit.pdf(card(), bleed=False)).splitlines():
        if line.startswith("0.0000 0.0000 0.0000 rg"):
            x, y, width, height = (float(part) / MM for part in line.split()[4:8])
            row = round((kit.HEIGHT - y - height - TILE_AT) / module)
            start = round((x - (kit.WIDTH - TILE) / 2) / module)
            for step in range(round(width / module)):
                grid[row][start + step] = True
    assert decoded(inner(grid, kit.QUIET))[0] == ADDRESS


def test_the_page_is_a6_to_the_point_and_with_bleed_three_millimetres_larger_all_round():
    assert boxes(kit.pdf(card(), bleed=False))["MediaBox"] == [0, 0, 105, 148]
    assert boxes(kit.pdf(card(), bleed=True)) == {
        "MediaBox": [0, 0, 111, 154],
        "BleedBox": [0, 0, 111, 154],
        "TrimBox": [3, 3, 108, 151],
    }


@pytest.mark.parametrize("bleed", [False, True])
def test_the_ground_covers_the_whole_page(bleed):
    edge = 3 if bleed else 0
    first = content(kit.pdf(card(), bleed=bleed)).splitlines()[0].split()
    x, y, width, height = (float(part) / MM for part in first[4:8])
    assert x <= 0 + 0.01
    assert y <= 0 + 0.01
    assert x + width >= kit.WIDTH + 2 * edge - 0.01
    assert y + height >= kit.HEIGHT + 2 * edge - 0.01


def test_every_object_of_the_file_is_where_its_table_says():
    pdf = kit.pdf(card(), bleed=True)
    start = int(re.search(rb"startxref\n(\d+)", pdf)[1])
    assert pdf[start:].startswith(b"xref\n")
    places = re.findall(rb"(\d{10}) 00000 n", pdf)
    for number, place in enumerate(places, 1):
        assert pdf[int(place) :].startswith(f"{number} 0 obj".encode())


@pytest.mark.parametrize(
    "name",
    [
        "Ada's Bakery",
        "مخبز آدا",
        "מאפיית עדה",
        "エイダのパン屋",
        "{first_name} & Sons",
        "A" * 40,
        "Taller mecánico y de hojalatería Hermanos Gutiérrez Villaseñor e Hijos de la Colonia Centro",
    ],
)
def test_a_name_in_any_script_and_of_any_length_is_on_the_card(name):
    sheet = card(name)
    top = sheet.letterings[0]
    assert sheet.notes == ()
    assert top.mask.getbbox() is not None
    assert len(sheet.letterings) == 5


def test_a_name_that_no_font_here_can_draw_is_spoken_of():
    assert "No font here has" in card("தமிழ்").notes[0]


def test_a_name_of_one_endless_word_is_left_out_and_spoken_of():
    assert "do not fit with the name of the business" in card("A" * 120).notes[0]


def test_the_words_stay_inside_their_places_and_off_the_code():
    for words in card("Ada's Bakery " * 9).letterings:
        assert words.x >= 5
        assert words.x + words.width <= kit.WIDTH - 5
        assert words.y + words.height <= TILE_AT or words.y >= TILE_AT + TILE


def test_the_picture_is_as_large_as_the_card():
    picture = Image.open(io.BytesIO(kit.png(card(), 150)))
    assert picture.size == (round(105 / 25.4 * 150), round(148 / 25.4 * 150))


def test_a_language_we_do_not_speak_is_asked_in_english():
    assert kit.png(card(language="pl"), 150) == kit.png(card(language="en"), 150)
    assert kit.png(card(language="es"), 150) != kit.png(card(language="en"), 150)


def test_it_says_the_name_and_the_address_it_was_given():
    plain = kit.png(card(), 150)
    assert kit.png(card("Charlie's Cakes"), 150) != plain
    assert kit.png(card(shown="reviews.example.com/g/8765432/c"), 150) != plain


def test_the_code_stands_on_pure_white_that_ends_where_its_square_ends():
    dots, picture = 300 / 25.4, Image.open(io.BytesIO(kit.png(card(dpi=300), 300)))
    right, middle = round((kit.WIDTH + TILE) / 2 * dots), round((TILE_AT + 1) * dots)
    ground = picture.getpixel((5, 5))
    assert [picture.getpixel((right + step, middle)) for step in (-1, 0)] == [(255, 255, 255), ground]


def test_the_picture_knows_how_large_it_is_on_paper():
    assert Image.open(io.BytesIO(kit.png(card(), 150))).info["dpi"] == pytest.approx((150, 150), abs=0.1)


def test_every_line_stands_in_the_middle():
    for words in card().letterings:
        left, _, right, _ = words.mask.getbbox()
        assert left == pytest.approx(words.mask.width - right, abs=words.mask.width / 40)


def test_each_picture_of_words_is_seen_through_its_own_mask():
    sheet = card()
    pdf = kit.pdf(sheet, bleed=False)
    objects = dict(re.findall(rb"(\d+) 0 obj\n(.*?)\n(?:stream|endobj)", pdf, re.DOTALL))
    named = dict(re.findall(r"/W(\d) (\d+) 0 R", objects[b"3"].decode()))
    assert len(named) == len(sheet.letterings) == 5
    for number, words in enumerate(sheet.letterings):
        ink = objects[named[str(number)].encode()].decode()
        mask = objects[re.search(r"/SMask (\d+) 0 R", ink)[1].encode()].decode()
        assert "/DeviceRGB" in ink
        assert f"/Width {words.mask.width} /Height {words.mask.height} /ColorSpace /DeviceGray" in mask
