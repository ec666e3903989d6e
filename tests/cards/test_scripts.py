"""Any name in one line: cleaned, cut into runs, in the order it is seen."""

import pytest

from campaigns.cards import lettering, scripts, typefaces
from campaigns.cards.typefaces import CHOICES

HAND = CHOICES["hand"]
BOTH = pytest.mark.parametrize("shaping", [pytest.param(True, marks=pytest.mark.skipif(
    not typefaces.SHAPING, reason="libfribidi0 is not installed")), False], ids=["raqm", "basic"])  # fmt: skip


def seen(text, face=HAND, shaping=False, base=0):
    return [(run.text, run.rtl) for run in scripts.visual_runs(text, face, base, shaping)]


@BOTH
def test_an_arabic_name_stands_between_thanks_and_the_mark(shaping):
    assert seen("Thanks, محمد!", shaping=shaping) == [("Thanks, ", False), ("محمد", True), ("!", False)]


def test_two_arabic_words_stay_one_run_in_reading_order():
    assert seen("Thanks, محمد علي!")[1] == ("محمد علي", True)


def test_an_arabic_sentence_is_read_from_the_right():
    assert [text for text, _ in seen("شكرا José!", base=1)] == ["!", "José", "شكرا "]


def test_digits_in_a_hebrew_line_keep_their_order():
    assert [text for text, _ in seen("יוסף 34 כהן", base=1)] == [" כהן", "34", "יוסף "]


def test_a_joiner_does_not_shift_what_follows():
    assert len(scripts.levels("a علی\u200cرضا!", 0)) == len("a علی\u200cرضا!")
    assert seen("Hi علی\u200cرضا!")[1:] == [("علی\u200cرضا", True), ("!", False)]


def test_the_first_letter_decides_the_direction():
    assert scripts.base_level("… 12 محمد") == 1
    assert scripts.base_level("Thanks, محمد") == 0
    assert scripts.base_level("!!!") == 0


@pytest.mark.parametrize(
    ("name", "face"),
    [
        ("José", HAND),
        ("Дмитрий", HAND),
        ("Ελένη", typefaces.NOTO),
        ("محمد", typefaces.ARABIC),
        ("יוסף", typefaces.HEBREW),
        ("สมชาย", typefaces.THAI),
        ("李伟", typefaces.CHINESE),
        ("渡辺 さくら", typefaces.JAPANESE),
        ("지민", typefaces.KOREAN),
    ],
)
def test_each_script_finds_its_font(name, face):
    assert {run.face for run in scripts.visual_runs(name, HAND, scripts.base_level(name), False)} == {face}


@pytest.mark.skipif(not typefaces.SHAPING, reason="libfribidi0 is not installed")
def test_vietnamese_is_composed_with_raqm_and_borrowed_without():
    assert scripts.visual_runs("Nguyễn", HAND, 0, True)[0].face == HAND
    assert scripts.visual_runs("Nguyễn", HAND, 0, False)[0].face == typefaces.NOTO


def test_devanagari_without_shaping_is_not_drawable():
    assert scripts.undrawable("देवी", HAND, False)


@pytest.mark.skipif(not typefaces.SHAPING, reason="libfribidi0 is not installed")
def test_devanagari_with_shaping_is_drawable():
    assert scripts.undrawable("राजेश्वरी", HAND, True) == []


@BOTH
def test_letters_no_font_has_are_named_once(shaping):
    assert scripts.undrawable("Hi தத!", HAND, shaping) == ["த"]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Zoë 🎉", "Zoë 🎉"),
        ("👨‍👩‍👧", "👨👩👧"),
        ("Mia 👋🏽", "Mia 👋"),
        ("🇫🇷 Léa", "Léa"),
        ("1️⃣", "1"),
        ("\u202eevil\u202c", "evil"),
        ("A\u200bn\ufeffn", "Ann"),
        ("Jose\u0301", "José"),
        ("a\x00\x1b[31mb", "a[31mb"),
        ("A\tB\nC", "A B C"),
        ("\u0301A", "A"),
        ("A\u200dB", "AB"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("x" + "\u0338" * 50, "x" + "\u0338" * 4),
        ("\ud800A\ue000", "A"),
        ("5★", "5★"),
    ],
)
def test_what_cannot_or_must_not_be_drawn_is_gone(raw, clean):
    assert scripts.tidy(raw) == clean


def test_joined_arabic_differs_from_its_letters_and_runs_backwards():
    assert lettering.joined("محمد") == "\ufeaa\ufee4\ufea4\ufee3"


def test_vowel_points_are_left_out_where_they_cannot_be_placed():
    assert lettering.joined("יִצְחָק") == "קחצי"
