"""Entries of docs/operations.md, walked as they are written: what is seen, what is pressed, and that it helps."""

import pytest
from django.urls import reverse

from campaigns.models import Message, Organization
from tests.cast import SECRET, give_secret, kinds, ledger, only_delivery, turn, walk_to_the_end, work

BOTH = [["text"], ["media", "text", "rich_link"]]
WRONG = "deadbeefdeadbeefdeadbeefdeadbeef"


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def doubtful(campaign, sandbox, clock):
    """Grace's picture, whose call broke again and again."""
    work(clock)
    turn(sandbox, reset_after=1.0)
    for _ in range(12):
        work(clock, minutes=200)
    turn(sandbox, reset_after=0.0)
    return only_delivery(campaign)


def test_a_message_that_is_there_is_said_to_have_arrived(desk, doubtful, sandbox, clock):
    """Runbook: A message may have been sent."""
    page = reverse("campaign", args=[doubtful.campaign_id])
    assert "May have been sent" in text(desk.get(page))
    before = len(ledger(sandbox, "message"))
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == before  # left alone it is never sent again
    desk.post(reverse("delivery_arrived", args=[doubtful.pk]))
    doubtful.refresh_from_db()
    assert doubtful.status == "sent"


def test_a_message_that_is_not_there_is_sent_again(desk, doubtful, clock):
    """Runbook: A message may have been sent."""
    desk.post(reverse("delivery_resend", args=[doubtful.pk]), {"reason": "It is not on her phone"})
    clock.go(days=1)
    clock.go(hours=-10)
    for _ in range(4):
        walk_to_the_end(clock)
    assert Message.objects.filter(delivery=doubtful, round=2, kind="ask").exists()


@pytest.mark.parametrize(("code", "said"), [(2008, "plan and the payments"), (2005, "Ask Chert")])
def test_an_account_that_stands_still_goes_on_after_try_again(desk, campaign, sandbox, clock, code, said):
    """Runbook: The account stands still."""
    turn(sandbox, account_code=code)
    work(clock)
    page = text(desk.get(reverse("settings")))
    assert (said in page, "Try again" in page) == (True, True)
    turn(sandbox, account_code=0)
    desk.post(reverse("settings_test"))
    for _ in range(2):
        walk_to_the_end(clock)
    assert (only_delivery(campaign).status, kinds(sandbox)) == ("read", BOTH)


def test_a_changed_key_is_entered_and_it_goes_on(desk, ada, campaign, sandbox, clock):
    """Runbook: The Chert key was changed."""
    give_secret(ada.organization, chert_secret=WRONG)
    work(clock)
    assert "Chert does not accept the signing secret." in text(desk.get(reverse("settings")))
    desk.post(reverse("settings_key"), {"secret": "cafe" * 8})
    assert Organization.objects.get(pk=ada.organization.pk).chert_secret == WRONG
    desk.post(reverse("settings_key"), {"secret": SECRET})
    for _ in range(2):
        walk_to_the_end(clock)
    assert (only_delivery(campaign).status, kinds(sandbox)) == ("read", BOTH)
