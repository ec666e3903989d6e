import json

import pytest

from .conftest import GRACE, code
from .test_webhooks import reply, subscribe


@pytest.fixture
def told(ada, http, clock):
    """Five answers, a second apart, oldest first; gives their event ids."""
    ada.chat(GRACE)
    ids = []
    for n in range(5):
        clock.now += 1
        ids.append(reply(http, f"word {n}")["event_id"])
    return ids


def ids(answer):
    return [row["event_id"] for row in answer.json()["events"]]


def test_events_come_newest_first(ada, told):
    answer = ada.get("/events")
    assert ids(answer) == told[::-1]
    assert (answer.json()["count"], answer.json()["next_cursor"]) == (5, None)


def test_a_cursor_walks_to_the_end(ada, told):
    seen, cursor = [], None
    while True:
        page = ada.get("/events", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        seen += ids(page)
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    assert seen == told[::-1]


def test_a_cursor_does_not_shift_when_something_new_comes(ada, http, told):
    cursor = ada.get("/events", params={"limit": 2}).json()["next_cursor"]
    reply(http, "a new one")
    assert ids(ada.get("/events", params={"cursor": cursor})) == told[2::-1]


def test_since_is_strict(ada, told):
    moment = ada.get("/events").json()["events"][1]["created_at"]
    assert ids(ada.get("/events", params={"since": moment})) == told[4:]


def test_events_can_be_narrowed(ada, told):
    chat = ada.chat(GRACE)
    assert len(ids(ada.get("/events", params={"lead_id": chat, "type": "message.received"}))) == 5
    assert ids(ada.get("/events", params={"type": "lead_reply"})) == []
    assert ids(ada.get("/events", params={"status": "delivered"})) == []


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "since=yesterday", "cursor=x", "status=odd"])
def test_a_bad_question_is_refused(ada, told, query):
    assert code(ada.get(f"/events?{query}")) == (400, 1002)


def test_a_rival_sees_no_events(ada, rival, told):
    assert ids(rival.get("/events")) == []
    row = ada.get("/events").json()["events"][0]
    assert code(rival.get(f"/events/{row['id']}")) == (404, 2011)


def test_one_event_shows_all_attempts(ada, http, sandbox, receiver):
    ada.chat(GRACE)
    subscription = subscribe(ada)
    reply(http)
    sandbox.pump()
    row = ada.get("/events").json()["events"][0]
    assert ada.get(f"/events/{row['id']}").json() == row
    assert row["payload"]["event_id"] == row["event_id"]
    assert row["delivery"]["attempts"][0]["subscription_id"] == subscription["id"]


def test_a_replay_delivers_the_same_event_again(ada, http, sandbox, receiver):
    ada.chat(GRACE)
    subscribe(ada)
    receiver.answers = [400]
    reply(http)
    sandbox.pump()
    row = ada.get("/events").json()["events"][0]
    answer = ada.post(f"/events/{row['id']}/replay")
    assert answer.json() == {"ok": True, "error": None, "downstream_status": 200}
    assert receiver.bodies[0] == receiver.bodies[1]


def test_a_replay_that_fails_says_so_in_its_own_shape(ada, http, receiver, told):
    subscribe(ada)
    receiver.answers = [500]
    row = ada.get("/events").json()["events"][0]
    answer = ada.post(f"/events/{row['id']}/replay")
    assert answer.status_code == 502
    assert (answer.json()["code"], answer.json()["downstream_status"]) == (3004, 500)
    assert answer.json()["trace_id"] == answer.headers["x-trace-id"]


def test_a_replay_needs_an_event_and_somewhere_to_go(ada, told):
    row = ada.get("/events").json()["events"][0]
    nowhere, unknown = ada.post(f"/events/{row['id']}/replay"), ada.post("/events/evt_none/replay")
    assert (nowhere.status_code, nowhere.json()["code"]) == (400, 1002)
    assert (unknown.status_code, unknown.json()["code"]) == (404, 2011)


def test_the_dev_inbox_collects_without_sending(ada, http, sandbox, receiver):
    ada.chat(GRACE)
    subscribe(ada, url="https://dev-inbox")
    heard = reply(http)
    assert sandbox.pump() == 0
    assert ids(ada.get("/dev-inbox")) == [heard["event_id"]]
    assert ids(ada.get("/events", params={"status": "dev_inbox"})) == [heard["event_id"]]


def test_the_stream_tells_what_came_since_and_closes_after_a_minute(ada, told, clock):
    moment = ada.get("/events").json()["events"][2]["created_at"]
    began = clock.now
    lines = ada.get("/events/stream", params={"since": moment}).text.splitlines()
    rows = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith('data: {"id"')]
    assert [row["event_id"] for row in rows] == told[3:]
    assert lines.count(": heartbeat") == 3
    assert "event: close" in lines
    assert 60 <= clock.now - began < 61
