"""The code: what it says, how much of it may be lost, and how small it may be printed."""

import io
import re

import pytest
from PIL import Image

from campaigns import kit
from tests.kit.decoding import decoded, inner, seen

SHORT = "https://rev.example/g/2345678/q"
USUAL = "https://reviews.adas-bakery.example.com/g/2345678/q"
LONG = "https://a-rather-long-name-of-a-host.reviews.adas-bakery.example.com/g/2345678/q"


@pytest.mark.parametrize("address", [SHORT, USUAL, LONG])
def test_an_independent_reader_finds_the_address_in_the_picture(address):
    code = kit.symbol(address)
    assert decoded(inner(seen(code.png(), code.side), kit.QUIET))[0] == address


@pytest.mark.parametrize("address", [SHORT, USUAL])
def test_a_quarter_of_it_may_be_lost_where_the_address_is_of_usual_length(address):
    assert decoded(kit.symbol(address).rows)[1] in ("Q", "H")


@pytest.mark.parametrize("address", [SHORT, USUAL, LONG])
def test_three_centimetres_are_enough_for_an_old_telephone(address):
    """With four modules of white all round, none of them below half a millimetre."""
    code = kit.symbol(address)
    assert code.module == pytest.approx(30 / (len(code.rows) + 8))
    assert code.module >= 0.5


def test_an_address_too_long_for_that_gives_up_some_of_the_safety():
    address = f"https://{'x' * 190}.example/g/2345678/q"
    assert kit.symbol(address).code.error in ("M", "L")


def test_the_drawing_for_print_shops_has_the_same_squares():
    """The dark stretches of the SVG path, laid on a grid of our own."""
    code = kit.symbol(USUAL)
    drawing = code.svg().decode()
    path = re.search(r' d="([^"]+)"', drawing.split("stroke", 1)[1])
    grid = [[False] * code.side for _ in range(code.side)]
    x = y = 0.0
    for act, numbers in re.findall(r"([Mmh])([^Mmh]+)", path[1]):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if act == "h":
            for step in range(int(values[0])):
                grid[int(y)][int(x) + step] = True
            x += values[0]
        else:
            x, y = (values[0], values[1]) if act == "M" else (x + values[0], y + values[1])
    assert inner(grid, kit.QUIET) == code.rows
    assert 'fill="#fff"' in drawing
    assert "script" not in drawing
    assert "style" not in drawing


def test_its_white_is_white_on_dark_paper_too():
    """Nothing shines through the picture."""
    corner = Image.open(io.BytesIO(kit.symbol(USUAL).png())).convert("RGBA").getpixel((0, 0))
    assert corner == (255, 255, 255, 255)
