"""The address one signs in with: shown to be one's own, or changed."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from campaigns import accounts
from campaigns.accounts import errands
from campaigns.models import AuditEntry

OLD, NEW = "adas-bakery@example.com", "ada@new.example.com"


@pytest.fixture(autouse=True)
def no_mails_yet():
    cache.clear()


def link(clock, to) -> str:
    errands.run(clock())
    [letter] = [each for each in mail.outbox if each.to == [to] and "/confirm/" in each.body]
    [line] = [line for line in letter.body.splitlines() if line.startswith("http")]
    return line.removeprefix("http://127.0.0.1:8000")


def test_an_address_is_shown_to_be_ones_own_by_a_button_behind_a_link(desk, ada, clock):
    desk.post(reverse("address_verify"))
    address = link(clock, OLD)
    desk.get(address)
    assert not accounts.is_verified(ada.user)
    desk.post(address)
    assert accounts.is_verified(ada.user)
    assert desk.get(address).status_code == 410


def test_a_new_address_counts_from_its_confirmation_on(desk, ada, clock):
    desk.post(reverse("address"), {"email": NEW.upper()})
    ada.user.refresh_from_db()
    assert ada.user.email == OLD
    Client().post(link(clock, NEW))
    ada.user.refresh_from_db()
    assert (ada.user.email, accounts.is_verified(ada.user)) == (NEW, True)
    assert "change address" in AuditEntry.objects.values_list("act", flat=True)


def test_the_old_address_is_told(desk, ada, clock):
    desk.post(reverse("address"), {"email": NEW})
    errands.run(clock())
    assert any(each.to == [OLD] and "another address" in each.body for each in mail.outbox)


def test_an_address_that_is_somebody_elses_is_answered_alike_and_gets_no_mail(desk, ada, rival, clock):
    free = desk.post(reverse("address"), {"email": NEW})
    taken = desk.post(reverse("address"), {"email": rival.user.email})
    assert (free.status_code, free.url) == (taken.status_code, taken.url)
    errands.run(clock())
    assert rival.user.email not in [each.to[0] for each in mail.outbox]


def test_who_is_quicker_has_it(desk, ada, clock):
    desk.post(reverse("address"), {"email": NEW})
    address = link(clock, NEW)
    accounts.make(NEW, verified=True)
    assert Client().post(address).status_code == 410
    ada.user.refresh_from_db()
    assert ada.user.email == OLD


def test_a_link_that_nobody_gave_confirms_nothing(client, ada):
    assert client.post(reverse("account_confirm_email", args=["forged:key"])).status_code == 410
