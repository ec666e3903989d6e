import pytest

from .conftest import code, media, text


def put(http, slot, content=b"a picture", **headers):
    return http.put(slot["upload_url"], headers=slot["required_headers"] | headers, content=content)


def test_a_picture_comes_back_as_it_went_in(ada):
    picture = ada.upload(b"\xff\xd8 bytes")
    answer = ada.get(f"/attachments/{picture}/content")
    assert (answer.content, answer.headers["content-type"]) == (b"\xff\xd8 bytes", "image/jpeg")


def test_the_slot_lies_on_the_same_host(ada, turn):
    assert ada.reserve()["upload_url"].startswith("http://127.0.0.1:8002/api/v1/attachments/")
    turn(foreign_upload=True)
    assert ada.reserve()["upload_url"].startswith("https://uploads.elsewhere.example/")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"filename": ""}, (400, 1001)),
        ({"size_bytes": 0}, (400, 1002)),
        ({"size_bytes": True}, (400, 1002)),
        ({"size_bytes": 100 * 1024 * 1024 + 1}, (400, 5002)),
        ({"content_type": "image/webp"}, (400, 5003)),
        ({"content_type": "image/svg+xml"}, (400, 5003)),
    ],
)
def test_a_slot_is_refused_for_what_is_wrong_with_it(ada, changes, expected):
    body = {"filename": "card.jpg", "content_type": "image/jpeg", "size_bytes": 9} | changes
    assert code(ada.post("/attachments", body)) == expected


def test_a_message_waits_for_the_bytes(ada, http):
    slot, chat = ada.reserve(), ada.chat()
    assert code(ada.say(chat, media(slot["attachment_id"]))) == (400, 5004)
    put(http, slot).raise_for_status()
    assert ada.say(chat, media(slot["attachment_id"])).status_code == 200


def test_bytes_must_be_what_was_announced(ada, http):
    slot = ada.reserve(9)
    assert code(put(http, slot, b"too many bytes")) == (400, 5002)
    assert code(put(http, slot, b"few")) == (400, 1002)
    assert code(put(http, slot, **{"content-type": "image/png"})) == (400, 1002)
    assert code(ada.get(f"/attachments/{slot['attachment_id']}/content")) == (400, 5004)


def test_an_upload_repeated_changes_nothing(ada, http, ledger):
    slot = ada.reserve()
    assert put(http, slot, b"a picture").status_code == put(http, slot, b"something").status_code == 200
    assert ada.get(f"/attachments/{slot['attachment_id']}/content").content == b"a picture"
    assert [each["kind"] for each in ledger()["effects"]] == ["upload"]


def test_a_slot_runs_out(ada, http, turn, clock):
    turn(slot_lifetime=900)
    slot = ada.reserve()
    clock.now += 900
    assert code(put(http, slot)) == (404, 5001)


def test_a_picture_may_go_to_many_unless_the_knob_says_no(ada, turn):
    picture, chat = ada.upload(), ada.chat()
    assert ada.say(chat, media(picture)).status_code == ada.say(chat, media(picture)).status_code == 200
    turn(attachment_reuse=False)
    assert code(ada.say(chat, media(picture))) == (409, 1012)


def test_another_tenants_picture_is_not_there(ada, rival):
    assert code(ada.say(ada.chat(), text("Hi"), media(rival.upload()))) == (404, 5001)
