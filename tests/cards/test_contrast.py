"""How well words can be read on a photo, and what would help."""

from dataclasses import replace

import pytest

from campaigns import cards
from campaigns.cards import Box, Card, contrast
from tests.cards.designs import WORDS

TEXT = Box("Thanks, {first_name|}!", 40, 40, 520, 120, font="sans", size=60)


def on(ground: str, /, **box: object) -> Card:
    """One text on a photo of one colour."""
    return Card(cards.plain_photo(ground), 600, 750, (replace(TEXT, **box),))


def reading(card: Card) -> cards.Reading:
    return cards.readings(card, WORDS)[0]


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_that_of_the_web(one, other, ratio):
    light, dark = (contrast.luminance(contrast._rgb(colour)) for colour in (one, other))
    assert round(contrast.ratio(light, dark), 2) == ratio


def test_dark_letters_on_a_bright_photo_need_no_words():
    assert reading(on("#ffffff", colour="#221f1a")).said == ""


def test_pale_letters_on_a_bright_photo_are_said_with_what_helps():
    found = reading(on("#eeeeee", colour="#ffffff"))
    assert found.said.startswith("Hard to read here: 1.2 : 1. Try dark letters")
    assert [fix.label for fix in found.fixes] == ["Dark letters", "A dark panel", "A dark outline"]


@pytest.mark.parametrize("ground", ["#ffffff", "#000000", "#808080", "#88bbee", "#5a5a5a", "#c04030"])
@pytest.mark.parametrize("colour", ["#ffffff", "#808080", "#221f1a", "#f2c14e"])
def test_every_remedy_that_is_offered_helps(ground, colour):
    card = on(ground, colour=colour)
    for fix in reading(card).fixes:
        mended = replace(card, boxes=(replace(card.boxes[0], **fix.change),))
        assert reading(mended).said == ""


def test_what_lies_beside_the_letters_does_not_count():
    """The box reaches over a white band, the letters stand on the dark photo alone."""
    photo = cards.plain_photo("#101010")
    band = cards.Band(edge="bottom", size=300, colour="#ffffff")
    box = replace(TEXT, y=40, height=600, valign="top", colour="#ffffff")
    assert reading(Card(photo, 600, 750, (box,), band)).said == ""


def test_the_pixels_are_those_under_the_words_also_when_they_are_turned():
    photo = cards.plain_photo("#101010")
    band = cards.Band(edge="right", size=300, colour="#ffffff")
    box = replace(TEXT, x=-20, y=315, width=340, height=120, rotation=90.0, colour="#ffffff")
    assert reading(Card(photo, 600, 750, (box,), band)).said == ""


def test_small_letters_need_more_than_large_ones():
    grey = "#8a8a8a"
    assert reading(on("#ffffff", colour=grey, size=60)).said == ""
    assert reading(on("#ffffff", colour=grey, size=30)).said


def test_a_text_that_says_nothing_reads_well():
    assert reading(on("#ffffff", text="{first_name|}", colour="#ffffff")).said
    assert cards.readings(on("#ffffff", text="{first_name|}", colour="#ffffff"), {})[0].said == ""


@pytest.mark.parametrize("starter", cards.starters(), ids=lambda starter: starter.key)
def test_every_shipped_design_reads_well(starter):
    assert [found.said for found in cards.readings(starter.card, WORDS)] == ["" for _ in starter.card.boxes]
