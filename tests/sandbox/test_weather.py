import email.utils
import gzip
import json

import httpx
import pytest

from .conftest import GRACE, LINUS, code


def test_the_weather_is_calm_at_first(http):
    weather = http.get("/sandbox/weather").json()
    assert weather["latency_ms"] == weather["p429"] == weather["reset_after"] == 0
    assert not weather["away"]


def test_a_knob_that_is_not_named_stays(http, turn):
    turn(p429=0.5)
    turn(echo=True)
    assert http.get("/sandbox/weather").json()["p429"] == 0.5


@pytest.mark.parametrize(
    "knobs", [{"p429": 2}, {"p429": "often"}, {"thunder": 1}, {"broken_as": "odd"}, {"away": 1}, {"seed": 1.5}]
)
def test_a_knob_that_does_not_fit_is_refused(http, knobs):
    answer = http.put("/sandbox/weather", json=knobs)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_slow_calls_take_their_time(ada, turn, clock):
    turn(latency_ms=250)
    ada.get("/phone-numbers")
    assert clock.slept == [0.25]


@pytest.mark.parametrize("fault", ["reset_before", "away"])
def test_nothing_is_accepted_before_a_break(ada, turn, ledger, fault):
    turn(**{fault: True})
    with pytest.raises(httpx.ReadError):
        ada.open()
    assert ledger()["effects"] == []
    assert ledger()["turned_away"] == 1


def test_everything_is_accepted_before_a_late_break(ada, turn, ledger):
    turn(reset_after=1)
    with pytest.raises(httpx.ReadError):
        ada.open()
    assert [each["phone"] for each in ledger()["effects"]] == [GRACE, GRACE]


def test_a_call_may_be_accepted_after_the_caller_gave_up(ada, turn, clock, ledger):
    turn(hang_before=1, hang_s=45)
    ada.open()
    assert clock.slept == [45]
    assert ledger()["effects"][0]["at"] == "2026-05-28T20:27:25.000Z"


@pytest.mark.parametrize(
    ("form", "header"), [("seconds", "7"), ("hour", "3600"), ("garbage", "soon"), ("negative", "-5")]
)
def test_a_busy_line_says_when_to_come_back(ada, turn, form, header):
    turn(p429=1, retry_after_as=form, retry_after=7)
    answer = ada.open()
    assert code(answer) == (429, 1007)
    assert answer.headers["retry-after"] == header


def test_when_to_come_back_may_be_a_date_or_missing(ada, turn, clock):
    turn(p429=1, retry_after_as="date", retry_after=7)
    moment = email.utils.parsedate_to_datetime(ada.open().headers["retry-after"])
    assert moment.timestamp() == clock.now + 7
    turn(retry_after_as="absent")
    assert "retry-after" not in ada.open().headers


def test_an_error_of_the_server_may_be_any_code(ada, turn):
    turn(p500=1)
    assert code(ada.open()) == (500, 3001)
    turn(p500_code=3003)
    answer = ada.open()
    assert code(answer) == (500, 3003)
    assert not answer.json()["error"]["retryable"]


def test_a_proxy_answers_with_a_page(ada, turn):
    turn(non_json=1)
    answer = ada.open()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")


def test_a_redirect_leads_elsewhere(ada, turn):
    turn(redirect=1)
    assert ada.open().headers["location"] == "http://127.0.0.1:9/elsewhere"


def test_the_key_may_be_refused_for_everybody(ada, turn):
    turn(key_refused=True)
    assert code(ada.get("/phone-numbers")) == (401, 2004)
    turn(key_refused=False, account_code=2008)
    assert code(ada.get("/phone-numbers")) == (402, 2008)


@pytest.mark.parametrize(("form", "kind"), [("cut", "json"), ("empty", "json"), ("page", "html"), ("shape", "json")])
def test_an_answer_may_be_broken_after_the_call_was_accepted(ada, turn, ledger, form, kind):
    turn(broken_json=1, broken_as=form)
    answer = ada.open()
    assert answer.status_code == 200
    assert kind in answer.headers["content-type"]
    assert len(ledger()["effects"]) == 2
    if form != "shape":
        with pytest.raises(json.JSONDecodeError):
            answer.json()


def test_an_answer_may_hold_something_new(ada, turn):
    turn(broken_json=1, broken_as="novelty")
    answer = ada.open().json()
    assert (answer["message"]["status"], answer["novelty"]) == ("relayed", {"since": 2027})
    assert answer["message"]["id"]


def test_a_failure_may_contradict_its_status(ada, turn):
    turn(p500=1, flip_retryable=True)
    assert not ada.open().json()["error"]["retryable"]
    turn(p500=0)
    assert ada.open("911").json()["error"]["retryable"]


def test_an_answer_may_drip(ada, turn, clock):
    turn(broken_json=1, broken_as="drip")
    assert len(ada.get("/phone-numbers").content) == len(clock.slept)


def test_an_answer_may_be_a_bomb(ada, turn):
    turn(broken_json=1, broken_as="bomb")
    with ada.http.stream("GET", "/api/v1/phone-numbers", headers=ada.auth) as answer:
        assert len(gzip.decompress(b"".join(answer.iter_raw()))) == 64 << 20


def test_an_answer_may_never_end(ada, turn):
    turn(broken_json=1, broken_as="endless")
    with ada.http.stream("GET", "/api/v1/phone-numbers", headers=ada.auth) as answer:
        assert sum(len(chunk) for chunk, _ in zip(answer.iter_raw(), range(20), strict=False)) > 1_000_000


def test_trouble_keeps_to_its_time_and_its_route(ada, turn, clock):
    turn(p500=1, only="POST /chats", faults_until=clock.now + 60)
    assert ada.get("/phone-numbers").status_code == 200
    assert code(ada.open()) == (500, 3001)
    clock.now += 60
    assert ada.open().status_code == 200


def test_the_same_seed_gives_the_same_trouble(ada, turn, http):
    def run():
        http.post("/sandbox/reset", json={}).raise_for_status()
        turn(p500=0.3, seed=7)
        return [ada.get("/phone-numbers").status_code for _ in range(40)]

    first = run()
    assert first == run()
    assert 4 < first.count(500) < 24


def test_starting_over_forgets_calls_and_keeps_the_tenant(ada, turn, http, ledger):
    turn(p429=0.5)
    ada.open(LINUS)
    http.post("/sandbox/reset", json={}).raise_for_status()
    assert ledger() == {
        "effects": [],
        "calls": 0,
        "turned_away": 0,
        "duplicate_keys": 0,
        "duplicate_contents": 0,
        "duplicates": 0,
    }
    assert http.get("/sandbox/weather").json()["p429"] == 0
    assert ada.open(LINUS).status_code == 200
