"""Pause, resume, cancel and stop while messages are claimed, under way or waiting (I9, F-14)."""

import random

import pytest

from campaigns import launch, outbox, replies, resend, status, steering
from campaigns.models import AuditEntry, Customer, LeaseLost, Message
from campaigns.outbox import leases
from campaigns.outbox.walk import walk
from tests.cast import is_send, kinds, ledger, make_campaign, make_customer, only_delivery, turn, walk_to_the_end, work

BOTH = [["text"], ["media", "text", "rich_link"]]


def unleash(clock):
    """Let the greetings be due without their pictures: what follows is about the call alone."""
    Message.objects.filter(kind="ask").update(due_at=None)
    Message.objects.filter(kind="greeting").update(due_at=clock())


def test_a_paused_campaign_begins_nothing_and_goes_on_where_it_stopped(campaign, sandbox, clock, ada):
    work(clock)
    steering.pause(campaign, ada.user)
    for _ in range(3):
        walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"]]
    steering.resume(campaign, ada.user)
    walk_to_the_end(clock)
    assert kinds(sandbox) == BOTH


def test_pausing_takes_back_what_is_claimed_but_not_called(campaign, sandbox, clock, ada):
    unleash(clock)
    [claimed] = leases.claim(clock(), 8)
    steering.pause(campaign, ada.user)
    with pytest.raises(LeaseLost):
        walk(claimed, clock)
    assert ledger(sandbox) == []


def test_an_account_that_pauses_takes_back_what_is_claimed(campaign, sandbox, clock, ada):
    unleash(clock)
    [claimed] = leases.claim(clock(), 8)
    ada.organization.pause("payment", "The card has run out.", clock())
    with pytest.raises(LeaseLost):
        walk(claimed, clock)
    assert ledger(sandbox) == []


def test_a_call_under_way_while_the_campaign_pauses_is_written_down(campaign, sandbox, wire, clock, ada):
    wire.after = lambda request, response: steering.pause(campaign, ada.user) if is_send(request) else None
    outbox.run(hands=0)
    assert Message.objects.get(kind="greeting").status == "sent"
    assert only_delivery(campaign).status == "greeted"


def test_cancelling_ends_what_waits_and_keeps_what_was_sent(ada, sandbox, clock):
    for number in range(3):
        make_customer(ada.business, number)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    work(clock)
    steering.cancel(campaign, ada.user, clock())
    walk_to_the_end(clock)
    assert campaign.counts() == {"cancelled": 3}
    assert kinds(sandbox) == [["text"]] * 3
    assert {d.reason for d in campaign.deliveries.all()} == {"The campaign was cancelled"}


def test_cancelling_takes_back_what_is_claimed(campaign, sandbox, clock, ada):
    unleash(clock)
    [claimed] = leases.claim(clock(), 8)
    steering.cancel(campaign, ada.user, clock())
    with pytest.raises(LeaseLost):
        walk(claimed, clock)
    assert ledger(sandbox) == []


@pytest.mark.parametrize(("fault", "end"), [({"p429": 1}, "cancelled"), ({"reset_before": 1}, "in_doubt")])
def test_a_call_that_fails_after_its_campaign_was_cancelled_ends_and_is_not_repeated(
    campaign, sandbox, wire, clock, ada, fault, end
):
    turn(sandbox, only="POST /chats", **fault)
    wire.before = lambda request: steering.cancel(campaign, ada.user, clock()) if is_send(request) else None
    outbox.run(hands=0)
    wire.before = lambda request: None
    for _ in range(3):
        walk_to_the_end(clock)
    assert (len(wire.sends()), only_delivery(campaign).status) == (1, end)
    assert not Message.objects.filter(status__in=status.OPEN, kind="greeting").exists()


def test_pausing_twice_says_where_the_campaign_stands(campaign, ada):
    steering.pause(campaign, ada.user)
    with pytest.raises(launch.NotPossible, match="paused"):
        steering.pause(campaign, ada.user)


def test_a_cancelled_campaign_stays_cancelled(campaign, ada, clock):
    steering.cancel(campaign, ada.user, clock())
    for act in (steering.pause, steering.resume):
        with pytest.raises(launch.NotPossible, match="cancelled"):
            act(campaign, ada.user)


def test_who_steered_is_on_record(campaign, ada, clock):
    steering.pause(campaign, ada.user)
    steering.resume(campaign, ada.user)
    steering.cancel(campaign, ada.user, clock())
    acts = AuditEntry.objects.order_by("pk").values_list("act", "by")
    assert list(acts) == [(act, ada.user.pk) for act in ("launch", "pause", "resume", "cancel")]


def test_a_hundred_turns_of_pause_and_resume_send_nothing_twice(ada, sandbox, clock):
    for number in range(6):
        make_customer(ada.business, number)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    chance = random.Random(7)
    for _ in range(100):
        steering.pause(campaign, ada.user)
        tick(chance, clock)
        steering.resume(campaign, ada.user)
        tick(chance, clock)
    for _ in range(3):
        walk_to_the_end(clock)
    assert campaign.counts() == {"read": 6}
    assert len(ledger(sandbox, "message")) == 12


def tick(chance, clock):
    clock.go(seconds=chance.choice([0, 1, 20]))
    if chance.random() < 0.3:
        outbox.run(hands=0)


def test_a_stop_takes_back_what_is_claimed(campaign, sandbox, clock, grace):
    unleash(clock)
    [claimed] = leases.claim(clock(), 8)
    replies.stop(grace, "Wrote STOP", None, clock())
    with pytest.raises(LeaseLost):
        walk(claimed, clock)
    assert ledger(sandbox) == []


def test_a_stop_takes_back_a_repeat_that_is_claimed(campaign, sandbox, wire, clock, grace):
    """The first call was unclear, the repeat is claimed and not yet called: it must not begin after the stop."""
    turn(sandbox, only="POST /chats", reset_before=1)
    outbox.run(hands=0)
    turn(sandbox, reset_before=0)
    clock.go(seconds=10)
    [claimed] = leases.claim(clock(), 8)
    replies.stop(grace, "Wrote STOP", None, clock())
    with pytest.raises(LeaseLost):
        walk(claimed, clock)
    assert (len(wire.sends()), only_delivery(campaign).status) == (1, "in_doubt")


def test_a_stop_cancels_what_is_frozen_and_surely_not_sent(campaign, sandbox, wire, clock, grace):
    turn(sandbox, only="POST /chats", p429=1)
    outbox.run(hands=0)
    turn(sandbox, p429=0)
    replies.stop(grace, "Wrote STOP", None, clock())
    walk_to_the_end(clock)
    greeting = Message.objects.get(kind="greeting")
    assert (greeting.is_frozen, greeting.status, len(wire.sends())) == (True, "cancelled", 1)


def test_a_stop_in_the_middle_of_a_call_lets_nothing_follow(campaign, sandbox, wire, clock, grace):
    wire.after = lambda request, response: stop_once(request, grace, clock)
    outbox.run(hands=0)
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"]]
    assert Message.objects.get(kind="ask").status == "cancelled"


def stop_once(request, customer, clock):
    if is_send(request):
        replies.stop(customer, "Wrote STOP", None, clock())


def test_a_stop_between_looking_and_calling_is_seen(campaign, sandbox, clock, grace, monkeypatch):
    """The worker has asked "may we?" and is drawing the picture; then the stop comes."""
    drawn = outbox.run.__globals__["walk"].__globals__["pictures"]
    real = drawn.draw

    def draw(message, now):
        replies.stop(grace, "Wrote STOP", None, clock())
        return real(message, now)

    monkeypatch.setattr(drawn, "draw", draw)
    walk_to_the_end(clock)
    assert ledger(sandbox, "message") == []


def test_a_suppressed_number_is_never_called_even_if_nobody_took_the_message_back(campaign, sandbox, clock, grace, ada):
    Message.objects.filter(kind="greeting").update(due_at=clock())
    grace.business.organization.suppressions.model.add(ada.organization, grace.phone, "By hand", clock())
    walk_to_the_end(clock)
    assert (ledger(sandbox, "message"), only_delivery(campaign).status) == ([], "cancelled")
    assert only_delivery(campaign).reason == "This number asked us never to write again"


@pytest.mark.parametrize("field", [{"is_insider": True}, {"consent_basis": ""}])
def test_what_makes_a_customer_final_holds_at_the_moment_of_sending(campaign, sandbox, clock, field):
    Customer.objects.update(**field)
    walk_to_the_end(clock)
    assert (ledger(sandbox, "message"), only_delivery(campaign).status) == ([], "cancelled")


def test_what_was_sent_by_hand_after_a_pause_of_the_customer_goes_out(campaign, sandbox, clock, grace, ada):
    """A person has read the words and decided: their reason is kept, and the message goes."""
    walk_to_the_end(clock)
    replies._pause(grace, "who is this?", clock())
    clock.go(minutes=1)
    resend.resend(only_delivery(campaign), ada.user, "Talked to her, she would like it", clock())
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 3


def test_nothing_sent_by_hand_leaves_while_its_campaign_is_paused(campaign, sandbox, clock, ada):
    walk_to_the_end(clock)
    campaign.state = status.Campaign.PAUSED
    campaign.save()
    with pytest.raises(resend.NotAllowed, match="paused"):
        resend.resend(only_delivery(campaign), ada.user, "Now", clock())


def test_a_message_sent_again_leaves_though_its_campaign_has_ended(campaign, sandbox, clock, ada):
    walk_to_the_end(clock)
    campaign.refresh_from_db()
    assert campaign.state == status.Campaign.FINISHED
    resend.resend(only_delivery(campaign), ada.user, "Lost her phone", clock())
    walk_to_the_end(clock)
    assert kinds(sandbox)[2:] == [["media", "text", "rich_link"]]


def test_a_message_claimed_in_the_moment_its_campaign_paused_is_let_go(campaign, sandbox, clock):
    """The claim saw a running campaign and came to its commit after the pause."""
    unleash(clock)
    leases.claim(clock(), 8)
    type(campaign).objects.update(state=status.Campaign.PAUSED)
    claimed = Message.objects.select_related("delivery__campaign", "organization").get(kind="greeting")
    walk(claimed, clock)
    assert (ledger(sandbox), Message.objects.get(kind="greeting").lease_until) == ([], None)
