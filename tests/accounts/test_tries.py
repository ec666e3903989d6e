"""A thousand guesses: few are looked at, and whom they are aimed at still comes in (S2, S3)."""

import random

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from campaigns.accounts import tries
from campaigns.models import Errand
from tests.cast import at_once

GOOD = {"email": "adas-bakery@example.com", "passphrase": "correct horse battery"}


#: A thousand pages take seconds, and PostgreSQL ends a transaction in which nothing happens.
in_no_transaction = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def in_files(settings):
    """The test's clock is not Redis's."""
    settings.CACHES = settings.CACHES | {"default": settings.CACHES["spare"]}
    cache.clear()


@pytest.fixture(autouse=True)
def behind_a_proxy(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]


def guess(number, address="203.0.113.9", browser=None, **headers):
    given = GOOD | {"passphrase": f"guess number {number}"}
    return (browser or Client()).post(reverse("sign_in"), given, REMOTE_ADDR=address, **headers)


def evaluated():
    """Each passphrase that was looked at in vain leaves an errand."""
    return Errand.objects.filter(kind=Errand.Kind.FAILURE).count()


def comes_in(browser=None, address="198.51.100.7"):
    return (browser or Client()).post(reverse("sign_in"), GOOD, REMOTE_ADDR=address).status_code == 302


@in_no_transaction
def test_of_a_thousand_guesses_in_ten_minutes_few_are_looked_at_and_the_owner_comes_in_from_elsewhere(ada, clock):
    for number in range(1000):
        guess(number)
        clock.go(seconds=0.6)
    assert evaluated() <= 20
    assert comes_in()


@in_no_transaction
def test_from_hundreds_of_addresses_no_more_are_looked_at(ada, clock):
    for number in range(400):
        guess(number, f"203.0.{number % 250}.{number % 199}")
        clock.go(seconds=1.5)
    assert evaluated() <= 20


def test_a_stranger_shuts_nobody_out_for_more_than_a_quarter_of_an_hour(ada, clock):
    for number in range(100):
        guess(number, f"203.0.113.{number}")
    assert not comes_in()
    clock.go(minutes=15, seconds=1)
    assert comes_in()


def test_whoever_has_been_here_with_this_browser_comes_in_while_strangers_guess(ada, clock):
    browser = Client()
    assert comes_in(browser)
    browser.post(reverse("sign_out"))
    for number in range(100):
        guess(number, f"203.0.113.{number}")
    assert not comes_in()
    assert comes_in(browser)


def test_a_browser_that_is_known_is_not_known_for_somebody_else(ada, rival, clock):
    browser = Client()
    theirs = {"email": "charlies-cakes@example.com", "passphrase": "correct horse battery"}
    browser.post(reverse("sign_in"), theirs)
    browser.post(reverse("sign_out"))
    for number in range(100):
        guess(number, f"203.0.113.{number}")
    assert not comes_in(browser)


def test_a_stolen_cookie_of_a_known_browser_guesses_no_more_than_others(ada, clock):
    browser = Client()
    comes_in(browser)
    browser.post(reverse("sign_out"))
    for number in range(100):
        guess(number, f"203.0.113.{number}", browser)
    assert evaluated() <= tries.PER_PERSON_AND_ADDRESS


@pytest.mark.parametrize("forged", ["9.9.9.9", "1.2.3.4, 5.6.7.8", "nonsense", ""])
def test_what_a_stranger_writes_into_a_header_changes_nothing(ada, clock, forged):
    dice = random.Random(7)
    for number in range(60):
        headers = {"HTTP_X_FORWARDED_FOR": f"{forged}, {dice.randrange(200)}.1.1.1" if forged else ""}
        guess(number, **headers)
    assert evaluated() == tries.PER_PERSON_AND_ADDRESS


def test_behind_our_own_proxy_whom_it_heard_is_counted_and_not_what_that_one_said(ada, clock):
    for number in range(60):
        guess(number, "10.0.0.1", HTTP_X_FORWARDED_FOR=f"{number}.1.1.1, 203.0.113.9")
    assert evaluated() == tries.PER_PERSON_AND_ADDRESS
    comes = Client().post(reverse("sign_in"), GOOD, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.7")
    assert comes.status_code == 302


def test_all_addresses_of_one_network_are_one(ada, clock):
    for number in range(60):
        guess(number, f"2001:db8:1:2::{number + 1:x}")
    assert evaluated() == tries.PER_PERSON_AND_ADDRESS


def test_tries_at_once_take_different_slots():
    rounds = [at_once([lambda: tries._take(str(who), 5)] * 16) for who in range(10)]  # noqa: B023  # it ends at once
    assert [sum(taken) for taken in rounds] == [5] * 10


def test_an_office_behind_one_address_comes_in_each_morning(ada, clock):
    assert all(comes_in() for _ in range(30))


def test_ones_own_success_gives_nobody_more_guesses_at_another(ada, rival, clock):
    for number in range(30):
        guess(number)
        own = {"email": "charlies-cakes@example.com", "passphrase": "correct horse battery"}
        Client().post(reverse("sign_in"), own, REMOTE_ADDR="203.0.113.9")
    assert evaluated() == tries.PER_PERSON_AND_ADDRESS
