"""What a message is made of."""

import pytest

from campaigns.chert import AttachmentId, InvalidMessage, Media, OtherPart, RichLink, Text, contains_url
from campaigns.chert.parts import from_json, to_json

PICTURE = Media(AttachmentId("att-1"))
LINK = RichLink("https://example.com/r/1", "Leave a review", "Texas Prime Plumbing")


def test_the_recommended_shape_of_a_review_request():
    assert to_json([PICTURE, Text("Thanks, Ada!"), LINK]) == [
        {"type": "media", "attachment_id": "att-1"},
        {"type": "text", "value": "Thanks, Ada!"},
        {
            "type": "rich_link",
            "url": "https://example.com/r/1",
            "title": "Leave a review",
            "summary": "Texas Prime Plumbing",
        },
    ]


def test_a_link_may_name_its_pictures():
    link = RichLink("https://a.test/", image_url="https://a.test/1.jpg", icon_url="https://a.test/2.png")
    assert to_json([link])[0].keys() == {"type", "url", "image_url", "icon_url"}


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [PICTURE] * 11,
        [Text("a"), Text("b")],
        [Text("")],
        [Text("  \n")],
        [Text("half \ud83d a smile")],
        [Text(None)],
        [Media(AttachmentId(""))],
        [Media(AttachmentId("a\nb"))],
        [RichLink("example.com")],
        [RichLink("javascript:alert(1)")],
        [RichLink("https://")],
        [RichLink("https://a.test/a b")],
        [RichLink("https://a.test/" + "x" * 3000)],
        [RichLink("https://[::1")],
        [RichLink(None)],
        [RichLink("https://a.test", image_url="no")],
        [RichLink("https://a.test", title="half \ud83d")],
        [OtherPart("sticker")],
        ["words"],
    ],
)
def test_these_are_refused_before_any_call(parts):
    with pytest.raises(InvalidMessage):
        to_json(parts)


def test_ten_parts_and_texts_apart_are_fine():
    assert len(to_json([Text("a"), PICTURE] * 5)) == 10


def test_parts_of_an_answer_come_back_as_what_they_are():
    assert from_json(to_json([PICTURE, Text("Thanks!"), LINK])) == (PICTURE, Text("Thanks!"), LINK)


@pytest.mark.parametrize("value", [None, {}, "text", 7])
def test_an_answer_without_parts_has_none(value):
    assert from_json(value) == ()


def test_parts_newer_than_this_client_are_kept_as_such():
    odd = [{"type": "sticker"}, {"type": "text"}, {"type": "media", "url": "https://a.test"}, 7, {}]
    kinds = [part.type for part in from_json(odd)]
    assert kinds == ["sticker", "text", "media", "", ""]


@pytest.mark.parametrize(
    "text",
    [
        "See https://g.page/r/abc/review",
        "see HTTP://X",
        "(https://a.b)",
        "www.example.com",
        "Find us at texasprime.com!",
        "texasprime.com.",
        "g.page/r/abc",
        "maps.app.goo.gl/xyz",
        "review:bit.ly/abc",
        "a.test:8000/x",
        "büro.com",
    ],
)
def test_a_web_address_is_seen(text):
    assert contains_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hi Ada, thanks for having us!",
        "See you at 5 p.m. or so",
        "e.g. the sink/tap",
        "Thanks.Todd from Texas Prime",
        "Dr. O'Neill, St. Louis, and/or 3.5/5 stars",
        "Write to todd@texasprime.com",
        "Wait... what?",
        "Inc./LLC",
        "12:30, ratio 1:2",
        "communication.",
        "",
    ],
)
def test_plain_words_are_not_taken_for_one(text):
    assert not contains_url(text)


def test_long_texts_are_searched_quickly():
    texts = ("a" * 100_000, "a." * 50_000, "a-" * 50_000, "w" * 100_000 + "://")
    assert [contains_url(text) for text in texts] == [False] * 4
    assert [contains_url(f"{text} https://example.com") for text in texts] == [True] * 4
