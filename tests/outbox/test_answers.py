"""An answer by hand goes the way every message goes: once, never to who has stopped, and never lost."""

import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from django.db import connections

from campaigns import answering, conversations, launch, outbox, replies, status
from campaigns.brakes import absence
from campaigns.models import (
    AuditEntry,
    Conversation,
    Customer,
    Membership,
    Message,
    Organization,
    Suppression,
    User,
    new_key,
)
from tests.cast import (
    answer,
    at_once,
    die,
    heard_from,
    is_send,
    kinds,
    ledger,
    make_campaign,
    make_customer,
    reply,
    turn,
    work,
)

CHICAGO = ZoneInfo("America/Chicago")
NIGHT = datetime(2026, 3, 2, 22, 0, tzinfo=CHICAGO)
MORNING = datetime(2026, 3, 3, 9, 0, tzinfo=CHICAGO)


@pytest.fixture
def talk(campaign, sandbox, clock):
    return heard_from(sandbox, clock, campaign)


@pytest.fixture
def ben(ada):
    made = User.objects.create_user("ben@example.com", "correct horse battery", first_name="Ben")
    Membership.objects.create(user=made, organization=ada.organization)
    return made


def say(talk, by, clock, text="Thank you, Grace!", **more):
    given = {"slip": new_key(), "seen": answering.newest(talk)} | more
    return answering.answer(talk, text, by, clock(), **given)


def said(sandbox) -> list[str]:
    """The words of what the pretend Chert took, beyond greeting and ask."""
    return [effect["parts"][0]["value"] for effect in ledger(sandbox, "message")[2:]]


def only(kind="answer") -> Message:
    return Message.objects.get(kind=kind)


def test_it_goes_out_and_its_receipts_come_in(talk, ada, sandbox, clock):
    say(talk, ada.user, clock)
    work(clock)
    assert (only().status, said(sandbox)) == ("sent", ["Thank you, Grace!"])
    work(clock, 1)
    work(clock, 5)
    assert only().status == "read"


def test_it_is_the_customers_words_that_are_read_by_it_and_the_writer_looks_after_it(talk, ada, clock):
    say(talk, ada.user, clock)
    talk.refresh_from_db()
    assert (talk.unread, talk.assigned_to) == (0, ada.user)


def test_it_takes_no_slot_and_is_no_first_touch(talk, ada, clock):
    before = (ada.line.used, Message.objects.filter(line=ada.line, kind__in=("greeting", "all")).count())
    say(talk, ada.user, clock)
    work(clock)
    ada.line.refresh_from_db()
    assert (only().line, Message.objects.filter(line=ada.line).count()) == (None, before[1])


def test_braces_are_words_and_lines_stay_lines(talk, ada, sandbox, clock):
    say(talk, ada.user, clock, "Use {this} or {first_name}\nSecond line 👍")
    work(clock)
    assert said(sandbox) == ["Use {this} or {first_name}\nSecond line 👍"]


def test_a_campaign_that_is_paused_holds_no_answer(talk, campaign, ada, sandbox, clock):
    type(campaign).objects.update(state=status.Campaign.PAUSED)
    say(talk, ada.user, clock)
    work(clock)
    assert len(said(sandbox)) == 1


def test_it_goes_before_a_thousand_others(talk, ada, sandbox, clock, wire):
    """Somebody waits for it."""
    for number in range(20):
        make_customer(ada.business, 50 + number)
    campaign = make_campaign(ada, name="Next")
    launch.launch(campaign, ada.user, clock() - timedelta(minutes=5))
    say(talk, ada.user, clock)
    outbox.run(hands=0)
    assert b"Thank you, Grace" in wire.sends()[0].content


# --- once ------------------------------------------------------------------------------------------------------------


def test_a_double_click_sends_once(talk, ada, sandbox, clock):
    """F-13"""
    slip, seen = new_key(), answering.newest(talk)
    first = say(talk, ada.user, clock, slip=slip, seen=seen)
    assert say(talk, ada.user, clock, slip=slip, seen=seen) == first
    work(clock)
    assert len(said(sandbox)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_windows_at_the_same_moment_send_once(campaign, sandbox, clock, ada):
    """F-13"""
    talk = heard_from(sandbox, clock, campaign)
    slip, seen = new_key(), answering.newest(talk)
    made = at_once([lambda: say(fresh(), ada.user, clock, slip=slip, seen=seen)] * 4)
    assert len({message.pk for message in made}) == 1
    work(clock)
    assert len(said(sandbox)) == 1


def fresh() -> Conversation:
    return Conversation.objects.select_related("business__organization", "customer__business__organization").get()


def test_the_second_colleague_sees_the_firsts_answer_before_sending(talk, ada, ben, sandbox, clock):
    seen = answering.newest(talk)
    say(talk, ada.user, clock, "We come on Tuesday", seen=seen)
    with pytest.raises(answering.NotSeen):
        say(talk, ben, clock, "We come on Monday", seen=seen)
    say(talk, ben, clock, "Tuesday it is")
    work(clock)
    assert said(sandbox) == ["We come on Tuesday", "Tuesday it is"]


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_at_the_same_moment_one_of_them_is_asked_to_look(campaign, sandbox, clock, ada):
    talk = heard_from(sandbox, clock, campaign)
    seen = answering.newest(talk)
    made = at_once([lambda n=n: say(fresh(), ada.user, clock, f"Answer {n}", seen=seen) for n in range(3)])
    assert sorted(type(each).__name__ for each in made) == ["Message", "NotSeen", "NotSeen"]
    work(clock)
    assert len(said(sandbox)) == 1


def test_new_words_of_theirs_are_seen_first_too(talk, ada, sandbox, clock):
    seen = answering.newest(talk)
    answer(sandbox, clock, talk.customer, "No wait, I meant the other one")
    with pytest.raises(answering.NotSeen):
        say(talk, ada.user, clock, seen=seen)


@pytest.mark.parametrize("keys", [True, False])
def test_an_answer_whose_reply_was_lost_is_found_in_the_chat_and_not_said_twice(talk, ada, sandbox, wire, clock, keys):
    """F-17, F-39: keys may be ignored on follow-ups."""
    turn(sandbox, keys_ignored_on_follow_up=not keys)
    say(talk, ada.user, clock)
    lost = []
    wire.after = lambda request, response: lose_once(request, lost)
    work(clock)
    work(clock, 10)
    assert (len(said(sandbox)), only().status in status.WENT_OUT) == (1, True)


def lose_once(request, lost):
    if is_send(request) and not lost:
        lost.append(request)
        raise httpx.ReadError("reset")


def test_a_worker_that_dies_after_chert_took_it_says_it_once(talk, ada, sandbox, wire, clock):
    """F-02"""
    say(talk, ada.user, clock)
    wire.after = lambda request, response: kill(request)
    with pytest.raises(SystemExit):
        outbox.run(hands=0)
    die()
    wire.after = lambda request, response: None
    work(clock, 1)
    work(clock, 10)
    assert (len(said(sandbox)), only().status in status.WENT_OUT) == (1, True)


def kill(request):
    if is_send(request):
        raise SystemExit


# --- doubt -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def doubtful(talk, ada, sandbox, clock) -> Message:
    """An answer whose first call broke and whose repeat was refused."""
    say(talk, ada.user, clock)
    turn(sandbox, only="POST /chats/{id}/messages", reset_before=1)
    work(clock)
    turn(sandbox, reset_before=0, p500=1, p500_code=1003)
    work(clock, 6)
    turn(sandbox, p500=0)
    assert only().status == "in_doubt"
    return only()


def test_doubt_has_two_ways_out_it_arrived(doubtful, ada, clock, sandbox):
    answering.arrived(doubtful, ada.user, clock())
    work(clock)
    assert (only().status, said(sandbox), AuditEntry.objects.filter(act="it arrived").count()) == ("sent", [], 1)


def test_and_send_again_which_goes_once_however_often_it_is_pressed(doubtful, talk, ada, clock, sandbox):
    answering.again(talk, doubtful, ada.user, clock())
    with pytest.raises(outbox.NotInDoubt):
        answering.again(talk, doubtful, ada.user, clock())
    work(clock)
    old, new = Message.objects.filter(kind="answer").order_by("pk")
    assert (old.status, new.status, old.key != new.key) == ("cancelled", "sent", True)
    assert said(sandbox) == ["Thank you, Grace!"]


def test_in_doubt_nothing_is_called_again_by_itself(doubtful, wire, clock):
    for _ in range(4):
        work(clock, 60)
    assert wire.sends() == []


# --- quiet hours -----------------------------------------------------------------------------------------------------


def test_in_quiet_hours_a_person_decides_and_nothing_is_kept_until_then(talk, ada, clock):
    clock.to(NIGHT)
    with pytest.raises(answering.Quiet):
        say(talk, ada.user, clock)
    assert not Message.objects.filter(kind="answer").exists()
    assert answering.outlook(talk, clock()).opens == MORNING


def test_at_the_opening_it_goes_at_nine(talk, ada, sandbox, clock):
    clock.to(NIGHT)
    say(talk, ada.user, clock, when=answering.LATER)
    work(clock)
    assert (said(sandbox), only().reason) == ([], "Quiet until Tuesday 9:00 Chicago")
    clock.to(MORNING)
    work(clock)
    assert len(said(sandbox)) == 1


def test_now_anyway_goes_now_and_is_on_record(talk, ada, sandbox, clock):
    clock.to(NIGHT)
    say(talk, ada.user, clock, when=answering.NOW)
    work(clock)
    assert len(said(sandbox)) == 1
    assert AuditEntry.objects.get(act="answer").words == "in quiet hours, by decision"


def test_what_waits_can_be_hurried_or_taken_back(talk, ada, sandbox, clock):
    clock.to(NIGHT)
    say(talk, ada.user, clock, "First", when=answering.LATER)
    assert answering.withdraw(only(), ada.user, clock())
    assert not answering.withdraw(only(), ada.user, clock())
    second = say(talk, ada.user, clock, "Second", when=answering.LATER)
    assert answering.hurry(second, ada.user, clock())
    work(clock)
    assert said(sandbox) == ["Second"]


def test_who_decided_on_a_minute_before_eight_is_not_held_by_the_next(talk, ada, sandbox, clock):
    """Inside the hours nobody is asked; if they end before it leaves, it waits like everything."""
    clock.to(datetime(2026, 3, 2, 19, 59, 59, tzinfo=CHICAGO))
    say(talk, ada.user, clock)
    clock.to(datetime(2026, 3, 2, 20, 0, tzinfo=CHICAGO))
    work(clock)
    assert said(sandbox) == []
    clock.to(MORNING)
    work(clock)
    assert len(said(sandbox)) == 1


def test_the_night_of_the_clock_change_keeps_its_hours(talk, ada, sandbox, clock):
    clock.to(datetime(2026, 3, 7, 23, 0, tzinfo=CHICAGO))
    assert answering.outlook(talk, clock()).opens == datetime(2026, 3, 8, 12, 0, tzinfo=CHICAGO)


# --- stops -----------------------------------------------------------------------------------------------------------


def test_who_has_stopped_is_not_answered_whatever_a_person_decides(talk, ada, sandbox, clock):
    replies.stop(talk.customer, "Asked us by phone", None, clock())
    for when in ("", answering.NOW, answering.LATER):
        with pytest.raises(answering.NotAllowed):
            say(talk, ada.user, clock, when=when)
    work(clock)
    assert said(sandbox) == []


def test_a_stop_takes_back_what_waits_and_only_the_confirmation_goes(talk, ada, sandbox, clock):
    clock.to(NIGHT)
    say(talk, ada.user, clock, when=answering.LATER)
    answer(sandbox, clock, talk.customer, "STOP")
    clock.to(MORNING)
    work(clock)
    assert only().status == "cancelled"
    assert [each for each in said(sandbox) if "Thank you" in each] == []


def test_chert_knows_of_the_stop_and_we_do_not_the_log_is_read_first(talk, ada, sandbox, clock):
    """F-54: after a restore an answer waits for what customers have written since."""
    say(talk, ada.user, clock)
    Organization.objects.update(unheard_since=clock())
    outbox.run(hands=0)
    assert said(sandbox) == []


def test_words_that_sound_like_a_stop_hold_the_answer_until_somebody_decides(talk, ada, sandbox, clock):
    clock.to(NIGHT)
    say(talk, ada.user, clock, when=answering.LATER)
    answer(sandbox, clock, talk.customer, "please leave me alone")
    with pytest.raises(answering.NotAllowed):
        say(talk, ada.user, clock, when=answering.NOW)
    clock.to(MORNING)
    work(clock)
    assert (said(sandbox), only().status) == ([], "cancelled")


def test_an_employee_and_somebody_without_recorded_consent_may_be_answered(talk, ada, sandbox, clock):
    Customer.objects.update(is_insider=True, consent_basis="")
    say(talk, ada.user, clock)
    work(clock)
    assert len(said(sandbox)) == 1


def test_a_suppressed_number_is_not_answered(talk, ada, clock):
    Suppression.add(ada.organization, talk.customer.phone, "Wrote STOP", clock())
    with pytest.raises(answering.NotAllowed):
        say(talk, ada.user, clock)


@pytest.mark.django_db(transaction=True)
def test_a_stop_while_the_answer_is_on_the_wire_lets_that_call_end_and_nothing_follow(
    campaign, sandbox, wire, clock, ada
):
    """F-52: on another connection, at the worst moment."""
    talk = heard_from(sandbox, clock, campaign)
    say(talk, ada.user, clock)
    gate = Gate()
    wire.before = gate
    worker = threading.Thread(target=at_work)
    worker.start()
    assert gate.reached.wait(30)
    replies.stop(Customer.objects.select_related("business__organization").get(), "Asked us by phone", None, clock())
    waiting = Message.objects.get(kind="answer")
    gate.open.set()
    worker.join(30)
    work(clock, 5)
    assert (waiting.status, only().status in status.WENT_OUT, len(said(sandbox))) == ("planned", True, 1)
    with pytest.raises(answering.NotAllowed):
        say(fresh(), ada.user, clock)


class Gate:
    """Holds the first send on the wire until it is opened."""

    def __init__(self):
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, request):
        if is_send(request) and not self.reached.is_set():
            self.reached.set()
            assert self.open.wait(30)


def at_work():
    outbox.run(hands=0)
    connections.close_all()


# --- trouble ---------------------------------------------------------------------------------------------------------


def test_without_a_chat_there_is_nowhere_to_answer(talk, ada, clock):
    Customer.objects.update(chat_id="")
    talk.refresh_from_db()
    with pytest.raises(answering.NotAllowed):
        say(talk, ada.user, clock)


def test_a_chat_that_is_forgotten_meanwhile_refuses_in_words_and_opens_no_new_one(talk, ada, sandbox, clock):
    say(talk, ada.user, clock)
    Customer.objects.update(chat_id="")
    work(clock)
    assert (only().status, "nowhere to answer" in only().reason, len(kinds(sandbox))) == ("refused", True, 2)


def test_an_account_in_trouble_loses_no_answer(talk, ada, sandbox, clock):
    """F-32"""
    ada.organization.pause("key", "The key is wrong", clock())
    say(talk, ada.user, clock)
    work(clock)
    assert said(sandbox) == []
    ada.organization.resume()
    work(clock)
    assert len(said(sandbox)) == 1


@pytest.mark.parametrize("finding", [absence.Finding.RESTORED, absence.Finding.MOVED])
def test_an_answer_of_yesterdays_backup_is_not_sent_again(talk, ada, sandbox, clock, finding):
    """F-54: it may have gone out since."""
    say(talk, ada.user, clock)
    absence._hold(finding, clock(), clock())
    work(clock, 5)
    assert (said(sandbox), only().status, "Send it again by hand" in only().reason) == ([], "cancelled", True)


def test_an_answer_that_was_due_while_the_server_was_off_waits_for_a_person(talk, ada, sandbox, clock, settings):
    """F-55"""
    settings.ALLOWED_ABSENCE = timedelta(hours=1)
    say(talk, ada.user, clock)
    clock.go(days=3)
    work(clock)
    assert (said(sandbox), only().status) == ([], "cancelled")


def test_already_reviewed_takes_no_answer_back(talk, ada, client, sandbox, clock):
    clock.to(NIGHT)
    say(talk, ada.user, clock, when=answering.LATER)
    client.force_login(ada.user)
    client.post(f"/customers/{talk.customer_id}/reviewed/", {"reviewed": "yes", "from": "inbox"})
    clock.to(MORNING)
    work(clock)
    assert len(said(sandbox)) == 1


def test_their_next_words_after_our_answer_are_new(talk, ada, sandbox, clock):
    say(talk, ada.user, clock)
    work(clock)
    reply(sandbox, talk.customer, "Great!")
    work(clock, 1)
    assert conversations.unread(ada.business) == 1
