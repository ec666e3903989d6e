"""The simulation can see: an engine that is broken on purpose is found out.

`BREAKS` says in which life, and by which check.  No row is forged: the engine runs,
and a part of it is taken out.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from importlib import import_module
from unittest.mock import Mock

import pytest
from django.db import transaction

from campaigns import connection, events, lines, outbox, pacing, replies, steering
from campaigns.asking import audience, reminders
from campaigns.brakes import absence
from campaigns.models import Attempt, Message, Organization, new_key
from campaigns.outbox import leases, looking, outcomes, requests, settle
from campaigns.prepared import Prepared
from tests.simulation.watch import Violation

walk = import_module("campaigns.outbox.walk")
Patch = pytest.MonkeyPatch


def a_new_key_for_each_try(patch: Patch) -> None:
    begin = walk._begin

    def begin_anew(message, *given):
        if message.is_frozen:
            message.keep(token=message.lease_token, key=new_key(), body=None, path="")
        return begin(message, *given)

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
    patch.setattr(lines, "_book", lambda line, now, business, people: True)


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


def a_lease_that_is_believed_too_long(patch: Patch) -> None:
    """Whoever looks leaves a dead worker's message alone for five minutes more."""
    due = leases.due
    patch.setattr(leases, "due", lambda now: due(now).exclude(lease_until__gte=now - timedelta(minutes=5)))
    patch.setattr(leases, "_WITH_WORK", Prepared(leases._accounts, "now"))  # written without it already
    for written_once in ("_oldest", "_written_by_hand"):
        patch.setattr(leases, written_once, cache(getattr(leases, written_once).__wrapped__))


def a_doubt_that_is_left_in_silence(patch: Patch) -> None:
    patch.setattr(settle, "AuditEntry", Mock())


def a_doubt_that_ends_by_itself(patch: Patch) -> None:
    """Whoever sweeps takes what is in doubt for sent."""
    sweep = outbox.sweep

    def sweep_all(now):
        for message in Message.objects.filter(status="in_doubt"):
            message.learn("sent")
        sweep(now)

    patch.setattr(outbox, "sweep", sweep_all)


def a_page_that_is_not_told(patch: Patch) -> None:
    patch.setattr(Message, "show", lambda self: None)


def a_night_that_counts_as_day(patch: Patch) -> None:
    """The reckoning itself is wrong, which engine and checker share: only the clock on the wall tells."""
    patch.setattr(pacing, "opens_at", lambda now, window, zones: now)


def another_account(patch: Patch) -> None:
    """All clients are the first organization's."""
    client = connection.client
    patch.setattr(connection, "client", lambda organization: client(Organization.objects.earliest("pk")))


def a_restore_that_nobody_notices(patch: Patch) -> None:
    patch.setattr(absence, "compare", lambda pulse, known, now: None)


def a_log_that_nobody_reads(patch: Patch) -> None:
    def skip(organization, now):
        Organization.objects.filter(pk=organization.pk).update(unheard_since=None, events_polled_at=now)
        return 0

    patch.setattr(events, "_poll_one", skip)


def a_lease_that_is_kept(patch: Patch) -> None:
    """Whoever wrote an outcome keeps the lease."""
    patch.setattr(outcomes, "_FREE", {})


#: Each break, a seed that finds it on SQLite, and by what.
BREAKS: dict[Callable[[Patch], None], int] = {
    no_question_before_the_call: 0,  # I9
    a_night_nobody_asks_about: 0,  # M6
    a_page_that_is_not_told: 0,  # I10
    a_call_that_is_not_written_down: 1,  # I5
    a_call_inside_a_transaction: 1,  # I6
    a_lease_that_is_kept: 1,  # I2
    a_doubt_that_ends_by_itself: 1,  # I11
    news_that_go_back: 2,  # I10
    another_account: 2,  # S19
    no_look_at_all: 2,  # I1, where follow-ups ignore keys
    a_night_that_counts_as_day: 3,  # M6
    a_refusal_that_is_believed: 6,  # I2
    a_lease_that_is_believed_too_long: 6,  # I2
    a_new_key_for_each_try: 7,  # I1
    a_slot_that_is_not_taken: 7,  # I12
    a_restore_that_nobody_notices: 12,  # F-54
    a_doubt_that_is_left_in_silence: 20,  # I11
    a_lease_nobody_asks_about: 26,  # F-07
    no_fencing: 57,  # F-07
    a_look_without_grace: 119,  # I1, where follow-ups ignore keys
    a_reminder_after_their_answer: 382,  # M12
    a_pause_that_gives_nothing_back: 479,  # F-14
    a_log_that_nobody_reads: 480,  # F-54
    a_repeat_without_a_slot: 624,  # I12
}
#: An engine that has changed lives other lives, and one of the next so many finds it.
LIVES = 60


@pytest.mark.once
@pytest.mark.parametrize("break_it", BREAKS)
def test_a_broken_engine_is_found_out(live, monkeypatch, break_it):
    break_it(monkeypatch)
    seeds = range(BREAKS[break_it], BREAKS[break_it] + LIVES)
    with pytest.raises(Violation, match="seed"):
        list(map(live, seeds))
