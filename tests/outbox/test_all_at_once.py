"""Picture, text and link in the first message; and what happens where the line takes no such thing."""

import pytest

from campaigns import launch, outbox
from campaigns.models import Business, Line, Message
from tests.cast import kinds, ledger, make_campaign, make_customer, only_delivery, turn, walk_to_the_end, work

ALL = Business.Flow.ALL_AT_ONCE
ASK = "Hi {first_name|there}, {sender} from {business} here. Would you tell others how it went? Reply STOP to end."


@pytest.fixture
def bold(ada, clock):
    """A campaign of three new customers that says everything at once."""
    for number in range(3):
        make_customer(ada.business, number)
    campaign = make_campaign(ada, flow=ALL, ask=ASK)
    launch.launch(campaign, ada.user, clock())
    return campaign


def test_everything_goes_in_one_first_message_where_the_line_takes_it(bold, sandbox, clock):
    turn(sandbox, triple_in_first=True)
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["media", "text", "rich_link"]] * 3
    assert bold.counts() == {"read": 3}


@pytest.mark.parametrize("knobs", [{"triple_in_first": False}, {"media_in_first": False}])
def test_where_the_line_does_not_the_greeting_goes_first_and_nothing_twice(bold, sandbox, clock, knobs):
    turn(sandbox, **knobs)
    for _ in range(2):
        walk_to_the_end(clock)
    assert sorted(map(len, kinds(sandbox))) == [1, 1, 1, 3, 3, 3]
    assert len(ledger(sandbox, "chat")) == len({e["phone"] for e in ledger(sandbox, "message")}) == 3
    assert bold.counts() == {"read": 3}


def test_the_campaign_learns_it_from_one_refusal(bold, sandbox, wire, clock):
    outbox.run(hands=0)
    bold.refresh_from_db()
    refused = [m for m in Message.objects.filter(kind=Message.Kind.ALL) if m.attempts]
    assert (bold.flow, len(refused)) == (Business.Flow.GREETING_FIRST, 1)


def test_the_picture_that_is_up_already_is_used_for_the_ask(bold, sandbox, clock):
    for _ in range(2):
        walk_to_the_end(clock)
    assert len(ledger(sandbox, "upload")) == 3


def test_the_slot_of_the_refused_message_serves_the_greeting(bold, sandbox, clock):
    for _ in range(2):
        walk_to_the_end(clock)
    assert Line.objects.get().used == 3


@pytest.mark.parametrize("code", [1002, 1005, 1011, 4099])
def test_each_way_of_saying_not_as_a_first_message_leads_to_the_greeting(bold, sandbox, clock, code):
    turn(sandbox, triple_in_first=True, p500=1, p500_code=code, only="POST /chats")
    outbox.run(hands=0)
    turn(sandbox, p500=0)
    assert Message.objects.filter(kind=Message.Kind.GREETING).exists()


def test_another_refusal_is_a_refusal(bold, sandbox, clock):
    turn(sandbox, p500=1, p500_code=1003, only="POST /chats")
    work(clock)
    assert bold.counts() == {"refused": 3}


def test_after_an_unclear_first_call_nothing_else_is_tried(bold, sandbox, clock):
    """It may have arrived as it was: greeting anew could say it twice."""
    turn(sandbox, triple_in_first=True, reset_after=1, only="POST /chats")
    outbox.run(hands=0)
    turn(sandbox, triple_in_first=False, reset_after=0)
    for _ in range(3):
        walk_to_the_end(clock)
    assert kinds(sandbox) == [["media", "text", "rich_link"]] * 3
    assert not Message.objects.filter(kind=Message.Kind.GREETING).exists()


def test_a_refusal_as_a_first_message_after_an_unclear_call_is_doubt(bold, sandbox, clock):
    """A Chert that ignores keys: it took the first try, and refuses the repeat."""
    turn(sandbox, keys_ignored=True, triple_in_first=True, reset_after=1, only="POST /chats")
    outbox.run(hands=0)
    turn(sandbox, triple_in_first=False, reset_after=0)
    for _ in range(3):
        walk_to_the_end(clock)
    assert (bold.counts(), len(ledger(sandbox, "message"))) == ({"in_doubt": 3}, 3)


def test_the_row_says_why_the_greeting_goes_first(bold, sandbox, clock):
    outbox.run(hands=0)
    given_up = Message.objects.filter(kind=Message.Kind.ALL, status="cancelled")
    assert {m.reason for m in given_up} == {
        "The line takes no picture or link in a first message; the greeting goes first"
    }


def test_a_first_message_that_neither_names_the_business_nor_says_how_to_stop_cannot_launch(ada, grace, clock):
    """M10: here the ask is the first message."""
    campaign = make_campaign(ada, flow=ALL, ask="Would you tell others how it went?")
    with pytest.raises(launch.NotReady) as missing:
        launch.launch(campaign, ada.user, clock())
    assert len(missing.value.sentences) == 2


def test_a_known_customer_gets_only_the_ask_here_too(ada, grace, sandbox, clock):
    turn(sandbox, triple_in_first=True)
    first = make_campaign(ada, flow=ALL, ask=ASK)
    launch.launch(first, ada.user, clock())
    walk_to_the_end(clock)
    clock.go(days=91)
    second = make_campaign(ada, flow=ALL, ask=ASK, name="Spring")
    launch.launch(second, ada.user, clock())
    work(clock)
    assert (only_delivery(second).messages.get().kind, len(kinds(sandbox))) == ("ask", 2)
