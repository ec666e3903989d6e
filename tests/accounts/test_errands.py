"""Mails and notes are made by the clock, so that the page answers everybody alike (S4, S11, S30)."""

import smtplib

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from campaigns import accounts
from campaigns.accounts import errands
from campaigns.models import AuditEntry, Errand, User

ADA = "adas-bakery@example.com"
ANOTHER = "a quite different sentence"


@pytest.fixture(autouse=True)
def fresh_start(db):
    cache.clear()


def ask(email=ADA, **headers):
    return Client().post(reverse("forgotten"), {"email": email}, **headers)


def link(clock) -> str:
    """The path of the link in the last mail."""
    errands.run(clock())
    [line] = [line for line in mail.outbox[-1].body.splitlines() if line.startswith("http")]
    return line.removeprefix("http://127.0.0.1:8000")


def choose(address, passphrase=ANOTHER, browser=None):
    browser = browser or Client()
    shown = browser.get(address)
    return browser.post(shown.url, {"passphrase": passphrase}) if shown.status_code == 302 else shown


def signs_in(passphrase) -> bool:
    cache.clear()
    return Client().post(reverse("sign_in"), {"email": ADA, "passphrase": passphrase}).status_code == 302


def test_whoever_reads_the_mail_chooses_a_new_passphrase(ada, clock):
    ask()
    assert choose(link(clock)).url == reverse("sign_in")
    assert (signs_in(ANOTHER), signs_in("correct horse battery")) == (True, False)
    assert accounts.is_verified(ada.user)
    assert AuditEntry.objects.filter(act="reset passphrase", by=ada.user).count() == 1


def test_a_link_that_is_open_in_two_windows_changes_it_once(ada, clock):
    ask()
    address = link(clock)
    one, other = Client(), Client()
    shown = one.get(address).url
    other.get(address)
    assert one.post(shown, {"passphrase": ANOTHER}).status_code == 302
    assert other.post(shown, {"passphrase": "yet another sentence"}).status_code == 410


def test_a_made_up_link_makes_no_session(ada):
    Client().get(reverse("account_reset_password_from_key", args=["1", "made-up"]))
    assert not Session.objects.exists()


def test_the_link_lets_nobody_in_by_itself(ada, clock):
    ask()
    browser = Client()
    choose(link(clock), browser=browser)
    assert browser.get(reverse("dashboard")).status_code == 302


def test_the_link_works_once(ada, clock):
    ask()
    address = link(clock)
    choose(address)
    again = Client()
    assert again.get(address).status_code == 410
    assert again.post(address, {"passphrase": "yet another sentence"}).status_code == 410
    assert signs_in(ANOTHER)


def test_the_link_works_for_an_hour(ada, clock):
    ask()
    address = link(clock)
    clock.go(minutes=61)
    assert Client().get(address).status_code == 410


def test_the_token_is_not_in_the_address_of_the_form(ada, clock):
    ask()
    address = link(clock)
    assert Client().get(address).url == "/forgotten/" + address.split("/")[2].split("-")[0] + "-choose/"


def test_a_link_of_one_person_does_not_open_another(ada, rival, clock):
    ask()
    token = link(clock).split("-", 1)[1]
    theirs = reverse("account_reset_password_from_key", args=["0", "x"]).replace("0-x/", f"{rival.user.pk}-{token}")
    assert Client().get(theirs).status_code == 410


@pytest.mark.parametrize(
    "weak", ["short", "password1234", "adas-bakery@example.com", "passwordpassword", "ab" * 7, "qwerty123456"]
)
def test_a_weak_passphrase_is_not_taken_and_the_link_is_not_used_up(ada, clock, weak):
    ask()
    address = link(clock)
    assert choose(address, weak).status_code == 422
    assert choose(address).status_code == 302


def test_any_composition_will_do(ada, clock):
    ask()
    assert choose(link(clock), "849302718465").status_code == 302


def test_known_and_unknown_addresses_are_answered_alike_and_only_the_known_gets_a_mail(ada, clock):
    known, unknown = ask(), ask("nobody@example.com")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    errands.run(clock())
    assert [each.to for each in mail.outbox] == [[ADA]]


def test_both_cost_the_same_number_of_questions_to_the_database(ada, django_assert_num_queries):
    def cost(email):
        with django_assert_num_queries(1):
            ask(email)

    cost(ADA)
    cost("nobody@example.com")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:9999", "localhost"])
def test_what_a_browser_calls_us_is_never_in_a_mail(ada, clock, host):
    ask(HTTP_HOST=host, HTTP_X_FORWARDED_HOST="evil.example")
    if host == "evil.example":
        assert not Errand.objects.exists()
        return
    link(clock)
    assert mail.outbox[-1].body.count("http") == mail.outbox[-1].body.count("http://127.0.0.1:8000")


def test_nobodys_letter_box_is_filled(ada, clock):
    assert [ask().status_code for _ in range(7)] == [200] * 5 + [422] * 2
    clock.go(hours=1, seconds=1)
    cache.clear()
    assert ask().status_code == 200


def test_a_mail_server_that_is_away_is_asked_again(ada, clock, monkeypatch):
    ask()
    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMessage.send", broken)
        errands.run(clock())
        errands.run(clock())
    assert (len(mail.outbox), Errand.objects.get().tries) == (0, 1)
    clock.go(minutes=2)
    errands.run(clock())
    assert (len(mail.outbox), Errand.objects.count()) == (1, 0)


def test_in_the_end_it_gives_up(ada, clock, monkeypatch):
    ask()
    monkeypatch.setattr("django.core.mail.EmailMessage.send", broken)
    for _ in range(errands.TRIES):
        errands.run(clock())
        clock.go(hours=3)
    assert not Errand.objects.exists()


def broken(*_, **__):
    raise smtplib.SMTPServerDisconnected


def test_two_workers_send_one_mail(ada, clock):
    ask()
    [errand] = Errand.objects.all()
    Errand.objects.filter(pk=errand.pk).update(due_at=clock() + errands.LEASE)  # the other one has it
    errands.run(clock())
    assert mail.outbox == []


def test_a_try_in_vain_is_noted_by_the_clock(ada, clock):
    given = {"email": ADA, "passphrase": "wrong"}
    Client().post(reverse("sign_in"), given, REMOTE_ADDR="203.0.113.9")
    Client().post(reverse("sign_in"), given | {"email": "nobody@example.com"})
    errands.run(clock())
    [row] = AuditEntry.objects.all()
    assert (row.act, row.by, row.organization) == ("sign in failed", None, ada.organization)
    assert (row.words, row.network) == ("with a wrong passphrase", "203.0.113.0/24")
    assert row.about == f"user {ada.user.pk}"
    assert not Errand.objects.exists()


def test_a_change_is_told_by_mail(ada, clock):
    ask()
    choose(link(clock))
    errands.run(clock())
    assert "Your passphrase was changed by a link" in mail.outbox[-1].body


def test_somebody_new_is_made_with_an_address_that_is_known_to_be_theirs(db):
    made = accounts.make("Grace@Example.com", "a sentence of her own", verified=True, name="Grace")
    assert (made.email, accounts.is_verified(made), accounts.can_prove(made)) == ("grace@example.com", True, True)
    doubtful = accounts.make("linus@example.com", verified=False)
    assert (accounts.is_verified(doubtful), accounts.can_prove(doubtful)) == (False, False)
    assert User.objects.count() == 2


class Counted(MD5PasswordHasher):
    """One slow hash is what a try costs; this one counts them."""

    made = 0

    def encode(self, *given):
        Counted.made += 1
        return super().encode(*given)


@pytest.mark.parametrize("email", [ADA, "nobody@example.com", "linked@example.com"])
def test_a_try_costs_one_hash_whoever_it_is_aimed_at(ada, settings, email):
    """S4: also for somebody who comes by links alone."""
    accounts.make("linked@example.com", verified=False)
    settings.PASSWORD_HASHERS = [f"{__name__}.Counted"]
    Counted.made = 0
    Client().post(reverse("sign_in"), {"email": email, "passphrase": "a wrong one, as it is"})
    assert Counted.made == 1
