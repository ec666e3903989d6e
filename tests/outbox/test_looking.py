"""A follow-up whose answer was lost is looked for in its chat before it is repeated: keys may be ignored there (G3)."""

import httpx
import pytest

from campaigns import launch, outbox
from campaigns.models import Attempt, Message
from campaigns.sandbox import ledger as book
from tests.cast import die, kinds, ledger, make_campaign, make_customer, only_delivery, turn, walk_to_the_end, work

FOLLOW_UP = "POST /chats/{id}/messages"


def ask():
    return Message.objects.get(kind="ask")


@pytest.fixture
def greeted(campaign, sandbox, clock):
    """Greeted, the ask due, and a Chert that heeds no key on follow-ups."""
    work(clock)
    turn(sandbox, keys_ignored_on_follow_up=True, only=FOLLOW_UP)
    clock.go(minutes=2)
    return campaign


def test_an_ask_that_arrived_is_not_repeated_though_keys_are_ignored(greeted, sandbox, wire, clock):
    """F-39."""
    turn(sandbox, reset_after=1)
    outbox.run(hands=0)
    calls = len(wire.sends())
    walk_to_the_end(clock)
    assert (len(wire.sends()), len(kinds(sandbox)), ask().status) == (calls, 2, "read")


def test_the_look_is_on_record_with_the_tries(greeted, sandbox, clock):
    turn(sandbox, reset_after=1)
    outbox.run(hands=0)
    turn(sandbox, reset_after=0)
    work(clock, minutes=1)
    tries = Attempt.objects.filter(message=ask()).order_by("pk").values_list("step", "outcome")
    assert list(tries) == [("upload", "sent"), ("send", "unknown"), ("look", "sent")]


def test_an_ask_that_did_not_arrive_is_repeated(greeted, sandbox, wire, clock):
    turn(sandbox, reset_before=1)
    outbox.run(hands=0)
    turn(sandbox, reset_before=0)
    walk_to_the_end(clock)
    assert (len(wire.sends()), len(kinds(sandbox))) == (2, 2)


def test_a_sandbox_that_lags_is_not_believed_before_the_grace_is_over(greeted, sandbox, wire, clock, settings):
    settings.SANDBOX_LAGS = True
    turn(sandbox, reset_before=1)
    outbox.run(hands=0)
    turn(sandbox, reset_before=0)
    work(clock, minutes=1)
    assert len(wire.sends()) == 1
    work(clock, minutes=2)
    assert (len(wire.sends()), ask().status) == (2, "sent")


def test_a_worker_that_died_after_chert_took_it_is_followed_by_a_look(greeted, sandbox, wire, clock):
    turn(sandbox, reset_after=1)
    outbox.run(hands=0)
    Message.objects.filter(kind="ask").update(is_calling=True, is_unclear=False)
    die()
    turn(sandbox, reset_after=0)
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 2


def test_an_older_message_with_the_same_words_is_not_taken_for_this_one(campaign, sandbox, ada, clock):
    """Asked in spring in the very same words; the autumn ask never arrived."""
    walk_to_the_end(clock)
    clock.go(days=91)
    launch.launch(make_campaign(ada, name="Autumn again"), ada.user, clock())
    turn(sandbox, reset_before=1, only=FOLLOW_UP)
    outbox.run(hands=0)
    turn(sandbox, reset_before=0)
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 3


def test_a_chat_that_cannot_be_read_is_looked_at_again_and_nothing_is_repeated(campaign, sandbox, wire, clock):
    work(clock)
    turn(sandbox, only=FOLLOW_UP, reset_after=1)
    work(clock, minutes=3)
    turn(sandbox, only="GET /chats/{id}/messages", reset_after=0, p500=1)
    for _ in range(3):
        work(clock, minutes=5)
    assert (len(wire.sends()), ask().status) == (2, "uploaded")
    turn(sandbox, p500=0)
    work(clock, minutes=6)
    assert (len(wire.sends()), ask().status) == (2, "sent")


def test_a_chat_that_is_not_known_any_more_leads_to_a_repeat_of_the_same_bytes(campaign, wire, clock):
    work(clock)
    wire.after = lambda request, response: lose(request) if request.url.path.endswith("/messages") else None
    work(clock, minutes=3)
    wire.after = lambda request, response: None
    wire.before = lambda request: unknown_chat() if request.method == "GET" else None
    outbox_after(clock, minutes=5)
    assert (len(wire.sends()), ask().status) == (3, "sent")
    assert len({request.content for request in wire.sends()[1:]}) == 1


def lose(request):
    raise httpx.ReadError("lost", request=request)


def unknown_chat():
    error = {"status": 404, "code": 2002, "message": "x", "retryable": False}
    return httpx.Response(404, json={"success": False, "error": error})


def outbox_after(clock, minutes):
    clock.go(minutes=minutes)
    outbox.run(hands=0)


def test_where_neither_chat_nor_send_answers_for_twelve_hours_it_is_doubt(campaign, sandbox, clock, ada):
    ada.business.window = "00:00-24:00"
    ada.business.save()
    work(clock)
    turn(sandbox, only=FOLLOW_UP, reset_after=1)
    work(clock, minutes=3)
    turn(sandbox, away=True, only="")
    for _ in range(14):
        work(clock, minutes=60)
    assert only_delivery(campaign).status == "in_doubt"


def test_what_arrived_is_not_parked(campaign, sandbox, clock):
    """Twelve hours of lost answers and a key that is dead: the chat still knows."""
    work(clock)
    turn(sandbox, only=FOLLOW_UP, reset_after=1)
    work(clock, minutes=3)
    clock.go(hours=13)
    work(clock)
    assert only_delivery(campaign).status in ("sent", "delivered", "read")


def test_storms_without_keys_on_follow_ups_send_no_ask_twice(ada, sandbox, clock):
    for number in range(40):
        make_customer(ada.business, number)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    weather = {"reset_after": 0.2, "broken_json": 0.1, "reset_before": 0.1}
    turn(sandbox, seed=9, keys_ignored_on_follow_up=True, **weather)
    for _ in range(20):
        work(clock, minutes=2)
    assert campaign.counts() == {"read": 40}
    assert book.counts(sandbox.store)["duplicates"] == 0


@pytest.fixture
def real(greeted, settings):
    """The same on an address that is not this machine's: a chat there may lag behind."""
    settings.CHERT_API_BASE = "https://chert.example/api/v1"
    return greeted


def test_a_chat_that_lags_is_read_again_before_anything_is_repeated(real, sandbox, wire, clock):
    turn(sandbox, reset_after=1, list_lag=60)
    outbox.run(hands=0)
    turn(sandbox, reset_after=0)
    for seconds in (5, 30, 120):
        clock.go(seconds=seconds)
        outbox.run(hands=0)
    assert (len(kinds(sandbox)), ask().status) == (2, "sent")


def test_what_the_chat_has_not_shown_for_two_minutes_is_repeated(real, sandbox, wire, clock):
    turn(sandbox, reset_before=1)
    outbox.run(hands=0)
    turn(sandbox, reset_before=0)
    outbox_after(clock, minutes=1)
    assert (len(wire.sends()), ask().is_unclear) == (1, True)
    outbox_after(clock, minutes=2)
    assert (len(wire.sends()), ask().status) == (2, "sent")


@pytest.mark.parametrize("code", [3001, 2008])
def test_a_chat_whose_reading_is_refused_leads_to_no_repeat(greeted, sandbox, wire, clock, ada, code):
    """Chert's own error with "do not come back", or trouble with the account, says nothing about the message."""
    turn(sandbox, reset_after=1)
    outbox.run(hands=0)
    turn(sandbox, reset_after=0, only="GET /chats/{id}/messages", p500=1, p500_code=code, flip_retryable=code == 3001)
    outbox_after(clock, minutes=5)
    turn(sandbox, p500=0)
    ada.organization.resume()
    outbox_after(clock, minutes=6)
    assert (len(wire.sends()), len(kinds(sandbox)), ask().status) == (1, 2, "sent")
