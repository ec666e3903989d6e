"""Pause and cancel come back only when no call can begin any more, and name those that have begun."""

import threading

import pytest
from django.db import connections

from campaigns import launch, outbox, steering
from campaigns.models import Campaign, LeaseLost, Message
from campaigns.outbox import leases
from campaigns.outbox.walk import walk
from tests.cast import NAMES, is_send, kinds, make_campaign, make_customer

pytestmark = pytest.mark.django_db(transaction=True)


class Gate:
    """Holds the first send on the wire until it is opened."""

    def __init__(self):
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, request):
        if is_send(request) and not self.reached.is_set():
            self.reached.set()
            assert self.open.wait(30)


@pytest.fixture
def four(ada, clock):
    """Four greetings, due this moment, without pictures: what follows is about the calls alone."""
    for number in range(4):
        make_customer(ada.business, number, first_name=NAMES[number], last_name="Bell")
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    Message.objects.filter(kind="ask").update(due_at=None)
    Message.objects.filter(kind="greeting").update(due_at=clock())
    return made


def at_work():
    outbox.run(hands=0)
    connections.close_all()


@pytest.mark.parametrize("act", ["pause", "cancel"])
def test_one_is_on_the_wire_the_others_are_claimed_and_none_of_them_begins(four, ada, sandbox, wire, clock, act):
    wire.before = gate = Gate()
    worker = threading.Thread(target=at_work)
    worker.start()
    assert gate.reached.wait(30)
    steering.pause(four, ada.user) if act == "pause" else steering.cancel(four, ada.user, clock())
    named = [customer.name for customer in steering.under_way(four)]
    gate.open.set()
    worker.join(30)
    assert (len(named), len(wire.sends()), kinds(sandbox)) == (1, 1, [["text"]])


def test_when_the_call_has_ended_nobody_is_named(four, ada, sandbox, wire, clock):
    outbox.run(hands=0)
    steering.cancel(four, ada.user, clock())
    assert steering.under_way(four) == []


@pytest.mark.parametrize("act", ["pause", "cancel"])
def test_who_claims_while_it_is_being_stopped_loses_too(four, ada, sandbox, wire, clock, monkeypatch, act):
    """The claim falls between taking back and turning: it has still read a campaign that runs."""
    claimed, turn = [], steering._turn

    def late(*given):
        claimed.extend(leases.claim(clock(), 8))
        turn(*given)

    monkeypatch.setattr(steering, "_turn", late)
    steering.pause(four, ada.user) if act == "pause" else steering.cancel(four, ada.user, clock())
    for message in claimed:
        with pytest.raises(LeaseLost):
            walk(message, clock)
    assert wire.sends() == []


def test_a_greeting_that_comes_into_being_meanwhile_is_taken_back(four, ada, sandbox, wire, clock, monkeypatch):
    """A line that takes no picture first: the greeting is made while somebody cancels."""
    turn = steering._turn
    Message.objects.filter(kind="greeting").delete()
    Message.objects.update(kind="all", due_at=clock())
    [held, *_] = leases.claim(clock(), 1)

    def late(*given):
        Message.objects.create(
            organization=held.organization,
            business=held.business,
            customer=held.customer,
            delivery=held.delivery,
            kind="greeting",
            due_at=clock(),
        )
        turn(*given)

    monkeypatch.setattr(steering, "_turn", late)
    steering.cancel(four, ada.user, clock())
    assert not Message.objects.filter(status="planned").exists()
    assert set(Campaign.objects.get().counts()) == {"cancelled"}
