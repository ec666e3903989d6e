"""What somebody sends who only pretends to have a passkey.  Real ones are walked in tests/browser/test_passkeys.py."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from campaigns.accounts import tries
from campaigns.models import AuditEntry

B64 = "AAAA"
RUBBISH = [
    "",
    "rubbish",
    "null",
    "1",
    "[]",
    "{}",
    '{"response": {"userHandle": 5}}',
    '{"id": 1, "rawId": 2, "type": "public-key", "response": {}}',
    json.dumps({"id": B64, "rawId": B64, "type": "public-key", "response": {"userHandle": "MQ"}}),
    json.dumps(
        {
            "id": B64,
            "rawId": B64,
            "type": "public-key",
            "response": {"clientDataJSON": B64, "authenticatorData": B64, "signature": B64, "userHandle": "MQ"},
            "clientExtensionResults": {},
        }
    ),
    json.dumps(
        {
            "id": B64,
            "rawId": B64,
            "type": "public-key",
            "response": {"clientDataJSON": B64, "attestationObject": B64},
            "clientExtensionResults": {},
        }
    ),
]


@pytest.fixture(autouse=True)
def no_tries_yet():
    cache.clear()


@pytest.mark.parametrize("credential", RUBBISH)
def test_rubbish_signs_nobody_in(ada, credential):
    browser = Client()
    browser.get(reverse("sign_in_passkey"))
    assert browser.post(reverse("sign_in_passkey"), {"credential": credential}).url == reverse("sign_in")
    assert "not known here" in browser.get(reverse("sign_in")).content.decode()


@pytest.mark.parametrize("credential", RUBBISH)
def test_rubbish_becomes_no_passkey(desk, credential):
    desk.get(reverse("passkey_add"))
    answer = desk.post(reverse("passkey_add"), {"name": "x", "credential": credential})
    assert (answer.status_code, Authenticator.objects.exists()) == (422, False)


@pytest.mark.parametrize("credential", RUBBISH)
def test_rubbish_proves_nothing(desk, clock, settings, credential):
    settings.PROOF_LASTS = 600
    clock.go(minutes=11)
    desk.get(reverse("prove_options"))
    assert desk.post(reverse("prove"), {"prove-again": "/", "prove-credential": credential}).status_code == 422
    assert desk.get(reverse("app_add")).url.startswith(reverse("prove"))


def test_nobody_makes_sessions_by_the_thousand(db):
    answers = [Client().get(reverse("sign_in_passkey")).status_code for _ in range(tries.PASSKEYS + 5)]
    assert answers.count(429) == 5
    assert Session.objects.count() == tries.PASSKEYS


def test_the_passkey_of_somebody_else_cannot_be_removed(desk, rival):
    theirs = Authenticator.objects.create(user=rival.user, type="webauthn", data={"name": "x", "credential": {}})
    assert desk.post(reverse("passkey_remove", args=[theirs.pk])).status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


def test_under_a_number_it_says_that_browsers_want_a_name(desk):
    assert "Not under this address." in desk.get(reverse("passkey_add"), HTTP_HOST="127.0.0.1:8000").content.decode()
    assert (
        "Not under this address." not in desk.get(reverse("passkey_add"), HTTP_HOST="localhost:8000").content.decode()
    )


def test_the_only_way_in_is_not_removed(desk, ada):
    ada.user.set_unusable_password()
    ada.user.save()
    desk.force_login(ada.user)
    key = Authenticator.objects.create(user=ada.user, type="webauthn", data={"name": "Phone", "credential": {}})
    assert desk.post(reverse("passkey_remove", args=[key.pk])).url == reverse("passphrase")
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_a_passkey_that_is_removed_is_gone_and_noted(desk, ada):
    key = Authenticator.objects.create(user=ada.user, type="webauthn", data={"name": "Phone", "credential": {}})
    assert desk.post(reverse("passkey_remove", args=[key.pk])).url == reverse("you")
    assert (Authenticator.objects.exists(), AuditEntry.objects.latest("pk").act) == (False, "remove passkey")
