"""How sure a share is: the published examples, and the edges where the usual formulas break."""

from random import Random

import pytest

from campaigns.results.intervals import LEAST, Interval, difference, share, tells_apart


def rounded(found):
    return (round(found.low, 4), round(found.high, 4))


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_as_published(part, whole, low, high):
    assert rounded(share(part, whole)) == (low, high)


@pytest.mark.parametrize(
    ("first", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),  # Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_interval_is_as_published(first, other, low, high):
    assert rounded(difference(*first, *other)) == (low, high)


def test_of_nobody_everything_is_possible():
    assert rounded(share(0, 0)) == (0.0, 1.0)
    assert rounded(difference(0, 0, 5, 10)) == (-1.0, 1.0)


def test_all_and_none_stay_within_what_there_is():
    assert (share(40, 40).high, share(0, 40).low) == (1.0, 0.0)
    assert share(40, 40).low > 0.9
    assert {share(n, n).high for n in range(1, 500)} == {1.0}


def test_none_itself_is_no_difference():
    assert not Interval(0.0, 0.5).excludes_zero
    assert not Interval(-0.5, 0.0).excludes_zero


@pytest.mark.parametrize(("part", "whole"), [(5, 4), (-1, 4), (1, 0)])
def test_no_share_is_refused(part, whole):
    with pytest.raises(ValueError, match="is no share"):
        share(part, whole)


def test_the_other_way_round_it_is_the_same_difference():
    one, other = difference(56, 70, 48, 80), difference(48, 80, 56, 70)
    assert (round(one.low, 12), round(one.high, 12)) == (round(-other.high, 12), round(-other.low, 12))


def test_a_few_tell_nothing_however_they_differ():
    assert difference(LEAST - 1, LEAST - 1, 0, LEAST - 1).excludes_zero
    assert not tells_apart(LEAST - 1, LEAST - 1, 0, LEAST - 1)
    assert tells_apart(LEAST, LEAST, 0, LEAST)


def test_equal_shares_are_never_told_apart():
    assert not any(tells_apart(n // 3, n, n // 3, n) for n in range(LEAST, 2000, 37))


def test_two_that_are_the_same_are_told_apart_about_five_times_in_a_hundred():
    chance = Random(17)
    draws = [[sum(chance.random() < 0.3 for _ in range(200)) for _ in "ab"] for _ in range(1000)]
    assert sum(tells_apart(a, 200, b, 200) for a, b in draws) < 75
