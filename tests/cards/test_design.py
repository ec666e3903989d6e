"""A design from JSON: what is kept, and what is refused with which sentence."""

import json
from dataclasses import replace

import pytest

from campaigns.cards import BadDesign, Card, Logo, mended, starters

from .designs import GREY, box, card, design, flat_photo

BAND = {"edge": "bottom", "size": 310, "colour": "#fffaf0"}


def test_a_card_goes_to_json_and_comes_back_the_same():
    made = card(box(font="serif", rotation=3, effect="panel"), box("Hi"), band=BAND, focus=[0.2, 0.7])
    assert Card.from_json(json.loads(json.dumps(made.to_json())), GREY) == made


@pytest.mark.parametrize("starter", starters(), ids=lambda starter: starter.key)
def test_every_starter_goes_to_json_and_comes_back_the_same(starter):
    assert Card.from_json(starter.card.to_json(), starter.photo) == starter.card


def test_equal_cards_are_one_key_and_another_photo_is_another():
    one, other = card(box()), card(box())
    assert {one: 1}[other] == 1
    assert replace(one, photo=b"x").photo_id != one.photo_id


REFUSED = {
    "unknown field": (design(box("Hi {last_name}")), r"Text box 1: \{last_name\} is not a merge field"),
    "no width": (design(box(width=0)), "Text box 1 has no size"),
    "negative height": (design(box(height=-5)), "Text box 1 has no size"),
    "off the right": (design(box(), box(x=200)), "Text box 2 reaches outside the picture, which is 1080 × 1350"),
    "off the top": (design(box(y=-1)), "Text box 1 reaches outside"),
    "turned out of the picture": (design(box(x=0, y=0, width=1080, rotation=30)), "reaches outside"),
    "long text": (design(box("x" * 2000)), "Text box 1 has 2000 characters; 300 is the most"),
    "text is a number": (design(box(5)), "Text box 1: text must be text"),
    "font": (design(box(font="comic")), "Text box 1: font is one of hand, sans, serif, display, not “comic”"),
    "colour": (design(box(colour="red; drop")), "“red; drop” is not a colour like #2f4d9c"),
    "size as text": (design(box(size="big")), "Text box 1: size must be a number"),
    "size is not a number": (design(box(size=float("nan"))), "size must be a number"),
    "size too large": (design(box(size=5000)), "letters can be 8 to 600 pixels high"),
    "true is no number": (design(box(x=True)), "x must be a number"),
    "unknown part": (design(box(blink=True)), "Text box 1 has a part “blink”"),
    "lacking text": (design({"x": 1, "y": 1, "width": 9, "height": 9}), "Text box 1 lacks text"),
    "box is a list": (design([1, 2]), "Text box 1 is not a set of named values"),
    "no boxes": ({"width": 1080, "height": 1350}, "no list of text boxes"),
    "nine boxes": (design(*[box()] * 9), "9 text boxes; 8 is the most"),
    "huge": (design(width=50_000), "The card: width must be a number"),
    "too wide": (design(width=3000), "width can be 200 to 2160 pixels, not 3000"),
    "band everywhere": (design(band={**BAND, "size": 1350}), "The band leaves no room"),
    "band edge": (design(band={**BAND, "edge": "middle"}), "The band: edge is one of"),
    "focus": (design(focus=[2, 0]), "focus is two numbers from 0 to 1"),
    "not a design": ([], "The card is not a set of named values"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_design_is_refused_with_a_plain_sentence(case):
    bad, sentence = REFUSED[case]
    with pytest.raises(BadDesign, match=sentence):
        Card.from_json(bad, GREY)


def test_a_box_that_fills_the_picture_exactly_is_fine():
    assert card(box(x=0, y=0, width=1080, height=1350)).boxes[0].width == 1080


def test_overlapping_boxes_are_the_designers_choice():
    assert len(card(box(), box()).boxes) == 2


def test_a_stored_design_outlives_its_font():
    kept = design(box(font="comic"), box())
    with pytest.raises(BadDesign, match="font is one of"):
        Card.from_json(kept, GREY)
    made, sentences = mended(kept)
    assert [own.font for own in Card.from_json(made, GREY).boxes] == ["sans", "hand"]
    assert sentences == ["The font of text box 1 is no longer here, so it is drawn in another one."]


def test_mending_leaves_everything_else_alone():
    kept = design(box(), band={"edge": "top", "size": 100, "colour": "#ffffff"}, zoom=1.5)
    assert mended(kept) == (kept, [])
    assert mended({"boxes": ["rubbish", None]}) == ({"boxes": ["rubbish", None]}, [])


def test_a_logo_stands_inside_the_picture_and_has_a_size():
    place = {"x": 800, "y": 20, "width": 200, "height": 100}
    assert card(logo=place).logo == Logo(**place)
    for wrong, said in (({"x": 1000}, "outside the picture"), ({"width": 0}, "no size"), ({"y": -1}, "outside")):
        with pytest.raises(BadDesign, match=said):
            card(logo={**place, **wrong})


@pytest.mark.parametrize("zoom", [0.5, 4.5, "2", None, float("nan"), float("inf"), True])
def test_a_photo_is_enlarged_one_to_four_times(zoom):
    with pytest.raises(BadDesign):
        card(zoom=zoom)


def test_a_design_survives_the_way_to_json_and_back():
    made = card(box(), zoom=2.5, focus=[0.2, 0.9], logo={"x": 1, "y": 2, "width": 30, "height": 40})
    assert Card.from_json(json.loads(json.dumps(made.to_json())), GREY) == made


def test_everything_that_can_be_seen_changes_the_id():
    ids = {
        made.design_id
        for made in (
            card(box()),
            card(box(colour="#ffffff")),
            card(box(), zoom=2),
            card(box(), focus=[0, 0]),
            card(box(), logo={"x": 1, "y": 2, "width": 30, "height": 40}),
            card(box(), photo=flat_photo("#ff0000")),
        )
    }
    assert len(ids) == 6
    assert card(box()).design_id == card(box()).design_id


@pytest.mark.parametrize(
    "rubbish", [{}, {"boxes": 3}, {"boxes": None}, {"boxes": "abc"}, {"boxes": [3, None]}, [], None, 7]
)
def test_a_stored_design_that_is_rubbish_is_refused_in_words(rubbish):
    design, _ = mended(rubbish)
    with pytest.raises(BadDesign):
        Card.from_json(design, b"")
