"""The second step: an app's codes, recovery codes, and an account that asks everybody for it (S1)."""

import re
import time
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from campaigns.accounts import codes, recovery
from campaigns.management.commands import welcome
from campaigns.models import ApiToken, AuditEntry, RecoveryCode, SignInLink
from tests.cast import at_once, make_customer

GOOD = {"email": "adas-bakery@example.com", "passphrase": "correct horse battery"}
STEP = "mfa_authenticate"


@pytest.fixture(autouse=True)
def no_tries_yet(clock, settings):
    settings.CACHES = settings.CACHES | {"default": settings.CACHES["spare"]}  # the test's clock is not Redis's
    cache.clear()


def shown_now(secret, later=0) -> str:
    """What the app shows."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def add_app(browser) -> str:
    """Scan, type the code; returns the seed that the app has now."""
    page = browser.get(reverse("app_add"))
    seed = page.context["seed"]
    secret = page.context["secret"].replace(" ", "")
    answer = browser.post(reverse("app_add"), {"seed": seed, "code": shown_now(secret)})
    assert answer.status_code in (200, 302)
    return secret


def written_down(answer) -> list[str]:
    return re.findall(r"<li>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</li>", answer.content.decode())


@pytest.fixture
def secret(desk, clock) -> str:
    found = add_app(desk)
    clock.go(minutes=2)
    return found


def first_step(browser) -> Client:
    assert browser.post(reverse("sign_in"), GOOD).url == reverse(STEP)
    return browser


def is_in(browser) -> bool:
    return browser.get(reverse("customers")).status_code == 200


def test_it_works(secret, client):
    browser = first_step(Client())
    assert not is_in(browser)
    assert browser.post(reverse(STEP), {"code": shown_now(secret)}).url == reverse("dashboard")
    assert is_in(browser)


def test_the_page_that_was_asked_for_is_not_forgotten_on_the_way(secret):
    browser = Client()
    browser.post(reverse("sign_in"), GOOD | {"next": reverse("cards")})
    assert browser.post(reverse(STEP), {"code": shown_now(secret)}).url == reverse("cards")


def test_a_code_opens_once(secret):
    code = shown_now(secret)
    first_step(one := Client()).post(reverse(STEP), {"code": code})
    answer = first_step(other := Client()).post(reverse(STEP), {"code": code})
    assert (is_in(one), is_in(other), answer.status_code) == (True, False, 422)


def test_the_code_that_proved_the_app_opens_nothing_more(desk):
    secret = add_app(desk)
    answer = first_step(Client()).post(reverse(STEP), {"code": shown_now(secret)})
    assert answer.status_code == 422


def test_a_code_of_long_ago_opens_nothing(secret, clock):
    code = shown_now(secret)
    clock.go(minutes=2)
    assert first_step(Client()).post(reverse(STEP), {"code": code}).status_code == 422


def test_codes_cannot_be_guessed(secret):
    browser = first_step(Client())
    for number in range(10):
        browser.post(reverse(STEP), {"code": f"{number:06}"})
    answer = browser.post(reverse(STEP), {"code": shown_now(secret)})
    assert ("Too many tries" in answer.content.decode(), is_in(browser)) == (True, False)


def test_without_the_first_step_there_is_no_second(secret):
    assert Client().get(reverse(STEP)).url == reverse("sign_in")
    assert Client().post(reverse(STEP), {"code": shown_now(secret)}).url == reverse("sign_in")


def test_a_sign_in_link_does_not_pass_by_it(secret, ada):
    browser = Client()
    answer = browser.post(reverse("sign_in_link", args=[SignInLink.make(ada.user)]))
    assert (answer.url, is_in(browser)) == (reverse(STEP), False)


def test_a_quarter_of_an_hour_after_the_first_step_one_begins_anew(secret, clock):
    browser = first_step(Client())
    clock.go(minutes=16)
    assert browser.post(reverse(STEP), {"code": shown_now(secret)}).url == reverse("sign_in")


def test_the_seed_is_read_neither_in_the_database_nor_in_the_session(desk, ada):
    page = desk.get(reverse("app_add"))
    secret = page.context["secret"].replace(" ", "")
    desk.post(reverse("app_add"), {"seed": page.context["seed"], "code": shown_now(secret)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        [(kept,)] = cursor.fetchall()
    assert secret not in str(kept)
    assert secret not in str(dict(desk.session.items()))


def test_a_seed_that_was_begun_by_somebody_else_is_not_taken(desk, rival):
    page = desk.post(reverse("app_add"), {"seed": codes.begin(rival.user), "code": "000000"})
    assert page.url == reverse("app_add")
    assert not Authenticator.objects.exists()


def test_a_wrong_code_adds_no_app(desk):
    seed = desk.get(reverse("app_add")).context["seed"]
    answer = desk.post(reverse("app_add"), {"seed": seed, "code": "000000"})
    assert (answer.status_code, Authenticator.objects.exists()) == (422, False)
    assert answer.context["seed"] == seed


def test_recovery_codes_are_shown_once_and_only_their_hash_is_kept(desk):
    page = desk.get(reverse("app_add"))
    secret = page.context["secret"].replace(" ", "")
    found = written_down(desk.post(reverse("app_add"), {"seed": page.context["seed"], "code": shown_now(secret)}))
    assert len(found) == recovery.HOW_MANY
    kept = " ".join(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert not any(code in kept or code.replace("-", "") in kept for code in found)
    assert written_down(desk.get(reverse("you"))) == []


def test_a_recovery_code_opens_once_in_the_place_of_the_app(secret, desk):
    [code, *_] = written_down(desk.post(reverse("new_codes")))
    first_step(one := Client()).post(reverse(STEP), {"code": code.upper().replace("-", " ")})
    first_step(other := Client()).post(reverse(STEP), {"code": code})
    assert (is_in(one), is_in(other)) == (True, False)


def test_new_codes_end_the_old(secret, desk, ada):
    [old, *_] = written_down(desk.post(reverse("new_codes")))
    desk.post(reverse("new_codes"))
    assert not recovery.use(ada.user, old)
    assert recovery.left(ada.user) == recovery.HOW_MANY


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_one_code_at_once_one_gets_in(ada):
    [code, *_] = recovery.make(ada.user)
    assert sorted(at_once([lambda: recovery.use(ada.user, code)] * 6)) == [False] * 5 + [True]


def test_with_the_last_second_step_the_codes_go(secret, desk, ada):
    assert desk.post(reverse("app_remove")).url == reverse("you")
    assert (recovery.left(ada.user), Authenticator.objects.exists()) == (0, False)
    assert Client().post(reverse("sign_in"), GOOD).url == reverse("dashboard")


def test_what_was_added_and_removed_is_noted(secret, desk, ada):
    desk.post(reverse("app_remove"))
    acts = AuditEntry.objects.filter(by=ada.user).order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["add app", "remove app"]


# --- an account that asks everybody ----------------------------------------------------------------------------------


@pytest.fixture
def strict(ada):
    ada.organization.needs_second_step = True
    ada.organization.save()


@pytest.mark.parametrize(
    "name", ["dashboard", "customers", "settings", "inbox", "system", "customers_csv", "api_tokens"]
)
def test_without_one_no_page_opens_but_that_where_it_is_added(strict, desk, name):
    assert desk.get(reverse(name)).url == reverse("you")


def test_the_page_where_it_is_added_shows_nothing_of_the_business(strict, desk, ada):
    customer = make_customer(ada.business)
    text = desk.get(reverse("you")).content.decode()
    assert "asks everybody for a second step" in text
    assert 'aria-label="Main"' not in text
    assert customer.phone not in text


def test_a_fragment_leads_the_whole_window_there(strict, desk):
    answer = desk.get(reverse("customers"), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("you")


def test_with_one_everything_opens(strict, desk):
    add_app(desk)
    assert is_in(desk)


def test_then_it_cannot_be_taken_away_by_who_has_no_other(strict, desk):
    add_app(desk)
    desk.post(reverse("app_remove"))
    assert desk.get(reverse("customers")).url == reverse("you")


def test_the_owner_asks_for_it_and_must_have_one(desk, ada):
    asked = desk.post(reverse("settings_second_step"), {"needed": "yes"})
    ada.organization.refresh_from_db()
    assert (asked.url, ada.organization.needs_second_step) == (reverse("you"), False)
    add_app(desk)
    desk.post(reverse("settings_second_step"), {"needed": "yes"})
    ada.organization.refresh_from_db()
    assert ada.organization.needs_second_step
    desk.post(reverse("settings_second_step"))
    ada.organization.refresh_from_db()
    assert not ada.organization.needs_second_step


def test_a_manager_does_not_decide_it(desk, ada):
    ada.user.memberships.update(role="manager")
    assert desk.post(reverse("settings_second_step")).status_code == 403


def test_an_api_token_is_its_own_thing(strict, ada, client):
    _, words = ApiToken.make(ada.organization, "till", ["customers:read"], ada.user)
    assert client.get("/api/v1/customers", headers={"Authorization": f"Bearer {words}"}).status_code == 200


def test_who_has_lost_phone_and_codes_is_let_in_again_by_whoever_runs_it(secret, ada):
    """Runbook: Somebody cannot sign in."""
    call_command("forget_second_step", "Adas-Bakery@example.com", stdout=StringIO())
    assert (recovery.left(ada.user), AuditEntry.objects.latest("pk").act) == (0, "forget second step")
    assert Client().post(reverse("sign_in"), GOOD).url == reverse("dashboard")


def test_for_an_address_that_nobody_has_nothing_is_forgotten(db):
    with pytest.raises(CommandError, match="Nobody has this address"):
        call_command("forget_second_step", "nobody@example.com")


def test_a_link_is_made_for_whom_it_is_asked(ada, rival):
    """Runbook: Somebody cannot sign in."""
    assert welcome.person("Charlies-Cakes@example.com", with_demo=False) == rival.user
    with pytest.raises(CommandError):
        welcome.person("nobody@example.com", with_demo=True)
