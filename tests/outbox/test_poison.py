"""A message at which workers die is left alone after the third, and everybody else's goes out on time (F-09)."""

import threading
from datetime import timedelta

import pytest

from campaigns import launch, outbox, status
from campaigns.models import Message
from campaigns.outbox import leases, pictures, poison
from tests.cast import NAMES, Killed, at_once, die, is_send, kinds, ledger, make_campaign, make_customer

take_one = outbox.run.__globals__["_one"]
M = status.Message


@pytest.fixture
def five(ada, clock):
    """A campaign for five; Dee's is the poison."""
    for number in range(5):
        make_customer(ada.business, number, first_name=NAMES[number])
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    return made


@pytest.fixture
def deadly_picture(monkeypatch):
    """Whoever draws Dee's picture dies of it."""
    render = pictures.cards.render

    def draw(design, words):
        if words["first_name"] == "Dee":
            raise Killed
        return render(design, words)

    monkeypatch.setattr(pictures.cards, "render", draw)


@pytest.fixture
def deadly_call(wire):
    """Whoever calls Chert for Dee dies in the call, after Chert took it."""

    def die_of_it(request, response):
        if is_send(request) and b"Hi Dee" in request.content:
            raise Killed

    wire.after = die_of_it
    return wire


def live_and_die(clock, times=8, minutes=1):
    """So many workers, one after the other; returns how many of them died."""
    deaths = 0
    for _ in range(times):
        try:
            outbox.run(hands=0)
        except Killed:
            deaths += 1
            die()
        outbox.sweep(clock())
        clock.go(minutes=minutes)
    return deaths


def of(name, kind="ask"):
    return Message.objects.get(customer__first_name=name, kind=kind)


def test_after_three_deaths_it_ends_in_words_and_the_others_have_gone(five, deadly_picture, clock):
    """F-09."""
    assert live_and_die(clock) == 3
    dee = of("Dee")
    assert (dee.status, dee.reason) == (M.EXPIRED, poison.NOT_SENT)
    assert five.counts() == {"expired": 1, "sent": 4}


def test_its_greeting_ends_with_it_and_nothing_of_it_left(five, deadly_picture, sandbox, clock):
    live_and_die(clock)
    assert of("Dee", "greeting").status == M.CANCELLED
    assert len(kinds(sandbox)) == 8


def test_died_in_the_call_it_is_in_doubt_and_both_ways_out_lead_on(five, deadly_call, clock, ada):
    deaths = live_and_die(clock)
    dee = of("Dee", "greeting")
    assert (deaths, dee.status, dee.reason) == (3, M.IN_DOUBT, poison.PERHAPS_SENT)
    assert five.counts() == {"in_doubt": 1, "sent": 4}
    deadly_call.after = lambda request, response: None
    outbox.it_arrived(dee, ada.user, clock())
    live_and_die(clock)
    assert five.counts() == {"sent": 5}


def test_the_doubtful_one_was_said_once_though_three_died_at_it(five, deadly_call, sandbox, clock):
    live_and_die(clock)
    assert sum("Dee" in str(effect["parts"]) for effect in ledger(sandbox, "message")) == 1


def test_only_what_was_in_hand_is_blamed_not_the_handful(five, deadly_picture, clock):
    live_and_die(clock, times=1)
    assert list(Message.objects.filter(deaths__gt=0)) == [of("Dee")]


def test_a_worker_that_dies_between_two_messages_blames_nobody(five, sandbox, clock):
    leases.claim(clock(), 12)
    die()
    assert leases.free_the_dead() == 5
    assert not Message.objects.filter(deaths__gt=0).exists()


def die_with_in_hand(clock, *names):
    """One hand at each of these; the rest of the handful in none."""
    for message in leases.claim(clock(), 12):
        if message.customer.first_name in names:
            leases.take_in_hand(message)
    die()
    leases.free_the_dead()


def blamed():
    return {m.customer.first_name: m.deaths for m in Message.objects.filter(deaths__gt=0)}


def test_what_was_in_another_hand_is_blamed_once_and_the_suspect_alone_after_that(five, sandbox, clock):
    die_with_in_hand(clock, "Dee", "Edna")
    assert blamed() == {"Dee": 1, "Edna": 1}
    die_with_in_hand(clock, "Dee", "Fay", "Gus")
    assert blamed() == {"Dee": 2, "Edna": 1}


@pytest.mark.django_db(transaction=True)
def test_two_suspects_are_never_in_hand_at_once(five, sandbox, clock, monkeypatch):
    Message.objects.update(deaths=1, deaths_since=clock())
    met, door = [], threading.Barrier(2)

    def walk(message, clock):
        try:
            met.append(door.wait(0.2))
        except threading.BrokenBarrierError:  # nobody else came
            door.reset()

    monkeypatch.setitem(take_one.__globals__, "walk", walk)
    at_once([lambda m=m: take_one(m) for m in leases.claim(clock(), 5)])
    assert met == []


def test_deaths_of_three_days_ago_are_forgotten(five, deadly_picture, clock):
    live_and_die(clock, times=2)
    assert of("Dee").deaths == 2
    clock.go(hours=73)
    live_and_die(clock, times=1)
    assert (of("Dee").deaths, of("Dee").deaths_since) == (1, clock() - timedelta(minutes=1))


def test_what_has_moved_to_other_hands_is_not_blamed_by_the_death_of_the_first(five, sandbox, clock):
    [message, *_] = leases.claim(clock(), 5)
    leases.take_in_hand(message)
    Message.objects.update(lease_token="elsewhere:1")
    die()
    leases.free_the_dead()
    assert not Message.objects.filter(deaths__gt=0).exists()


def test_a_note_that_nobody_can_read_blames_nobody_and_frees_all(five, sandbox, clock):
    leases.claim(clock(), 5)
    name, handle = leases._HELD[next(iter(leases._HELD))]
    (leases._folder() / name).write_text("not a number ٣ 12e\n99999")
    handle.close()
    die()
    assert leases.free_the_dead() == 5


def test_what_was_walked_to_its_end_is_in_no_hand(five, sandbox, clock):
    outbox.run(hands=0)
    assert not leases._IN_HAND[leases.me()]
    assert (leases._folder() / leases.me()).read_text().startswith("\n")
