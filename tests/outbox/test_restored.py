"""Put back and gone on with: what the lost days have sent is found again and not said twice (F-54)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from campaigns import events, launch, outbox, status, steering
from campaigns.models import Message
from campaigns.outbox import outcomes
from campaigns.sandbox import ledger as book
from tests.cast import NAMES, Killed, die, make_campaign, make_customer, reply, turn, work
from tests.outbox.test_held import at_work, bytes_of_the_database, restore, sent

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "sqlite",
        reason="the file of a database is SQLite's; the real thing for both is in tests/site/test_restored.py",
    ),
]


@pytest.fixture
def five(ada, clock, settings):
    """Five to be asked, twelve minutes apart, and the first of them has been greeted."""
    settings.ALLOWED_ABSENCE = timedelta(hours=1)
    ada.line.gap = 720
    ada.line.save()
    for number in range(5):
        make_customer(ada.business, number, first_name=NAMES[number])
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    work(clock)
    return made


@pytest.fixture
def put_back(five, sandbox, clock):
    """A backup; three were asked since; the backup put back."""
    backup = bytes_of_the_database()
    at_work(clock, 30)
    restore(backup)
    at_work(clock, 1)
    five.refresh_from_db()
    assert five.state == status.Campaign.HELD
    return five


def duplicates(sandbox):
    return book.counts(sandbox.store)["duplicates"]


@pytest.mark.parametrize("keys", ["honoured", "ignored on follow-ups"])
def test_gone_on_with_nobody_hears_the_same_twice(put_back, ada, client, sandbox, clock, keys):
    """F-54. Runbook: Campaigns wait after a restore or a long absence."""
    turn(sandbox, keys_ignored_on_follow_up=keys != "honoured")
    client.force_login(ada.user)
    before = sent(sandbox)
    page = client.get(reverse("campaign", args=[put_back.pk])).text
    assert ("Go on, or not at all?" in page, "Up to 3 customers may have been written to since" in page) == (True, True)
    at_work(clock, 20)
    assert sent(sandbox) == before
    client.post(reverse("campaign_resume", args=[put_back.pk]))
    at_work(clock, 70)
    assert (put_back.counts(), sent(sandbox), duplicates(sandbox)) == ({"read": 5}, 10, 0)


def test_what_was_said_and_is_found_again_has_its_place_in_the_story(put_back, ada, sandbox, clock):
    steering.resume(put_back, ada.user)
    at_work(clock, 70)
    looks = Message.objects.filter(kind="ask", tries__step="look", tries__outcome="sent")
    assert looks.count() >= 2  # asked since the backup, and not asked again


def test_whose_key_is_forgotten_is_left_to_a_person(five, ada, sandbox, clock):
    """Yesterday's backup: no list of chats, and no key that Chert still knows. Never twice comes first."""
    backup = bytes_of_the_database()
    at_work(clock, 30)
    restore(backup)
    clock.go(days=1)
    at_work(clock, 1)
    steering.resume(five, ada.user)
    at_work(clock, 60)
    firsts = Message.objects.filter(kind="greeting")
    assert duplicates(sandbox) == 0
    assert set(firsts.exclude(status="read").values_list("status", flat=True)) == {"in_doubt"}
    assert "before the database was put back" in firsts.filter(status="in_doubt").first().reason


def test_who_has_answered_since_is_known_by_it_and_not_greeted_again(put_back, ada, sandbox, clock):
    turn(sandbox, keys_ignored=True)
    for message in Message.objects.filter(kind="greeting").select_related("customer__business__organization"):
        if message.is_unclear and message.customer.phone in greeted(sandbox):
            reply(sandbox, message.customer, "Sure, happy to")
    steering.resume(put_back, ada.user)
    events.catch_up(clock)
    at_work(clock, 70)
    assert (put_back.counts(), duplicates(sandbox)) == ({"read": 5}, 0)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_greeting_whose_request_is_found_in_the_chat_is_looked_for_as_well(
    ada, sandbox, clock, settings, monkeypatch, is_there
):
    """The backup is of a moment at which the request still had to call its greeting: nobody else would (I2)."""
    settings.ALLOWED_ABSENCE = timedelta(hours=1)
    grace = make_customer(ada.business, 1, first_name="Grace")
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    at_work(clock, 0)
    backup = bytes_of_the_database()
    at_work(clock, 10)
    assert made.counts() == {"read": 1}
    reply(sandbox, grace, "Sure, happy to")
    restore(backup)
    if not is_there:  # as where it was sent in another chat, which nobody knows any more
        Message.objects.filter(kind="greeting").update(text="Hello {first_name}, and words nobody said. Reply STOP")
    at_work(clock, 1)
    steering.resume(made, ada.user)
    events.catch_up(clock)
    with monkeypatch.context() as patch:  # whoever dies as it is called has not written down that the request is there
        patch.setattr(outcomes, "_call_the_greeting", lambda *_: die_here())
        with pytest.raises(Killed):
            outbox.run(hands=0)
    die()
    at_work(clock, 10)
    [greeting] = Message.objects.filter(kind="greeting")
    assert (Message.objects.get(kind="ask").status, greeting.status) == ("read", "read" if is_there else "in_doubt")
    assert (sent(sandbox), duplicates(sandbox)) == (2, 0)


def die_here():
    raise Killed


def greeted(sandbox):
    return {effect["phone"] for effect in book.read(sandbox.store)["effects"] if effect["kind"] == "message"}


def test_cancelled_instead_it_says_of_whom_nobody_knows(put_back, ada, clock):
    steering.cancel(put_back, ada.user, clock())
    counts = put_back.counts()
    assert (counts.get("in_doubt"), sum(counts.values())) == (3, 5)


def test_what_was_not_due_is_in_no_doubt(put_back):
    late = Message.objects.filter(due_at__gt=put_back.held_at, kind="ask")
    assert (late.count() > 0, late.filter(is_unclear=True).count()) == (True, 0)


def test_a_chat_that_cannot_be_read_is_read_again_before_anything_is_said(put_back, ada, sandbox, clock):
    before = sent(sandbox)
    turn(sandbox, only="GET /chats/{id}/messages", p500=1)
    steering.resume(put_back, ada.user)
    at_work(clock, 10)
    asks = Message.objects.filter(kind="ask", is_unclear=True)
    assert (sent(sandbox), asks.filter(status__in=status.WENT_OUT).count()) == (before, 0)
    turn(sandbox, p500=0)
    at_work(clock, 70)
    outbox.run(hands=0)
    assert (put_back.counts(), duplicates(sandbox)) == ({"read": 5}, 0)
