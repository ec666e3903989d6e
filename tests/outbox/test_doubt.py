"""In doubt: visible, counted, never called again by itself, and with two ways out, both a person's (I11)."""

import pytest

from campaigns import outbox, replies, resend, status
from campaigns.models import AuditEntry, Message
from tests.cast import kinds, ledger, only_delivery, turn, walk_to_the_end, work

BOTH = [["text"], ["media", "text", "rich_link"]]


@pytest.fixture
def doubtful_ask(campaign, sandbox, clock):
    """An ask whose first call broke, which is not to be seen in its chat, and whose repeat was refused."""
    work(clock)
    doubt(sandbox, clock, "POST /chats/{id}/messages", reset_before=1)
    return Message.objects.get(kind="ask")


def doubt(sandbox, clock, route, **fault):
    turn(sandbox, only=route, **fault)
    work(clock, minutes=3)
    turn(sandbox, reset_after=0, reset_before=0, p500=1, p500_code=1003)
    work(clock, minutes=6)
    turn(sandbox, p500=0)


@pytest.fixture
def doubtful_greeting(campaign, sandbox, clock):
    """A greeting that Chert took with its answer lost, and whose repeat was refused."""
    doubt(sandbox, clock, "POST /chats", reset_after=1)
    return Message.objects.get(kind="greeting")


def test_it_is_parked_counted_and_the_campaign_ends_with_it(doubtful_ask, campaign, clock):
    campaign.refresh_from_db()
    assert (doubtful_ask.status, campaign.counts(), campaign.state) == ("in_doubt", {"in_doubt": 1}, "finished")


def test_nothing_is_called_again_by_itself(doubtful_ask, sandbox, wire, clock):
    for _ in range(5):
        walk_to_the_end(clock)
    assert wire.sends() == []


def test_it_arrived_makes_it_sent_and_is_on_record(doubtful_ask, campaign, ada, clock):
    outbox.it_arrived(doubtful_ask, ada.user, clock())
    delivery = only_delivery(campaign)
    assert (delivery.status, delivery.reason, delivery.sent_at) == ("sent", "", doubtful_ask.first_attempt_at)
    assert AuditEntry.objects.get(act="it arrived").by == ada.user


def test_send_again_goes_out_under_a_new_key_beside_the_old_one(doubtful_ask, campaign, sandbox, ada, clock):
    resend.resend(only_delivery(campaign), ada.user, "They say nothing came", clock())
    walk_to_the_end(clock)
    old, new = Message.objects.filter(kind="ask").order_by("pk")
    assert (old.status, new.status, old.key != new.key) == ("cancelled", "read", True)
    assert len(ledger(sandbox, "message")) == 2
    assert AuditEntry.objects.get(act="send again after doubt").words == "They say nothing came"


def test_both_ways_at_once_is_one_way(doubtful_ask, ada, clock):
    outbox.it_arrived(doubtful_ask, ada.user, clock())
    with pytest.raises(outbox.NotInDoubt):
        outbox.send_again(doubtful_ask, ada.user, "Twice", clock())
    with pytest.raises(outbox.NotInDoubt):
        outbox.it_arrived(doubtful_ask, ada.user, clock())


def test_behind_a_doubtful_greeting_the_ask_waits_for_a_person(doubtful_greeting, campaign, sandbox, clock):
    for _ in range(5):
        walk_to_the_end(clock)
    assert (only_delivery(campaign).status, kinds(sandbox)) == ("in_doubt", [["text"]])
    assert Message.objects.get(kind="ask").status in status.OPEN


def test_a_greeting_that_arrived_lets_the_ask_follow_though_the_campaign_had_ended(
    doubtful_greeting, campaign, sandbox, ada, clock
):
    """Its chat was never told, so the ask opens one, with what every line takes: text and link."""
    campaign.refresh_from_db()
    assert campaign.state == status.Campaign.FINISHED
    outbox.it_arrived(doubtful_greeting, ada.user, clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ["text", "rich_link"]]
    assert only_delivery(campaign).status == "read"


def test_a_doubtful_greeting_sent_again_takes_its_waiting_ask_along(doubtful_greeting, campaign, sandbox, ada, clock):
    resend.resend(only_delivery(campaign), ada.user, "Nothing came", clock())
    for _ in range(2):
        walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], *BOTH]
    assert not Message.objects.filter(status__in=status.OPEN).exists()


def test_doubt_starts_the_cool_down(doubtful_ask, campaign, ada, clock):
    look = resend.outlook(only_delivery(campaign), clock())
    assert look.reason_needed.startswith("Asked today")
    assert [m.kind for m in look.received] == ["greeting", "ask"]


def test_a_stop_while_a_call_is_unclear_leaves_doubt_and_no_call(campaign, sandbox, wire, clock, grace):
    turn(sandbox, only="POST /chats", reset_after=1)
    outbox.run(hands=0)
    turn(sandbox, reset_after=0)
    calls = len(wire.sends())
    stop(grace, clock)
    for _ in range(3):
        walk_to_the_end(clock)
    assert (only_delivery(campaign).status, len(wire.sends())) == ("in_doubt", calls)


def stop(customer, clock):
    replies.stop(customer, "Asked us by phone to stop", None, clock())
