"""A message becomes bytes once, and breaks no rule of Chert's that can be known before the call."""

import json

import httpx
import pytest

from campaigns.chert import (
    AttachmentId,
    Bearer,
    ChatId,
    InvalidMessage,
    Media,
    RichLink,
    Signed,
    Text,
    Unknown,
    open_chat,
    send_message,
)

from .conftest import ACCEPTED, SECRET, answer, connect

LINE = "+15005550001"
ADA = "+15005550006"
GROUP = [f"+1500555{number:04}" for number in range(2, 33)]
PICTURE = Media(AttachmentId("att-1"))
LINK = RichLink("https://example.com/r/1")


def test_opening_a_chat():
    request = open_chat(LINE, [ADA], [Text("Hi Ada!")], "key-1")
    assert (request.method, request.path) == ("POST", "chats")
    assert json.loads(request.body) == {
        "from": LINE,
        "to": [ADA],
        "message": {"parts": [{"type": "text", "value": "Hi Ada!"}], "idempotency_key": "key-1"},
    }


def test_going_on_in_a_chat():
    request = send_message(ChatId("chat-1"), [PICTURE, Text("See https://example.com"), LINK], "key-2")
    assert (request.method, request.path) == ("POST", "chats/chat-1/messages")
    body = json.loads(request.body)
    assert body.keys() == {"message"}
    assert [part["type"] for part in body["message"]["parts"]] == ["media", "text", "rich_link"]


def test_words_in_any_script_are_sent_as_they_are():
    request = open_chat(LINE, [ADA], [Text("谢谢 محمد 👋")], "key")
    assert "谢谢 محمد 👋".encode() in request.body


def test_an_odd_chat_id_stays_one_segment_of_the_path():
    assert (
        send_message(ChatId("iMessage;+;a/b?c"), [Text("Hi")], "k").path == "chats/iMessage%3B%2B%3Ba%2Fb%3Fc/messages"
    )


@pytest.mark.parametrize("chat_id", ["", ".", "..", "a\nb", "x" * 300, None])
def test_a_chat_id_that_is_none_is_refused(chat_id):
    with pytest.raises(InvalidMessage):
        send_message(chat_id, [Text("Hi")], "k")


def test_one_person_may_get_everything_at_once():
    request = open_chat(LINE, [ADA], [PICTURE, Text("Thanks, Ada!"), LINK], "k")
    parts = json.loads(request.body)["message"]["parts"]
    assert [part["type"] for part in parts] == ["media", "text", "rich_link"]


@pytest.mark.parametrize("size", [2, 31])
def test_a_group_is_greeted_with_one_text(size):
    request = open_chat(LINE, GROUP[:size], [Text("Hi all!")], "k")
    assert len(json.loads(request.body)["to"]) == size


@pytest.mark.parametrize(
    "parts", [[PICTURE], [LINK], [Text("Hi"), LINK], [PICTURE, Text("Hi")], [PICTURE, Text("Hi"), LINK]]
)
@pytest.mark.parametrize("size", [2, 31])
def test_pictures_and_links_to_a_group_wait_for_the_follow_up(parts, size):
    with pytest.raises(InvalidMessage):
        open_chat(LINE, GROUP[:size], parts, "k")


@pytest.mark.parametrize("to", [[ADA], GROUP[:2]])
@pytest.mark.parametrize("text", ["See https://example.com", "texasprime.com"])
def test_a_first_message_has_no_web_address_in_its_text(to, text):
    with pytest.raises(InvalidMessage):
        open_chat(LINE, to, [Text(text)], "k")


@pytest.mark.parametrize(
    "to",
    [
        [],
        [*GROUP, "+15005559999"],
        [ADA, ADA],
        ADA,
        ["5005550006"],
        ["+0005550006"],
        ["+15005"],
        ["+1 500 555 0006"],
        [None],
    ],
)
def test_recipients_that_cannot_be_are_refused(to):
    with pytest.raises(InvalidMessage):
        open_chat(LINE, to, [Text("Hi")], "k")


@pytest.mark.parametrize("line", ["", "5005550001", "+1٥٠٠٥٥٥٠٠٠١", None])
def test_a_line_that_cannot_be_is_refused(line):
    with pytest.raises(InvalidMessage):
        open_chat(line, [ADA], [Text("Hi")], "k")


@pytest.mark.parametrize("key", ["", "a b", "a.b", "ключ", "x" * 101, "a\n"])
def test_a_key_outside_the_safe_alphabet_is_refused(key):
    with pytest.raises(InvalidMessage):
        send_message(ChatId("c"), [Text("Hi")], key)


@pytest.mark.parametrize("credentials", [Bearer(SECRET), Signed(SECRET, "ada")])
def test_every_attempt_sends_the_very_same_bytes(greeting, credentials):
    client, wire = connect(httpx.ReadTimeout("silence"), answer(500), answer(200, ACCEPTED), credentials=credentials)
    for attempt in (1, 2):
        with pytest.raises(Unknown):
            client.send(greeting, attempt=attempt)
    client.send(greeting, attempt=3)
    assert [request.content for request in wire.requests] == [greeting.body] * 3


def test_a_refusal_names_no_person_and_no_words():
    with pytest.raises(InvalidMessage) as caught:
        open_chat(LINE, [ADA, ADA], [Text("Secret words")], "k")
    assert "555" not in str(caught.value)
    assert "Secret" not in str(caught.value)
