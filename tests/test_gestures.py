"""Tapbacks, read receipts and typing: out through Chert, each at most once; and the customers' own tapbacks."""

from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from campaigns import events, gestures, replies
from campaigns.chert.events import event_from_json
from campaigns.models import Customer, Gesture, Message, Tapback
from tests.cast import at_once, at_the_sandbox, heard_from, listen, turn, work

CHICAGO = ZoneInfo("America/Chicago")


@pytest.fixture
def talk(campaign, sandbox, clock):
    return heard_from(sandbox, clock, campaign)


@pytest.fixture
def theirs(talk) -> Message:
    return Message.objects.get(kind="inbound")


def reacted(sandbox, talk, message_id, reaction):
    """The customer holds a bubble on the phone and picks."""
    said = {"message_id": message_id, "reaction": reaction}
    at_the_sandbox(sandbox).post(f"/sandbox/phones/{talk.customer.phone}/react", json=said).raise_for_status()


def on_the_phone(sandbox, message) -> str | None:
    return sandbox.store.one("SELECT reaction FROM messages WHERE id = ?", message.chert_id)["reaction"]


def chat(sandbox):
    return sandbox.store.one("SELECT typing_until, looked_at FROM chats")


def gesture_requests(wire) -> list[str]:
    ends = ("/react", "/mark-read", "/typing")
    return [request.url.path.rsplit("/", 1)[1] for request in wire.requests if request.url.path.endswith(ends)]


def test_our_tapback_reaches_their_message(theirs, sandbox, ada, clock):
    assert gestures.tap(theirs, "love", ada.user, clock())
    gestures.run(clock)
    assert (on_the_phone(sandbox, theirs), Gesture.objects.get().outcome) == ("love", "done")


def test_the_same_tapback_twice_goes_once_and_another_one_goes_too(theirs, wire, ada, clock):
    gestures.tap(theirs, "love", ada.user, clock())
    assert not gestures.tap(theirs, "love", ada.user, clock())
    gestures.run(clock)
    assert not gestures.tap(theirs, "love", ada.user, clock())
    gestures.tap(theirs, "laugh", ada.user, clock())
    gestures.run(clock)
    gestures.run(clock)
    assert gesture_requests(wire) == ["react", "react"]


def test_a_tapback_whose_answer_was_lost_is_not_repeated(theirs, wire, ada, clock):
    """F-19"""
    wire.after = lambda request, response: lose(request)
    gestures.tap(theirs, "like", ada.user, clock())
    for _ in range(3):
        gestures.run(clock)
        clock.go(minutes=1)
    assert (gesture_requests(wire), Gesture.objects.get().outcome) == (["react"], "unknown")


def lose(request):
    if request.url.path.endswith("/react"):
        raise httpx.ReadTimeout("no answer")


def test_what_surely_did_not_go_is_tried_again(theirs, sandbox, ada, clock, wire):
    wire.before = lambda request: refuse_connection(request)
    gestures.tap(theirs, "like", ada.user, clock())
    gestures.run(clock)
    wire.before = lambda request: None
    clock.go(seconds=20)
    gestures.run(clock)
    assert on_the_phone(sandbox, theirs) == "like"


def refuse_connection(request):
    if request.url.path.endswith("/react"):
        raise httpx.ConnectError("nobody there")


def test_at_night_a_tapback_waits_for_the_morning(theirs, sandbox, ada, clock):
    """It rings a phone (M6)."""
    clock.to(datetime(2026, 3, 2, 22, 0, tzinfo=CHICAGO))
    gestures.tap(theirs, "love", ada.user, clock())
    gestures.run(clock)
    assert on_the_phone(sandbox, theirs) is None
    clock.to(datetime(2026, 3, 3, 9, 0, tzinfo=CHICAGO))
    gestures.run(clock)
    assert on_the_phone(sandbox, theirs) == "love"


@pytest.mark.parametrize("how", ["stopped", "paused"])
def test_nothing_goes_to_who_has_stopped_or_may_want_to(theirs, talk, wire, ada, clock, how):
    gestures.tap(theirs, "love", ada.user, clock())
    Gesture.plan(talk.customer, "receipt", clock())
    Gesture.plan(talk.customer, "typing", clock(), word="typing")
    if how == "stopped":
        replies.stop(talk.customer, "Asked us by phone", None, clock())
    else:
        Customer.objects.update(paused_at=clock())
    gestures.run(clock)
    assert gesture_requests(wire) == []


def test_typing_and_reading_are_seen_on_the_phone_and_leave_nothing_behind(talk, sandbox, clock):
    Gesture.plan(talk.customer, "typing", clock(), word="typing")
    Gesture.plan(talk.customer, "receipt", clock())
    gestures.run(clock)
    seen = chat(sandbox)
    assert seen["typing_until"] > clock().timestamp()
    assert seen["looked_at"] == clock().timestamp()
    assert not Gesture.objects.exists()


def test_typing_of_a_while_ago_is_not_shown_any_more(talk, wire, clock):
    Gesture.plan(talk.customer, "typing", clock(), word="typing")
    clock.go(minutes=1)
    gestures.run(clock)
    assert (gesture_requests(wire), Gesture.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_one_call(campaign, sandbox, wire, clock, ada):
    """F-10"""
    heard_from(sandbox, clock, campaign)
    gestures.tap(Message.objects.get(kind="inbound"), "love", ada.user, clock())
    at_once([lambda: gestures.run(clock)] * 4)
    assert gesture_requests(wire).count("react") == 1


def test_their_tapback_shows_on_our_message_and_comes_off_again(talk, sandbox, clock):
    ask = Message.objects.get(kind="ask")
    reacted(sandbox, talk, ask.chert_id, "love")
    listen(clock)
    assert (Tapback.objects.get().message, Tapback.objects.get().word) == (ask, "love")
    reacted(sandbox, talk, ask.chert_id, "laugh")
    listen(clock)
    assert Tapback.objects.get().word == "laugh"
    reacted(sandbox, talk, ask.chert_id, "laugh")  # the same again takes it off
    listen(clock)
    assert Tapback.objects.get().word == ""


def test_a_tapback_is_no_reply_and_chooses_nothing(talk, campaign, sandbox, clock):
    """R1: whatever they put on it, nothing about the asking changes."""
    before = list(Message.objects.order_by("pk").values_list("pk", "status"))
    reacted(sandbox, talk, Message.objects.get(kind="ask").chert_id, "dislike")
    listen(clock)
    work(clock)
    assert list(Message.objects.order_by("pk").values_list("pk", "status")) == before
    talk.refresh_from_db()
    assert (talk.unread, talk.customer.paused_at) == (1, None)


def tapback_event(message_id, **more):
    body = {
        "event": "reaction.added",
        "event_id": "chert:reaction:1",
        "timestamp": "2026-03-02T18:30:00Z",
        "data": {"message": {"id": message_id}, "reaction": {"type": "love"}} | more,
    }
    return event_from_json(body)


@pytest.mark.parametrize(
    "more",
    [
        {"reaction": "love"},
        {"reaction": {"reaction": "LOVE"}},
        {"reaction": {"type": "love", "message_id": "x"}},
        {"reaction_type": "love", "reaction": None},
        {"tapback": "love", "reaction": {}},
    ],
)
def test_the_payload_nobody_documents_is_read_in_every_likely_form(more):
    event = tapback_event("M-1", **more)
    assert (event.reaction, event.message_id, event.is_inbound) == ("love", "M-1", False)


def test_our_own_tapback_that_comes_back_is_not_taken_for_theirs(theirs, ada, clock):
    gestures.record(tapback_event(theirs.chert_id), ada.organization, clock())  # nobody says whose
    mine = {"reaction": {"type": "love", "is_from_me": True}}
    ask = Message.objects.get(kind="ask")
    gestures.record(tapback_event(ask.chert_id, **mine), ada.organization, clock())
    assert not Tapback.objects.exists()


@pytest.mark.parametrize("reaction", ["shrug", "", 7, None, ["love"], {"type": {"a": 1}}])
def test_a_tapback_nobody_knows_is_left_alone(theirs, ada, clock, reaction):
    """F-29"""
    gestures.record(
        tapback_event(Message.objects.get(kind="ask").chert_id, reaction=reaction), ada.organization, clock()
    )
    assert not Tapback.objects.exists()


def test_an_older_one_that_comes_late_changes_nothing(talk, ada, clock):
    """F-45"""
    ask = Message.objects.get(kind="ask")
    clock.go(hours=2)
    Tapback.objects.create(message=ask, word="laugh", at=clock())
    gestures.record(tapback_event(ask.chert_id), ada.organization, clock())
    assert Tapback.objects.get().word == "laugh"


def test_a_tapback_on_another_organizations_message_is_not_heard(talk, rival, clock):
    """F-48"""
    gestures.record(tapback_event(Message.objects.get(kind="ask").chert_id), rival.organization, clock())
    assert not Tapback.objects.exists()


def test_gestures_wait_while_the_account_stands_still(theirs, wire, ada, clock):
    ada.organization.pause("key", "The key is wrong", clock())
    gestures.tap(theirs, "love", ada.user, clock())
    gestures.run(clock)
    assert gesture_requests(wire) == []
    ada.organization.resume()
    clock.go(minutes=1)
    gestures.run(clock)
    assert gesture_requests(wire) == ["react"]


def test_a_storm_of_five_hundreds_stops_nobody_else(theirs, talk, sandbox, ada, clock):
    turn(sandbox, p500=1)
    gestures.tap(theirs, "love", ada.user, clock())
    gestures.run(clock)
    turn(sandbox, p500=0)
    assert events.handle(clock) == 0
    work(clock, minutes=1)
