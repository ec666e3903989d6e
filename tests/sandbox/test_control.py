import os
import subprocess
import sys
import threading

import pytest

from campaigns.sandbox import Store, make_app
from campaigns.sandbox.delivery import Poster

from .conftest import GRACE, LINE, LINUS, SECOND_LINE, SECRET, link, media, set_up, text


def test_a_tenant_can_be_made_twice(http, ada):
    before = ada.get("/phone-numbers").json()["phone_numbers"][0]["id"]
    set_up(http, "ada", SECRET, [{"number": LINE}, {"number": SECOND_LINE}])
    after = ada.get("/phone-numbers").json()["phone_numbers"]
    assert [line["phone_number"] for line in after] == [LINE, SECOND_LINE]
    assert after[0]["id"] == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"secret": "short"},
        {"secret": SECRET, "lines": [{"number": "911"}]},
        {"secret": SECRET, "lines": "all"},
        {"secret": SECRET, "lines": [{"number": LINE, "budget": "many"}]},
        {"secret": SECRET, "names": []},
    ],
)
def test_a_bad_tenant_is_refused_with_a_sentence(http, body):
    answer = http.put("/sandbox/tenants/ada", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


def test_only_this_machine_may_use_the_control_routes(http, sandbox):
    answers = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/sandbox/ledger", "HTTP_HOST": "127.0.0.1"}
    sandbox(environ | {"REMOTE_ADDR": "203.0.113.9"}, lambda status, headers: answers.append(status))
    sandbox(environ | {"REMOTE_ADDR": "127.0.0.1"}, lambda status, headers: answers.append(status))
    assert answers == ["403 Forbidden", "200 OK"]


def test_a_name_that_somebody_else_owns_is_not_answered(http):
    assert http.get("/phones", headers={"host": "rebound.attacker.com"}).status_code == 403
    assert http.get("/phones", headers={"host": "localhost:8002"}).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_another_site_cannot_post_here(http, ada, headers):
    ada.chat(GRACE)
    path = f"/sandbox/phones/{GRACE}/reply"
    assert http.post(path, headers=headers, json={"text": "Hi"}).status_code == 403
    assert http.post(path, json={"text": "Hi"}, headers={"origin": "http://127.0.0.1:8002"}).status_code == 200


def test_an_answer_needs_words_and_a_phone_that_rang(http, ada):
    ada.chat(GRACE)
    assert http.post(f"/sandbox/phones/{GRACE}/reply", json={"text": " "}).status_code == 400
    assert http.post(f"/sandbox/phones/{LINUS}/reply", json={"text": "Hi"}).status_code == 404
    ada.chat("+15035550199")
    assert http.post("/sandbox/phones/+15035550199/reply", json={"text": "Hi"}).status_code == 409


def test_a_tap_opens_our_own_link_and_no_other(http, ada, visits):
    ours, other = "http://127.0.0.1:8000/r/abc", "https://search.google.com/local/writereview"
    ada.open(GRACE, parts=[link(ours)])
    answer = http.post(f"/sandbox/phones/{GRACE}/tap", json={}).json()
    assert (answer["url"], answer["status"]) == (ours, 302)
    ada.open(GRACE, parts=[link(other)])
    assert http.post(f"/sandbox/phones/{GRACE}/tap", json={}).json()["status"] is None
    assert visits == [ours]


def test_a_phone_without_a_link_has_nothing_to_tap(http, ada):
    ada.chat(GRACE)
    assert http.post(f"/sandbox/phones/{GRACE}/tap", json={}).status_code == 409


def test_the_ledger_tells_of_one_tenant_or_all(ada, rival, ledger):
    ada.open(key="k1")
    rival.open(line="+15005550008")
    effects = ledger("ada")["effects"]
    assert [each["kind"] for each in effects] == ["chat", "message"]
    assert (effects[1]["phone"], effects[1]["key"]) == (GRACE, "k1")
    assert len(ledger()["effects"]) == 4


def test_the_same_words_count_as_said_twice_whichever_upload_carried_the_picture(ada, ledger):
    chat = ada.chat(GRACE)
    ada.say(chat, media(ada.upload(b"one")), text("Hi"), key="k1")
    ada.say(chat, media(ada.upload(b"two")), text("Hi"), key="k2")
    counts = ledger("ada")
    assert (counts["duplicate_keys"], counts["duplicate_contents"], counts["duplicates"]) == (0, 1, 1)


def test_what_goes_wrong_half_way_leaves_nothing(clock):
    store = Store()

    def half_way():
        with store.transaction():
            store.turn(echo=True)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    assert not store.knobs().echo
    store.close()


def test_a_hook_that_does_not_answer_is_a_connection_error():
    store = Store()
    with pytest.raises(ConnectionError):
        Poster(store)("http://127.0.0.1:1/hook", {}, b"{}")
    store.close()


@pytest.mark.processes
def test_the_sandbox_stands_alone_without_django_settings():
    """It runs in a process of its own, where nobody has configured Django."""
    script = (
        "import sys; from campaigns.sandbox.wsgi import app;"
        "where = {'REQUEST_METHOD': 'GET', 'PATH_INFO': '/', 'REMOTE_ADDR': '127.0.0.1', 'HTTP_HOST': 'localhost'};"
        "app(where, lambda status, headers: print(status));"
        "from django.conf import settings; assert not settings.configured; assert 'campaigns.models' not in sys.modules"
    )
    bare = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run([sys.executable, "-c", script], env=bare, capture_output=True, text=True, timeout=60)
    assert done.stdout == "200 OK\n", done.stderr


def test_the_store_outlives_the_process(tmp_path, clock):
    first = Store(tmp_path / "sandbox.db")
    first.turn(p429=0.5)
    first.close()
    again = Store(tmp_path / "sandbox.db")
    assert again.knobs().p429 == 0.5
    again.close()


def test_a_store_of_another_version_begins_anew(tmp_path):
    old = Store(tmp_path / "sandbox.db")
    old.run("PRAGMA user_version = 7")
    old.run("DROP TABLE taps")
    old.turn(echo=True)
    old.close()
    new = Store(tmp_path / "sandbox.db")
    assert new.all("SELECT * FROM taps") == []
    assert not new.knobs().echo
    new.close()


def test_the_delivering_thread_stops_when_asked(clock, receiver):
    before = set(threading.enumerate())
    app = make_app(Store(), clock=clock, post=receiver)
    [courier] = set(threading.enumerate()) - before
    app.close()
    assert not courier.is_alive()
