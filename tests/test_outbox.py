"""The outbox: never twice, never lost."""

from campaigns import status
from campaigns.models import Attempt, Message
from tests.cast import ledger, only_delivery, walk_to_the_end, work


def test_a_new_customer_is_greeted_and_two_minutes_later_gets_picture_text_and_link(campaign, sandbox, clock):
    work(clock)
    assert [m["kinds"] for m in sent(sandbox)] == [["text"]]
    work(clock, minutes=1)
    assert len(sent(sandbox)) == 1
    work(clock, minutes=1.1)
    assert [m["kinds"] for m in sent(sandbox)] == [["text"], ["media", "text", "rich_link"]]


def sent(sandbox):
    return [{"kinds": [p["type"] for p in e["parts"]]} for e in ledger(sandbox, "message")]


def test_the_row_walks_to_read_and_the_campaign_ends(campaign, sandbox, clock):
    walk_to_the_end(clock)
    delivery = only_delivery(campaign)
    campaign.refresh_from_db()
    assert (delivery.status, campaign.state) == (status.Delivery.READ, status.Campaign.FINISHED)
    assert delivery.greeted_at < delivery.sent_at < delivery.delivered_at < delivery.read_at


def test_every_attempt_is_written_down(campaign, sandbox, clock):
    walk_to_the_end(clock)
    tries = Attempt.objects.order_by("pk").values_list("step", "outcome")
    assert list(tries) == [("upload", "sent"), ("send", "sent"), ("send", "sent")]


def test_no_message_stays_open(campaign, sandbox, clock):
    walk_to_the_end(clock)
    assert not Message.objects.filter(status__in=status.OPEN).exists()
