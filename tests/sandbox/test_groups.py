"""Groups at the pretend Chert, as the contract has them (§6.3, §7.2), and on each phone."""

import re

import pytest

from .conftest import GRACE, LINE, LINUS, SECRET, Caller, code, link, media, set_up, text

THIRD = "+15005550103"
NAMES = {GRACE: "Grace Hopper", LINUS: "Linus Torvald"}


@pytest.fixture
def ada(http):
    set_up(http, "ada", SECRET, [{"number": LINE, "budget": None, "gap": 0}], name="Ada’s Bakery", names=NAMES)
    return Caller(http, SECRET)


@pytest.fixture
def group(ada, clock):
    chat = ada.chat([GRACE, LINUS])
    clock.now += 60
    return chat


def page(http):
    return http.get("/phones").text


def phone(html, title):
    """What stands on the phone of this name."""
    return next(part for part in html.split('<li class="stack tight ph"')[1:] if f"<bdi>{title}</bdi>" in part)


def write(http, number, words, **more):
    return http.post(f"/sandbox/phones/{number}/reply", json={"text": words, **more}).raise_for_status().json()


@pytest.mark.parametrize("parts", [[link()], [text("Hi"), link()], [text("http://a.test")], []])
def test_a_group_opens_with_one_text_alone(ada, parts):
    assert ada.post("/chats", {"from": LINE, "to": [GRACE, LINUS], "message": {"parts": parts}}).status_code >= 400
    assert code(ada.open([GRACE, LINUS], parts=[media(ada.upload()), text("Hi")])) == (501, 4099)


def test_then_it_takes_picture_text_and_link(ada, group):
    answer = ada.say(group, media(ada.upload()), text("How was it?"), link())
    assert (answer.status_code, answer.json()["message"]["chat_id"]) == (200, group)


def test_the_answer_names_everybody(ada):
    chat = ada.open([GRACE, LINUS]).json()["chat"]
    assert (chat["is_group"], [each["address"] for each in chat["handles"]]) == (True, [GRACE, LINUS])


def test_the_same_key_opens_one_group(ada, ledger):
    one, again = (ada.open([GRACE, LINUS], key="k").content for _ in range(2))
    assert one == again
    assert len([effect for effect in ledger()["effects"] if effect["kind"] == "chat"]) == 1


def test_a_group_is_neither_ones_own_chat(ada, group):
    assert ada.chat(GRACE) not in (group, ada.chat(LINUS))


def test_thirty_one_are_the_most(ada):
    people = [f"+1500556{n:04}" for n in range(32)]
    assert code(ada.open(people)) == (422, 1006)
    assert ada.open(people[:31]).status_code == 200


def test_somebody_elses_line_is_403_for_a_group(ada):
    assert code(ada.open([GRACE, LINUS], line="+15005550999")) == (403, 2006)


def test_an_event_says_who_of_them_wrote_and_that_it_is_a_group(ada, http, group):
    write(http, LINUS, "Hello")
    [event] = ada.get("/events").json()["events"]
    data = event["payload"]["data"]
    assert (data["chat"]["id"], data["chat"]["is_group"]) == (group, True)
    assert data["message"]["sender_handle"]["handle"] == LINUS
    assert [each["handle"] for each in data["chat"]["handles"]] == [LINE, GRACE, LINUS]


def test_the_thread_is_on_each_phone(http, ada, group):
    html = page(http)
    for mine, other in (("Grace Hopper", "Linus Torvald"), ("Linus Torvald", "Grace Hopper")):
        assert "Hi Grace" in phone(html, mine)
        assert f"Group of 3, with {other}" in phone(html, mine)
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_what_one_writes_the_others_see_with_the_name(http, ada, group):
    write(http, LINUS, "Lovely bread")
    html = page(http)
    assert re.search(r"bubble words me[^>]*>Lovely bread", phone(html, "Linus Torvald"))
    theirs = phone(html, "Grace Hopper")
    assert re.search(r"<b>Linus Torvald</b>", theirs)
    assert re.search(r"bubble words(?! me)[^>]*>Lovely bread", theirs)


def test_one_answers_on_their_own_phone_of_the_page(http, ada, group):
    screen = re.search(r'id="phone-([^"]+)"', '<li class="stack tight ph"' + phone(page(http), "Linus Torvald"))[1]
    assert (
        http.post(f"/phones/{screen}/answer", data={"text": "STOP"}, headers={"hx-request": "true"}).status_code == 200
    )
    [event] = ada.get("/events").json()["events"]
    assert event["payload"]["data"]["message"]["sender_handle"]["handle"] == LINUS
    html = page(http)
    assert "Stopped" in phone(html, "Linus Torvald")
    assert "Stopped" not in phone(html, "Grace Hopper")


@pytest.mark.parametrize("screen", ["nobody", "nobody-m1", "x-m99"])
def test_a_phone_that_is_not_there_is_404(http, group, screen):
    assert http.post(f"/phones/{screen}/answer", data={"text": "x"}).status_code == 404
    assert http.post(f"/phones/{group}-m2/answer", data={"text": "x"}).status_code == 404
    assert http.post(f"/phones/{group}/answer", data={"text": "x"}).status_code == 404


def test_only_what_moved_is_told_to_an_open_page(http, ada, group, clock):
    seen = re.findall(r'name="v" value="([^"]+)"', page(http))
    assert http.get("/phones/news", params={"v": seen}).status_code == 204
    write(http, LINUS, "Hello")
    fresh = http.get("/phones/news", params={"v": seen})
    assert fresh.status_code == 200
    assert fresh.text.count("Hello") == 2


def test_a_thread_is_answered_by_name_where_there_are_two(http, ada, group):
    own = ada.chat(GRACE)
    assert write(http, GRACE, "To you")["chat_id"] == own
    assert write(http, GRACE, "To all", chat=group)["chat_id"] == group
    assert http.post(f"/sandbox/phones/{THIRD}/reply", json={"text": "x", "chat": group}).status_code == 404


def test_the_link_of_a_group_is_tapped_in_that_group(http, ada, group, clock):
    ada.say(group, text("How was it?"), link("https://site.test/r/of-the-group"))
    ada.say(ada.chat(GRACE), text("And you?"), link("https://site.test/r/own"))
    tapped = http.post(f"/sandbox/phones/{GRACE}/tap", json={"chat": group}).json()
    assert tapped["url"].endswith("of-the-group")


def test_one_without_imessage_leaves_the_group_undelivered(http, ada, clock):
    http.put(f"/sandbox/phones/{LINUS}", json={"imessage": False})
    said = ada.open([GRACE, LINUS]).json()["message"]["id"]
    clock.now += 3600
    assert ada.get(f"/messages/{said}").json()["message"]["delivered_at"] is None
