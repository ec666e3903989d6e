"""The simulation can see: an engine that is broken on purpose is found out, and how soon.

Seeds until it is found, and by what; those found within a dozen are tried here each time:

    a new key for each try                     1    I1
    a call that is not written down            1    I5
    a call inside a transaction                1    I6
    a lease that is kept after the outcome     1    I2
    no question before the call                2    I9
    news that go back                          2    I10
    a slot that is not taken                   3    I12
    no fencing                                 6    F-14
    a night nobody asks about                 12    M6
    a refusal that is believed                22    I2, I3
    no look at all (keys ignored)             55    I1
    a reminder after their answer             77    M12
    a look without grace (keys ignored)       89    I1
    a pause that gives nothing back          110    F-14
    a repeat without a slot                  120    I12
    a lease nobody asks about     more than 150    F-07
"""

from importlib import import_module

import pytest
from django.db import transaction

from campaigns import audience, lines, reminders, replies, steering
from campaigns.models import Attempt, Message, new_key
from campaigns.outbox import leases, looking, outcomes, requests
from tests.simulation.checker import Violation

walk = import_module("campaigns.outbox.walk")
Patch = pytest.MonkeyPatch


def a_new_key_for_each_try(patch: Patch) -> None:
    begin = walk._begin

    def begin_anew(message, clock):
        if message.is_frozen:
            message.keep(token=message.lease_token, key=new_key(), body=None, path="")
        return begin(message, clock)

    patch.setattr(walk, "_begin", begin_anew)


def no_fencing(patch: Patch) -> None:
    def set_anyway(self, token, **values):
        Message.objects.filter(pk=self.pk).update(**values)
        for name, value in values.items():
            setattr(self, name, value)

    patch.setattr(Message, "_set", set_anyway)


def a_call_that_is_not_written_down(patch: Patch) -> None:
    patch.setattr(outcomes, "begin", lambda message, step, now: Attempt(message=message, step=step, started_at=now))


def a_call_inside_a_transaction(patch: Patch) -> None:
    patch.setattr(walk, "_call", transaction.atomic(walk._call))


def no_question_before_the_call(patch: Patch) -> None:
    """A stop marks the customer and takes nothing back, and nobody asks at the end."""
    patch.setattr(replies, "_take_back", lambda customers, reason, now: None)
    patch.setattr(audience, "never", lambda customer: None)


def a_slot_that_is_not_taken(patch: Patch) -> None:
    patch.setattr(lines, "_book", lambda line, now, business: True)


def a_repeat_without_a_slot(patch: Patch) -> None:
    patch.setattr(requests, "once_more", lambda message, now: {})


def a_look_without_grace(patch: Patch) -> None:
    patch.setattr(looking, "believed_from", lambda message: None)


def no_look_at_all(patch: Patch) -> None:
    patch.setattr(walk, "_looked", lambda message, clock: True)


def a_lease_nobody_asks_about(patch: Patch) -> None:
    patch.setattr(leases, "lasts", lambda message, seconds, now: True)


def a_night_nobody_asks_about(patch: Patch) -> None:
    patch.setattr(walk, "_is_open", lambda message, now: True)


def a_reminder_after_their_answer(patch: Patch) -> None:
    patch.setattr(reminders, "take_back_of", lambda which, reason, now: 0)
    patch.setattr(reminders, "why_not", lambda reminder: "")


def a_pause_that_gives_nothing_back(patch: Patch) -> None:
    patch.setattr(steering, "give_back", lambda messages: 0)


def a_refusal_that_is_believed(patch: Patch) -> None:
    """Doubt is forgotten at the end: what may have arrived is said to be refused, cancelled, expired."""

    def give_up(message, end, reason):
        message.move(end, token=message.lease_token, reason=reason[:300], is_calling=False, **outcomes._FREE)

    patch.setattr(outcomes, "give_up", give_up)


def news_that_go_back(patch: Patch) -> None:
    def learn(self, new, **gained):
        return bool(Message.objects.filter(pk=self.pk).update(status=new, **gained))

    patch.setattr(Message, "learn", learn)


def a_lease_that_is_kept(patch: Patch) -> None:
    """Whoever wrote an outcome keeps the lease."""
    patch.setattr(outcomes, "_FREE", {})


SOON = (
    a_new_key_for_each_try,
    a_call_that_is_not_written_down,
    a_call_inside_a_transaction,
    a_lease_that_is_kept,
    no_question_before_the_call,
    news_that_go_back,
    a_slot_that_is_not_taken,
    no_fencing,
    a_night_nobody_asks_about,
)
#: Twice as many as the slowest of these took.
DOZENS = 24


@pytest.mark.parametrize("break_it", SOON)
def test_a_broken_engine_is_found_out(live, monkeypatch, break_it):
    break_it(monkeypatch)
    with pytest.raises(Violation, match="seed"):
        list(map(live, range(DOZENS)))
