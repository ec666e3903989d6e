"""Tags: what a person writes between commas, and what is no tag."""

import pytest

from campaigns import tags


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Spa, VIP; garden|pool", ("Spa", "VIP", "garden", "pool")),
        ("vip, VIP , Vip", ("vip",)),
        (" ,;| ", ()),
        ("two words,\ttabs\u200b", ("two words", "tabs")),
        ("Straße, STRASSE", ("Straße",)),
    ],
)
def test_tags_are_split_and_stand_once(written, found):
    assert tags.split(written) == found


@pytest.mark.parametrize(
    "pleased",
    ["Happy", "happy customers", "NPS 9", "promoter", "5 stars", "five-star", "⭐⭐", "dissatisfied", "Insatisfechos"],
)
def test_what_somebody_thinks_is_no_tag(pleased):
    with pytest.raises(tags.BadTag, match="Everybody is asked alike"):
        tags.split(f"VIP, {pleased}")


@pytest.mark.parametrize("place", ["Happy Valley", "Starlight", "Star Street", "Unit 5", "Promotion 2026"])
def test_words_that_only_sound_like_it_may_stay(place):
    assert tags.split(place) == (place,)


def test_a_long_one_and_too_many_are_refused():
    with pytest.raises(tags.BadTag, match="41 characters; 40 is the most"):
        tags.split("x" * 41)
    with pytest.raises(tags.BadTag, match="21 tags; 20 is the most"):
        tags.split(",".join(map(str, range(21))))
