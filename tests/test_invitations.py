"""The words and parts of a message: picture, text, link, in that order, with a fallback for every name."""

import pytest

from campaigns import chert, invitations, merge, rules

LINK = invitations.Link(url="https://reviews.example.com/r/token", business="Ada's Bakery")
PICTURE = chert.AttachmentId("att_1")


def words(first_name="Grace"):
    return merge.words(first_name=first_name, sender="Ada", business="Ada's Bakery")


def test_picture_text_and_link_in_the_order_chert_recommends():
    picture, text, link = invitations.ask(invitations.ASK, words(), PICTURE, LINK)
    assert (picture, text) == (chert.Media(PICTURE), chert.Text(invitations.ASK))
    assert link == chert.RichLink(LINK.url, title="Write a Google review", summary="Ada's Bakery")


def test_without_a_picture_text_and_link_remain():
    assert [type(p) for p in invitations.ask("How was it?", words(), None, LINK)] == [chert.Text, chert.RichLink]


def test_a_greeting_is_one_text():
    [part] = invitations.greeting(invitations.GREETING, words())
    assert part.value.startswith("Hi Grace, it's Ada from Ada's Bakery.")


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "\u202e"])
def test_somebody_without_a_visible_name_is_greeted_all_the_same(name):
    [part] = invitations.greeting(invitations.GREETING, words(name))
    assert part.value.startswith("Hi there, ")


@pytest.mark.parametrize("name", ["José", "Zoë", "O'Neill", "李伟", "محمد", "MARCUS", "{sender}", "<b>Bold</b>", "🎉"])
def test_a_name_goes_in_as_it_is_and_is_never_read_as_a_field(name):
    [part] = invitations.greeting("Hi {first_name}!", words(name))
    assert part.value == f"Hi {name}!"


def test_the_confirmation_of_a_stop_has_no_link_no_picture_and_no_marketing():
    assert invitations.confirmation("Ada's Bakery") == [chert.Text("You won't hear from Ada's Bakery again.")]


def test_the_words_we_suggest_pass_our_own_rules():
    assert rules.blocks(rules.check(invitations.GREETING, invitations.ASK, business="Ada's Bakery")) == []


def test_the_link_card_needs_no_fetch_and_holds_no_rating():
    """R4: the place and nothing else."""
    card = invitations.ask("How was it?", words(), None, LINK)[-1]
    assert card.title
    assert card.summary
    assert "rating" not in card.url.lower()


def test_what_we_compose_chert_takes():
    for parts in (invitations.greeting(invitations.GREETING, words()), invitations.confirmation("Ada's")):
        assert chert.open_chat("+15125550100", ["+15125551001"], parts, "key").path == "chats"
    ask = invitations.ask(invitations.ASK, words(), PICTURE, LINK)
    assert chert.send_message(chert.ChatId("c"), ask, "key").path == "chats/c/messages"


def test_a_picture_to_a_group_is_refused_before_any_call():
    ask = invitations.ask(invitations.ASK, words(), PICTURE, LINK)
    with pytest.raises(chert.InvalidMessage):
        chert.open_chat("+15125550100", ["+15125551001", "+15125551002"], ask, "key")
