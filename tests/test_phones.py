"""What people and spreadsheets write becomes E.164, or a sentence that says why not."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import phones

GOOD = [
    ("(512) 555-0142", "US", "+15125550142"),
    ("512.555.0142", "US", "+15125550142"),
    ("1-512-555-0142", "US", "+15125550142"),
    ("(+1) 512 555 0142", "US", "+15125550142"),
    ("512–555–0142", "US", "+15125550142"),
    ("'+15125550142", "US", "+15125550142"),
    ("tel:+1-512-555-0142", "US", "+15125550142"),
    ("5125550142.0", "US", "+15125550142"),
    ("5551234567.0", "US", "+15551234567"),
    ("5.125550142E+09", "US", "+15125550142"),
    ("\u202a+1 (512) 555-0142\u202c", "US", "+15125550142"),
    ("５１２-５５５-０１４２", "US", "+15125550142"),
    ("٥١٢٥٥٥٠١٤٢", "US", "+15125550142"),
    ("512\u00a0555\u00a00142", "US", "+15125550142"),
    ("+44 (0)20 7946 0018", "GB", "+442079460018"),
    ("020 7946 0018", "GB", "+442079460018"),
    ("07700 900123", "GB", "+447700900123"),
    ("0151 23456789", "DE", "+4915123456789"),
    ("0049 151 23456789", "US", "+4915123456789"),
    ("011 44 20 7946 0018", "US", "+442079460018"),
    ("+86 138 0013 8000", "US", "+8613800138000"),
]

BAD = [
    ("", "no phone number"),
    ("   ", "no phone number"),
    ("512-CALL-NOW", "letters"),
    ("1-800-FLOWERS", "letters"),
    ("ask at desk", "letters"),
    ("(512) 555-0142 x12", "extension"),
    ("512-555-0142 ext. 5", "extension"),
    ("512-555-0142#12", "extension"),
    ("555-0142", "no area code"),
    ("12345", "too few digits"),
    ("+1 512 555 01422", "too many digits"),
    ("1" * 5000, "too many digits"),
    ("512-555-0142 / 512-555-0143", "more than one"),
    ("512-555-0142;512-555-0143", "more than one"),
    ("5.12555E+09", "shortened by the spreadsheet"),
    ("#N/A", "error the spreadsheet shows"),
    ("9999999999", "anybody has"),
    ("1234567890", "anybody has"),
    ("+3906698", "too few digits"),
    ("+", "not a phone number"),
    ("512 555 0142 🙂", "not a phone number"),
]


@pytest.mark.parametrize(("written", "country", "expected"), GOOD)
def test_what_people_write_becomes_e164(written, country, expected):
    assert phones.parse(written, country) == expected


@pytest.mark.parametrize(("written", "reason"), BAD)
def test_what_is_no_number_is_refused_with_the_reason(written, reason):
    with pytest.raises(phones.BadPhone) as refusal:
        phones.parse(written)
    assert reason in refusal.value.sentence
    assert refusal.value.sentence.endswith(".")


def test_the_sentence_quotes_what_was_written_but_not_all_of_it():
    with pytest.raises(phones.BadPhone) as refusal:
        phones.parse("call\nme " + "x" * 5000)
    assert "“call me xxx" in refusal.value.sentence
    assert len(refusal.value.sentence) < 120


@given(
    st.integers(0, 9999), st.sampled_from(["(512) 555-{}", "512.555.{}", "+1512555{}", "'+1 512 555 {}", "1 512 555{}"])
)
def test_fictional_numbers_are_accepted_in_every_spelling(last, pattern):
    assert phones.parse(pattern.format(f"{last:04d}")) == f"+1512555{last:04d}"


@given(st.text(max_size=30))
def test_any_text_gives_a_number_or_a_sentence(text):
    try:
        answer = phones.parse(text)
    except phones.BadPhone as bad:
        answer = bad.sentence
    assert answer.startswith("+") or answer.endswith(".")


@given(st.integers(2_000_000_000, 9_999_999_999))
def test_reading_its_own_answer_changes_nothing(national):
    try:
        number = phones.parse(str(national))
    except phones.BadPhone:
        return
    assert phones.parse(number) == number
    assert phones.parse(phones.shown(number)) == number


def test_numbers_are_shown_as_americans_write_them():
    assert phones.shown("+15125550142") == "(512) 555-0142"


def test_other_numbers_are_shown_in_the_international_form():
    assert phones.shown("+442079460018") == "+44 20 7946 0018"


def test_only_country_and_last_four_digits_are_left_in_a_masked_number():
    assert phones.masked("+15125550142") == "+1•••••0142"
    assert phones.masked("+442079460018") == "+44•••••0018"
    assert phones.masked("nonsense") == "•••••"


def test_a_number_hints_at_its_zones():
    assert phones.zones("+15125550142") == ("America/Chicago",)


def test_an_area_code_in_two_zones_gives_both():
    assert set(phones.zones("+18505550142")) == {"America/New_York", "America/Chicago"}
    assert set(phones.zones("+12085550142")) == {"America/Boise", "America/Los_Angeles"}


@pytest.mark.parametrize("number", ["+18005550142", "+15551234567", "nonsense"])
def test_a_number_that_says_nothing_gives_no_zone(number):
    assert phones.zones(number) == ()


def test_the_geocoder_is_never_loaded():
    use = "import sys; from campaigns import phones; phones.zones('+15125550142')"
    code = f"{use}; print('phonenumbers.geocoder' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+18885551234", "a toll-free number"),
        ("+12425025000", "a landline"),
        ("+15125550142", ""),
        ("+15005551234", ""),
        ("+447700900123", ""),
        ("+4915112345678", ""),
        ("+5491123456789", ""),
        ("rubbish", ""),
        ("", ""),
    ],
)
def test_what_is_no_mobile_is_called_by_its_kind(number, said):
    assert phones.no_mobile(number) == said


@pytest.mark.parametrize(
    ("one", "other"),
    [("+5215512345678", "+525512345678"), ("+541123456789", "+5491123456789")],
)
def test_two_writings_of_one_phone_know_each_other(one, other):
    assert phones.twins(one) == (other,)
    assert phones.twins(other) == (one,)


def test_a_number_of_other_countries_has_one_writing():
    assert phones.twins("+15125550142") == phones.twins("+5511987654321") == phones.twins("") == ()


def test_a_mexican_number_is_read_with_and_without_the_1_of_former_years():
    assert phones.parse("+52 1 55 1234 5678") == phones.parse("+52 55 1234 5678") == "+525512345678"


def test_a_brazilian_number_without_its_ninth_digit_does_not_come_in():
    with pytest.raises(phones.BadPhone):
        phones.parse("+55 11 8765-4321")
