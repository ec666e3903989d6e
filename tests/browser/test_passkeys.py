"""Passkeys in a real Chromium, with an authenticator that it pretends to have.  The steps build on each other."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PASSPHRASE = "a sentence of Todd's own"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def told(site, code: str) -> str:
    done = site.manage("shell", "--no-imports", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def home(site) -> str:
    """Browsers make passkeys for names, not for numbers."""
    return site.url.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def desk(context, site, home) -> Page:
    """Signed in by the link that `start` has printed, with a phone that signs."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.goto(home + urlsplit(site.sign_in_url).path)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Todd")
    return page


def sign_out(page: Page) -> None:
    page.locator("button.me").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ask the people")


def test_who_came_by_a_link_chooses_a_passphrase_on_the_way_to_a_passkey(desk, home):
    desk.goto(f"{home}/you/")
    desk.get_by_role("link", name="Add a passkey").click()
    desk.get_by_label("Passphrase").fill(PASSPHRASE)
    desk.get_by_role("button", name="Keep it and go on").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Add a passkey")


def test_a_passkey_is_made_and_brings_recovery_codes(desk):
    desk.get_by_label("What to call it").fill("Todd's phone")
    desk.get_by_role("button", name="Make the passkey").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Write these down.")
    expect(desk.locator(".codes li")).to_have_count(8)
    desk.get_by_role("link", name="They are written down").click()
    expect(desk.get_by_role("heading", name="Todd's phone")).to_be_visible()


def test_one_signs_in_with_the_passkey_alone(desk):
    sign_out(desk)
    desk.get_by_role("button", name="Sign in with a passkey").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Todd")


def test_after_the_passphrase_the_passkey_is_the_second_step(desk):
    sign_out(desk)
    desk.get_by_label("E-mail").fill("todd@texas-prime-plumbing.example")
    desk.get_by_label("Passphrase").fill(PASSPHRASE)
    desk.get_by_role("button", name="Sign in", exact=True).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("One step more.")
    desk.get_by_role("button", name="Use my passkey").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Todd")


def test_what_was_typed_goes_on_after_the_passkey_has_proved_who_is_there(desk, site, home):
    desk.goto(f"{home}/settings/api/")
    desk.get_by_label("Name").fill("The till")
    desk.get_by_label("Read customers").check()
    told(site, STALE)
    desk.get_by_role("button", name="Make the token").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Is it you?")
    desk.get_by_role("button", name="Use my passkey").click()
    expect(desk.get_by_role("heading", name="The new token")).to_be_visible()


def test_the_browser_has_nothing_to_complain_about(desk, complaints):
    assert [each for each in complaints if "403" not in each] == []


#: As if eleven minutes had gone by since the last proof.
STALE = (
    "from django.contrib.sessions.backends.db import SessionStore;"
    "from django.contrib.sessions.models import Session;"
    "stores = [SessionStore(row.session_key) for row in Session.objects.all()];"
    "mine = [store for store in stores if '_auth_user_id' in store];"
    "[(store.update({'proved': store['proved'] - 660}), store.save()) for store in mine]"
)
