"""A practice says no more than a first name: no text, no picture tells what somebody came for (D7)."""

import pytest

from campaigns import launch, rules, wordings
from campaigns.models import Business, Card
from tests.cast import make_campaign, make_card

TELLING = "How was your root canal?"


@pytest.fixture
def practice(ada):
    Business.objects.filter(pk=ada.business.pk).update(is_health=True)
    ada.business.refresh_from_db()
    return ada


def carrying(card: Card, text: str) -> Card:
    """This card with one text instead of its own."""
    box = card.design["boxes"][0] | {"text": text}
    card.design = card.design | {"boxes": [box]}
    card.save()
    return card


@pytest.mark.parametrize("text", ["Thanks, {first_name|}!", "— {sender}, {business}", "See you soon!", ""])
def test_a_picture_may_say_a_first_name(text):
    assert rules.on_a_picture(text) == []


@pytest.mark.parametrize(
    "text", ["{technician} says hi", "{service|}", "On {visit_date|}", "{{ SERVICE }}", "Enjoy your new crown!"]
)
def test_a_picture_may_say_no_more(text):
    assert [finding.rule_id for finding in rules.on_a_picture(text)] == ["D7"]


@pytest.mark.parametrize(
    "words", [{"ask": TELLING}, {"reminder": TELLING, "remind_after": 3}, {"greeting": "{service}"}]
)
def test_a_practice_cannot_launch_telling_words(practice, grace, clock, words):
    with pytest.raises(launch.NotReady, match="what somebody came for"):
        launch.launch(make_campaign(practice, **words), practice.user, clock())


def test_a_practice_cannot_launch_a_telling_picture(practice, grace, clock):
    card = carrying(make_card(practice.business), "Thanks for {service|coming}!")
    with pytest.raises(launch.NotReady, match="would tell what somebody came for"):
        launch.launch(make_campaign(practice, card=card), practice.user, clock())


def test_another_business_may(ada, grace, clock):
    card = carrying(make_card(ada.business), "Thanks for {service|coming}!")
    assert launch.check(make_campaign(ada, card=card, ask=TELLING), clock()).is_ready


def test_the_words_we_offer_suit_a_practice(practice, grace, clock):
    assert launch.check(make_campaign(practice), clock()).is_ready


def test_who_becomes_a_practice_hears_which_campaigns_tell_too_much(ada, grace, clock):
    telling = make_campaign(ada, ask=TELLING, state="paused")
    make_campaign(ada, ask=TELLING, state="finished")
    make_campaign(ada, state="running")
    assert wordings.too_telling(ada.business) == []
    ada.business.is_health = True
    assert wordings.too_telling(ada.business) == [telling]


def test_a_picture_alone_is_too_telling_too(practice, grace):
    card = carrying(make_card(practice.business), "{technician} was glad to see you")
    running = make_campaign(practice, card=card, state="running")
    assert wordings.too_telling(practice.business) == [running]
