"""Everything at once: weather, deaths, stops, pauses, many hands; the books are right in the end (I1 to I3, I10)."""

import random
from collections import Counter

import pytest

from campaigns import events, launch, outbox, receipts, status, steering
from campaigns.models import Message
from campaigns.sandbox import ledger as book
from tests.cast import Killed, die, ledger, make_campaign, make_customer, reply, turn, work

PEOPLE, TICKS = 40, 120
WEATHER = {"p429": 0.03, "p500": 0.03, "reset_before": 0.03, "reset_after": 0.03, "non_json": 0.03, "broken_json": 0.03}
WORDS = ["STOP", "thanks", "please don't text me", "👍"]
ASK = "Hi, {sender} from {business} here. Would you tell others how it went? Reply STOP to end."


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(4))
def test_after_a_storm_the_books_are_right(ada, sandbox, wire, clock, seed):
    chance = random.Random(seed)
    campaign, people = launched(ada, clock, chance)
    turn(sandbox, seed=seed, retry_after_as="mixed", keys_ignored_on_follow_up=seed % 2 == 1, **WEATHER)
    wire.before = wire.after = lambda *_: dies_sometimes(chance)
    for _ in range(TICKS):
        tick(clock, chance)
        steer(campaign, ada, sandbox, chance, people)
        assert sum(campaign.counts().values()) == PEOPLE  # I10
    calm(sandbox, wire, clock)
    the_books_are_right(sandbox, f"seed {seed}")


def launched(ada, clock, chance):
    ada.business.window = "00:00-24:00"
    ada.business.save()
    people = [make_customer(ada.business, number) for number in range(PEOPLE)]
    campaign = make_campaign(ada, flow=chance.choice(["greeting_first", "all_at_once"]), ask=ASK)
    launch.launch(campaign, ada.user, clock())
    return campaign, people


def dies_sometimes(chance):
    if chance.random() < 0.01:
        raise Killed


def tick(clock, chance):
    for work_of in (lambda: outbox.run(hands=3), lambda: receipts.look(clock), lambda: events.poll(clock)):
        try:
            work_of()
        except Killed:
            die()
    events.handle(clock)
    outbox.sweep(clock())
    clock.go(seconds=chance.choice([1, 5, 30, 61]))


def steer(campaign, ada, sandbox, chance, people):
    written_to = {effect["phone"] for effect in ledger(sandbox, "chat")}
    person = chance.choice(people)
    if chance.random() < 0.1 and person.phone in written_to:
        reply(sandbox, person, chance.choice(WORDS))
    campaign.refresh_from_db()
    if chance.random() < 0.05 and campaign.state == status.Campaign.RUNNING:
        steering.pause(campaign, ada.user)
        steering.resume(campaign, ada.user)


def calm(sandbox, wire, clock):
    wire.before = wire.after = lambda *_: None
    turn(sandbox, **dict.fromkeys(WEATHER, 0))
    die()
    for _ in range(14):
        work(clock, minutes=10)


def the_books_are_right(sandbox, seed):
    effects = ledger(sandbox, "message")
    assert book.counts(sandbox.store)["duplicates"] == 0, seed  # I1
    assert not Message.objects.filter(status__in=status.OPEN, due_at__isnull=False).exists(), seed  # I2
    sent = Message.objects.filter(status__in=status.WENT_OUT).exclude(chert_id="").values_list("chert_id", flat=True)
    assert Counter(sent) <= Counter(effect["message_id"] for effect in effects), seed  # I3
    ended = Message.objects.filter(status__in=["refused", "cancelled", "expired"])
    assert not ended.filter(key__in=[effect["key"] for effect in effects]).exists(), seed  # I3
