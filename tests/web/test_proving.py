"""Before keys, people and what opens the door are touched, whoever is there shows who they are once more (S8)."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from campaigns.models import ApiToken, Customer, Invitation, WebhookEndpoint
from tests.cast import make_customer

RIGHT = "correct horse battery"
TOKEN = {"name": "The till", "scopes": ["customers:read"]}


@pytest.fixture(autouse=True)
def as_in_life(settings, clock):
    settings.PROOF_LASTS = 600
    cache.clear()


@pytest.fixture
def later(desk, clock):
    """Signed in, but not just now."""
    clock.go(minutes=11)
    return desk


def fields(answer) -> dict[str, str]:
    """What the form of the page would send."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("settings_key", []),
        ("settings_second_step", []),
        ("settings_keeping", []),
        ("close", []),
        ("api_tokens", []),
        ("api_token_revoke", [1]),
        ("webhooks", []),
        ("webhook_resume", [1]),
        ("webhook_remove", [1]),
        ("webhook_replay", [1]),
        ("customer_export", [1]),
        ("customer_erase", [1]),
        ("app_remove", []),
        ("new_codes", []),
        ("app_add", []),
        ("passkey_add", []),
        ("passkey_remove", [1]),
        ("address", []),
        ("passphrase", []),
    ],
)
def test_a_change_asks_first(later, name, arguments):
    answer = later.post(reverse(name, args=arguments), {})
    assert (answer.status_code, "Is it you?" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize("name", ["customers_csv", "app_add", "passkey_add", "address"])
def test_what_is_only_looked_at_comes_back_after_the_proof(later, name):
    answer = later.get(reverse(name))
    assert answer.url == f"{reverse('prove')}?next={reverse(name).replace('/', '%2F')}"
    again = later.post(reverse("prove"), {"prove-again": reverse(name), "prove-passphrase": RIGHT})
    assert (again.status_code, again.url) == (302, reverse(name))
    assert later.get(reverse(name)).status_code == 200


def test_who_has_signed_in_just_now_is_not_asked(desk, clock):
    clock.go(minutes=9)
    assert desk.post(reverse("api_tokens"), TOKEN).status_code == 200
    assert ApiToken.objects.count() == 1


def test_what_was_typed_goes_on_after_the_proof_and_nothing_is_typed_twice(later):
    asked = later.post(reverse("api_tokens"), TOKEN)
    assert not ApiToken.objects.exists()
    given = fields(asked) | {"scopes": TOKEN["scopes"], "prove-passphrase": RIGHT}
    proved = later.post(reverse("prove"), given)
    assert (proved.status_code, proved.url) == (307, reverse("api_tokens"))
    assert later.post(proved.url, given).status_code == 200  # as a browser does it
    assert ApiToken.objects.get().name == "The till"


def test_a_wrong_passphrase_keeps_what_was_typed_and_proves_nothing(later):
    given = fields(later.post(reverse("api_tokens"), TOKEN)) | {"prove-passphrase": "wrong"}
    answer = later.post(reverse("prove"), given)
    assert (answer.status_code, fields(answer)["name"]) == (422, "The till")
    assert "That is not your passphrase." in answer.content.decode()
    assert later.post(reverse("api_tokens"), TOKEN).status_code == 403


def test_nothing_that_was_typed_is_kept_in_the_session(later):
    later.post(reverse("settings_key"), {"secret": "ab" * 16})
    assert "abab" not in str(dict(later.session.items()))


def test_passphrases_are_not_guessed_here_either(later):
    for _ in range(10):
        later.post(reverse("prove"), {"prove-again": "/", "prove-passphrase": "wrong"})
    answer = later.post(reverse("prove"), {"prove-again": "/", "prove-passphrase": RIGHT})
    assert "Too many tries" in answer.content.decode()


def test_the_passphrase_of_somebody_else_proves_nothing(later, rival):
    rival.user.set_password("somebody elses sentence")
    rival.user.save()
    given = {"prove-again": "/", "prove-passphrase": "somebody elses sentence"}
    assert later.post(reverse("prove"), given).status_code == 422


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "\\\\evil.example", "javascript:x"])
def test_the_proof_never_leads_to_another_site(later, elsewhere):
    given = {"prove-again": elsewhere, "prove-passphrase": RIGHT, "prove-is-form": "yes"}
    assert later.post(reverse("prove"), given).url == reverse("dashboard")
    assert later.get(reverse("prove"), {"next": elsewhere}).context["again"] == reverse("dashboard")


def test_a_fragment_sends_the_whole_window_there(later):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/"}
    answer = later.post(reverse("api_tokens"), TOKEN, headers=headers)
    assert answer["HX-Redirect"] == f"{reverse('prove')}?next=%2Fsettings%2F"


def test_nothing_is_erased_and_nothing_leaves_without_it(later, ada):
    customer = make_customer(ada.business)
    later.post(reverse("customer_erase", args=[customer.pk]), {"sure": "yes"})
    assert Customer.objects.filter(pk=customer.pk, first_name="Grace").exists()
    assert later.post(reverse("customer_export", args=[customer.pk])).status_code == 403


def test_nobody_is_invited_changed_or_let_go_and_the_book_does_not_leave_without_it(later, ada):
    member = ada.organization.memberships.get()
    posts = {
        "people": [],
        "person_role": [member.pk],
        "person_locations": [member.pk],
        "person_remove": [member.pk],
    }
    for name, ids in posts.items():
        answer = later.post(reverse(name, args=ids), {"role": "viewer", "email": "x@example.com", "how": "link"})
        assert answer.status_code == 403, name
    member.refresh_from_db()
    assert (member.role, Invitation.objects.count()) == ("owner", 0)
    assert later.get(reverse("activity_csv"))["Location"].startswith(reverse("prove"))


def test_who_has_come_only_by_links_makes_a_passphrase_on_the_way(later, ada):
    ada.user.set_unusable_password()
    ada.user.save()
    later.force_login(ada.user)
    asked = later.post(reverse("webhooks"), {"url": "https://hooks.example.com/x", "events": ["message.sent"]})
    assert "First a passphrase" in asked.content.decode()
    given = fields(asked) | {"events": ["message.sent"], "prove-passphrase": "a sentence of her own"}
    assert later.post(reverse("prove"), given | {"prove-passphrase": "short"}).status_code == 422
    proved = later.post(reverse("prove"), given)
    assert proved.status_code == 307
    later.post(proved.url, given)
    assert WebhookEndpoint.objects.count() == 1
    ada.user.refresh_from_db()
    assert ada.user.check_password("a sentence of her own")
