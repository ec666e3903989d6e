"""Fitting: shrink, wrap, and in the end the words without the name."""

import pytest

from campaigns.cards import Setting, drawn_texts, missing, typefaces

from .designs import NAMES, WORDS, box, card
from .test_scripts import BOTH


def set_(design_box, **words):
    return drawn_texts(card(design_box), {**WORDS, **words})[0]


def test_a_short_name_stands_at_full_size():
    assert set_(box(size=150), first_name="Ada").size == 150


def test_a_longer_name_shrinks_but_stays_on_its_line():
    words = set_(box(size=150), first_name="Christopher")
    assert 110 < words.size < 150
    assert len({run.y for run in words.runs}) == 1


def test_a_very_long_name_wraps_at_a_space():
    words = set_(box(size=150), first_name="Maximiliana Featherstonehaugh-Cholmondeley")
    assert words.text == "Thanks, Maximiliana Featherstonehaugh-Cholmondeley!"
    assert [run.run.text for run in words.runs] == ["Thanks, ", "Maximiliana", "Featherstonehaugh-Cholmondeley!"]
    assert words.runs[1].y < words.runs[2].y


def test_below_the_floor_the_name_is_left_out_and_a_note_says_so():
    words = set_(box(size=150, min_size=100), first_name="Maximiliana Featherstonehaugh-Cholmondeley")
    assert words.text == "Thanks!"
    assert words.note == "The words do not fit with the name, so the card says them without it."


def test_five_hundred_characters_are_left_out():
    assert set_(box(), first_name="x" * 500).text == "Thanks!"
    assert set_(box(), first_name="ab " * 170).text == "Thanks!"


def test_the_fallback_after_the_bar_is_what_a_name_without_glyphs_gets():
    words = set_(box("Hi {first_name|friend}!"), first_name="தமிழ்")
    assert words.text == "Hi friend!"
    assert words.note.startswith("No font here has த")


def test_sender_and_business_stay_when_only_the_name_is_the_trouble():
    assert set_(box("{first_name}, from {sender}"), first_name="தமிழ்").text == "there, from Todd"


def test_trouble_in_the_business_does_not_cost_the_name():
    words = set_(box("{first_name}, from {business}"), first_name="Marcus", business="தமிழ்")
    assert (words.text, words.left_out) == ("Marcus, from us", {"business"})


ALL = "{first_name}, {technician} did your {service} on {visit_date}. {sender} from {business}"
GOOD = {"first_name": "Marcus", "technician": "Joe", "service": "leak", "visit_date": "June 3"}


@pytest.mark.parametrize("bad", ["W" * 120, "தமிழ்", "𒐫" * 120, "Wi " * 40 + "W" * 80])
@pytest.mark.parametrize("field", GOOD)
def test_one_bad_word_is_left_out_alone(field, bad):
    words = set_(box(ALL, size=100, min_size=70), **{**GOOD, field: bad})
    assert words.left_out == {field}
    assert all(word in words.text for name, word in GOOD.items() if name != field)
    assert "Todd from Texas Prime Plumbing" in words.text


def test_two_bad_words_cost_what_differs_and_keep_the_business():
    words = set_(box(ALL, size=100, min_size=70), **{**GOOD, "technician": "W" * 120, "service": "W" * 119})
    assert words.text == "there, our team did your work on the other day. Todd from Texas Prime Plumbing"


def test_the_note_says_what_was_left_out():
    words = set_(box(ALL), **{**GOOD, "technician": "தமிழ்"})
    assert words.note.startswith("No font here has த")
    assert words.note.endswith("so the card says its words without who was there.")


def test_words_of_the_designer_are_not_blamed_on_the_name():
    assert set_(box("W" * 90, size=100, min_size=90)).note.startswith("The words do not fit, so the letters are small")
    assert set_(box("தமிழ்")).note == "No font here has த ம ி ழ ், so the card leaves this out."


def test_the_longest_words_a_design_may_have_are_drawn():
    assert set_(box(("Thank you " * 30).strip() + "!")).size > 0


@pytest.mark.parametrize("hostile", ["{first_name}", "{{business}}", "\u202eecnuob\u202c", "🚐 {nobody}", "\x00\x07{"])
def test_hostile_words_are_only_words(hostile):
    words = set_(box("{first_name}: {technician}"), first_name="Marcus", technician=hostile)
    assert words.text.startswith("Marcus: ")
    assert not set("\u202e\u202c\x00\x07") & set(words.text)


def test_emoji_beside_a_name_are_drawn_in_the_same_ink():
    words = set_(box(), first_name="Zoë 🎉")
    assert (words.text, words.note) == ("Thanks, Zoë 🎉!", "")
    assert typefaces.EMOJI in {placed.run.face for placed in words.runs}


def test_parts_of_emoji_vanish_without_costing_the_name():
    assert set_(box(), first_name="🇫🇷 Léa\ufe0f").text == "Thanks, Léa!"


def test_a_name_of_emoji_only_is_no_name():
    assert set_(box("Hi {first_name|friend}"), first_name="🎉").text == "Hi friend"


def test_a_box_that_has_nothing_to_say_says_nothing_and_gives_no_reason():
    assert set_(box("{first_name|}"), first_name="") == Setting("", 0, ())
    assert set_(box(""), first_name="Ada") == Setting("", 0, ())


def test_where_the_text_is_only_a_name_the_name_decides_the_direction():
    assert [run.run.text for run in set_(box("{first_name}!"), first_name="محمد").runs] == ["!", "محمد"]
    assert [run.run.text for run in set_(box("Hi {first_name}!"), first_name="محمد").runs] == ["Hi ", "محمد", "!"]


def test_a_sign_no_font_has_is_left_out_and_the_name_stays():
    words = set_(box(), first_name="Zoë\u2bd1")
    assert (words.text, words.note) == ("Thanks, Zoë!", "")


@pytest.mark.parametrize("name", ["<b>Bob</b>", "{sender}", "&amp;", "{{first_name}}", "%s %(x)s"])
def test_markup_in_a_name_is_only_text(name):
    assert set_(box(), first_name=name).text == f"Thanks, {name}!"


def test_a_line_break_of_the_designer_stays():
    words = set_(box("Thanks,\n{first_name|}!"), first_name="Ada")
    assert len({run.y for run in words.runs}) == 2


def test_words_without_a_name_shrink_below_the_floor_rather_than_leave_the_box():
    words = set_(box("A long sentence that was never meant for a box as small as this", width=160, height=60, size=100))
    assert 0 < words.size < 40


def test_where_nothing_fits_nothing_is_drawn():
    assert set_(box("Unreasonable", width=3, height=3)).runs == ()


@pytest.mark.parametrize("valign", ["top", "middle", "bottom"])
def test_the_line_hardly_moves_from_name_to_name(valign):
    places = [set_(box(size=100, valign=valign), first_name=name).runs[0].y for name in ("Ada", "Peggy", "Zoë", "李伟")]
    assert max(places) - min(places) <= 3


@pytest.mark.parametrize("font", ["hand", "sans", "serif", "display"])
@BOTH
def test_every_name_of_a_real_list_is_drawn_whole(font, shaping):
    made = card(box(font=font, size=110, min_size=40))
    for name in NAMES:
        lost = missing(made, {"first_name": name}, shaping=shaping)
        words = drawn_texts(made, {"first_name": name}, shaping=shaping)[0]
        indic_without_shaping = not shaping and name in ("देवी", "राजेश्वरी")
        assert bool(lost) == indic_without_shaping, name
        assert words.text == ("Thanks!" if indic_without_shaping else f"Thanks, {name}!")


def test_nothing_is_missing_where_the_text_has_no_name():
    assert missing(card(box("Thanks!")), {"first_name": "தமிழ்"}) == []
