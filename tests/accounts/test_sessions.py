"""How long one is taken for who one is, and that a cookie of before opens nothing (S6, S7)."""

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from campaigns.accounts import sessions
from campaigns.models import AuditEntry, SignInLink

GOOD = {"email": "adas-bakery@example.com", "passphrase": "correct horse battery"}
ANOTHER = "a quite different sentence"


@pytest.fixture(autouse=True)
def as_in_life(clock, settings):
    settings.SESSION_IDLE, settings.SESSION_LONGEST = 12 * 3600, 14 * 24 * 3600
    settings.SESSION_BREATH, settings.PROOF_LASTS = 300, 600
    cache.clear()


def come_in(browser=None, **more) -> Client:
    browser = browser or Client(**more)
    assert browser.post(reverse("sign_in"), GOOD).status_code == 302
    return browser


def is_in(browser) -> bool:
    return browser.get(reverse("customers")).status_code == 200


def replayed(cookie) -> Client:
    browser = Client()
    browser.cookies[site.SESSION_COOKIE_NAME] = cookie
    return browser


def cookie_of(browser) -> str:
    return browser.cookies[site.SESSION_COOKIE_NAME].value


def test_twelve_hours_of_nothing_end_it(ada, clock):
    browser = come_in()
    clock.go(hours=11, minutes=59)
    assert is_in(browser)
    clock.go(hours=11, minutes=59)
    assert is_in(browser)
    clock.go(hours=12, seconds=1)
    assert not is_in(browser)


def test_a_page_that_asks_by_itself_is_nobody_doing_something(ada, clock):
    browser = come_in()
    for _ in range(13):
        clock.go(hours=1)
        browser.get(reverse("customers"), headers={"HX-Request": "true"})
    assert not is_in(browser)


def test_after_fourteen_days_it_ends_whatever_one_does(ada, clock):
    browser = come_in()
    for _ in range(14 * 3 - 1):
        clock.go(hours=8)
        assert is_in(browser)
    clock.go(hours=8, seconds=1)
    assert not is_in(browser)


def test_a_session_that_does_not_know_when_it_began_ends(ada):
    browser = come_in()
    session = browser.session
    del session["began"]
    session.save()
    assert not is_in(browser)


def test_a_new_session_begins_with_the_sign_in(ada):
    browser = Client()
    browser.get(reverse("sign_in_passkey"))
    before = cookie_of(browser)
    come_in(browser)
    assert (cookie_of(browser) != before, is_in(replayed(before))) == (True, False)


def test_the_cookie_of_before_opens_nothing_after_signing_out(ada):
    browser = come_in()
    cookie = cookie_of(browser)
    answer = browser.post(reverse("sign_out"))
    assert (answer["Clear-Site-Data"], is_in(replayed(cookie))) == ('"cache", "storage"', False)
    assert not Session.objects.exists()


def test_a_copy_of_the_database_opens_no_session(ada):
    """S6: it has names of sessions, and a name is no key."""
    browser = come_in()
    [name] = {Session.objects.get().session_key, UserSession.objects.get().session_key}
    assert cookie_of(browser) not in name
    assert [is_in(replayed(each)) for each in (name, f'"{name}"', name.removeprefix("kept:"))] == [False] * 3
    assert is_in(replayed(cookie_of(browser)))


def test_who_signs_in_once_more_has_a_new_session_and_is_listed_once(ada):
    browser = come_in()
    before = cookie_of(browser)
    come_in(browser)
    assert (is_in(browser), is_in(replayed(before))) == (True, False)
    assert len(browser.get(reverse("you")).context["sessions"]) == 1


def test_with_another_passphrase_all_others_are_out_and_one_stays_in(ada):
    here, elsewhere = come_in(), come_in()
    before = cookie_of(here)
    assert here.post(reverse("passphrase"), {"passphrase": ANOTHER}).status_code == 302
    assert (is_in(here), is_in(elsewhere), is_in(replayed(before))) == (True, False, False)


def test_whoever_is_closed_out_is_out_with_the_next_click(ada):
    browser = come_in()
    ada.user.is_active = False
    ada.user.save()
    assert not is_in(browser)
    assert Client().post(reverse("sign_in"), GOOD).url == reverse("sign_in")


def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(ada):
    here = come_in()
    elsewhere = come_in(headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"})
    page = here.get(reverse("you"))
    assert "Firefox on Windows" in page.content.decode()
    [other] = [session for session, _, is_here in page.context["sessions"] if not is_here]
    assert here.post(reverse("session_end", args=[other.pk])).url == reverse("you")
    assert (is_in(here), is_in(elsewhere)) == (True, False)


def test_one_ends_all_the_others(ada):
    here, others = come_in(), [come_in(), come_in()]
    here.post(reverse("sessions_end"))
    assert (is_in(here), [is_in(each) for each in others]) == (True, [False, False])


def test_nobody_ends_the_session_of_somebody_else(ada, rival):
    theirs = Client()
    theirs.post(reverse("sign_in"), GOOD | {"email": "charlies-cakes@example.com"})
    [(session, _, _)] = theirs.get(reverse("you")).context["sessions"]
    assert come_in().post(reverse("session_end", args=[session.pk])).status_code == 404
    assert is_in(theirs)


def test_coming_and_going_is_noted_with_who_when_and_from_where(ada, clock):
    browser = Client()
    browser.post(reverse("sign_in"), GOOD, REMOTE_ADDR="203.0.113.9")
    browser.post(reverse("sign_out"), REMOTE_ADDR="203.0.113.9")
    rows = AuditEntry.objects.filter(organization=ada.organization).order_by("pk")
    assert [(row.act, row.by, row.words, row.network, row.at) for row in rows] == [
        ("sign in", ada.user, "with a passphrase", "203.0.113.0/24", clock()),
        ("sign out", ada.user, "", "203.0.113.0/24", clock()),
    ]


def test_what_is_over_is_thrown_away(ada, clock):
    come_in()
    SignInLink.make(ada.user, clock())
    sessions.forget(clock())
    assert (Session.objects.count(), UserSession.objects.count(), SignInLink.objects.count()) == (1, 1, 1)
    clock.go(days=15)
    sessions.forget(clock())
    assert (Session.objects.count(), UserSession.objects.count(), SignInLink.objects.count()) == (0, 0, 0)
