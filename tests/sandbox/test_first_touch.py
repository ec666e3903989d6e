import pytest

from .conftest import GRACE, LINE, LINUS, SECOND_LINE, SECRET, Caller, code, set_up, text

DAY = 86_400


@pytest.fixture
def chert(http):
    """Ada's Bakery with Chert's published limits: 30 a day and ten minutes apart."""
    set_up(http, "ada", SECRET, [{"number": LINE}])
    return Caller(http, SECRET)


def person(n):
    return f"+1500556{n:04}"


def refused(response):
    assert code(response) == (503, 4002)
    assert response.headers["retry-after"] == str(response.json()["error"]["retry_after"])
    return response.json()["error"]["retry_after"]


def test_two_new_people_are_ten_minutes_apart(chert, clock):
    chert.open(person(1)).raise_for_status()
    clock.now += 100
    assert refused(chert.open(person(2))) == 500
    clock.now += 500
    assert chert.open(person(2)).status_code == 200


def test_the_thirty_first_waits_for_midnight(chert, clock):
    clock.now -= clock.now % DAY
    for n in range(30):
        chert.open(person(n)).raise_for_status()
        clock.now += 600
    assert refused(chert.open(person(30))) == DAY - 30 * 600
    clock.now += DAY - 30 * 600
    assert chert.open(person(30)).status_code == 200


def test_a_rolling_day_waits_for_the_oldest(http, clock, turn):
    turn(budget_day="rolling")
    set_up(http, "ada", SECRET, [{"number": LINE, "budget": 2, "gap": 0}])
    ada = Caller(http, SECRET)
    for n in range(2):
        ada.open(person(n)).raise_for_status()
        clock.now += 1000
    assert refused(ada.open(person(2))) == DAY - 2000


def test_a_known_person_is_no_first_touch(chert):
    chat = chert.chat(GRACE)
    assert chert.say(chat, text("Again")).status_code == 200
    assert chert.open(GRACE).status_code == 200


def test_a_repeat_is_answered_although_the_line_is_busy(chert):
    assert chert.open(GRACE, key="k1").content == chert.open(GRACE, key="k1").content


def test_a_refused_opening_leaves_no_chat(chert, ledger):
    chert.open(GRACE)
    refused(chert.open(LINUS))
    assert {each["phone"] for each in ledger()["effects"]} == {GRACE}


def test_lines_are_counted_apart(http, chert):
    set_up(http, "ada", SECRET, [{"number": LINE}, {"number": SECOND_LINE}])
    chert.open(GRACE).raise_for_status()
    assert chert.open(LINUS, line=SECOND_LINE).status_code == 200


def test_send_takes_the_line_that_is_free(http, chert):
    set_up(http, "ada", SECRET, [{"number": LINE}, {"number": SECOND_LINE}])
    lines = [chert.post("/send", {"phone": person(n), "body": "Hi"}).json().get("phone_line_id") for n in range(3)]
    assert lines[0] != lines[1]
    assert lines[2] is None


def test_naming_a_line_moves_the_pin(http, chert):
    lines = set_up(http, "ada", SECRET, [{"number": LINE}, {"number": SECOND_LINE}])["lines"]
    chert.open(GRACE)
    body = {"phone": GRACE, "body": "Hi", "phone_line_id": lines[1]["id"]}
    assert chert.post("/send", body).json()["phone_line_id"] == lines[1]["id"]


def test_inside_the_gap_a_message_may_be_queued(chert, turn, clock):
    turn(gap_queues=True, delivered_after=0)
    chert.open(GRACE)
    said = chert.open(LINUS).json()["message"]["id"]
    clock.now += 599
    assert chert.get(f"/messages/{said}").json()["message"]["delivered_at"] is None
    clock.now += 1
    assert chert.get(f"/messages/{said}").json()["message"]["delivered_at"]


def test_a_line_that_is_off_sends_nothing(http, chert):
    chat = chert.chat(GRACE)
    set_up(http, "ada", SECRET, [{"number": LINE, "is_active": False}])
    assert code(chert.open(LINUS)) == (503, 3002)
    assert code(chert.say(chat, text("Again"))) == (503, 3002)
    assert not chert.get("/phone-numbers").json()["phone_numbers"][0]["is_active"]


def test_a_budget_of_nothing_is_never_free(http, chert):
    set_up(http, "ada", SECRET, [{"number": LINE, "budget": 0, "gap": 0}])
    assert refused(chert.open(GRACE)) > 0
