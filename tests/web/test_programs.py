"""Settings → API and Settings → Webhooks."""

import html

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import links, outgoing
from campaigns.models import ApiToken, AuditEntry, Business, Membership, WebhookCall, WebhookEndpoint
from tests.cast import only_delivery

TOKEN = {"name": "Booking system", "scopes": ["customers:read", "requests:write"], "business": ""}
HOOK = {"url": "http://127.0.0.1:9/hook", "events": ["message.sent", "link.clicked"], "business": ""}


def text(response) -> str:
    return response.content.decode()


# --- tokens ---------------------------------------------------------------------------------------------------------


def test_without_any_the_page_says_what_they_are_for(desk):
    assert "No token yet" in text(desk.get(reverse("api_tokens")))


def test_a_token_is_shown_once_and_works(desk, ada, client):
    page = text(desk.post(reverse("api_tokens"), TOKEN))
    words = page.split("<output>")[1].split("</output>")[0]
    assert words.startswith("gw_")
    assert client.get("/api/v1/customers", headers={"authorization": f"Bearer {words}"}).status_code == 200
    later = text(desk.get(reverse("api_tokens")))
    assert words not in later
    assert words[:8] in later
    kept = ApiToken.objects.get()
    assert (kept.created_by, kept.scopes) == (ada.user, ["customers:read", "requests:write"])
    assert "customers:read" in AuditEntry.objects.get(act="make API token").words


def test_a_revoked_one_opens_nothing_and_says_so(desk, ada):
    token, words = ApiToken.make(ada.organization, "Till", ["customers:read"], ada.user)
    desk.post(reverse("api_token_revoke", args=[token.pk]))
    desk.post(reverse("api_token_revoke", args=[token.pk]))
    assert desk.get("/api/v1/customers", headers={"authorization": f"Bearer {words}"}).status_code == 401
    assert "Revoked" in text(desk.get(reverse("api_tokens")))
    assert AuditEntry.objects.filter(act="revoke API token").count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "required"),
        ({"name": "\u200b\u202e"}, "Nothing of this can be seen"),
        ({"name": "n" * 61}, "60"),
        ({"scopes": []}, "Choose at least one"),
        ({"scopes": ["everything"]}, "not one of the available choices"),
        ({"business": "999"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is(desk, changed, said):
    answer = desk.post(reverse("api_tokens"), TOKEN | changed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not ApiToken.objects.exists()


def test_erasing_is_not_for_one_location(desk, ada):
    answer = desk.post(reverse("api_tokens"), TOKEN | {"scopes": ["people:erase"], "business": ada.business.pk})
    assert (answer.status_code, "in every location" in text(answer)) == (422, True)


def test_another_accounts_location_cannot_be_chosen(desk, rival):
    assert desk.post(reverse("api_tokens"), TOKEN | {"business": rival.business.pk}).status_code == 422
    assert desk.post(reverse("webhooks"), HOOK | {"business": rival.business.pk}).status_code == 422


def test_thirty_tokens_are_the_most(desk, ada):
    for _ in range(30):
        ApiToken.make(ada.organization, "Till", ["customers:read"], ada.user)
    assert "30 tokens are the most" in text(desk.post(reverse("api_tokens"), TOKEN))
    assert ApiToken.objects.count() == 30


def test_a_name_is_text_and_nothing_else(desk, ada):
    desk.post(reverse("api_tokens"), TOKEN | {"name": "<script>x</script>"})
    assert "<script>x" not in text(desk.get(reverse("api_tokens")))


# --- webhooks -------------------------------------------------------------------------------------------------------


def test_without_any_webhook_the_page_says_what_they_are_for(desk):
    assert "No webhook yet" in text(desk.get(reverse("webhooks")))


def test_a_webhook_shows_its_secret_once(desk, ada):
    page = text(desk.post(reverse("webhooks"), HOOK))
    made = WebhookEndpoint.objects.get()
    assert made.secret in page.replace("&#x27;", "'")
    assert (made.organization, made.events, made.with_phone) == (ada.organization, sorted(HOOK["events"]), False)
    for name, arguments in (("webhooks", []), ("webhook", [made.pk])):
        later = text(desk.get(reverse(name, args=arguments)))
        assert made.secret not in later
        assert "Listening" in later


def test_a_new_secret_is_shown_once_and_the_old_one_can_be_ended(desk, ada, clock):
    made = outgoing.add(ada.organization, HOOK["url"], HOOK["events"], ada.user)
    page = html.unescape(text(desk.post(reverse("webhook_secret", args=[made.pk]))))
    kept = WebhookEndpoint.objects.get()
    assert kept.secret != made.secret
    assert kept.secret in page
    later = text(desk.get(reverse("webhook", args=[made.pk])))
    assert "The old secret signs until" in later
    assert kept.secret not in html.unescape(later)
    later = text(desk.post(reverse("webhook_end_old", args=[made.pk]), follow=True))
    assert "The old secret has ended." in later
    assert "The old secret signs until" not in later
    assert AuditEntry.objects.filter(act="new webhook secret", by=ada.user).count() == 1


def test_what_has_ended_by_itself_is_not_spoken_of(desk, ada, clock):
    made = outgoing.add(ada.organization, HOOK["url"], HOOK["events"], ada.user)
    desk.post(reverse("webhook_secret", args=[made.pk]))
    clock.go(days=1)
    assert "The old secret signs until" not in text(desk.get(reverse("webhook", args=[made.pk])))


@pytest.mark.parametrize("name", ["webhook_secret", "webhook_end_old"])
def test_only_a_manager_of_the_account_makes_or_ends_a_secret(desk, ada, rival, name):
    theirs = outgoing.add(rival.organization, HOOK["url"], HOOK["events"], rival.user)
    assert desk.post(reverse(name, args=[theirs.pk])).status_code == 404
    mine = outgoing.add(ada.organization, HOOK["url"], HOOK["events"], ada.user)
    assert desk.get(reverse(name, args=[mine.pk])).status_code == 405
    ada.user.memberships.update(role=Membership.Role.SENDER)
    assert desk.post(reverse(name, args=[mine.pk])).status_code == 403
    assert {each.secret for each in WebhookEndpoint.objects.all()} == {theirs.secret, mine.secret}


@pytest.mark.parametrize("url", ["", "https://10.0.0.1/", "http://example.com/", "javascript:alert(1)", "x" * 501])
def test_an_address_that_cannot_be_called_is_refused_in_words(desk, url):
    answer = desk.post(reverse("webhooks"), HOOK | {"url": url})
    assert (answer.status_code, WebhookEndpoint.objects.exists()) == (422, False)


@pytest.fixture
def call(ada, campaign, clock) -> WebhookCall:
    outgoing.add(ada.organization, HOOK["url"], HOOK["events"], ada.user)
    links.open_link(only_delivery(campaign).token, agent="Safari", robot=False, now=clock())
    return WebhookCall.objects.select_related("endpoint").get()


def test_what_it_was_told_is_shown_and_can_be_told_again(desk, call, clock):
    outgoing.run(clock, hands=0)
    page = text(desk.get(reverse("webhook", args=[call.endpoint_id])))
    assert "A customer opened the link" in page
    assert "The connection failed" in page
    desk.post(reverse("webhook_replay", args=[call.pk]))
    call.refresh_from_db()
    assert (call.tries, call.due_at) == (0, clock())
    assert AuditEntry.objects.filter(act="replay webhook").count() == 1


def test_one_that_is_switched_off_says_so_here_and_in_the_settings_and_is_switched_on(desk, call, clock):
    WebhookEndpoint.objects.update(disabled_at=clock(), disabled_why="It has taken nothing for three days.")
    for address in (reverse("settings"), reverse("webhook", args=[call.endpoint_id])):
        assert "It has taken nothing for three days." in text(desk.get(address))
    desk.post(reverse("webhook_resume", args=[call.endpoint_id]))
    assert WebhookEndpoint.objects.get().disabled_at is None
    assert "taken nothing" not in text(desk.get(reverse("settings")))


def test_one_that_fails_is_a_notice_in_the_settings(desk, call, clock):
    outgoing.run(clock, hands=0)
    assert "A webhook takes nothing since" in text(desk.get(reverse("settings")))


def test_a_removed_one_is_gone(desk, call):
    desk.post(reverse("webhook_remove", args=[call.endpoint_id]))
    assert not WebhookCall.objects.exists()


def test_other_accounts_and_lower_roles_see_nothing_and_do_nothing(client, ada, rival, call):
    token, _ = ApiToken.make(ada.organization, "Till", ["customers:read"], ada.user)
    acts = [("api_token_revoke", token.pk), ("webhook_resume", call.endpoint_id), ("webhook_remove", call.endpoint_id)]
    acts += [("webhook_replay", call.pk)]
    client.force_login(rival.user)
    assert client.get(reverse("webhook", args=[call.endpoint_id])).status_code == 404
    assert "Till" not in text(client.get(reverse("api_tokens")))
    assert [client.post(reverse(name, args=[pk])).status_code for name, pk in acts] == [404] * 4
    Membership.objects.filter(user=ada.user).update(role=Membership.Role.SENDER)
    client.force_login(ada.user)
    for name in ("api_tokens", "webhooks"):
        assert (client.get(reverse(name)).status_code, client.post(reverse(name)).status_code) == (403, 403)
    assert [client.post(reverse(name, args=[pk])).status_code for name, pk in acts] == [403] * 4


def test_times_are_those_of_the_business(desk, ada, clock):
    Business.objects.update(timezone="Pacific/Honolulu")
    ApiToken.make(ada.organization, "Till", ["customers:read"], ada.user)
    ApiToken.objects.update(last_used_at=timezone.now())
    assert "last used 8:00" in text(desk.get(reverse("api_tokens")))
