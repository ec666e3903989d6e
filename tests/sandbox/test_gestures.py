import pytest

from .conftest import GRACE, LINUS, code, text

THIRD = "+15005550103"


@pytest.fixture
def group(ada):
    return ada.open([GRACE, LINUS]).json()["chat"]["id"]


def test_marking_read_and_typing_work_on_a_known_chat(ada):
    chat = ada.chat()
    assert ada.post(f"/chats/{chat}/mark-read").json() == {"chat_id": chat, "status": "read"}
    typing = ada.post(f"/chats/{chat}/typing", {"state": "typing"}).json()
    assert typing == {"status": "sent", "chat_id": chat, "state": "typing"}
    assert code(ada.post(f"/chats/{chat}/typing", {"state": "thinking"})) == (400, 1002)
    assert code(ada.post("/chats/nothing/mark-read")) == (404, 2002)


def test_a_reaction_goes_to_an_inbound_message_too(ada, http):
    ada.chat(GRACE)
    heard = http.post(f"/sandbox/phones/{GRACE}/reply", json={"text": "Lovely!"}).json()["message_id"]
    assert ada.post(f"/messages/{heard}/react", {"reaction": "love"}).json()["reaction"] == "love"
    assert code(ada.post(f"/messages/{heard}/react", {"reaction": "shrug"})) == (400, 1002)


def test_words_can_be_changed_for_a_quarter_of_an_hour(ada, clock):
    said = ada.open().json()["message"]["id"]
    assert ada.post(f"/messages/{said}/edit", {"new_text": "Hello Grace"}).json()["status"] == "edited"
    assert ada.get(f"/messages/{said}").json()["message"]["parts"] == [text("Hello Grace")]
    clock.now += 901
    assert code(ada.post(f"/messages/{said}/edit", {"new_text": "Late"})) == (502, 4001)


def test_a_group_has_a_name(ada, group):
    answer = ada.call("PUT", f"/chats/{group}", {"display_name": " Regulars "}).json()["chat"]
    assert (answer["display_name"], answer["is_group"]) == ("Regulars", True)
    assert code(ada.call("PUT", f"/chats/{group}", {"display_name": " "})) == (400, 1002)


def test_a_group_grows_and_never_falls_below_three(ada, group):
    assert ada.post(f"/chats/{group}/participants", {"address": THIRD}).json()["participants"] == [GRACE, LINUS, THIRD]
    assert ada.post(f"/chats/{group}/participants", {"handle": THIRD}).json()["participants"] == [GRACE, LINUS, THIRD]
    assert ada.call("DELETE", f"/chats/{group}/participants/{THIRD}").json()["participants"] == [GRACE, LINUS]
    assert code(ada.call("DELETE", f"/chats/{group}/participants/{THIRD}")) == (400, 1001)
    assert code(ada.call("DELETE", f"/chats/{group}/participants/{LINUS}")) == (400, 1002)


def test_leaving_takes_four(ada, group):
    assert code(ada.post(f"/chats/{group}/leave")) == (400, 1002)
    ada.post(f"/chats/{group}/participants", {"address": THIRD})
    assert ada.post(f"/chats/{group}/leave").json() == {"chat_id": group, "status": "left"}
    assert code(ada.say(group, text("Hi"))) == (409, 1012)


def test_one_person_is_no_group(ada):
    chat = ada.chat()
    assert code(ada.post(f"/chats/{chat}/leave")) == (400, 1006)
    assert code(ada.call("PUT", f"/chats/{chat}", {"display_name": "x"})) == (400, 1006)


def test_contact_cards_can_open_a_conversation(ada):
    card = {"to": GRACE, "contact": {"full_name": "Ada", "phones": [{"value": "+15005550006"}]}}
    chat = ada.post("/chats/send-contact", card).json()["chat_id"]
    assert ada.post(f"/chats/{chat}/share-contact-info").json() == {"chat_id": chat, "status": "shared"}
    assert code(ada.post(f"/chats/{chat}/send-contact", {"contact": {"full_name": ""}})) == (400, 1002)
    assert len(ada.get(f"/chats/{chat}/messages").json()["messages"]) == 2


def test_a_customers_tapback_is_told_and_the_same_again_takes_it_off(ada, http):
    said = ada.open().json()["message"]["id"]
    for _ in range(2):
        put = http.post(f"/sandbox/phones/{GRACE}/react", json={"message_id": said, "reaction": "love"})
        assert put.status_code == 200
    told = [
        (event["type"], event["payload"]["data"]["reaction"]["type"]) for event in ada.get("/events").json()["events"]
    ]
    assert sorted(told) == [("reaction.added", "love"), ("reaction.removed", "love")]


def test_a_tapback_goes_on_messages_of_this_phone_only(ada, http):
    said = ada.open().json()["message"]["id"]
    ada.open([LINUS])
    for number, reaction, status in ((LINUS, "love", 404), (GRACE, "shrug", 400)):
        put = http.post(f"/sandbox/phones/{number}/react", json={"message_id": said, "reaction": reaction})
        assert put.status_code == status


def test_the_phone_shows_that_we_write_and_that_we_read(ada, http, clock):
    chat = ada.chat(GRACE)
    clock.now += 60
    http.post(f"/sandbox/phones/{GRACE}/reply", json={"text": "Hello?"})
    assert "Delivered" in http.get("/phones").text
    ada.post(f"/chats/{chat}/typing", {"state": "typing"})
    ada.post(f"/chats/{chat}/mark-read")
    page = http.get("/phones").text
    assert 'class="bubble typing"' in page
    assert '<span class="status">Read</span>' in page
    clock.now += 60
    assert 'class="bubble typing"' not in http.get("/phones").text


def test_one_holds_a_bubble_on_the_page_and_picks(ada, http):
    said = ada.open().json()["message"]["id"]
    chat = ada.app.store.one("SELECT id FROM chats")["id"] if hasattr(ada, "app") else ada.chat(GRACE)
    form = {"message": said, "reaction": "laugh"}
    assert http.post(f"/phones/{chat}/react", data=form).status_code == 303
    assert "You laughed at this" in http.get("/phones").text
