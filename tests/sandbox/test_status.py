import pytest

from .conftest import GRACE, code, text

NO_IMESSAGE, NEVER_READS = "+15035550199", "+15035550198"


def state(ada, message_id):
    said = ada.get(f"/messages/{message_id}").json()["message"]
    return said["status"], bool(said["delivered_at"]), bool(said["read_at"])


def test_a_message_is_sent_then_delivered_then_read(ada, clock):
    said = ada.open().json()["message"]
    assert (said["status"], said["delivered_at"], said["read_at"]) == ("sent", None, None)
    assert state(ada, said["id"]) == ("sent", False, False)
    clock.now += 2
    assert state(ada, said["id"]) == ("delivered", True, False)
    clock.now += 10
    assert state(ada, said["id"]) == ("delivered", True, True)


def test_the_history_tells_the_same_as_the_message(ada, clock):
    sent = ada.open().json()
    clock.now += 10
    history = ada.get(f"/chats/{sent['chat']['id']}/messages").json()
    assert history == {
        "messages": [ada.get(f"/messages/{sent['message']['id']}").json()["message"]],
        "has_more": False,
    }


def test_a_phone_without_imessage_stays_sent(ada, clock):
    said = ada.open(NO_IMESSAGE).json()["message"]["id"]
    clock.now += 1_000_000
    assert state(ada, said) == ("sent", False, False)


def test_some_phones_deliver_and_never_show_read(ada, clock):
    said = ada.open(NEVER_READS).json()["message"]["id"]
    clock.now += 1_000_000
    assert state(ada, said) == ("delivered", True, False)


def test_a_share_of_phones_shows_read(ada, clock, turn):
    turn(read_share=0.5)
    said = [ada.open(f"+1500556{n:04}").json()["message"]["id"] for n in range(40)]
    clock.now += 100
    assert 10 < sum(state(ada, each)[2] for each in said) < 30


def test_a_phone_can_be_marked(ada, http, clock):
    http.put(f"/sandbox/phones/{GRACE}", json={"imessage": False}).raise_for_status()
    said = ada.open(GRACE).json()["message"]["id"]
    clock.now += 100
    assert state(ada, said) == ("sent", False, False)


def test_a_message_may_fail(ada, clock, turn):
    turn(fails_suffix="0101")
    said = ada.open(GRACE).json()["message"]["id"]
    clock.now += 100
    assert state(ada, said) == ("failed", False, False)


def test_the_same_seed_gives_the_same_moments(ada, clock):
    first = ada.open("+15005560001").json()["message"]["id"]
    clock.now += 10
    moment = ada.get(f"/messages/{first}").json()["message"]["delivered_at"]
    ada.http.post("/sandbox/reset", json={})
    clock.now -= 10
    again = ada.open("+15005560001").json()["message"]["id"]
    clock.now += 10
    assert ada.get(f"/messages/{again}").json()["message"]["delivered_at"] == moment


def test_a_message_comes_wrapped_unless_the_knob_says_no(ada, turn):
    said = ada.open().json()["message"]["id"]
    turn(wrap_message=False)
    assert ada.get(f"/messages/{said}").json()["id"] == said


def test_the_history_may_lag_behind(ada, turn, clock):
    turn(list_lag=30)
    chat = ada.chat()
    assert ada.get(f"/chats/{chat}/messages").json()["messages"] == []
    clock.now += 30
    assert len(ada.get(f"/chats/{chat}/messages").json()["messages"]) == 1


def test_the_history_keeps_the_latest_two_hundred(ada):
    chat = ada.chat()
    for n in range(200):
        ada.say(chat, text(f"word {n}"))
    history = ada.get(f"/chats/{chat}/messages").json()
    assert (len(history["messages"]), history["has_more"]) == (200, True)
    assert history["messages"][-1]["parts"][0]["value"] == "word 199"


def test_who_answers_has_read_what_came_before(ada, http, clock):
    said = ada.open(NEVER_READS).json()["message"]["id"]
    clock.now += 0.1
    http.post(f"/sandbox/phones/{NEVER_READS}/reply", json={"text": "Thanks!"})
    assert state(ada, said) == ("delivered", True, True)


@pytest.mark.parametrize("path", ["/messages/nothing", "/chats/nothing/messages"])
def test_nothing_is_found_where_nothing_is(ada, path):
    assert code(ada.get(path))[0] == 404
