"""After a long absence, or with another database than this machine remembers, nothing goes by itself (F-54, F-55)."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import OperationalError, connection, connections

from campaigns import events, launch, outbox, replies, resend, status, steering
from campaigns.brakes import absence
from campaigns.models import AuditEntry, Message, Organization, Pulse
from campaigns.outbox import leases
from campaigns.steering import another_day
from tests.cast import (
    NAMES,
    NOON,
    answer,
    at_once,
    ledger,
    make_campaign,
    make_customer,
    only_delivery,
    reply,
    turn,
    walk_to_the_end,
    work,
)

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def an_hour_is_allowed(clock, settings):
    settings.ALLOWED_ABSENCE = HOUR


@pytest.fixture
def slow(ada):
    """Ada's line says one first message in twelve minutes, so that most of a campaign is still to come."""
    ada.line.gap = 720
    ada.line.save()
    return ada


def start(ada, clock, people=5, **more):
    for number in range(people):
        make_customer(ada.business, number, first_name=NAMES[number])
    made = make_campaign(ada, **more)
    launch.launch(made, ada.user, clock())
    return made


def stand(campaign):
    campaign.refresh_from_db()
    return campaign.state


def sent(sandbox):
    return len(ledger(sandbox, "message"))


def at_work(clock, minutes):
    """The worker at work for so long, without a gap."""
    for _ in range(minutes):
        work(clock, minutes=1)


def forget(settings):
    """Another machine: nothing of this folder is there."""
    Path(settings.PULSE).unlink()


def put_back(clock, settings, ago=timedelta(hours=2)):
    """As after a restore: the database knows less beats than the file, and was last at work a while ago."""
    Pulse.objects.update(beat=1, seen_at=clock() - ago)
    Path(settings.PULSE).write_text("9")


def test_after_three_days_away_what_came_due_is_held(slow, sandbox, clock):
    """F-55."""
    campaign = start(slow, clock)
    work(clock)
    before = sent(sandbox)
    clock.go(days=3)
    walk_to_the_end(clock)
    assert (stand(campaign), sent(sandbox)) == (status.Campaign.HELD, before)


def test_it_says_from_when_to_when_and_how_many_are_concerned(slow, sandbox, clock):
    campaign = start(slow, clock)
    work(clock)
    clock.go(days=2, minutes=5)
    work(clock)
    assert stand(campaign) == status.Campaign.HELD
    assert campaign.held_at == clock()
    assert campaign.held_reason == (
        "The server was away from Monday 2 March, 12:00 to Wednesday 4 March, 12:05. "
        "5 customers should have been written to in that time."
    )


def test_going_on_keeps_the_pace_and_asks_everybody_once(slow, sandbox, clock):
    campaign = start(slow, clock)
    work(clock)
    clock.go(days=3)
    work(clock)
    steering.resume(campaign, slow.user)
    at_work(clock, 80)
    assert (stand(campaign), campaign.held_at, campaign.held_reason) == (status.Campaign.FINISHED, None, "")
    first = list(Message.objects.filter(kind="greeting").order_by("sent_at").values_list("sent_at", flat=True))
    assert sent(sandbox) == 10
    assert all(later - earlier >= timedelta(seconds=720) for earlier, later in pairwise(first))


def test_a_campaign_whose_time_is_still_to_come_is_not_held(ada, sandbox, clock):
    clock.go(hours=12)
    campaign = start(ada, clock, people=1)  # at midnight, for the next morning
    outbox.run(hands=0)
    clock.go(hours=8)
    outbox.run(hands=0)
    assert (stand(campaign), sent(sandbox)) == (status.Campaign.RUNNING, 0)


@pytest.mark.parametrize("minutes", [10, 59])
def test_a_deploy_of_minutes_holds_nothing(slow, sandbox, clock, minutes):
    campaign = start(slow, clock)
    work(clock)
    clock.go(minutes=minutes)
    at_work(clock, 1)
    assert stand(campaign) == status.Campaign.RUNNING
    assert sent(sandbox) > 1


def test_what_is_late_by_less_than_is_allowed_goes_out(ada, sandbox, clock):
    """Away over night, back a few minutes after the hours have begun: nobody is surprised by that."""
    clock.go(hours=9)
    campaign = start(ada, clock, people=1)  # at nine in the evening, for nine in the morning
    outbox.run(hands=0)
    clock.go(hours=12, minutes=20)
    work(clock)
    assert (stand(campaign), sent(sandbox)) == (status.Campaign.RUNNING, 1)


def test_a_reminder_that_came_due_meanwhile_is_held_too(ada, sandbox, clock):
    campaign = start(ada, clock, people=1, remind_after=3, reminder="Hi {first_name}, one gentle reminder.")
    walk_to_the_end(clock)
    clock.go(days=5)
    walk_to_the_end(clock)
    assert (stand(campaign), sent(sandbox)) == (status.Campaign.HELD, 2)


def test_a_stop_is_confirmed_although_everything_is_held(campaign, ada, grace, sandbox, clock):
    work(clock)
    clock.go(days=1)
    work(clock)
    assert stand(campaign) == status.Campaign.HELD
    answer(sandbox, clock, grace, "STOP")
    outbox.run(hands=0)
    assert list(Message.objects.filter(kind="confirmation").values_list("status", flat=True)) == ["sent"]


def test_a_fresh_installation_holds_nothing(campaign, sandbox, clock):
    walk_to_the_end(clock)
    assert (stand(campaign), sent(sandbox)) == (status.Campaign.FINISHED, 2)
    assert Pulse.objects.get().beat == absence.remembered()


def test_a_clock_that_was_set_back_holds_nothing(slow, sandbox, clock):
    campaign = start(slow, clock)
    work(clock)
    clock.to(NOON - timedelta(hours=3))
    at_work(clock, 2)
    assert stand(campaign) == status.Campaign.RUNNING
    assert Pulse.objects.get().seen_at == clock()


def test_a_machine_that_slept_with_a_message_in_hand_does_not_call(ada, sandbox, clock):
    campaign = start(ada, clock, people=1)
    outbox.run.__globals__["absence"].look(clock())
    [claimed] = leases.claim(clock(), 8)
    clock.go(days=1)
    outbox.run.__globals__["walk"](claimed, clock)
    outbox.run(hands=0)
    assert (stand(campaign), sent(sandbox)) == (status.Campaign.HELD, 0)


def test_a_database_put_back_holds_what_runs_and_what_is_paused(slow, sandbox, clock, settings):
    runs, rests = start(slow, clock), make_campaign(slow, name="Paused")
    rests.state = status.Campaign.PAUSED
    rests.save()
    work(clock)
    put_back(clock, settings, ago=timedelta(0))
    before = sent(sandbox)
    clock.go(minutes=30)
    at_work(clock, 30)
    assert (stand(runs), stand(rests), sent(sandbox)) == ("held", "held", before)
    assert runs.held_reason == (
        "This database is a copy from Monday 2 March, 12:00, and does not know what went out since. "
        "Up to 3 customers may have been written to since. It is looked up before any of them is written to."
    )
    assert "nobody was to be written to" in rests.held_reason


def test_once_decided_it_is_not_held_again(slow, sandbox, clock, settings):
    campaign = start(slow, clock)
    work(clock)
    put_back(clock, settings)
    work(clock)
    steering.resume(campaign, slow.user)
    at_work(clock, 15)
    assert stand(campaign) == status.Campaign.RUNNING
    assert AuditEntry.objects.filter(act="hold").count() == 1


def test_a_database_from_another_machine_is_held(slow, sandbox, clock, settings):
    campaign = start(slow, clock)
    work(clock)
    forget(settings)
    before = sent(sandbox)
    at_work(clock, 30)
    assert (stand(campaign), sent(sandbox)) == (status.Campaign.HELD, before)
    assert campaign.held_reason.startswith("This database was last at work on another machine, at Monday 2 March")


@pytest.mark.parametrize("rubbish", ["", "seven", "\0"])
def test_a_memory_that_cannot_be_read_is_none(slow, sandbox, clock, settings, rubbish):
    campaign = start(slow, clock)
    work(clock)
    Path(settings.PULSE).write_text(rubbish)
    work(clock)
    assert stand(campaign) == status.Campaign.HELD


def test_what_was_said_since_is_read_before_it_goes_on(slow, sandbox, clock, settings):
    campaign = start(slow, clock)
    work(clock)
    put_back(clock, settings)
    work(clock)
    steering.resume(campaign, slow.user)
    assert Organization.objects.get().events_polled_at is None
    assert outbox.run(hands=0) == 0  # at work already when "go on" is pressed: what was said comes first
    reply(sandbox, campaign.deliveries.order_by("pk").first().customer, "STOP")
    events.catch_up(clock)
    assert campaign.deliveries.filter(stopped_at__isnull=False).count() == 1


def stopped_since_the_backup(slow, sandbox, clock, settings):
    """Put back, gone on with; and the first of all has written STOP in between."""
    campaign = start(slow, clock)
    work(clock)
    put_back(clock, settings)
    outbox.run(hands=0)
    reply(sandbox, campaign.deliveries.order_by("pk").first().customer, "STOP")
    steering.resume(campaign, slow.user)
    clock.go(minutes=15)
    return campaign


def test_a_worker_in_full_swing_claims_nothing_before_the_log_is_read(slow, sandbox, clock, settings):
    stopped_since_the_backup(slow, sandbox, clock, settings)
    before = sent(sandbox)
    assert leases.claim(clock(), 12) == []
    events.poll(clock)
    at_work(clock, 20)
    assert sent(sandbox) > before
    assert not Message.objects.filter(customer__first_name="Dee", kind="ask").exclude(status="cancelled").exists()


@pytest.mark.parametrize("trouble", [{"p500": 1}, {"reset_before": 1}, {"non_json": 1}])
def test_while_the_log_cannot_be_read_it_waits_and_then_goes_on_by_itself(slow, sandbox, clock, settings, trouble):
    stopped_since_the_backup(slow, sandbox, clock, settings)
    before = sent(sandbox)
    turn(sandbox, **trouble)
    at_work(clock, 5)
    assert (sent(sandbox), Organization.objects.get().unheard_since is None) == (before, False)
    turn(sandbox, **dict.fromkeys(trouble, 0))
    at_work(clock, 20)
    assert (sent(sandbox) > before, Organization.objects.get().unheard_since) == (True, None)


def test_what_cannot_be_understood_yet_is_waited_for(slow, sandbox, clock, settings, monkeypatch):
    stopped_since_the_backup(slow, sandbox, clock, settings)
    monkeypatch.setattr(events, "_understand", busy)
    events.poll(clock)
    assert leases.claim(clock(), 12) == []
    monkeypatch.undo()


def busy(*_):
    raise OperationalError("database is locked")


def test_go_on_pressed_anew_while_the_log_is_read_asks_for_another_look(slow, sandbox, clock, settings):
    campaign = stopped_since_the_backup(slow, sandbox, clock, settings)
    account = Organization.objects.get()
    Organization.objects.update(unheard_since=clock() + timedelta(seconds=1))
    events._hear(account, clock())
    campaign.business.organization.refresh_from_db()
    assert campaign.business.organization.unheard_since == clock() + timedelta(seconds=1)


def test_without_the_log_it_goes_on_when_somebody_answers_for_it(slow, sandbox, clock, settings):
    campaign = stopped_since_the_backup(slow, sandbox, clock, settings)
    steering.go_on_unheard(campaign, slow.user)
    assert leases.claim(clock(), 12)
    entry = AuditEntry.objects.get(act="go on without the log")
    assert (entry.by, entry.about) == (slow.user, f"campaign {campaign.pk}")
    with pytest.raises(launch.NotPossible, match="read by now"):
        steering.go_on_unheard(campaign, slow.user)


def test_a_campaign_started_after_the_restore_hears_first_too(slow, sandbox, clock, settings):
    """Nobody has to press "go on" for a new one, and its customers may have said STOP all the same."""
    work(clock)
    put_back(clock, settings)
    outbox.run(hands=0)
    start(slow, clock)
    assert leases.claim(clock(), 12) == []
    work(clock)
    assert leases.claim(clock(), 12)


def test_the_rivals_messages_do_not_wait_for_our_log(slow, rival, sandbox, clock):
    Organization.objects.filter(pk=slow.organization.pk).update(unheard_since=clock())
    start(slow, clock)
    make_customer(rival.business, 50)
    theirs = make_campaign(rival)
    launch.launch(theirs, rival.user, clock())
    claimed = leases.claim(clock(), 12) + leases.claim(clock(), 12)
    assert {message.organization_id for message in claimed} == {rival.organization.pk}


def test_where_everything_waits_for_the_log_a_stop_is_confirmed(campaign, ada, grace, sandbox, clock):
    work(clock)
    Organization.objects.update(unheard_since=clock())
    replies.stop(grace, "Wrote STOP", None, clock())
    Message.objects.create(
        organization=ada.organization, business=ada.business, customer=grace, kind="confirmation", due_at=clock()
    )
    assert [message.kind for message in leases.claim(clock(), 12)] == ["confirmation"]


def test_sent_again_by_hand_in_a_campaign_that_is_over_does_not_go_days_later(campaign, ada, sandbox, clock):
    walk_to_the_end(clock)
    resend.resend(only_delivery(campaign), ada.user, "Lost her phone", clock())
    clock.go(days=2)
    walk_to_the_end(clock)
    again = Message.objects.get(round=2)
    assert (stand(campaign), again.status, sent(sandbox)) == ("finished", "cancelled", 2)
    assert again.reason.startswith("Not sent: the server was away")


def test_nothing_is_sent_again_by_hand_while_it_is_held(slow, sandbox, clock):
    campaign = start(slow, clock)
    campaign.state = status.Campaign.HELD
    campaign.save()
    with pytest.raises(resend.NotAllowed, match="held"):
        resend.resend(campaign.deliveries.first(), slow.user, "Now", clock())


def test_a_held_campaign_can_be_cancelled_and_not_undone(slow, sandbox, clock):
    campaign = start(slow, clock)
    outbox.sweep(clock())
    absence.look(clock())
    clock.go(days=1)
    absence.look(clock())
    with pytest.raises(launch.NotPossible, match="held"):
        steering.undo(campaign, slow.user)
    steering.cancel(campaign, slow.user, clock())
    assert (campaign.counts(), sent(sandbox)) == ({"cancelled": 5}, 0)


def test_that_it_was_held_is_on_record(slow, sandbox, clock):
    campaign = start(slow, clock)
    work(clock)
    clock.go(days=1)
    work(clock)
    entry = AuditEntry.objects.get(act="hold")
    assert (entry.by, entry.about, entry.organization) == (None, f"campaign {campaign.pk}", slow.organization)
    assert entry.words.startswith("The server was away")


def test_what_rests_until_tomorrow_is_not_late(slow, sandbox, clock):
    campaign = start(slow, clock)
    another_day.rest(campaign, slow.user, clock())
    outbox.run(hands=0)
    clock.go(hours=20)  # eight in the morning: the rest goes on at nine
    outbox.run(hands=0)
    assert stand(campaign) == status.Campaign.RUNNING


def test_the_rival_is_held_by_its_own_lateness_alone(slow, rival, sandbox, clock):
    campaign = start(slow, clock)
    theirs = make_campaign(rival)
    theirs.state = status.Campaign.RUNNING
    theirs.save()
    work(clock)
    clock.go(days=1)
    absence.look(clock())
    assert (stand(campaign), stand(theirs) != "held") == ("held", True)
    assert not AuditEntry.objects.filter(organization=rival.organization).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["away", "restored", "moved"])
def test_of_many_that_come_back_at_once_one_decides_and_none_sends(slow, sandbox, clock, settings, what):
    campaign = start(slow, clock)
    work(clock)
    before = sent(sandbox)
    {"away": lambda: None, "restored": lambda: put_back(clock, settings), "moved": lambda: forget(settings)}[what]()
    clock.go(days=1)
    ends = at_once([outbox.run.__globals__["_take"]] * 8)
    assert (ends, stand(campaign), sent(sandbox)) == ([[]] * 8, status.Campaign.HELD, before)
    assert AuditEntry.objects.filter(act="hold").count() == 1


@pytest.mark.django_db(transaction=True)
def test_yesterdays_backup_sends_nothing_until_somebody_says_so(slow, sandbox, clock):
    """F-54: The real thing: copy the file, go on, put the copy back, start."""
    if connection.vendor != "sqlite":
        pytest.skip("the file of a database is SQLite's")
    campaign = start(slow, clock)
    work(clock)
    backup = bytes_of_the_database()
    at_work(clock, 30)
    before = sent(sandbox)
    restore(backup)
    clock.go(minutes=1)
    at_work(clock, 30)
    assert (stand(campaign), sent(sandbox)) == (status.Campaign.HELD, before)
    assert "Up to 3 customers" in campaign.held_reason


def bytes_of_the_database() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(connection.settings_dict["NAME"]).read_bytes()


def restore(backup: bytes) -> None:
    path = Path(connection.settings_dict["NAME"])
    connections.close_all()
    for leftover in ("-wal", "-shm"):
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    path.write_bytes(backup)
