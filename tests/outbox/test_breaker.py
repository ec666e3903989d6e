"""Chert is away: one message asks for all, nobody loses a try, and a minute after it is back all goes on (F-41)."""

import logging
from datetime import timedelta

import httpx
import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from campaigns import chert, launch, outbox, receipts, status
from campaigns.brakes import breaker
from campaigns.models import Attempt, Line, Message, Organization
from campaigns.outbox import leases
from tests.cast import at_once, introduce, kinds, ledger, make_campaign, make_customer, turn, work
from tests.outbox.test_weather import envelope, everyday

pytestmark = pytest.mark.django_db

ASK = "Hi, {sender} from {business} here. Would you tell others how it went? Reply STOP to end."
AWAY = [{"away": True}, {"away": True, "away_as_503": True}, {"p500": 1}, {"p500": 1, "p500_code": 3002}]
WELL = {"away": False, "away_as_503": False, "p500": 0}


@pytest.fixture(autouse=True)
def one_message_each(sandbox):
    """A line that takes everything in its first message: each customer is one upload and one request."""
    turn(sandbox, triple_in_first=True)


def asked(owner, clock, count, **more):
    """A campaign for so many customers, all of them due."""
    everyday(owner)
    for number in range(count):
        make_customer(owner.business, number, **more)
    made = make_campaign(owner, flow="all_at_once", ask=ASK)
    launch.launch(made, owner.user, clock())
    Message.objects.update(due_at=clock())
    return made


def account(owner):
    return Organization.objects.get(pk=owner.organization.pk)


def pass_time(clock, minutes, step=10):
    """Every job there is, at every step of so many seconds."""
    for _ in range(int(minutes * 60 / step)):
        work(clock, minutes=step / 60)


def opened(owner, sandbox, clock, count=40):
    """A breaker that has just opened."""
    made = asked(owner, clock, count)
    turn(sandbox, away=True)
    pass_time(clock, 1)
    assert account(owner).away_since
    return made


@pytest.mark.parametrize("weather", AWAY, ids=["reset", "503", "500", "3002"])
def test_half_an_hour_without_chert_ends_no_row_and_a_minute_later_all_goes_on(ada, sandbox, wire, clock, weather):
    """F-41, G10; at most one request in ten seconds, everything counted."""
    campaign = asked(ada, clock, 40)
    turn(sandbox, **weather)
    pass_time(clock, 30, step=15)
    assert len(wire.requests) <= 0.1 * 30 * 60
    assert set(campaign.counts()) <= {"planned", "rendered"}
    turn(sandbox, **WELL)
    pass_time(clock, 2 if "away_as_503" in weather else 1)  # a 503 asks for a minute more
    assert ledger(sandbox, "message")
    assert account(ada).away_since is None
    pass_time(clock, 6, step=30)
    assert campaign.counts() == {"read": 40}


def test_twenty_failures_open_it_and_no_more_are_needed(ada, sandbox, wire, clock):
    """F-41."""
    asked(ada, clock, 60)
    turn(sandbox, away=True)
    outbox.run(hands=0)
    assert len(wire.requests) == breaker.CALLS
    assert account(ada).away_since == clock()
    assert not Message.objects.filter(lease_until__isnull=False).exists()


def test_nineteen_failures_do_not(ada, sandbox, clock):
    asked(ada, clock, 19)
    turn(sandbox, away=True)
    outbox.run(hands=0)
    assert account(ada).away_since is None


@pytest.mark.parametrize(
    ("well", "missed", "is_open"), [(10, 10, True), (11, 10, False), (0, 20, True), (0, 19, False), (30, 29, False)]
)
def test_it_is_the_share_of_the_last_minute_that_counts(ada, clock, well, missed, is_open):
    message = written(ada, clock)
    tried(message, clock() - timedelta(seconds=61), "unknown", 40)
    tried(message, clock() - timedelta(seconds=30), "sent", well, http_status=200)
    tried(message, clock() - timedelta(seconds=20), "unknown", missed, http_status=500, code=3001)
    breaker.failed(ada.organization, chert.Unknown("", http_status=500, code=3001), clock())
    assert (account(ada).away_since == clock() - timedelta(seconds=20)) is is_open


@pytest.mark.parametrize(
    "seen",
    [
        {"outcome": "not_sent", "http_status": 503, "code": 4002},
        {"outcome": "not_sent", "http_status": 429},
        {"outcome": "refused", "http_status": 400, "code": 1003},
        {"outcome": "unknown", "http_status": 200},
        {"outcome": "", "http_status": None},
    ],
)
def test_full_lines_slow_answers_refusals_and_calls_under_way_are_no_outage(ada, clock, seen):
    tried(written(ada, clock), clock(), count=40, **seen)
    breaker.failed(ada.organization, chert.Unknown(""), clock())
    assert account(ada).away_since is None


def test_ten_calls_that_nobody_ever_answers_are_enough(ada, clock):
    """Four hands that wait fifteen seconds each make only sixteen calls a minute."""
    tried(written(ada, clock), clock() - timedelta(seconds=50), "unknown", 10, milliseconds=15_000)
    breaker.failed(ada.organization, chert.Unknown(""), clock())
    assert account(ada).away_since


def test_the_outage_of_one_account_is_not_another_s(ada, rival, sandbox, clock):
    tried(written(rival, clock), clock(), "unknown", 40)
    for owner in (ada, rival):
        breaker.failed(owner.organization, chert.Unknown(""), clock())
    assert [bool(account(owner).away_since) for owner in (ada, rival)] == [False, True]
    written(ada, clock)
    assert [message.organization.slug for message in leases.claim(clock(), 12)] == ["adas-bakery"]


def written(owner, clock, number=0):
    """One short message that needs neither picture nor line."""
    person = make_customer(owner.business, 500 + number, chat_id=f"chat-{number}")
    whose = {"organization": owner.organization, "business": owner.business, "customer": person}
    return Message.objects.create(**whose, kind="confirmation", due_at=clock())


def tried(message, at, outcome, count=1, **seen):
    one = {"message": message, "step": "send", "started_at": at, "outcome": outcome, "milliseconds": 100, **seen}
    Attempt.objects.bulk_create(Attempt(**one) for _ in range(count))


def test_while_it_is_open_one_message_in_fifteen_seconds_asks_and_they_take_turns(ada, sandbox, wire, clock):
    opened(ada, sandbox, clock)
    wire.requests.clear()
    tried_before = Attempt.objects.count()
    pass_time(clock, 5, step=1)
    rows = Attempt.objects.order_by("-pk")[: Attempt.objects.count() - tried_before]
    assert 18 <= len(rows) <= 20
    assert len({attempt.message_id for attempt in rows}) == len(rows)


def test_no_try_is_used_up_while_it_is_open_whatever_chert_says(ada, sandbox, clock):
    """An internal error counts when Chert is well: eight of them end a row (F-30).  In an outage they end nobody."""
    opened(ada, sandbox, clock, count=21)
    used = dict(Message.objects.values_list("pk", "attempts"))
    turn(sandbox, **WELL)
    turn(sandbox, only="POST /chats", p500=1)
    pass_time(clock, 40, step=15)
    assert dict(Message.objects.values_list("pk", "attempts")) == used


def test_the_first_answer_closes_it_and_old_failures_do_not_open_it_again(ada, sandbox, clock):
    opened(ada, sandbox, clock)
    turn(sandbox, away=False)
    pass_time(clock, 0.5)
    assert (account(ada).away_since, account(ada).probe_at) == (None, None)
    tried(Message.objects.first(), clock(), "unknown", 1)
    breaker.failed(account(ada), chert.Unknown(""), clock())
    assert account(ada).away_since is None


@pytest.mark.parametrize(("http", "code"), [(400, 1003), (429, 1007), (402, 2008)])
def test_a_refusal_of_chert_s_own_is_an_answer_too(ada, sandbox, wire, clock, http, code):
    opened(ada, sandbox, clock)
    turn(sandbox, away=False)
    wire.before = lambda request: envelope(http, code)
    clock.go(seconds=30)
    outbox.run(hands=0)
    assert account(ada).away_since is None


@pytest.mark.django_db(transaction=True)
def test_of_many_hands_in_the_same_moment_one_is_admitted(ada, clock):
    Organization.objects.update(away_since=clock(), probe_at=clock())
    hands = [account(ada) for _ in range(8)]
    admitted = at_once([lambda hand=hand: breaker.admits(hand, clock()) for hand in hands])
    assert sorted(admitted) == [False] * 7 + [True]


def test_who_is_admitted_and_has_no_slot_lets_the_next_one_ask(ada, sandbox, wire, clock):
    """Twenty first touches are due and their line is not free: they must not cost fifteen seconds each."""
    asked(ada, clock, 20)
    Line.objects.update(gap=600, next_at=clock() + timedelta(minutes=9))
    Message.objects.update(status="uploaded", attachment_id="a")
    follow_up = written(ada, clock)
    Message.objects.filter(pk=follow_up.pk).update(kind="greeting", text="Hi", due_at=clock() + timedelta(seconds=1))
    Organization.objects.update(away_since=clock(), probe_at=clock())
    clock.go(seconds=2)
    outbox.run(hands=0)
    assert Attempt.objects.get().message == follow_up


def test_a_clock_that_is_put_back_shuts_nobody_out(ada, clock):
    """F-60."""
    written(ada, clock)
    Organization.objects.update(away_since=clock(), probe_at=clock() + timedelta(hours=1))
    assert len(leases.claim(clock(), 12)) == 1


def test_a_probe_takes_one_message_of_many(ada, clock):
    for number in range(5):
        written(ada, clock, number)
    Organization.objects.update(away_since=clock(), probe_at=clock())
    assert len(leases.claim(clock(), 12)) == 1


def test_while_all_is_well_it_asks_the_database_nothing(ada, sandbox, clock):
    asked(ada, clock, 3)
    with CaptureQueriesContext(database) as seen:
        outbox.run(hands=0)
    assert len(ledger(sandbox, "message")) == 3
    said = [query["sql"] for query in seen]
    assert not [sql for sql in said if '"campaigns_organization" SET' in sql or "SUM(" in sql]


@pytest.mark.skipif(database.vendor != "sqlite", reason="PostgreSQL plans by how much there is")
def test_the_calls_of_the_last_minute_are_found_without_reading_the_book(ada, clock):
    with CaptureQueriesContext(database) as seen:
        breaker.failed(ada.organization, chert.Unknown(""), clock())
    with database.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + seen[0]["sql"])
        plan = str(cursor.fetchall())
    assert "attempt_by_time" in plan


def test_with_nothing_to_send_the_log_finds_out_that_chert_is_back(ada, sandbox, clock):
    """All wait for the morning: the page must not say all night that Chert is away."""
    opened(ada, sandbox, clock)
    Message.objects.update(due_at=clock() + timedelta(hours=9))
    pass_time(clock, 3)
    assert account(ada).away_since
    turn(sandbox, away=False)
    pass_time(clock, 1.2)
    assert account(ada).away_since is None


def test_a_log_that_can_be_read_proves_nothing_while_messages_fail(ada, sandbox, clock):
    opened(ada, sandbox, clock)
    turn(sandbox, away=False, only="POST /chats", p500=1, p500_code=3002)
    pass_time(clock, 5)
    assert account(ada).away_since


def test_nobody_asks_about_receipts_while_it_is_open(ada, sandbox, wire, clock):
    asked(ada, clock, 30)
    outbox.run(hands=0)
    Organization.objects.update(away_since=clock(), probe_at=clock())
    wire.requests.clear()
    clock.go(minutes=1)
    assert receipts.look(clock) == 0


def test_receipts_that_nobody_answers_are_asked_for_twice_a_minute_and_no_more(ada, sandbox, wire, clock):
    asked(ada, clock, 30)
    outbox.run(hands=0)
    turn(sandbox, away=True)
    wire.requests.clear()
    for _ in range(300):
        clock.go(seconds=1)
        receipts.look(clock)
    assert len(wire.requests) <= 2 * 6


def test_a_chat_that_cannot_be_read_is_a_call_that_failed_too(ada, sandbox, clock):
    """A follow-up whose answer was lost is looked for before it is repeated: those calls count."""
    for number in range(10):
        message = written(ada, clock, number)
        kept = {"is_unclear": True, "body": b"{}", "path": "x", "chat_id": "chat-1", "first_attempt_at": clock()}
        Message.objects.filter(pk=message.pk).update(kind="reminder", created_at=clock(), **kept)
    turn(sandbox, away=True)
    for _ in range(30):
        clock.go(seconds=2)
        outbox.run(hands=0)
    assert set(Attempt.objects.values_list("step", flat=True)) == {"look"}
    assert account(ada).away_since


def test_resuming_the_account_forgets_the_outage(ada, clock):
    Organization.objects.update(away_since=clock(), probe_at=clock() + timedelta(seconds=15))
    ada.organization.resume()
    assert (account(ada).away_since, account(ada).probe_at) == (None, None)


def test_the_log_tells_both_ends_and_no_secret(ada, sandbox, clock, caplog):
    caplog.set_level(logging.INFO, "campaigns.brakes.breaker")
    opened(ada, sandbox, clock)
    turn(sandbox, away=False)
    pass_time(clock, 1)
    said = [record.message for record in caplog.records if record.name == breaker.__name__]
    assert [words.split(" for ")[0] for words in said] == ["Chert is away", "Chert is back"]


# --- how much is asked -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "most"), [(0.2, 1.35), (0.4, 1.9)])
def test_requests_per_message_at_so_many_faults(ada, sandbox, wire, clock, share, most):
    """Each message alone needs 1/(1 - share) requests: nothing is asked beyond that, with no budget for repeats."""
    asked(ada, clock, 120)
    turn(sandbox, seed=7, only="POST /chats", reset_before=share / 2, reset_after=share / 2)
    for _ in range(40):
        clock.go(seconds=30)
        outbox.run(hands=0)
    assert len(ledger(sandbox, "message")) == 120
    assert len(wire.sends()) / 120 <= most


@pytest.mark.parametrize("count", [1, 3, 5, 60])
def test_a_chert_that_is_away_is_asked_at_most_once_in_ten_seconds(ada, sandbox, wire, clock, count):
    asked(ada, clock, count)
    turn(sandbox, away=True)
    for _ in range(150):
        clock.go(seconds=8)
        outbox.run(hands=0)
    assert len(wire.requests) <= 0.1 * 150 * 8


# --- the caps: F-30 against F-41 -------------------------------------------------------------------------------------


def refuse(request):
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize("weather", [{"p500": 1, "p500_code": 3002}, {"away": True}], ids=["3002", "silence"])
def test_what_nobody_answers_is_no_try_and_twelve_hours_end_it_all_the_same(ada, sandbox, clock, weather):
    """F-30 for one message, with the breaker shut: "try again" for ever is no way to live for ever."""
    campaign = asked(ada, clock, 1)
    turn(sandbox, only="POST /chats", **weather)
    pass_time(clock, 11.8 * 60, step=600)
    assert campaign.counts() == {"uploaded": 1}
    pass_time(clock, 12 * 60, step=3600)  # at night nobody looks
    assert campaign.counts() == {"in_doubt": 1}


def test_a_connection_refused_for_thirteen_hours_expires_and_is_no_doubt(ada, wire, clock):
    campaign = asked(ada, clock, 1)
    wire.before = lambda request: refuse(request) if request.url.path.endswith("/chats") else None
    pass_time(clock, 13 * 60, step=900)
    assert campaign.counts() == {"expired": 1}


def test_an_answer_that_says_try_again_for_ever_stops_at_eight(ada, wire, clock):
    """F-30."""
    campaign = asked(ada, clock, 1)
    wire.before = lambda request: envelope(500, 3001, retryable=True) if request.url.path.endswith("/chats") else None
    pass_time(clock, 60, step=30)
    assert (campaign.counts(), len(wire.sends())) == ({"in_doubt": 1}, 8)


def test_many_that_are_answered_try_again_for_ever_end_within_twelve_hours(ada, sandbox, clock):
    """F-30 with the breaker open: no try is counted, the hours are."""
    campaign = asked(ada, clock, 25)
    turn(sandbox, only="POST /chats", p500=1)
    pass_time(clock, 20, step=15)
    assert campaign.counts() == {"uploaded": 25}
    clock.go(hours=12)
    pass_time(clock, 5, step=15)
    assert campaign.counts() == {"in_doubt": 25}


# --- F-43: one line --------------------------------------------------------------------------------------------------


def two_lines(owner, sandbox):
    """A second line at Chert, and the first one inactive there; we do not know."""
    other = Line.objects.create(organization=owner.organization, number="+15125550101", budget=1000, gap=0)
    introduce(sandbox, owner.organization)
    sandbox.store.run("UPDATE lines SET is_active = 0 WHERE number = ?", owner.line.number)
    return other


def test_the_rows_of_an_inactive_line_wait_and_say_so_and_the_other_goes_on(ada, sandbox, clock):
    """F-43: at Chert it is inactive, and we have not been told."""
    other = two_lines(ada, sandbox)
    campaign = asked(ada, clock, 12)
    pass_time(clock, 5)
    waiting = Message.objects.filter(status__in=status.OPEN)
    assert {message.line for message in waiting} == {ada.line}
    assert {message.reason for message in waiting} == {"Chert cannot deliver at the moment."}
    sent = Message.objects.filter(status__in=status.WENT_OUT)
    assert (sent.count() + waiting.count(), {message.line for message in sent}) == (12, {other})
    sandbox.store.run("UPDATE lines SET is_active = 1")
    pass_time(clock, 15, step=30)
    assert campaign.counts() == {"read": 12}


def refused_for_now(ada, sandbox, wire, clock, error):
    """One first touch that met this answer on its line; then somebody switches the line off."""
    campaign = asked(ada, clock, 1)
    wire.before = lambda request: error() if request.url.path.endswith("/chats") else None
    pass_time(clock, 0.2)
    wire.before = lambda request: None
    Line.objects.create(organization=ada.organization, number="+15125550101", budget=1000, gap=0)
    introduce(sandbox, ada.organization)
    Line.objects.filter(pk=ada.line.pk).update(is_active=False)
    return campaign


def test_switching_the_line_off_lets_what_was_surely_not_sent_take_another_one(ada, sandbox, wire, clock):
    """F-43: only by that choice, and as a new request."""
    campaign = refused_for_now(ada, sandbox, wire, clock, lambda: envelope(400, 1002, retryable=True))
    key = Message.objects.get().key
    pass_time(clock, 10, step=30)
    assert campaign.counts() == {"read": 1}
    message = Message.objects.get()
    assert (message.line.number, message.key != key, len(kinds(sandbox))) == ("+15125550101", True, 1)


def test_what_may_have_been_sent_on_it_waits_says_so_and_ends_in_doubt(ada, sandbox, wire, clock):
    """F-43: to say it on another line could say it twice."""
    campaign = refused_for_now(ada, sandbox, wire, clock, lambda: envelope(503, 3002, retryable=True))
    calls = len(wire.sends())
    pass_time(clock, 10, step=30)
    assert campaign.deliveries.get().reason == "Waits: its line +15125550100 is switched off"
    pass_time(clock, 13 * 60, step=900)
    assert (campaign.counts(), len(wire.sends())) == ({"in_doubt": 1}, calls)


# --- F-40: keys ------------------------------------------------------------------------------------------------------


def test_what_may_have_arrived_is_not_repeated_once_chert_forgets_its_key(ada, sandbox, settings, clock):
    """F-40: Chert knows a key for an hour, and is away for that hour after the answer was lost."""
    settings.KEY_LIFE = timedelta(hours=1)
    campaign = asked(ada, clock, 1)
    turn(sandbox, key_lifetime=3600.0, only="POST /chats", reset_after=1)
    outbox.run(hands=0)
    turn(sandbox, reset_after=0, away=True)
    pass_time(clock, 59, step=60)
    turn(sandbox, away=False)
    pass_time(clock, 20, step=20)
    assert (campaign.counts(), len(ledger(sandbox, "message"))) == ({"in_doubt": 1}, 1)


def test_what_was_surely_not_sent_outlives_its_key(ada, wire, sandbox, settings, clock):
    settings.KEY_LIFE = timedelta(hours=1)
    campaign = asked(ada, clock, 1)
    wire.before = lambda request: refuse(request) if request.url.path.endswith("/chats") else None
    pass_time(clock, 90, step=120)
    wire.before = lambda request: None
    pass_time(clock, 6, step=30)
    assert campaign.counts() == {"read": 1}
