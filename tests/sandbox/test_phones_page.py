import re

import pytest

from campaigns.sandbox.skies import SKIES

from .conftest import GRACE, LINE, LINUS, SECRET, Caller, link, media, set_up, text

EVIL = '<img src=x onerror="alert(1)">'
JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture
def ada(http):
    names = {GRACE: "Grace Hopper", LINUS: EVIL}
    set_up(http, "ada", SECRET, [{"number": LINE, "budget": None, "gap": 0}], name="Ada’s Bakery", names=names)
    return Caller(http, SECRET)


@pytest.fixture
def asked(ada, clock):
    """Grace got picture, text and link, and they have arrived."""
    chat = ada.chat(GRACE)
    ada.say(chat, media(ada.upload(JPEG)), text("How was it?"), link("http://127.0.0.1:8000/r/abc", "Write a review"))
    clock.now += 60
    return chat


def page(http, path="/phones"):
    answer = http.get(path)
    assert answer.status_code == 200
    return answer.text


def news(http, html, path="/phones/news"):
    """What a browser with this page open hears two seconds later."""
    return http.get(path, params={"v": re.findall(r'name="v" value="([^"]+)"', html)})


def test_it_says_that_nothing_is_real(http):
    assert "Nothing here reaches a real customer." in page(http, "/")
    assert "No phone has rung yet" in page(http)


def test_a_phone_shows_what_was_sent(http, asked):
    html = page(http)
    assert "Grace Hopper" in html
    assert "(500) 555-0101" in html
    assert "Hi Grace" in html
    assert "How was it?" in html
    assert 'href="http://127.0.0.1:8000/r/abc"' in html
    assert "Ada’s Bakery" in html


def test_the_picture_is_the_one_that_was_uploaded(http, asked):
    source = re.search(r'src="(/sandbox/pictures/[^"]+)"', page(http)).group(1)
    answer = http.get(source)
    assert (answer.content, answer.headers["content-type"]) == (JPEG, "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_that_is_no_picture_is_handed_over_not_shown(http, ada):
    attachment = ada.upload(b"<script>alert(1)</script>", "text/plain")
    answer = http.get(f"/sandbox/pictures/{attachment}")
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["content-type"] == "application/octet-stream"


def test_what_has_not_arrived_is_not_on_the_screen(http, ada, clock):
    ada.open(GRACE, parts=[text("Hello there")])
    assert "Hello there" not in page(http)
    clock.now += 5
    assert "Hello there" in page(http)


def test_names_and_words_are_escaped(http, ada, clock):
    ada.open(LINUS, parts=[text(EVIL), link("https://x.test/?a='\"><b>", EVIL)])
    clock.now += 5
    html = page(http)
    assert "<img src=x" not in html
    assert html.count("&lt;img src=x") >= 3
    assert "'\"><b>" not in html
    assert "<img" not in page(http, "/phones?q=%3Cimg%20src=x%3E")


def test_no_script_or_style_stands_in_the_page(http, asked):
    answer = http.get("/phones")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", answer.text)


def test_an_answer_from_the_page_reaches_chert(http, ada, asked):
    answer = http.post(f"/phones/{asked}/answer", data={"text": "Lovely!"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/phones#phone-{asked}")
    assert ada.get(f"/chats/{asked}/messages").json()["messages"][-1]["parts"] == [text("Lovely!")]
    assert len(ada.get("/events").json()["events"]) == 1


def test_with_htmx_only_the_phone_comes_back(http, asked):
    answer = http.post(f"/phones/{asked}/answer", data={"text": "Lovely!"}, headers={"hx-request": "true"})
    assert "Lovely!" in answer.text
    assert "<html" not in answer.text
    assert f'id="thread-{asked}"' in answer.text
    assert f'id="type-{asked}"' in answer.text


def test_an_answer_from_another_site_is_refused(http, asked):
    headers = {"origin": "https://evil.example"}
    assert http.post(f"/phones/{asked}/answer", data={"text": "Hi"}, headers=headers).status_code == 403


def test_nothing_new_is_no_content(http, asked):
    assert news(http, page(http)).status_code == 204


def test_news_brings_only_the_phone_that_moved(http, ada, asked, clock):
    other = ada.chat(LINUS)
    clock.now += 60
    html = page(http)
    http.post(f"/sandbox/phones/{GRACE}/reply", json={"text": "Lovely!"})
    heard = news(http, html).text
    assert "Lovely!" in heard
    assert f"thread-{other}" not in heard
    assert 'class="type"' not in heard  # a half-typed answer stays where it is


def test_a_phone_that_rings_for_the_first_time_appears(http, ada, asked, clock):
    html = page(http)
    chat = ada.chat(LINUS)
    clock.now += 60
    heard = news(http, html).text
    assert f'id="phone-{chat}"' in heard
    assert "afterbegin:#phones" in heard


def test_a_full_page_takes_no_more_phones(http, ada, clock):
    for n in range(24):
        ada.chat(f"+1500556{n:04}")
    clock.now += 60
    html = page(http)
    chat = ada.chat(GRACE)
    heard = news(http, html).text
    assert f"phone-{chat}" not in heard
    assert "25 phones" in heard


def test_phones_come_in_pages_of_twenty_four(http, ada):
    for n in range(30):
        ada.chat(f"+1500556{n:04}")
    assert page(http).count('class="phone short"') == 24
    assert page(http, "/phones?page=2").count('class="phone short"') == 6
    assert "No phone here" in page(http, "/phones?page=3")


@pytest.mark.parametrize("query", ["q=grace", "q=555-0101", "show=answered", "show=stopped"])
def test_phones_can_be_found(http, ada, asked, query):
    ada.chat(LINUS)
    http.post(f"/sandbox/phones/{GRACE}/reply", json={"text": "Stop."})
    html = page(http, f"/phones?{query}")
    assert html.count('class="phone short"') == 1
    assert "Grace Hopper" in html


def test_a_phone_without_imessage_says_so(http, ada):
    ada.chat("+15035550199")
    html = page(http, "/phones?show=none")
    assert "Not on iMessage." in html
    assert 'class="type" id' not in html


def test_stop_shows_on_the_phone(http, asked):
    assert 'class="chip read"' in page(http)
    http.post(f"/phones/{asked}/answer", data={"text": "STOP"})
    assert 'class="chip stopped"' in page(http)


def test_a_tap_by_the_browser_is_noted_and_opens_nothing_from_here(http, asked, visits):
    path = re.search(r'ping="([^"]+)"', page(http)).group(1)
    http.post(path, content=b"PING", headers={"content-type": "text/ping"}).raise_for_status()
    assert 'class="chip opened"' in page(http)
    assert visits == []


def test_a_switch_turns_its_knob_and_no_other(http, ada, turn):
    turn(p429=0.05, echo=True)
    http.post("/sandbox/weather", data={"busy": "on", "away": "on"})
    weather = http.get("/sandbox/weather").json()
    assert (weather["p429"], weather["away"], weather["echo"]) == (0.05, True, False)
    assert "2 on" in page(http)


def test_the_page_counts_calls(http, ada, asked):
    assert re.search(r"<strong>4</strong> calls", page(http))


def test_starting_over_from_the_page_comes_back_to_it(http, asked):
    answer = http.post("/sandbox/reset", data={"sure": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/phones")
    assert "No phone has rung yet" in page(http)


@pytest.mark.parametrize("path", ["css/look.css", "css/tokens.css", "sandbox/sandbox.css", "django_htmx/htmx-2.min.js"])
def test_the_files_the_page_needs_are_there(http, path):
    answer = http.get(f"/static/{path}")
    assert answer.status_code == 200
    assert http.get(f"/static/{path}", headers={"if-none-match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/static/../manage.py",
        "/static/css/../../manage.py",
        "/static/%2e%2e/manage.py",
        "/static/django_htmx/../../__init__.py",
        "/static//etc/passwd",
        "/static/.hidden",
        "/static/css",
        "/static/",
        "/static/css/look.css%00",
    ],
)
def test_no_file_outside_the_folder_is_served(sandbox, path):
    answers = []
    # straight to the app: a client would tidy the path first
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path.replace("%2e", ".").replace("%00", "\0")}
    local = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1"}
    sandbox(environ | local, lambda status, headers: answers.append(status))
    assert answers == ["404 Not Found"]


def test_the_weather_panel_has_a_switch_for_every_kind_of_trouble():
    turned = {sky.knob for sky in SKIES}
    assert {"latency_ms", "p429", "p500", "reset_before", "reset_after", "non_json", "away", "key_refused"} <= turned
