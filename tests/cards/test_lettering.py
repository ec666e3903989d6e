"""Letters drawn once and put together; fonts as FreeType draws them fastest; fonts that are gone."""

import os
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from campaigns.cards import lettering, outlines, render, system_fonts, typefaces
from campaigns.cards.typefaces import CHOICES, Face

from .designs import NAMES, WORDS, box, card

QUICK = [face for face in typefaces.SHIPPED if not face.slow_to_open]
ALL = pytest.mark.parametrize("face", CHOICES.values(), ids=CHOICES)


def whole(face, text, size=120):
    """The text put together from its letters, and the same by Pillow in one go."""
    ours, theirs = Image.new("L", (1400, 300)), Image.new("L", (1400, 300))
    for stamp in lettering.stamps(face, text, size, False, True):
        ours.paste(255, (60 + stamp.left, 200 + stamp.top), stamp.picture)
    font = typefaces.opened(face, size, True)
    mask, offset = font.getmask2(text, "L", features=lettering._NO_SWAPS, anchor="ls")
    theirs.paste(255, (60 + offset[0], 200 + offset[1]), Image.frombytes("L", mask.size, bytes(mask)))
    return ours, theirs


def ink(picture):
    return sum(level * count for level, count in enumerate(picture.histogram()))


@pytest.mark.skipif(not typefaces.SHAPING, reason="libfribidi0 is not installed")
@ALL
def test_single_letters_stand_where_the_shaper_would_put_them(face):
    for text in ("Thanks, Marcus!", "AVATAR To Yo.", "Łukasz Çelik", "Anna-Lena O’Neill"):
        ours, theirs = (picture.getbbox() for picture in whole(face, text))
        assert all(abs(one - other) <= 4 for one, other in zip(ours, theirs, strict=True)), text


@pytest.mark.skipif(not typefaces.SHAPING, reason="libfribidi0 is not installed")
@ALL
def test_kerning_draws_letters_together(face):
    apart = sum(lettering._advance(face, letter) for letter in "AVATAR")
    kerned = sum(lettering._kerning(face, a + b, True) for a, b in pairwise("AVATAR"))
    assert kerned < 0
    assert lettering.measure(face, "AVATAR", lettering.EM, False, True).advance == pytest.approx(apart + kerned)


@ALL
@pytest.mark.parametrize("size", [18, 40, 111, 178, 400])
def test_a_run_reaches_exactly_as_far_as_it_says(face, size):
    for text in ("Marcus!", "gjpyÅ", " a ", "ffi", "—"):
        extent = lettering.measure(face, text, size, False, True)
        edges = [
            (stamp.left, stamp.top, stamp.left + stamp.picture.width, stamp.top + stamp.picture.height)
            for stamp in lettering.stamps(face, text, size, False, True)
        ]
        lefts, tops, rights, bottoms = zip(*edges, strict=True)
        assert (min(lefts), min(tops), max(rights), max(bottoms)) == extent[1:]


@pytest.mark.parametrize("text", ["محمد", "देवी", "สมชาย", "Nguye\u0302\u0303n", "李伟", "a\u200db", "a\u0301"])
def test_what_joins_stacks_or_composes_is_not_plain(text):
    assert not lettering.is_plain(CHOICES["sans"], text)


def test_nothing_to_see_leaves_no_stamp():
    assert list(lettering.stamps(CHOICES["hand"], "   ", 100, False, True)) == []
    assert lettering.measure(CHOICES["hand"], "  ", 100, False, True)[1:] == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "face", [face for face in typefaces.SHIPPED if not face.slow_to_open], ids=lambda face: face.file
)
def test_taking_off_the_overlap_marks_changes_nothing_that_anybody_sees(face):
    text = next((name for name in NAMES if all(typefaces.draws(face, letter) for letter in name)), "Ada")
    size, original = 120, face.path.read_bytes()
    changed = outlines.unmarked(original)
    assert len(changed) == len(original)
    fonts = [typefaces.ImageFont.truetype(typefaces.BytesIO(content), size) for content in (original, changed)]
    masks = [font.getmask(text, "L") for font in fonts]
    before, after = (Image.frombytes("L", mask.size, bytes(mask)) for mask in masks)
    assert ink(ImageChops.difference(before, after)) < 0.02 * ink(before)


def test_a_font_without_such_outlines_comes_back_as_it_is():
    packed = typefaces.KOREAN.path.read_bytes()
    assert outlines.unmarked(packed) is packed
    assert outlines.unmarked(b"not a font at all") == b"not a font at all"
    assert outlines.unmarked(b"") == b""


def test_a_font_that_is_gone_is_replaced_and_named(monkeypatch):
    gone = Face("Removed_700Bold.ttf")
    monkeypatch.setattr(typefaces, "SHIPPED", (gone, typefaces.NOTO))
    assert typefaces.lost() == ["Removed_700Bold.ttf"]
    assert lettering.measure(gone, "Ada", 100, False, True) == lettering.measure(
        typefaces.NOTO, "Ada", 100, False, True
    )


def test_no_shipped_font_is_missing():
    assert typefaces.lost() == []


def test_a_new_name_opens_no_file():
    made, opened, watching = card(box(), box("{sender}", y=600)), [], [False]
    sys.addaudithook(lambda event, given: opened.append(given) if event == "open" and watching[0] else None)
    for name in NAMES:
        render(made, {**WORDS, "first_name": name})
    watching[0] = True
    for name in NAMES:
        render(made, {**WORDS, "first_name": f"{name} {name[:2]}"})
    watching[0] = False
    assert opened == []


def font_file(folder, name):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(typefaces.NOTO.path.read_bytes())
    return path


def test_a_script_we_do_not_ship_is_looked_for_on_the_system(tmp_path, only_these_fonts):
    regular, bold = (font_file(tmp_path, f"noto/NotoSansTamil-{weight}.ttf") for weight in ("Regular", "Bold"))
    serif, broad = font_file(tmp_path, "noto/NotoSerifTamil-Bold.ttf"), font_file(tmp_path, "DejaVuSans-Bold.ttf")
    font_file(tmp_path, "NotoSansThai-Bold.ttf")
    only_these_fonts(tmp_path)
    assert [face.path for face in system_fonts.for_script("TAMIL")] == [bold, regular, serif, broad]


def test_a_system_without_fonts_has_none(tmp_path, only_these_fonts):
    only_these_fonts(tmp_path / "nowhere")
    assert system_fonts.for_script("TAMIL") == ()


def test_a_damaged_font_of_the_system_is_passed_over(tmp_path, only_these_fonts):
    (tmp_path / "NotoSansTamil-Bold.ttf").write_bytes(b"\0\1\0\0" + b"rubbish" * 40)
    only_these_fonts(tmp_path)
    face = system_fonts.for_script("TAMIL")[0]
    assert not typefaces.draws(face, "த")


@pytest.fixture
def odd_fonts(tmp_path, only_these_fonts):
    """A folder in which a font is a pipe, a device, a loop, nothing at all, far too large, unreadable, or damaged."""
    os.mkfifo(tmp_path / "NotoSansTamil-Bold.ttf")
    for name, place in (("Zero", "/dev/zero"), ("Loop", "NotoSansTamil-Loop.ttf"), ("Gone", "nowhere.ttf")):
        (tmp_path / f"NotoSansTamil-{name}.ttf").symlink_to(place)
    (tmp_path / "loop").symlink_to(tmp_path)
    with (tmp_path / "NotoSansTamil-Huge.ttf").open("wb") as huge:
        huge.truncate(300 * 1024 * 1024)
    (tmp_path / "NotoSansTamil-Empty.ttf").touch()
    damaged = font_file(tmp_path, "NotoSansTamil-Regular.ttf")
    damaged.write_bytes(damaged.read_bytes()[:5000])
    only_these_fonts(tmp_path)
    return damaged


def test_odd_files_among_the_fonts_of_the_system_are_passed_over(odd_fonts):
    found = {face.path.name for face in system_fonts.for_script("TAMIL")}
    assert found == {"NotoSansTamil-Regular.ttf", "NotoSansTamil-Empty.ttf"}
    assert render(card(box()), {**WORDS, "first_name": "தமிழ்"}) == render(card(box()), {**WORDS, "first_name": ""})


def test_a_damaged_font_of_the_system_is_read_once(odd_fonts):
    read, watching = [], [True]
    sys.addaudithook(lambda event, given: read.append(str(given[0])) if event == "open" and watching[0] else None)
    for letter in "தமிழ்":
        render(card(box()), {**WORDS, "first_name": letter * 2})
    watching[0] = False
    assert read.count(str(odd_fonts)) == 1


def test_one_file_is_one_font_for_all_its_scripts(tmp_path, only_these_fonts):
    font_file(tmp_path, "DejaVuSans-Bold.ttf")
    only_these_fonts(tmp_path)
    assert system_fonts.for_script("TAMIL") == system_fonts.for_script("OGHAM") != ()


def test_a_process_without_a_home_has_no_fonts_there(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("~nobody-knows").expanduser())
    assert system_fonts._home() == Path("/nonexistent")
