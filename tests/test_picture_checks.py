"""Whose picture should somebody look at: what fits, what can be drawn, and what is odd, with nothing drawn."""

from dataclasses import replace

import pytest

from campaigns import cards, picture_checks
from tests.cast import make_customer

LONG = "Maximiliana-Konstantina"
CHEROKEE = "ᏣᎳᎩ"


@pytest.fixture
def card(ada) -> cards.Card:
    return ada.card.drawing()


def one(card, ada, number=1, **more):
    found = picture_checks.look(card, [make_customer(ada.business, number, **more)])
    return found[0] if found else None


def test_an_ordinary_name_needs_no_look(card, ada):
    assert one(card, ada, first_name="Grace") is None


def test_an_odd_name_comes_with_what_to_say_instead(card, ada):
    found = one(card, ada, first_name="MARCUS & DANA")
    assert (found.code, found.suggestion, found.alternatives) == ("two", "Marcus", ("Dana",))


def test_letters_that_become_much_smaller_are_worth_saying(card, ada):
    found = one(card, ada, first_name=LONG)
    assert (found.code, found.suggestion, found.may_stay) == ("narrow", "Maximiliana", True)


def test_a_name_that_does_not_fit_is_left_out_and_that_is_said(card, ada):
    found = one(card, ada, first_name="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysilio")
    assert (found.code, found.suggestion, found.may_stay) == ("room", "", False)
    assert "do not fit with the name" in found.sentence


def test_letters_no_font_has_are_named(card, ada):
    found = one(card, ada, first_name=CHEROKEE)
    assert (found.code, found.suggestion) == ("glyphs", "")
    assert "Ꮳ" in found.sentence


def test_a_suggestion_that_does_not_fit_either_is_not_made(card, ada):
    found = one(card, ada, first_name="LLANFAIRPWLLGWYNGYLLGOGERYCHWYRNDROBWLLLLANTYSILIO")
    assert (found.code, found.suggestion) == ("capitals", "")


def test_what_somebody_has_decided_is_not_asked_again(card, ada):
    assert one(card, ada, first_name="MARCUS", spoken_name="MARCUS") is None
    assert one(card, ada, 2, first_name=LONG, spoken_name=LONG) is None
    assert one(card, ada, 3, first_name="", spoken_name="") is None


def test_what_cannot_be_drawn_is_said_whatever_was_decided(card, ada):
    assert one(card, ada, first_name="Sequoyah", spoken_name=CHEROKEE).code == "glyphs"
    assert one(card, ada, 2, first_name=CHEROKEE, spoken_name="Sequoyah") is None


def test_a_design_that_sets_every_name_small_is_no_reason_to_look(card, ada):
    wide = replace(card.boxes[0], text="Thank you from all of us here, {first_name}!", height=200)
    assert one(replace(card, boxes=(wide,)), ada, first_name="Grace") is None


def test_taking_every_suggestion_leaves_nothing_to_look_at(card, ada):
    names = [
        "MARCUS",
        "",
        CHEROKEE,
        LONG,
        "Sam & Alex",
        "M.",
        "test",
        "LLANFAIRPWLLGWYNGYLLGOGERYCHWYRNDROBWLLLLANTYSILIO",
        "Dr. Who",
        "🔧",
    ]
    people = [make_customer(ada.business, n, first_name=name) for n, name in enumerate(names)]
    for found in picture_checks.look(card, people):
        found.customer.spoken_name = found.suggestion
    assert picture_checks.look(card, people) == []


def test_customers_are_checked_without_a_query_and_without_a_picture(card, ada, django_assert_num_queries):
    people = [make_customer(ada.business, n, first_name=f"Name{n}") for n in range(20)]
    with django_assert_num_queries(0):
        assert len(picture_checks.look(replace(card, photo=b"no photo at all"), people)) == 20


@pytest.fixture
def told(card) -> cards.Card:
    box = replace(card.boxes[0], text="Thanks, {first_name|}! {technician} did your {service}")
    return replace(card, boxes=(box,))


def test_a_word_that_cannot_be_drawn_is_shown_and_the_name_may_stay(told, ada):
    found = one(told, ada, first_name="Marcus", technician=CHEROKEE)
    assert (found.code, found.suggestion, found.may_stay) == ("glyphs", "Marcus", True)
    assert found.sentence.endswith("without who was there.")
    assert one(told, ada, 2, first_name="Marcus", technician=CHEROKEE, spoken_name="Marcus") is None


def test_a_word_that_does_not_fit_does_not_cost_an_odd_name_its_suggestion(told, ada):
    found = one(told, ada, first_name="MARCUS", technician="W" * 120)
    assert (found.code, found.suggestion) == ("capitals", "Marcus")


def test_a_name_that_does_not_fit_is_told_before_another_word(told, ada):
    found = one(told, ada, first_name=CHEROKEE, technician=CHEROKEE)
    assert (found.code, found.suggestion, found.may_stay) == ("glyphs", "", False)
