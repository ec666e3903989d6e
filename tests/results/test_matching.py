"""Who may have written a review: by the name, and by when they were asked; never certain."""

from datetime import date, timedelta

import pytest

from campaigns.names import are_one_name, forms
from campaigns.results.matching import LEAST, MOST, Asked, Register, Signed

MONDAY = date(2026, 3, 2)
GRACE = Asked(1, "Grace", "Hopper", (MONDAY,))


def guesses(author, *people, day=date(2026, 3, 20)):
    return Register(people or [GRACE]).guesses(Signed(author, day))


def sure(author, *people, **more):
    return next((guess.confidence for guess in guesses(author, *people, **more)), 0)


@pytest.mark.parametrize(
    ("author", "first", "last", "why"),
    [
        ("grace HOPPER", "Grace", "Hopper", "The full name is the same"),
        ("Jose Garcia", "José", "García", "The full name is the same"),
        ("Lukasz Wójcik", "Łukasz", "Wojcik", "The full name is the same"),
        ("Anne Marie Berg", "Anne-Marie", "Berg", "The full name is the same"),
        ("Siobhan O'Neill", "Siobhán", "O’Neill", "The full name is the same"),
        ("Ольга Петренко", "Ольга", "Петренко", "The full name is the same"),
        ("Hopper Grace", "Grace", "Hopper", "The full name, last name first"),
        ("Grace H.", "Grace", "Hopper", "First name and initial are the same"),
        ("Bob Smith", "Robert", "Smith", "A short form of the first name, and the same last name"),
        ("Robert Smith", "Bob", "Smith", "A short form of the first name, and the same last name"),
        ("Paco García", "Francisco", "Garcia", "A short form of the first name, and the same last name"),
        ("Liz T.", "Elizabeth", "Taylor", "A short form of the first name, and the same initial"),
        ("G. Hopper", "Grace", "Hopper", "Initial and last name"),
        ("Grace Brewster Hopper", "Grace", "Hopper", "First and last name, with more between"),
    ],
)
def test_a_name_is_found_in_the_ways_people_sign(author, first, last, why):
    [guess] = guesses(author, Asked(7, first, last, (MONDAY,)))
    assert (guess.key, guess.reason.partition(";")[0]) == (7, why)
    assert LEAST <= guess.confidence <= MOST


@pytest.mark.parametrize(
    "author",
    ["", "  ", "★★★★★", "H.", "Grace Ho", "Hopper", "Graces Hopper", "Linus Torvalds", "A Google User", "\x00", "G H"],
)
def test_what_is_no_name_of_theirs_finds_nobody(author):
    assert guesses(author) == []


@pytest.mark.parametrize("person", [Asked(1, "", "", (MONDAY,)), Asked(1, "", "Hopper", (MONDAY,))])
def test_half_a_name_on_our_side_is_not_guessed_from(person):
    assert guesses("Grace Hopper", person) == guesses("", person) == []


def test_more_of_the_name_is_surer():
    order = [sure(author) for author in ("Grace Hopper", "Hopper Grace", "Grace H.", "G. Hopper")]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == 4


def test_a_review_from_before_the_request_is_no_answer_to_it():
    assert guesses("Grace Hopper", day=date(2026, 3, 1)) == []
    assert sure("Grace Hopper", day=MONDAY) > 80


def test_who_was_asked_twice_is_measured_from_the_request_before_the_review():
    person = Asked(1, "Grace", "Hopper", (MONDAY, date(2026, 9, 1)))
    [guess] = guesses("Grace Hopper", person, day=date(2026, 3, 10))
    assert "written 8 days after they were asked" in guess.reason


def test_of_two_requests_before_the_review_the_later_counts():
    person = Asked(1, "Grace", "Hopper", (MONDAY, date(2026, 9, 1)))
    [guess] = guesses("Grace Hopper", person, day=date(2026, 9, 3))
    assert "written 2 days after they were asked" in guess.reason


def test_a_review_right_after_the_link_was_opened_is_surer():
    opened = Asked(1, "Grace", "Hopper", (MONDAY,), date(2026, 3, 19))
    [guess] = guesses("Grace H.", opened)
    assert guess.confidence > sure("Grace H.")
    assert "written the day after they opened the link" in guess.reason


def test_long_after_the_request_or_without_a_day_it_is_less_sure():
    late, dayless = sure("Grace Hopper", day=date(2026, 8, 1)), sure("Grace Hopper", day=None)
    assert late < dayless < sure("Grace Hopper")


def test_a_first_name_alone_counts_only_with_the_time():
    assert guesses("Grace") == []
    [guess] = guesses("Grace", day=date(2026, 3, 3))
    assert guess.confidence < 60


@pytest.mark.parametrize(("days", "confidence"), [(14, 74), (15, 68), (90, 68), (91, 48)])
def test_how_long_ago_they_were_asked_counts_to_the_day(days, confidence):
    assert sure("Grace H.", day=MONDAY + timedelta(days=days)) == confidence


@pytest.mark.parametrize(("days", "confidence"), [(-1, 68), (0, 80), (3, 80), (4, 68)])
def test_so_does_how_long_ago_they_opened_the_link_and_not_what_they_opened_later(days, confidence):
    opened = Asked(1, "Grace", "Hopper", (MONDAY,), date(2026, 3, 20))
    assert sure("Grace H.", opened, day=date(2026, 3, 20) + timedelta(days=days)) == confidence


def test_the_likeliest_comes_first():
    hall = Asked(2, "Grace", "Hall", (MONDAY,), MONDAY)
    found = guesses("Grace H.", GRACE, hall, day=MONDAY)
    assert [(guess.key, guess.confidence) for guess in found] == [(2, 80), (1, 49)]


def test_two_who_fit_nearly_as_well_make_neither_sure():
    """48 and 50 of 100, before each is held against the other."""
    long_ago, lately = (date(2026, 3, 20) - timedelta(days=days) for days in (100, 20))
    assert guesses("Bob S.", Asked(1, "Bob", "Stone", (long_ago,)), Asked(2, "Robert", "Smith", (lately,))) == []


def test_two_who_fit_as_well_make_neither_sure():
    hall = Asked(2, "Grace", "Hall", (MONDAY,))
    found = guesses("Grace H.", GRACE, hall, day=date(2026, 3, 4))
    assert [guess.key for guess in found] == [1, 2]
    assert all("another customer fits as well" in guess.reason for guess in found)
    assert found[0].confidence < sure("Grace H.", day=date(2026, 3, 4)) - 20


def test_a_better_fit_is_not_held_back_by_a_worse_one():
    gracie = Asked(2, "Gracie", "Hopper", (MONDAY,))
    assert sure("Grace Hopper", GRACE, gracie) == sure("Grace Hopper")


def test_nothing_is_certain():
    best = Asked(1, "Grace", "Hopper", (MONDAY,), MONDAY)
    assert sure("Grace Hopper", best, day=MONDAY) == MOST < 100


def test_short_forms_go_both_ways_and_no_further():
    assert are_one_name("bob", "robert")
    assert are_one_name("robert", "bob")
    assert not are_one_name("bob", "bob")
    assert not are_one_name("bob", "william")
    assert forms("liz") >= {"liz", "elizabeth", "beth"}
    assert forms("wolfgang") == {"wolfgang"}
