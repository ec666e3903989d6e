"""Where Chert heeds no key, a first message that may have arrived is never repeated: a person decides (G3, F-39)."""

import pytest

from campaigns import outbox, resend
from campaigns.models import Message
from tests.cast import die, kinds, only_delivery, turn, walk_to_the_end, work

BOTH = [["text"], ["media", "text", "rich_link"]]


@pytest.fixture(autouse=True)
def ignored(settings, sandbox):
    """Known to us, and true."""
    settings.KEYS_ARE_HONOURED = False
    turn(sandbox, keys_ignored=True)


def greeting():
    return Message.objects.filter(kind="greeting").latest("pk")


def lose_the_answer(sandbox, clock, **fault):
    turn(sandbox, only="POST /chats", **fault)
    outbox.run(hands=0)
    turn(sandbox, reset_after=0, reset_before=0, p500=0, p429=0)
    for _ in range(3):
        walk_to_the_end(clock)


@pytest.mark.parametrize(("fault", "said"), [("reset_after", [["text"]]), ("reset_before", [])])
def test_it_is_parked_and_said_no_second_time(campaign, sandbox, wire, clock, fault, said):
    lose_the_answer(sandbox, clock, **{fault: 1})
    assert (greeting().status, len(wire.sends()), kinds(sandbox)) == ("in_doubt", 1, said)
    delivery = only_delivery(campaign)
    assert (delivery.status, "a repeat could say it twice" in delivery.reason) == ("in_doubt", True)
    assert campaign.counts() == {"in_doubt": 1}


def test_parked_too_when_the_worker_died_in_the_call(campaign, sandbox, wire, clock):
    turn(sandbox, only="POST /chats", reset_after=1)
    outbox.run(hands=0)
    Message.objects.filter(kind="greeting").update(is_calling=True, is_unclear=False)
    die()
    turn(sandbox, reset_after=0)
    walk_to_the_end(clock)
    assert (greeting().status, len(wire.sends())) == ("in_doubt", 1)


def test_what_was_surely_not_sent_is_repeated(campaign, sandbox, clock):
    lose_the_answer(sandbox, clock, p429=1)
    assert (only_delivery(campaign).status, kinds(sandbox)) == ("read", BOTH)


def test_one_way_out_it_arrived_and_the_rest_follows(campaign, sandbox, ada, clock):
    lose_the_answer(sandbox, clock, reset_after=1)
    outbox.it_arrived(greeting(), ada.user, clock())
    walk_to_the_end(clock)
    assert only_delivery(campaign).status == "read"
    assert kinds(sandbox) == [["text"], ["text", "rich_link"]]


def test_the_other_way_out_send_again(campaign, sandbox, ada, clock):
    lose_the_answer(sandbox, clock, reset_before=1)
    resend.resend(only_delivery(campaign), ada.user, "Nothing came", clock())
    for _ in range(2):
        walk_to_the_end(clock)
    assert (only_delivery(campaign).status, kinds(sandbox)) == ("read", BOTH)


def test_a_follow_up_is_looked_for_in_its_chat_and_repeated_where_it_is_not(campaign, sandbox, wire, clock):
    work(clock)
    turn(sandbox, only="POST /chats/{id}/messages", reset_before=1)
    work(clock, minutes=3)
    turn(sandbox, reset_before=0)
    walk_to_the_end(clock)
    assert (only_delivery(campaign).status, kinds(sandbox)) == ("read", BOTH)


def test_where_keys_are_heeded_the_same_bytes_go_once_more(campaign, sandbox, wire, clock, settings):
    settings.KEYS_ARE_HONOURED = True
    turn(sandbox, keys_ignored=False)
    lose_the_answer(sandbox, clock, reset_after=1)
    assert (only_delivery(campaign).status, kinds(sandbox)) == ("read", BOTH)
    assert len({call.content for call in wire.sends()}) == 2  # a greeting, twice the same, and the ask
    assert len(wire.sends()) == 3
