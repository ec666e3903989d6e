import pytest

from .conftest import GRACE, LINE, LINUS, RIVAL_LINE, code, link, media, message, text


def opening(**changes):
    return {"from": LINE, "to": [GRACE], "message": message([text("Hi")])} | changes


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], (400, 1004)),
        ({}, (400, 1001)),
        (opening(to=[]), (400, 1001)),
        ({"from": LINE, "to": [GRACE], "parts": [text("Hi")]}, (400, 1002)),
        (opening(to="+15005550101"), (400, 1002)),
        (opening(to=["15005550101"]), (400, 1003)),
        (opening(**{"from": "5005550006"}), (400, 1003)),
        (opening(**{"from": RIVAL_LINE}), (400, 2006)),
        (opening(**{"from": RIVAL_LINE}, to=[GRACE, LINUS]), (403, 2006)),
        (opening(service="sms"), (400, 1010)),
        (opening(message={"parts": []}), (400, 1001)),
        (opening(message="Hi"), (400, 1002)),
        (opening(message=message([link()] * 11)), (400, 1006)),
        (opening(message=message([{"type": "text", "text": "Hi"}])), (400, 1002)),
        (opening(message=message([{"type": "text", "value": None}])), (400, 1002)),
        (opening(message=message([{"type": "sticker"}])), (400, 1002)),
        (opening(message=message([link("javascript:alert(1)")])), (400, 1002)),
        (opening(message=message([text("a"), text("b")])), (400, 1008)),
        (opening(message=message([text("a" * 10_001)])), (400, 1009)),
        (opening(message=message([media("a" * 32)])), (404, 5001)),
        (opening(message=message([{"type": "media", "url": "https://x.test/a.jpg"}])), (409, 1011)),
        (opening(message=message([text("see https://x.test")])), (400, 1005)),
        (opening(message=message([text("see www.x.test")])), (400, 1005)),
        (opening(message=message([text("a"), {"type": "link", "value": "https://x.test"}])), (400, 1005)),
        (opening(message=message([text("a")]) | {"effect": "smoke"}), (400, 4098)),
        (opening(to=[GRACE, LINUS], message=message([text("a"), link()])), (501, 4099)),
        (opening(to=[f"+1500555{n:04}" for n in range(32)]), (422, 1006)),
    ],
)
def test_an_opening_is_refused_for_what_is_wrong_with_it(ada, rival, ledger, body, expected):
    assert code(ada.post("/chats", body)) == expected
    assert ledger()["effects"] == []


def test_a_body_that_is_no_json_is_refused_before_anything_else(http, ada):
    headers = ada.auth | {"content-type": "application/json"}
    assert code(http.post("/api/v1/chats", headers=headers, content=b"{")) == (400, 1004)
    assert code(http.post("/api/v1/chats", headers=ada.auth, content=b"{}")) == (400, 1004)


def test_credentials_come_before_the_body(http, ada):
    assert code(http.post("/api/v1/chats", content=b"{")) == (401, 2012)


@pytest.mark.parametrize(
    ("parts", "line", "to", "expected"),
    [
        ([text("a"), text("b")], RIVAL_LINE, "5", 1003),  # phone before line
        ([link()] * 11, RIVAL_LINE, GRACE, 2006),  # line before parts
        ([{"type": "?"}] * 11, LINE, GRACE, 1006),  # count before shape
        ([text("a"), text("b"), {"type": "?"}], LINE, GRACE, 1002),  # shape before adjacency
        ([text("a" * 10_001), text("b")], LINE, GRACE, 1008),  # adjacency before length
        ([text("a" * 10_001), media("x")], LINE, GRACE, 1009),  # length before attachments
        ([text("https://x.test"), media("x")], LINE, GRACE, 5001),  # attachments before the first-message rule
    ],
)
def test_of_two_mistakes_the_documented_first_is_told(ada, parts, line, to, expected):
    assert code(ada.open(to, parts=parts, line=line))[1] == expected


def test_a_bad_message_is_told_before_a_busy_line(ada, turn):
    turn(p429=1)
    assert code(ada.open(parts=[text("https://x.test")])) == (400, 1005)
    assert code(ada.open()) == (429, 1007)


def test_a_first_message_takes_text_and_a_link(ada):
    assert ada.open(parts=[text("Hi"), link()]).status_code == 200


def test_a_first_message_takes_a_picture_unless_the_knob_says_no(ada, turn):
    parts = [media(ada.upload()), text("Hi")]
    assert ada.open(parts=parts).status_code == 200
    turn(media_in_first=False)
    assert code(ada.open(LINUS, parts=parts)) == (501, 4099)


def test_picture_and_link_together_wait_for_the_follow_up(ada, turn):
    parts = [media(ada.upload()), text("Hi"), link()]
    assert code(ada.open(parts=parts)) == (501, 4099)
    assert ada.say(ada.chat(), *parts).status_code == 200
    turn(triple_in_first=True)
    assert ada.open(LINUS, parts=parts).status_code == 200


def test_a_group_opens_with_one_text(ada):
    chat = ada.open([GRACE, LINUS]).json()["chat"]
    assert chat["is_group"]
    assert [each["address"] for each in chat["handles"]] == [GRACE, LINUS]


def test_a_follow_up_may_carry_an_address_in_its_text(ada):
    assert ada.say(ada.chat(), text("see https://x.test")).status_code == 200


def test_a_follow_up_must_be_wrapped(ada):
    assert code(ada.post(f"/chats/{ada.chat()}/messages", {"parts": [text("Hi")]})) == (400, 1002)


def test_a_message_id_is_no_chat_id(ada):
    said = ada.open().json()["message"]["id"]
    assert code(ada.say(said, text("Hi"))) == (404, 2002)
    assert code(ada.get(f"/messages/{ada.chat()}")) == (404, 2003)


def test_unknown_fields_may_be_ignored_by_a_knob(ada, turn):
    part = text("Hi") | {"colour": "red"}
    assert code(ada.open(parts=[part])) == (400, 1002)
    turn(strict_fields=False)
    assert ada.open(parts=[part]).status_code == 200


def test_the_same_person_gets_the_same_chat(ada):
    assert ada.chat() == ada.chat()


def test_send_needs_a_phone_and_a_body(ada):
    answer = ada.post("/send", {"phone": GRACE, "body": "Hi Grace"}).json()
    assert answer["lead_created"]
    assert answer["convo_id"] != answer["lead_id"] == ada.chat()
    assert not ada.post("/send", {"phone": GRACE, "body": "Again"}).json()["lead_created"]


def test_send_fails_with_a_flat_body(ada, turn):
    answer = ada.post("/send", {"phone": GRACE, "body": "see https://x.test"})
    assert answer.status_code == 400
    assert answer.json()["status"] == "failed"
    assert answer.json()["code"] == 1005
    assert "trace_id" not in answer.json()
    turn(flat_send_errors=False)
    assert code(ada.post("/send", {"phone": GRACE})) == (400, 1001)


def test_send_names_the_attachment_it_refuses(ada):
    body = {"phone": GRACE, "body": "Hi", "attachments": [ada.upload(), {"url": "https://x.test/a.jpg"}]}
    answer = ada.post("/send", body).json()
    assert (answer["code"], answer["attachment_index"]) == (1011, 1)


def test_a_pin_is_queued(ada):
    answer = ada.post("/locations", {"phone": GRACE, "latitude": 30.2, "longitude": -97.7, "label": "Bakery"})
    assert answer.status_code == 202
    assert answer.json()["delivery"] == "queued"
