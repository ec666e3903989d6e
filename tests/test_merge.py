"""Merge fields: syntax, fallbacks, and values that are only data."""

import pytest

from campaigns import merge


def test_a_field_becomes_its_word():
    assert merge.fill("Thanks, {first_name}!", {"first_name": "José"}) == "Thanks, José!"


@pytest.mark.parametrize("blank", [None, "", "   ", "\u200b\u200f", "\t\n", "\u0301"])
def test_a_name_nobody_can_see_takes_the_fallback(blank):
    words = {} if blank is None else {"first_name": blank}
    assert merge.fill("Hi {first_name|friend}", words) == "Hi friend"


def test_without_a_fallback_of_its_own_the_plain_one_is_said():
    assert merge.fill("Hi {first_name}, {sender} here from {business}", {}) == "Hi there, the team here from us"


def test_an_empty_fallback_takes_its_comma_along():
    assert merge.fill("Thanks, {first_name|}!", {}) == "Thanks!"
    assert merge.fill("Thanks,\n{first_name|}!", {}) == "Thanks!"
    assert merge.fill("{first_name|} thanks", {}) == " thanks"


def test_braces_in_a_name_are_never_read_as_a_field():
    words = {"first_name": "{sender}", "sender": "{business}", "business": "B"}
    assert merge.fill("{first_name} {sender}", words) == "{sender} {business}"


@pytest.mark.parametrize("written", ["{first_name}", "{ First_Name }", "{{first_name}}", "{{ first_name | friend }}"])
def test_spaces_capitals_and_doubled_braces_mean_the_same(written):
    assert merge.fill(written, {"first_name": "Ada"}) == "Ada"
    assert merge.fields_in(written) == {"first_name"}


def test_an_unknown_field_is_named_and_the_known_ones_are_listed():
    with pytest.raises(
        merge.UnknownField, match=r"^\{last name\} is not a merge field\. The fields are \{first_name\}"
    ):
        merge.fill("Hi {last name}", {})
    with pytest.raises(merge.UnknownField):
        merge.fields_in("Hi {}")


def test_a_lone_brace_is_only_a_brace():
    assert merge.fill("Shut :-} and { open", {}) == "Shut :-} and { open"
    assert merge.fields_in("a { b") == set()


def test_control_and_direction_marks_do_not_survive():
    assert merge.fill("{first_name}", {"first_name": "\u202eA\x00d\x07a\u2069\r\n  L "}) == "Ada L"


def test_joiners_of_emoji_and_persian_survive():
    name = "علی\u200cرضا 👩\u200d🔧"
    assert merge.fill("{first_name}", {"first_name": name}) == name


def test_values_that_are_not_there_do_not_disturb_the_text_around_them():
    assert merge.fill("a  b {first_name} c\n\nd", {"first_name": "X"}) == "a  b X c\n\nd"


def test_what_the_writer_says_to_everybody_is_the_text_without_fields():
    assert merge.own_words("Thanks, {first_name|friend}! {{sender}}") == "Thanks, ! "


@pytest.mark.parametrize("filler", ["\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u3164 \u3164"])
def test_a_name_of_fillers_is_no_name(filler):
    assert merge.fill("Thanks, {first_name|}!", {"first_name": filler}) == "Thanks!"
