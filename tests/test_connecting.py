"""Connecting to Chert: the key, the lines, and one subscription however often somebody asks."""

import pytest

from campaigns import chert, connecting, connection
from campaigns.models import AuditEntry, Line, Organization
from tests.cast import SECRET, turn

HERE = "http://127.0.0.1:8000"
LIVE = "https://console.trychert.com/api/v1"


@pytest.fixture
def here(settings):
    """Both sides on this machine."""
    settings.SITE_URL = HERE


def subscriptions(sandbox):
    return sandbox.store.all("SELECT * FROM subscriptions ORDER BY created_at")


def test_the_test_shows_the_lines_of_the_account_and_which_are_entered(ada, sandbox):
    Line.objects.create(organization=ada.organization, number="+15125550777")
    assert connecting.test(ada.organization) == [connecting.SeenLine("+15125550100", True, True)]
    ada.line.refresh_from_db()
    assert ada.line.chert_id != ""


def test_a_wrong_secret_is_said_in_a_sentence(ada, sandbox):
    ada.organization.chert_secret = "0" * 32
    with pytest.raises(chert.AccountTrouble) as trouble:
        connecting.test(ada.organization)
    assert trouble.value.detail.endswith(".")


def test_no_secret_is_said_in_a_sentence(ada):
    ada.organization.chert_secret = ""
    with pytest.raises(connection.NotConnected, match="no Chert secret yet"):
        connecting.test(ada.organization)


def test_a_secret_that_cannot_be_one_is_said_in_a_sentence_and_not_repeated(ada):
    ada.organization.chert_secret = "hunter 2"
    with pytest.raises(connection.NotConnected) as refused:
        connecting.test(ada.organization)
    assert "hunter" not in str(refused.value)


def test_connecting_twice_subscribes_once(ada, sandbox, here):
    for _ in range(2):
        assert connecting.connect(ada.organization, ada.user)
    [made] = subscriptions(sandbox)
    assert made["url"] == connecting.webhook_url(ada.organization)
    assert AuditEntry.objects.filter(act="connect").count() == 1


def test_the_secret_of_the_subscription_is_kept_and_is_not_the_apis(ada, sandbox, here):
    connecting.connect(ada.organization)
    ada.organization.refresh_from_db()
    assert ada.organization.webhook_secret == subscriptions(sandbox)[0]["secret"] != SECRET


def test_a_subscription_whose_secret_was_lost_is_ended_and_made_anew(ada, sandbox, here):
    connecting.connect(ada.organization)
    ada.organization.webhook_secret = ""
    connecting.connect(ada.organization)
    assert len(subscriptions(sandbox)) == 1


def test_a_new_address_ends_the_subscription_of_the_old_one(ada, sandbox, here, settings):
    connecting.connect(ada.organization)
    settings.SITE_URL = "https://reviews.example.com"
    assert not connecting.is_connected(ada.organization)
    connecting.connect(ada.organization)
    assert [s["url"] for s in subscriptions(sandbox)] == [connecting.webhook_url(ada.organization)]


def test_the_subscriptions_of_others_are_left_alone(ada, rival, sandbox, here):
    connecting.connect(rival.organization)
    sandbox.store.run("UPDATE subscriptions SET url = 'https://elsewhere.example/hook'")
    connecting.connect(ada.organization)
    assert len(subscriptions(sandbox)) == 2


@pytest.mark.parametrize(
    ("site", "base", "callable"),
    [
        (HERE, "http://127.0.0.1:9/api/v1", True),
        ("http://localhost:8000", "http://[::1]:9/api/v1", True),
        ("https://reviews.example.com", LIVE, True),
        ("http://reviews.example.com", LIVE, False),
        (HERE, LIVE, False),
        ("http://192.168.1.5:8000", "http://127.0.0.1:9/api/v1", False),
    ],
)
def test_chert_can_call_us_over_https_or_on_this_machine(settings, site, base, callable):
    settings.SITE_URL, settings.CHERT_API_BASE = site, base
    assert connecting.can_be_called() == callable


def test_where_chert_cannot_call_nothing_is_subscribed(ada, sandbox, settings):
    settings.SITE_URL = "http://192.168.1.5:8000"
    assert not connecting.connect(ada.organization)
    assert subscriptions(sandbox) == []


def test_trouble_while_connecting_is_a_sentence(ada, sandbox, here):
    turn(sandbox, away=True)
    assert connecting.try_to_connect(ada.organization).endswith(".")
    turn(sandbox, away=False)
    assert connecting.try_to_connect(ada.organization) == ""


def test_the_address_cannot_be_guessed_and_is_each_organizations_own(ada, rival):
    paths = {o.webhook_path for o in (ada.organization, rival.organization)}
    assert len(paths) == 2
    assert min(map(len, paths)) >= 43  # 256 bits


def test_a_new_secret_gets_a_client_of_its_own(ada, sandbox):
    before = connection.client(ada.organization)
    assert connection.client(ada.organization) is before
    ada.organization.chert_secret = "1" * 32
    assert connection.client(ada.organization) is not before


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://localhost", "http://[::1]:3", "http://127.9.9.9"])
def test_addresses_of_this_machine(url):
    assert connection.is_loopback(url)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1.evil.com", "https://example.com", "https://localhost.evil.com", "x"]
)
def test_addresses_of_elsewhere(url):
    assert not connection.is_loopback(url)


def test_what_is_asked_of_the_database_is_what_is_kept_there(ada):
    fresh = Organization.objects.get(pk=ada.organization.pk)
    assert (fresh.chert_secret, fresh.webhook_secret) == (SECRET, "")
