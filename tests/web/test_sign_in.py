"""The front door: one-time links, passphrases, and the way out."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.urls import get_resolver, reverse
from django.utils import timezone

from campaigns.accounts.tries import PER_PERSON_AND_ADDRESS as TRIES_PER_PERSON
from campaigns.models import SignInLink
from reviews.cache import LEFT_ALONE, Redis

GOOD = {"email": "adas-bakery@example.com", "passphrase": "correct horse battery"}


@pytest.fixture(autouse=True)
def no_tries_yet():
    for each in ("default", "spare"):
        caches[each].clear()


@pytest.fixture
def link(ada):
    return reverse("sign_in_link", args=[SignInLink.make(ada.user)])


def is_signed_in(client) -> bool:
    return client.get("/").status_code == 200


def test_opening_a_link_signs_nobody_in_because_previews_open_links_too(client, link):
    answer = client.get(link)
    assert "Press the button" in answer.content.decode()
    assert not is_signed_in(client)
    assert client.get(link).status_code == 200


def test_the_button_on_the_link_signs_in_once(client, link):
    assert client.post(link).url == reverse("dashboard")
    assert is_signed_in(client)
    client.post(reverse("sign_out"))
    assert client.post(link).status_code == 410
    assert not is_signed_in(client)


def test_a_link_grows_old(client, ada):
    token = SignInLink.make(ada.user, timezone.now() - SignInLink.LIFE - timedelta(seconds=1))
    address = reverse("sign_in_link", args=[token])
    assert (client.get(address).status_code, client.post(address).status_code) == (410, 410)
    assert not is_signed_in(client)


def test_a_used_a_strange_and_an_old_link_say_the_same(client, ada, link):
    client.post(link)
    client.post(reverse("sign_out"))
    strange = client.get(reverse("sign_in_link", args=["nonsense"])).content
    assert client.get(link).content == strange
    assert b"has been used, or is too old" in strange


def test_a_passphrase_opens_the_page_that_was_asked_for(client, ada):
    asked = client.get(reverse("customers"))
    assert asked.url == f"{reverse('sign_in')}?next={reverse('customers')}"
    answer = client.post(reverse("sign_in"), GOOD | {"next": reverse("customers")})
    assert answer.url == reverse("customers")


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "\\\\evil.example", "javascript:x"])
def test_signing_in_never_leads_to_another_site(client, ada, elsewhere):
    assert client.post(reverse("sign_in"), GOOD | {"next": elsewhere}).url == reverse("dashboard")


@pytest.mark.parametrize("wrong", [{"passphrase": "no"}, {"email": "nobody@example.com"}])
def test_a_wrong_pair_says_the_same_whoever_is_meant(client, ada, wrong):
    answer = client.post(reverse("sign_in"), GOOD | wrong)
    assert answer.status_code == 422
    assert "do not go together" in answer.content.decode()
    assert not is_signed_in(client)


def test_too_many_tries_stop_even_the_right_pair_for_a_while(client, ada):
    for _ in range(TRIES_PER_PERSON):
        client.post(reverse("sign_in"), GOOD | {"passphrase": "guess"})
    answer = client.post(reverse("sign_in"), GOOD)
    assert "Too many tries" in answer.content.decode()
    assert not is_signed_in(client)


def test_without_redis_people_come_in_and_tries_are_counted_all_the_same(client, ada, settings):
    """F-58."""
    nobody_there = {"BACKEND": "reviews.cache.Redis", "LOCATION": "redis://127.0.0.1:9/0"}
    settings.CACHES = settings.CACHES | {"default": nobody_there}
    assert client.post(reverse("sign_in"), GOOD).status_code == 302
    client.post(reverse("sign_out"))
    for _ in range(TRIES_PER_PERSON):
        client.post(reverse("sign_in"), GOOD | {"passphrase": "guess"})
    assert "Too many tries" in client.post(reverse("sign_in"), GOOD).content.decode()


def test_a_redis_that_does_not_answer_is_asked_once_and_then_left_alone_for_a_while(client, ada, settings, monkeypatch):
    """F-58.  One that sleeps costs its time-out each time: twelve seconds for one sign-in, else."""
    asked = []

    def sleeps(cache, *args, **options):
        asked.append(cache)
        raise TimeoutError

    for act in ("add", "get", "set", "delete"):
        monkeypatch.setattr(RedisCache, act, sleeps)
    settings.CACHES = settings.CACHES | {"default": {"BACKEND": "reviews.cache.Redis", "LOCATION": "redis://asleep"}}
    client.post(reverse("sign_in"), GOOD | {"passphrase": "guess"})
    assert len(asked) == 1
    Redis._away["redis://asleep"] -= LEFT_ALONE
    client.post(reverse("sign_in"), GOOD | {"passphrase": "guess"})
    assert len(asked) == 2


def test_somebody_elses_guesses_do_not_count_against_another_person(client, ada, rival):
    for _ in range(TRIES_PER_PERSON):
        client.post(reverse("sign_in"), GOOD | {"passphrase": "guess"})
    theirs = {"email": "charlies-cakes@example.com", "passphrase": "correct horse battery"}
    assert client.post(reverse("sign_in"), theirs).status_code == 302


def test_a_new_session_begins_with_the_sign_in_and_ends_with_the_sign_out(client, ada):
    client.get(reverse("sign_in"))
    client.post(reverse("sign_in"), GOOD)
    key = client.session.session_key
    answer = client.post(reverse("sign_out"))
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    client.cookies["session"] = key
    assert not is_signed_in(client)


def test_signing_out_needs_a_button(desk):
    assert desk.get(reverse("sign_out")).status_code == 405
    assert is_signed_in(desk)


def test_whoever_has_only_come_by_a_link_is_led_to_choose_a_passphrase(client, ada, settings):
    settings.CHERT_API_BASE = "https://console.trychert.com/api/v1"
    ada.user.set_unusable_password()
    ada.user.save()
    answer = client.post(reverse("sign_in_link", args=[SignInLink.make(ada.user)]))
    assert answer.url == reverse("passphrase")
    assert "How will you come in next time?" in client.get(answer.url).content.decode()
    assert client.post(answer.url, {"passphrase": "a quite different sentence"}).url == reverse("dashboard")
    client.post(reverse("sign_out"))
    assert client.post(reverse("sign_in"), GOOD | {"passphrase": "a quite different sentence"}).status_code == 302


def test_nobody_makes_an_account_by_themselves(client, db):
    for path in ("/accounts/signup/", "/signup/", "/accounts/login/", "/accounts/", "/sign-in/code/"):
        assert client.get(path).status_code in (404, 410)


def test_only_the_pages_that_are_wanted_are_there(client):
    """Of the library's addresses none but those we lead to ourselves."""
    ours = [getattr(pattern, "name", None) or "" for pattern in get_resolver().url_patterns[-1].url_patterns]
    theirs = {name for name in ours if name.startswith(("account_", "mfa_", "usersessions_"))}
    wanted = {"account_confirm_email", "account_login", "account_reset_password_from_key", "mfa_authenticate"}
    assert theirs == wanted
