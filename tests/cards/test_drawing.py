"""The picture itself: inside its box, joined, the same bytes each time, from many threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from campaigns.cards import BadDesign, drawing, layers, lettering, render, setting, typefaces
from campaigns.cards.design import Box

from .designs import GREY, NAMES, WORDS, box, card, flat_photo, forget, mask
from .test_scripts import BOTH

BLANK = drawing.picture(card(), {})
LETTERS = st.sampled_from("Aaéjgy ÅŁ!'ộ-ßЖλ李さ민مחदำสู")


def ink(made, shaping=typefaces.SHAPING, **words):
    """The rectangle of everything that differs from the bare photo."""
    return ImageChops.difference(drawing.picture(made, {**WORDS, **words}, shaping=shaping), BLANK).getbbox()


def within(rectangle, made):
    own = made.boxes[0]
    left, top, right, bottom = rectangle
    return own.x <= left and own.y <= top and right <= own.x + own.width and bottom <= own.y + own.height


def whole_ink(design_box, shaping, **words):
    """How much ink the words need, and how much of it the mask of the box caught."""
    made = setting.compose(design_box, {**WORDS, **words}, shaping)
    roomy = replace(design_box, width=design_box.width + 400, height=design_box.height + 400)
    moved = replace(made, runs=tuple(replace(run, x=run.x + 200, y=run.y + 200) for run in made.runs))
    return total(mask(roomy, moved, shaping)), total(mask(design_box, made, shaping))


def total(mask):
    return sum(level * count for level, count in enumerate(mask.histogram()))


@BOTH
@pytest.mark.parametrize("effect", ["none", "shadow", "outline", "panel"])
def test_nothing_is_drawn_outside_the_box(effect, shaping):
    made = card(box(x=200, y=300, width=640, height=180, effect=effect))
    for name in NAMES:
        assert within(ink(made, shaping, first_name=name), made), name


@BOTH
@pytest.mark.parametrize("font", ["hand", "sans", "serif", "display"])
def test_nothing_of_a_name_is_cut_off_by_the_box(font, shaping):
    tight = Box("Thanks, {first_name|}!", 0, 0, 640, 130, font=font, size=130, min_size=20)
    for name in NAMES:
        wanted, drawn = whole_ink(tight, shaping, first_name=name)
        assert drawn == wanted, name


@pytest.mark.parametrize("name", ["Ågjy", "李伟", "محمد"])
def test_an_outline_is_not_cut_off_by_the_box(name):
    tight = Box("{first_name}", 0, 0, 400, 130, size=130, effect="outline")
    made = setting.compose(tight, {"first_name": name}, typefaces.SHAPING, layers.inset(tight))
    thick = mask(tight, made, typefaces.SHAPING)
    left, top, right, bottom = thick.getbbox()
    assert min(left, top, tight.width - right, tight.height - bottom) > 0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    name=st.text(LETTERS, max_size=24),
    width=st.integers(30, 700),
    height=st.integers(12, 400),
    font=st.sampled_from(["hand", "sans", "serif", "display"]),
    align=st.sampled_from(["left", "center", "right"]),
    valign=st.sampled_from(["top", "middle", "bottom"]),
)
def test_no_box_and_no_name_makes_words_leave_the_box(name, width, height, font, align, valign):
    own = Box("Thanks, {first_name|}!", 0, 0, width, height, font=font, align=align, valign=valign)
    wanted, drawn = whole_ink(own, typefaces.SHAPING, first_name=name)
    assert drawn == wanted


def test_a_turned_box_keeps_its_words_inside_its_corners():
    made = card(box(x=300, y=500, width=480, height=200, rotation=30, effect="panel"))
    left, top, right, bottom = ink(made)
    xs, ys = zip(*made.boxes[0].corners(), strict=True)
    assert min(xs) - 2 <= left
    assert min(ys) - 2 <= top
    assert right <= max(xs) + 2
    assert bottom <= max(ys) + 2


@pytest.mark.skipif(not typefaces.SHAPING, reason="libfribidi0 is not installed")
@pytest.mark.parametrize("name", ["محمد", "عبدالله", "يوسف", "יוסף"])
def test_arabic_and_hebrew_look_the_same_with_and_without_raqm(name):
    own = Box("{first_name}", 0, 0, 600, 200, font="sans", size=120)
    masks = [mask(own, setting.compose(own, {"first_name": name}, shaping), shaping) for shaping in (True, False)]
    difference = total(ImageChops.difference(*masks))
    assert difference < 0.12 * total(masks[0])


@BOTH
def test_arabic_letters_are_joined(shaping):
    def empty_columns(text):
        (whole,) = lettering.stamps(typefaces.ARABIC, text, 100, True, shaping)
        ink = whole.picture.crop(whole.picture.getbbox())
        return ink.resize((ink.width, 1), Image.Resampling.BOX).histogram()[0]

    assert empty_columns("محمد") == 0
    assert empty_columns("\u200c".join("محمد")) > 0


def test_a_missing_glyph_is_told_from_a_drawn_one():
    assert typefaces.draws(typefaces.CHOICES["hand"], "ж")
    assert not typefaces.draws(typefaces.CHOICES["hand"], "λ")
    assert not typefaces.draws(typefaces.JAPANESE, "伟")


def test_what_is_sent_is_a_plain_baseline_jpeg_of_the_right_size():
    made = Image.open(BytesIO(render(card(box()), WORDS)))
    assert (made.format, made.size, made.mode) == ("JPEG", (1080, 1350), "RGB")
    assert not made.info.get("exif")
    assert not made.info.get("icc_profile")
    assert not made.info.get("progressive")


def test_the_same_input_gives_the_same_bytes():
    made = card(box(effect="shadow"), box("{sender}", y=600))
    first = render(made, WORDS)
    forget()
    assert render(card(box(effect="shadow"), box("{sender}", y=600)), WORDS) == first


def test_many_threads_draw_what_one_would():
    made = card(box(effect="outline"), box("{first_name} {sender}", y=700, font="serif"))
    alone = [render(made, {**WORDS, "first_name": name}) for name in NAMES]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda name: render(made, {**WORDS, "first_name": name}), NAMES))
    assert together == alone


def test_the_words_do_not_stay_on_the_prepared_picture():
    made = card(box())
    render(made, WORDS)
    assert drawing.picture(card(), {}).tobytes() == BLANK.tobytes()


def test_the_cache_of_prepared_pictures_is_bounded():
    for number in range(drawing.MOST_BASES + 4):
        render(card(photo=flat_photo(f"#0000{number:02x}", (300, 300)), width=300, height=300), {})
    assert len(drawing._bases) <= drawing.MOST_BASES


@pytest.mark.parametrize("edge", ["top", "bottom", "left", "right"])
def test_the_band_lies_along_its_edge_and_the_photo_fills_the_rest(edge):
    made = drawing.picture(card(band={"edge": edge, "size": 300, "colour": "#ff0000"}), {})
    middles = {"top": (540, 5), "bottom": (540, 1345), "left": (5, 675), "right": (1075, 675)}
    red = {side for side, point in middles.items() if made.getpixel(point) == (255, 0, 0)}
    assert edge in red
    assert len(red) == 1
    assert made.getpixel((540, 675))[0] == pytest.approx(128, abs=2)


def test_the_focus_decides_which_part_of_the_photo_stays():
    wide = Image.new("RGB", (2000, 1000), "red")
    wide.paste("blue", (1000, 0, 2000, 1000))
    out = BytesIO()
    wide.save(out, "JPEG", quality=95)
    left, right = (drawing.picture(card(photo=out.getvalue(), focus=[x, 0.5]), {}).getpixel((540, 600)) for x in (0, 1))
    assert left[0] > 200
    assert right[2] > 200


def test_a_photo_that_cannot_be_read_is_a_plain_sentence():
    with pytest.raises(BadDesign, match="cannot be read"):
        render(card(box(), photo=b"not a jpeg"), WORDS)
    with pytest.raises(BadDesign, match="cannot be read"):
        render(card(box(), photo=GREY[: len(GREY) // 2]), WORDS)


def test_words_nobody_can_see_do_not_disturb():
    assert render(card(box("\u200b\ufe0f")), WORDS) == render(card(), WORDS)
