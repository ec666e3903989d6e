import json

import pytest

from campaigns.sandbox.auth import sign

from .conftest import GRACE, START, code

HOOK = "http://127.0.0.1:8000/hooks/ada"


def subscribe(caller, **fields):
    answer = caller.post("/webhook-subscriptions", {"url": HOOK} | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()["subscription"]


def reply(http, words="Lovely!", number=GRACE):
    return http.post(f"/sandbox/phones/{number}/reply", json={"text": words}).raise_for_status().json()


@pytest.fixture
def greeted(ada):
    """Grace has been written to."""
    return ada.chat(GRACE)


def test_the_signature_is_the_documented_one():
    body = b'{"event":"message.received","event_id":"chert:msg:test"}'
    expected = "45e9147ab0bec41594cf0d3005ad75c01468dcd064c966e6675f58ea14d9dc5e"
    assert sign("whsub_secret_example", 1780000000, body) == expected


def test_an_answer_arrives_with_where_it_came_from(ada, http, greeted, sandbox, receiver):
    subscribe(ada, version="2026-05-04")
    heard = reply(http)
    assert sandbox.pump() == 1
    body = receiver.bodies[0]
    assert (body["event"], body["event_id"], body["partner_id"]) == ("message.received", heard["event_id"], "ada")
    assert body["data"]["chat"]["id"] == greeted
    assert body["data"]["message"]["sender_handle"]["handle"] == GRACE
    assert body["data"]["message"]["parts"] == [{"type": "text", "value": "Lovely!"}]
    assert body["webhook_version"] == "2026-05-04"


def test_a_delivery_is_signed_in_both_forms(ada, http, greeted, sandbox, receiver):
    subscription = subscribe(ada)
    reply(http)
    sandbox.pump()
    _, headers, body = receiver.got[0]
    signature = sign(subscription["secret"], int(START), body)
    assert headers["X-Webhook-Signature"] == f"t={int(START)},v1={signature}"
    assert headers["x-chert-signature"] == f"v1,{int(START)},{signature}"
    assert headers["X-Webhook-Event-Id"] == json.loads(body)["event_id"]
    assert headers["X-Webhook-Subscription-Id"] == subscription["id"]


def test_a_busy_receiver_is_tried_three_times(ada, http, greeted, sandbox, receiver, clock):
    subscribe(ada)
    receiver.answers = [500, ConnectionError("refused"), 503]
    reply(http)
    tries = []
    for _ in range(8):
        tries.append(sandbox.pump())
        clock.now += 1
    assert tries == [1, 1, 0, 1, 0, 0, 0, 0]  # at once, a second later, two seconds later
    assert len({body["event_id"] for body in receiver.bodies}) == 1
    assert ada.get("/events").json()["events"][0]["delivery"]["status"] == "failed"


def test_a_refusal_is_never_repeated(ada, http, greeted, sandbox, receiver, clock):
    subscribe(ada)
    receiver.answers = [400]
    reply(http)
    sandbox.pump()
    clock.now += 100
    assert sandbox.pump() == 0
    attempts = ada.get("/events").json()["events"][0]["delivery"]["attempts"]
    assert [each["status"] for each in attempts] == [400]


def test_a_repeat_that_succeeds_ends_it(ada, http, greeted, sandbox, receiver, clock):
    subscribe(ada)
    receiver.answers = [500]
    reply(http)
    sandbox.pump()
    clock.now += 1
    sandbox.pump()
    delivery = ada.get("/events").json()["events"][0]["delivery"]
    assert (delivery["status"], len(delivery["attempts"])) == ("delivered", 2)
    assert delivery["delivered_at"]


def test_in_an_echo_every_notice_comes_twice(ada, http, greeted, sandbox, receiver, clock, turn):
    turn(echo=True)
    subscribe(ada)
    reply(http)
    assert sandbox.pump() == 1
    clock.now += 2
    assert sandbox.pump() == 1
    assert receiver.bodies[0] == receiver.bodies[1]


def test_late_notices_overtake_each_other(ada, http, greeted, sandbox, receiver, clock, turn):
    turn(webhook_delay=60, seed=3)
    subscribe(ada)
    said = [reply(http, f"word {n}")["event_id"] for n in range(10)]
    clock.now += 60
    sandbox.pump()
    came = [body["event_id"] for body in receiver.bodies]
    assert sorted(came) == sorted(said)
    assert came != said


def test_each_subscription_has_its_own_secret_and_filter(ada, http, greeted, sandbox, receiver):
    first, second = subscribe(ada), subscribe(ada, events=["message.received"])
    subscribe(ada, events=["reaction.added"])
    reply(http)
    assert sandbox.pump() == 2
    assert first["secret"] != second["secret"]
    assert len(first["secret"]) == 64


def test_a_rival_hears_nothing(ada, rival, http, greeted, sandbox, receiver):
    subscribe(rival)
    reply(http)
    assert sandbox.pump() == 0


def test_the_secret_is_shown_once(ada):
    made = subscribe(ada)
    listed = ada.get("/webhook-subscriptions").json()["subscriptions"]
    assert listed == [{name: value for name, value in made.items() if name != "secret"}]


def test_a_subscription_can_be_changed_and_ended(ada, http, greeted, sandbox):
    path = f"/webhook-subscriptions/{subscribe(ada)['id']}"
    assert not ada.call("PATCH", path, {"is_active": False}).json()["subscription"]["is_active"]
    reply(http)
    assert sandbox.pump() == 0
    assert ada.call("DELETE", path).status_code == 200
    assert code(ada.get(path)) == (404, 2011)


@pytest.mark.parametrize("url", ["http://site.test/hook", "ftp://127.0.0.1/hook", "hook", 7])
def test_a_hook_is_https_or_on_this_machine(ada, url):
    assert code(ada.post("/webhook-subscriptions", {"url": url})) == (400, 1002)


@pytest.mark.parametrize("url", ["https://site.test/hook", "http://localhost:8000/h", "http://[::1]:8000/h"])
def test_https_and_this_machine_are_accepted(ada, url):
    assert subscribe(ada, url=url)["url"] == url


def test_status_events_come_only_when_the_knob_is_on(ada, sandbox, receiver, clock, turn):
    subscribe(ada)
    ada.open("+15005560001")
    clock.now += 60
    assert sandbox.pump() == 0
    turn(status_events=True)
    ada.open("+15005560002")
    assert sandbox.pump() == 1
    clock.now += 60
    assert sandbox.pump() == 2
    assert [body["event"] for body in receiver.bodies] == ["message.sent", "message.delivered", "message.read"]
