"""The picture itself: inside its box, joined, the same bytes each time, from many threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from campaigns.cards import BadDesign, Card, contact_sheet, drawing, layers, lettering, render, setting, typefaces
from campaigns.cards.design import Box

from .designs import GREY, NAMES, WORDS, box, card, design, flat_photo, forget, mask, noisy_photo
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
    forget()
    for number in range(5):
        render(card(photo=flat_photo(f"#0000{number:02x}", (300, 300)), width=2160, height=2160), {})
    assert len(drawing._bases) == 3
    assert len(drawing._bare) == 1


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


def test_an_enlarged_photo_shows_its_part_in_focus():
    photo = Image.new("RGB", (1080, 1350), "red")
    photo.paste("blue", (540, 675, 1080, 1350))
    out = BytesIO()
    photo.save(out, "JPEG", quality=95)
    whole, corner = (drawing.bare(card(photo=out.getvalue(), focus=[1, 1], zoom=zoom)) for zoom in (1, 2))
    assert whole.getpixel((20, 20))[0] > 200
    assert corner.getpixel((20, 20))[2] > 200


def png(picture):
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def with_logo(logo_png, **changes):
    place = {"x": 100, "y": 100, "width": 400, "height": 100}
    return Card.from_json(design(box(y=600), logo=place, **changes), GREY, logo_png)


def test_the_logo_is_fitted_whole_into_its_place_and_clear_where_it_is_clear():
    logo = Image.new("RGBA", (50, 50), (255, 0, 0, 255))
    logo.paste((0, 0, 0, 0), (0, 0, 25, 50))
    made = drawing.bare(with_logo(png(logo)))
    assert made.getpixel((325, 150))[0] > 240
    assert made.getpixel((265, 150)) == pytest.approx((128, 128, 128), abs=2)
    assert made.getpixel((150, 150)) == pytest.approx((128, 128, 128), abs=2)


def test_a_place_for_a_logo_stays_empty_where_there_is_none():
    assert render(with_logo(b""), WORDS) == render(card(box(y=600)), WORDS)


def test_a_logo_that_cannot_be_read_is_a_plain_sentence():
    with pytest.raises(BadDesign, match="logo of this card cannot be read"):
        render(with_logo(b"rubbish"), WORDS)


def cell(sheet, number, columns, size):
    row, column = divmod(number, columns)
    left, top = column * size[0], row * size[1]
    return sheet.crop((left, top, left + size[0], top + size[1]))


@pytest.mark.parametrize(("width", "height"), [(1080, 1350), (1200, 1200), (1350, 1080)])
def test_a_contact_sheet_shows_each_picture_small(width, height):
    own = box(width=960, size=150, effect="shadow", colour="#ffffff")
    made = card(own, photo=noisy_photo(3, (540, 675)), width=width, height=height)
    people = [{**WORDS, "first_name": name} for name in NAMES[:7]]
    sheet = Image.open(BytesIO(contact_sheet(made, people, columns=3, width=216)))
    size = (216, round(height * 216 / width))
    assert sheet.size == (3 * 216, 3 * size[1])
    for number, words in enumerate(people):
        small = drawing.picture(made, words).resize(size, Image.Resampling.BOX)
        difference = ImageChops.difference(small, cell(sheet, number, 3, size)).convert("L")
        assert total(difference) / (size[0] * size[1]) < 4, words


def test_a_contact_sheet_of_nobody_is_an_empty_row():
    assert Image.open(BytesIO(contact_sheet(card(box()), [], columns=2, width=100))).size == (200, 125)


def test_memory_for_prepared_cards_is_counted_and_bounded():
    forget()
    assert drawing.kept_bytes() == 0
    for number in range(14):
        render(card(box(), photo=flat_photo(f"#0000{number:02x}", (300, 300))), WORDS)
    most = drawing.MOST_BASE_BYTES + drawing.MOST_BARE_BYTES
    assert most * 0.8 < drawing.kept_bytes() < most + drawing.MOST_BAND_BYTES


@pytest.mark.parametrize("effect", ["none", "shadow", "outline", "panel"])
def test_words_that_nobody_can_see_are_drawn_without_a_fault(effect):
    made = card(box("\u3164", effect=effect), box("{first_name}", y=600, effect=effect))
    assert render(made, {"first_name": "\u3164"}).startswith(b"\xff\xd8")


@pytest.mark.parametrize(("effect", "colours"), [("none", 1), ("shadow", 2), ("outline", 2), ("panel", 2)])
def test_a_turned_text_is_turned_once_for_each_colour_however_many_letters_it_has(effect, colours):
    own = card(box("{first_name} " * 4, effect=effect, rotation=4, y=500, min_size=8)).boxes[0]
    made = setting.compose(own, {"first_name": "Wilhelmina"}, True)
    assert len(made.runs) == 4
    assert len(layers.of(own, made, True)) == colours


@pytest.mark.parametrize("rotation", [-180, -90, -33.3, 0.001, 7, 90, 135, 180])
def test_turned_words_are_the_words_turned(rotation):
    flat = card(box("Thanks, Ada!", x=240, y=375, width=600, height=600, size=100))
    turned = card(box("Thanks, Ada!", x=240, y=375, width=600, height=600, size=100, rotation=rotation))
    wanted = drawing.picture(flat, {}).rotate(
        -rotation, Image.Resampling.BICUBIC, center=(540, 675), fillcolor="#808080"
    )
    apart = ImageChops.difference(drawing.picture(turned, {}), wanted).convert("L")
    assert ImageStat.Stat(apart).mean[0] < 0.1
