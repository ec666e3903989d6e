"""The shipped designs and files: whole, allowed, readable and good at once."""

import hashlib
import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from campaigns import cards
from campaigns.cards import drawing

from .designs import NAMES, WORDS, flat_photo, mask

HOME = Path(cards.__file__).parent
ALL = pytest.mark.parametrize("starter", cards.starters(), ids=lambda starter: starter.key)
INDIC = frozenset({"देवी", "राजेश्वरी"})


def sources():
    lines = (HOME / "SOURCES.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


def test_every_shipped_file_has_its_line_and_every_line_its_file():
    shipped = {
        str(path.relative_to(HOME))
        for folder in ("fonts", "starters")
        for path in (HOME / folder).iterdir()
        if path.suffix in {".ttf", ".woff2", ".jpg"}
    }
    assert {row[0] for row in sources()} == shipped


@pytest.mark.parametrize("row", sources(), ids=lambda row: row[0])
def test_a_shipped_file_is_the_one_its_line_describes(row):
    file, *facts, text, digest = row
    assert hashlib.sha256((HOME / file).read_bytes()).hexdigest() == digest
    assert (HOME / text).read_text("utf-8").strip()
    assert all(facts)


def test_licences_are_those_that_let_us_ship():
    assert {row[5] for row in sources()} == {"OFL-1.1", "CC0-1.0", "MIT"}


def test_there_are_starters_in_every_form_and_the_van_comes_first():
    sizes = {(starter.card.width, starter.card.height) for starter in cards.starters()}
    assert {(1080, 1350), (1200, 1200), (1350, 1080)} <= sizes
    assert len(cards.starters()) >= 8
    assert cards.starters()[0].key == "van"
    assert len({starter.key for starter in cards.starters()}) == len(cards.starters())


@ALL
def test_a_starter_fits_every_name_of_a_real_list(starter):
    for name in NAMES[:-1]:
        words = cards.drawn_texts(starter.card, {**WORDS, "first_name": name})
        notes = [each.note for each in words if each.note]
        assert not notes or (name in INDIC and not cards.SHAPING), (name, notes)


@ALL
def test_a_starter_without_a_name_says_thanks(starter):
    assert cards.drawn_texts(starter.card, {**WORDS, "first_name": ""})[0].text == "Thanks!"


@ALL
def test_the_words_of_a_starter_can_be_read(starter):
    """WCAG contrast of 4.5 between the words and nearly all of the picture around them, shadow included."""
    for own, words in zip(starter.card.boxes, cards.drawn_texts(starter.card, WORDS), strict=True):
        bare = drawing.bare(starter.card).crop((own.x, own.y, own.x + own.width, own.y + own.height))
        around = _around(own, words).resize(bare.size)
        levels = sorted(
            _contrast(own.colour, pixel) for pixel, near in zip(_pixels(bare), _pixels(around), strict=True) if near > 0
        )
        assert levels[len(levels) // 50] >= 4.5


def _around(own, words):
    ink = mask(own, words, cards.SHAPING)
    return ink.reduce(8).resize(ink.size)


def _pixels(picture):
    small = picture.resize((160, 40), Image.Resampling.BOX)
    return [small.getpixel((x, y)) for y in range(small.height) for x in range(small.width)]


def _contrast(colour, pixel):
    ink = tuple(int(part, 16) for part in re.findall("..", colour[1:]))
    darker, lighter = sorted((_luminance(ink), _luminance(pixel)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour):
    red, green, blue = ((c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4) for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@ALL
def test_a_starter_is_a_light_file_and_a_light_picture(starter):
    assert len(starter.photo) < 400_000
    made = cards.render(starter.card, WORDS)
    assert len(made) < 500_000
    assert Image.open(BytesIO(made)).size == (starter.card.width, starter.card.height)


@ALL
def test_a_starter_says_what_its_picture_shows(starter):
    assert starter.name
    assert len(starter.alt) > 20


@ALL
def test_a_starter_draws_even_the_longest_name_or_says_thanks_without_it(starter):
    words = cards.drawn_texts(starter.card, {**WORDS, "first_name": NAMES[-1]})[0]
    assert words.text.replace("\n", " ") in ("Thanks!", f"Thanks, {NAMES[-1]}!")


@pytest.mark.parametrize(
    ("photo_size", "card_size"),
    [
        ((3000, 4000), (1080, 1350)),
        ((4000, 3000), (1350, 1080)),
        ((900, 900), (1200, 1200)),
        ((100, 2160), (1080, 1350)),
    ],
)
def test_a_photo_of_ones_own_gets_a_design_in_its_form(photo_size, card_size):
    design = cards.design_for(cards.Photo(b"", *photo_size))
    made = cards.Card.from_json(design, flat_photo(size=photo_size))
    assert Image.open(BytesIO(cards.render(made, WORDS))).size == card_size
    assert not any(words.note for words in cards.drawn_texts(made, WORDS))


def test_a_starter_is_found_by_its_key():
    assert cards.starter("dog").name == "Good dog"
    with pytest.raises(KeyError):
        cards.starter("unicorn")
