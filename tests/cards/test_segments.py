"""A JPEG in pieces: what is put together from them is what encoding the whole would give, to the last byte."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from campaigns.cards import drawing, render, segments
from campaigns.cards.segments import Grid, Region, Sheet

from .designs import NAMES, WORDS, box, card, forget, noisy_photo

PHOTO = noisy_photo(7, (640, 800))
SIDES = st.integers(200, 700)


def pixels(jpeg):
    return Image.open(BytesIO(jpeg)).convert("RGB").tobytes()


def noise(width, height, seed=1):
    return Image.open(BytesIO(noisy_photo(seed, (width, height)))).convert("RGB")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    width=st.integers(1, 400),
    height=st.integers(1, 300),
    quality=st.integers(5, 95),
    place=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_any_part_of_any_picture_can_be_exchanged(width, height, quality, place):
    before, after = noise(width, height), noise(width, height)
    left, right = sorted((round(place[0] * width), round(place[1] * width)))
    top, bottom = sorted((round(place[2] * height), round(place[3] * height)))
    after.paste("red", (left, top, right, bottom))
    sheet = Sheet.of(before, quality)
    region = sheet.grid.region(left, top, right, bottom)
    changed = sheet.cut(after.crop(sheet.grid.pixels(region)), region) if region else {}
    whole = segments.encode(after if region else before, sheet.grid.block, quality)
    assert sheet.joined(changed) == whole


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    size=st.tuples(SIDES, SIDES),
    names=st.lists(st.sampled_from([*NAMES, "Zoë 🎉", ""]), min_size=1, max_size=2),
    place=st.tuples(*[st.floats(0, 1)] * 4),
    look=st.fixed_dictionaries(
        {
            "font": st.sampled_from(["hand", "sans", "serif", "display"]),
            "effect": st.sampled_from(["none", "shadow", "outline", "panel"]),
            "align": st.sampled_from(["left", "center", "right"]),
            "size": st.integers(20, 200),
        }
    ),
    turned=st.sampled_from([0, 0, 7]),
)
def test_a_card_drawn_in_pieces_is_the_card_drawn_whole(size, names, place, look, turned):
    width, height = size
    own = {
        "x": round(place[0] * width * 0.5),
        "y": round(place[1] * height * 0.5),
        "width": max(30, round(place[2] * width * 0.5)),
        "height": max(30, round(place[3] * height * 0.5)),
    }
    turned = turned if own["x"] > 100 and own["y"] > 100 else 0
    signed = box("— {sender}", x=0, y=height - 40, width=width, height=40, size=30, min_size=10)
    made = card(box(**own, **look, rotation=turned), signed, photo=PHOTO, width=width, height=height)
    for name in names:
        words = {**WORDS, "first_name": name}
        block = drawing._base(made, words, True).sheet.grid.block
        assert render(made, words) == segments.encode(drawing.picture(made, words), block)


def test_several_texts_that_lie_over_each_other_are_drawn_in_their_order():
    first = box("{first_name}", size=200, colour="#ff0000")
    made = card(first, box("over it", size=180, colour="#0000ff"), box("{first_name}", y=200, size=120), photo=PHOTO)
    for name in NAMES[:6]:
        words = {**WORDS, "first_name": name}
        block = drawing._base(made, words, True).sheet.grid.block
        assert render(made, words) == segments.encode(drawing.picture(made, words), block)


def test_words_over_most_of_the_picture_are_encoded_whole():
    made = card(box("{first_name} " * 20, x=0, y=0, width=1080, height=1350, size=300, min_size=40), photo=PHOTO)
    words = {**WORDS, "first_name": "Mimi"}
    block = drawing._base(made, words, True).sheet.grid.block
    assert render(made, words) == segments.encode(drawing.picture(made, words), block)


def test_the_pixels_are_those_of_a_plain_encode_without_pieces():
    made = card(box(effect="shadow"), photo=PHOTO)
    out = BytesIO()
    drawing.picture(made, WORDS).save(out, "JPEG", quality=segments.QUALITY, subsampling=segments.SUBSAMPLING)
    assert pixels(render(made, WORDS)) == pixels(out.getvalue())


def test_pieces_cost_less_than_two_percent_of_bytes():
    for made in (card(box(), photo=PHOTO), card(box())):
        out = BytesIO()
        drawing.picture(made, WORDS).save(out, "JPEG", quality=segments.QUALITY, subsampling=segments.SUBSAMPLING)
        assert len(render(made, WORDS)) <= len(out.getvalue()) * 1.02


def test_an_encoder_without_restart_markers_is_noticed():
    sheet = Sheet.of(noise(320, 64))
    with pytest.raises(segments.NotInPieces, match="4 segments were asked for, 1 came"):
        segments._cut(segments._saved(noise(64, 64), quality=85), 4)
    assert sheet.joined({}).count(b"\xff\xd9") == 1


def test_regions_that_touch_become_one():
    far, near, next_to_it = Region(0, 0, 1, 2), Region(2, 5, 4, 8), Region(3, 6, 5, 9)
    assert segments.apart([far, near, next_to_it]) == [far, Region(2, 5, 5, 9)]
    assert segments.apart([far, Region(1, 0, 2, 2)]) == [far, Region(1, 0, 2, 2)]


def test_a_region_outside_the_picture_is_none():
    grid = Grid(320, 64, 5)
    assert grid.region(-50, 0, -10, 20) is None
    assert grid.region(0, 64, 10, 90) is None
    assert grid.region(-50, -5, 500, 500) == grid.whole


def test_what_was_drawn_once_comes_back_without_drawing():
    made = card(box(), photo=PHOTO)
    first = render(made, WORDS)
    assert len(drawing._bands) >= 1
    assert render(made, {**WORDS, "service": "not on this card"}) == first


def test_the_memory_for_what_was_drawn_is_bounded(monkeypatch):
    forget()
    monkeypatch.setattr(drawing._bands, "most_bytes", 200_000)
    made = card(box(), photo=PHOTO)
    for number in range(40):
        render(made, {**WORDS, "first_name": f"Name{number}"})
    assert 0 < drawing._bands.size <= 200_000


def test_a_card_is_prepared_once_for_all_its_customers(monkeypatch):
    forget()
    prepared = []
    made = drawing._made_bare
    monkeypatch.setattr(drawing, "_made_bare", lambda own: prepared.append(own) or made(own))
    for name in NAMES:
        render(card(box(), photo=PHOTO), {**WORDS, "first_name": name})
        render(card(box("Other words, {first_name}"), photo=PHOTO), {**WORDS, "first_name": name})
    assert len(prepared) == 1
    assert len(drawing._bases) == 2
