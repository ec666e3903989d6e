"""The look's own tags, the error pages, and what no template may hold."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import timezone
from django.views import defaults

from campaigns import status
from campaigns.templatetags import look

TEMPLATES = sorted((settings.ROOT / "templates").rglob("*.html"))
FORBIDDEN = re.compile(
    r"""\sstyle=|\son\w+=|hx-on|javascript:|hx-vals=["']js:|\|\s*safe\b|autoescape off|<script(?![^>]*\ssrc=)""", re.I
)
MACHINERY = re.compile(r"\b(worker|queue|task|lease|celery|blast|target audience)\b", re.I)


def drawn(template: str, **values: object) -> str:
    return Template("{% load look %}" + template).render(Context(values))


@pytest.mark.parametrize("word", [*status.Delivery, *status.Campaign, "opened", "replied", "stopped"])
def test_every_word_is_drawn_as_icon_and_word(word):
    chip = drawn("{% chip word %}", word=str(word))
    assert "</svg>" in chip or 'class="pulse"' in chip
    assert re.search(r">[A-Z][a-z]", chip)


def test_an_icon_is_silent_unless_it_says_something():
    assert 'aria-hidden="true"' in drawn('{% icon "send" %}')
    assert 'role="img"' in drawn('{% icon "send" "lead" "Sent" %}')


def test_an_icons_label_cannot_become_markup():
    assert "<b>" not in drawn("{% icon 'send' '' label %}", label='"><b>')


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+15125550101", "(512) 555-0101"), ("+4930901820", "+49 30 901820"), ("nonsense", "nonsense")],
)
def test_a_number_is_written_as_people_write_it(number, shown):
    assert look.phone(number) == shown


@pytest.mark.parametrize(
    ("name", "letters"), [("Zoë Müller", "ZM"), ("李伟", "李"), ("", ""), ("a@b.example", "A"), ("\u202e", "")]
)
def test_initials_come_from_any_name(name, letters):
    assert look.initials(name) == letters


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 3, 2, 15, 5, tzinfo=UTC), "15:05"),
        (datetime(2026, 3, 1, 9, 0, tzinfo=UTC), "Sun 9:00"),
        (datetime(2026, 1, 4, 9, 0, tzinfo=UTC), "4 Jan, 9:00"),
        (datetime(2025, 1, 4, 9, 0, tzinfo=UTC), "4 Jan 2025, 9:00"),
        (None, ""),
    ],
)
def test_a_time_says_as_much_of_the_day_as_is_needed(clock, moment, shown):
    with timezone.override(UTC):
        assert look.clock(moment) == shown


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.ROOT / "templates")))
def test_no_template_holds_script_style_or_words_of_the_machinery(path: Path):
    text = path.read_text()
    assert not FORBIDDEN.search(text)
    assert not MACHINERY.search(re.sub(r"{[%#{].*?[}%#]}", "", text))


def test_the_sandbox_says_so_on_every_page_and_only_then(client, db, settings):
    settings.CHERT_API_BASE = "http://127.0.0.1:8001/api/v1"
    assert 'href="http://127.0.0.1:8001/"' in client.get("/sign-in/").content.decode()
    settings.CHERT_API_BASE = "https://console.trychert.com/api/v1"
    assert "Sandbox" not in client.get("/sign-in/").content.decode()


def test_error_pages_say_what_happened_what_was_kept_and_what_to_do(client, db):
    missing = client.get("/nothing-here/")
    assert missing.status_code == 404
    assert "There is nothing at this address." in missing.content.decode()
    broken = defaults.server_error(RequestFactory().get("/")).content.decode()
    assert "What you had saved is safe" in broken


def test_a_form_from_an_old_page_is_refused_in_plain_words(db):
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"email": "a@b.example", "passphrase": "x"})
    assert answer.status_code == 403
    assert "This page had been open too long." in answer.content.decode()


def test_every_page_tells_htmx_to_run_nothing(client, db):
    page = client.get("/sign-in/").content.decode()
    for wanted in ('"allowEval":false', '"allowScriptTags":false', '"selfRequestsOnly":true', '"historyCacheSize":0'):
        assert wanted in page
