from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from .conftest import GRACE, LINUS, code, text


def test_the_same_call_again_gives_the_same_bytes(ada, ledger, clock):
    first = ada.open(key="k1")
    clock.now += 3600
    assert ada.open(key="k1").content == first.content
    assert [each["kind"] for each in ledger()["effects"]] == ["chat", "message"]


def test_a_follow_up_is_said_once(ada, ledger):
    chat = ada.chat()
    assert ada.say(chat, text("Again"), key="k1").content == ada.say(chat, text("Again"), key="k1").content
    assert len(ada.get(f"/chats/{chat}/messages").json()["messages"]) == 2


def test_send_is_said_once(ada):
    body = {"phone": GRACE, "body": "Hi", "idempotency_key": "k1"}
    assert ada.post("/send", body).content == ada.post("/send", body).content


def test_without_a_key_every_call_acts(ada, ledger):
    chat = ada.chat()
    ada.say(chat, text("Again"))
    ada.say(chat, text("Again"))
    assert ledger()["duplicate_contents"] == 1


def test_a_key_belongs_to_one_body(ada, turn):
    first = ada.open(key="k1")
    assert code(ada.open(LINUS, key="k1")) == (409, 1012)
    turn(key_mismatch="original")
    assert ada.open(LINUS, key="k1").content == first.content
    turn(key_mismatch="accept")
    assert ada.open(LINUS, key="k1").json()["chat"]["id"] != first.json()["chat"]["id"]


def test_a_key_belongs_to_one_chat(ada):
    first, second = ada.chat(GRACE), ada.chat(LINUS)
    ada.say(first, text("Again"), key="k1")
    assert code(ada.say(second, text("Again"), key="k1")) == (409, 1012)


def test_a_key_belongs_to_one_route_and_one_tenant(ada, rival):
    ada.open(key="k1")
    assert ada.say(ada.chat(), text("Again"), key="k1").status_code == 200
    assert rival.open(key="k1", line="+15005550008").status_code == 200


def test_a_refusal_is_not_remembered(ada, turn):
    turn(p429=1)
    assert code(ada.open(key="k1")) == (429, 1007)
    turn(p429=0)
    assert ada.open(key="k1").status_code == 200


def test_a_key_is_forgotten_after_its_lifetime(ada, turn, clock, ledger):
    turn(key_lifetime=60)
    ada.open(key="k1")
    clock.now += 61
    ada.open(key="k1")
    assert ledger()["duplicate_keys"] == 1


@pytest.mark.parametrize("knob", ["keys_ignored", "keys_ignored_on_follow_up"])
def test_keys_may_be_ignored(ada, turn, ledger, knob):
    turn(**{knob: True})
    chat = ada.chat()
    ada.say(chat, text("Again"), key="k1")
    ada.say(chat, text("Again"), key="k1")
    assert ledger()["duplicates"] == 1


def test_a_repeat_after_a_broken_connection_acts_once(ada, turn, ledger):
    turn(reset_after=1)
    with pytest.raises(httpx.ReadError):
        ada.open(key="k1")
    turn(reset_after=0)
    assert ada.open(key="k1").status_code == 200
    assert (ledger()["duplicates"], len(ledger()["effects"])) == (0, 2)


def test_twenty_calls_at_once_act_once(ada, ledger):
    with ThreadPoolExecutor(20) as pool:
        answers = {answer.content for answer in pool.map(lambda _: ada.open(key="k1"), range(20))}
    assert len(answers) == 1
    assert len(ledger()["effects"]) == 2
