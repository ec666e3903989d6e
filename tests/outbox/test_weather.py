"""What each answer of Chert leads to: sent, refused, again later, unclear, or an account that has to wait."""

from datetime import timedelta

import httpx
import pytest

from campaigns import launch, outbox, status
from campaigns.models import Attempt, Line, Message, Organization
from campaigns.outbox.patience import back_off
from campaigns.outbox.run import HANDFUL
from tests.cast import (
    NOON,
    die,
    give_secret,
    introduce,
    is_send,
    kinds,
    ledger,
    make_campaign,
    make_customer,
    only_delivery,
    turn,
    walk_to_the_end,
    work,
)

CALM = {"p429": 0, "p500": 0, "reset_before": 0, "reset_after": 0, "non_json": 0, "broken_json": 0, "redirect": 0}
BOTH = [["text"], ["media", "text", "rich_link"]]


def greeting():
    return Message.objects.get(kind=Message.Kind.GREETING)


def storm(sandbox, **knobs):
    turn(sandbox, only="POST /chats", **knobs)


def one_try(sandbox, clock, **knobs):
    """The greeting meets this weather once; gives the greeting."""
    storm(sandbox, **knobs)
    outbox.run(hands=0)
    turn(sandbox, **CALM)
    return greeting()


FAULTS = [
    ({"p429": 1}, "not_sent", False),
    ({"p500": 1}, "unknown", False),
    ({"p500": 1, "p500_code": 3002}, "unknown", False),
    ({"p500": 1, "p500_code": 4001}, "unknown", False),
    ({"p500": 1, "p500_code": 4002}, "not_sent", False),
    ({"reset_before": 1}, "unknown", False),
    ({"reset_after": 1}, "unknown", True),
    ({"broken_json": 1, "broken_as": "cut"}, "unknown", True),
    ({"broken_json": 1, "broken_as": "empty"}, "unknown", True),
    ({"broken_json": 1, "broken_as": "page"}, "unknown", True),
    ({"broken_json": 1, "broken_as": "shape"}, "unknown", True),
    ({"broken_json": 1, "broken_as": "endless"}, "unknown", True),
    ({"broken_json": 1, "broken_as": "bomb"}, "unknown", True),
    ({"non_json": 1}, "unknown", False),
    ({"redirect": 1}, "unknown", False),
]


IDS = [*("F-23", "F-24 3001", "F-24 3002", "F-24 4001", "F-24 4002", "F-16", "F-17", "F-26 cut", "F-26 empty")]
IDS += [*("F-27", "F-28", "F-22 endless", "F-22 bomb", "F-25", "F-34")]


@pytest.mark.parametrize(("knobs", "outcome", "arrived"), FAULTS, ids=IDS)
def test_the_outcome_is_what_can_be_known_and_the_message_arrives_once(
    campaign, sandbox, clock, knobs, outcome, arrived
):
    """F-16 to F-28: F-16 and the others of `IDS`."""
    first = one_try(sandbox, clock, **knobs)
    assert (first.tries.get(step="send").outcome, bool(ledger(sandbox, "message"))) == (outcome, arrived)
    assert (first.status, first.is_unclear) == ("planned", outcome == "unknown")
    for _ in range(3):
        walk_to_the_end(clock)
    assert kinds(sandbox) == BOTH


def test_a_stranger_s_page_is_shown_nowhere(campaign, sandbox, clock):
    """F-25."""
    first = one_try(sandbox, clock, non_json=1)
    told = first.reason + first.tries.get(step="send").detail + only_delivery(campaign).reason
    assert "nginx" not in told
    assert "<" not in told
    assert told


def test_a_refusal_ends_the_row_with_its_sentence_and_the_ask_with_it(campaign, sandbox, clock):
    one_try(sandbox, clock, p500=1, p500_code=1003)
    walk_to_the_end(clock)
    delivery = only_delivery(campaign)
    assert (delivery.status, delivery.reason) == ("refused", "Chert does not take this for a phone number.")
    assert ledger(sandbox, "message") == []
    assert Message.objects.get(kind="ask").status == "cancelled"


def test_a_refusal_after_an_unclear_call_is_doubt(campaign, sandbox, clock):
    one_try(sandbox, clock, reset_after=1)
    clock.go(minutes=1)
    one_try(sandbox, clock, p500=1, p500_code=1003)
    assert greeting().status == "in_doubt"
    assert only_delivery(campaign).status == "in_doubt"


@pytest.mark.parametrize("form", ["seconds", "hour", "date", "garbage", "negative", "absent"])
def test_a_429_in_every_form_is_waited_out_and_is_no_failed_try(campaign, sandbox, clock, form):
    """F-23."""
    first = one_try(sandbox, clock, p429=1, retry_after_as=form, retry_after=30)
    least = {"seconds": 30, "date": 30, "hour": 3600}.get(form, 0)
    assert timedelta(seconds=least) <= first.due_at - NOON <= timedelta(seconds=max(least, 1))
    assert (first.attempts, first.is_unclear) == (0, False)
    work(clock, minutes=61)
    assert kinds(sandbox) == [["text"]]


def test_a_429_slows_the_whole_account(ada, sandbox, clock):
    """F-23."""
    for number in range(20):
        make_customer(ada.business, number)
    launch.launch(make_campaign(ada), ada.user, clock())
    storm(sandbox, p429=1, retry_after=600)
    outbox.run(hands=0)
    tried = Attempt.objects.filter(step="send").count()
    work(clock, minutes=5)
    assert Attempt.objects.filter(step="send").count() == tried <= HANDFUL


def test_a_short_wait_does_not_shorten_a_long_one(ada, clock):
    ada.organization.slow(clock() + timedelta(hours=1))
    ada.organization.slow(clock() + timedelta(seconds=1))
    ada.organization.refresh_from_db()
    assert ada.organization.slow_until == clock() + timedelta(hours=1)


def test_an_unclear_answer_with_a_time_is_not_repeated_before_that_time(campaign, sandbox, clock):
    first = one_try(sandbox, clock, away=True, away_as_503=True)
    turn(sandbox, away=False)
    assert first.due_at >= clock() + timedelta(seconds=60)


def test_a_429_for_days_ends_no_row(campaign, sandbox, clock, ada):
    everyday(ada)
    storm(sandbox, p429=1, retry_after_as="hour")
    for _ in range(30):
        work(clock, minutes=61)
    turn(sandbox, **CALM)
    work(clock, minutes=61)
    assert greeting().status in status.WENT_OUT


def everyday(ada):
    ada.business.window = "00:00-24:00"
    ada.business.save()


def test_eight_answers_without_success_end_the_row_in_doubt_when_it_may_have_arrived(campaign, sandbox, clock, ada):
    """F-24, F-30."""
    everyday(ada)
    storm(sandbox, p500=1)
    for _ in range(12):
        work(clock, minutes=6)
    assert Attempt.objects.filter(step="send").count() == 8
    delivery = only_delivery(campaign)
    assert delivery.status == "in_doubt"
    assert "eight tries" in delivery.reason


def test_eight_clear_failures_end_the_row_as_expired(campaign, wire, clock):
    """Retryable, clearly not taken, and no wish to wait: a 4xx with the flag."""
    wire.before = lambda request: envelope(400, 1012, retryable=True) if is_send(request) else None
    for _ in range(12):
        work(clock, minutes=6)
    assert (greeting().status, greeting().is_unclear) == ("expired", False)
    assert (only_delivery(campaign).status, len(wire.sends())) == ("expired", 8)


def envelope(http, code, **more):
    error = {"status": http, "code": code, "message": "x", "retryable": False} | more
    return httpx.Response(http, json={"success": False, "error": error, "trace_id": "t"})


@pytest.mark.parametrize(
    ("http", "code", "retryable", "outcome"),
    [(500, 3001, False, "refused"), (503, 3002, False, "refused"), (400, 1002, True, "not_sent")],
)
def test_the_flag_wins_over_the_http_status(campaign, wire, clock, http, code, retryable, outcome):
    """F-31."""
    wire.before = lambda request: envelope(http, code, retryable=retryable) if is_send(request) else None
    outbox.run(hands=0)
    assert Attempt.objects.get(step="send").outcome == outcome


def test_twelve_hours_end_an_unclear_row_in_doubt(campaign, sandbox, clock, ada):
    everyday(ada)
    storm(sandbox, reset_after=1)
    for _ in range(27):
        work(clock, minutes=31)
    assert only_delivery(campaign).status == "in_doubt"
    assert len(ledger(sandbox, "message")) == 1


def test_a_chert_that_is_away_for_half_an_hour_ends_no_row(ada, sandbox, clock):
    """F-41, G10: nothing failed, nothing twice, and it goes on by itself."""
    for number in range(5):
        make_customer(ada.business, number)
    campaign = launch_all(ada, clock)
    turn(sandbox, away=True)
    for _ in range(180):
        clock.go(seconds=10)
        outbox.run(hands=0)
    turn(sandbox, away=False)
    for _ in range(3):
        walk_to_the_end(clock)
        clock.go(minutes=5)
    walk_to_the_end(clock)
    assert campaign.counts() == {"read": 5}
    assert len(ledger(sandbox, "message")) == 10


def launch_all(ada, clock):
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    return campaign


def test_a_chert_that_is_away_is_asked_ever_more_seldom_and_once_a_minute_at_least(campaign, sandbox, wire, clock):
    """F-41: so that all goes on within a minute of its return."""
    turn(sandbox, away=True)
    for _ in range(360):
        clock.go(seconds=10)
        outbox.run(hands=0)
    assert 10 < len(wire.requests) < 140


def test_a_connection_that_never_stood_is_certainly_not_sent(campaign, wire, clock):
    """F-42."""

    def refuse(request):
        raise httpx.ConnectError("refused")

    wire.before = lambda request: refuse(request) if is_send(request) else None
    for _ in range(20):
        work(clock, minutes=6)
    assert (greeting().status, greeting().is_unclear) == ("planned", False)


def test_a_key_that_is_refused_pauses_the_account_and_fails_nobody(ada, sandbox, clock):
    """F-32, G9."""
    for number in range(30):
        make_customer(ada.business, number)
    campaign = launch_all(ada, clock)
    turn(sandbox, key_refused=True)
    outbox.run(hands=0)
    ada.organization.refresh_from_db()
    assert (ada.organization.paused_reason, campaign.counts()) == ("key", {"rendered": 1, "planned": 29})
    assert "signing secret" in ada.organization.paused_sentence
    turn(sandbox, key_refused=False)
    ada.organization.resume()
    for _ in range(3):
        walk_to_the_end(clock)
    assert campaign.counts() == {"read": 30}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (2005, "permission"),
        (2007, "unverified"),
        (2008, "payment"),
        (2012, "key"),
        (2013, "clock"),
        (3003, "not_configured"),
    ],
)
def test_trouble_with_the_account_at_a_send_pauses_it_in_plain_words(campaign, sandbox, clock, ada, code, reason):
    storm(sandbox, account_code=code)
    work(clock)
    ada.organization.refresh_from_db()
    assert (ada.organization.paused_reason, greeting().status, greeting().attempts) == (reason, "planned", 0)
    assert ada.organization.paused_sentence.endswith(".")


def test_trouble_with_the_account_over_a_weekend_ends_no_row(campaign, sandbox, clock, ada):
    storm(sandbox, account_code=2008)
    work(clock)
    clock.go(days=3)
    turn(sandbox, account_code=0)
    ada.organization.resume()
    for _ in range(3):
        walk_to_the_end(clock)
    assert kinds(sandbox) == BOTH


def test_trouble_with_one_account_does_not_touch_another(ada, rival, sandbox, clock):
    for who in (ada, rival):
        make_customer(who.business)
        launch.launch(make_campaign(who), who.user, clock())
    give_secret(ada.organization, chert_secret="0" * 32)
    for _ in range(2):
        walk_to_the_end(clock)
    assert [e["tenant"] for e in ledger(sandbox, "message")] == ["charlies-cakes"] * 2


def test_within_one_account_in_trouble_only_calls_under_way_are_made(ada, sandbox, wire, clock):
    """What is claimed but not being called is given back when the account pauses."""
    for number in range(8):
        make_customer(ada.business, number)
    launch_all(ada, clock)
    storm(sandbox, account_code=2008)
    outbox.run(hands=0)
    assert len(wire.sends()) == 1


def test_an_account_without_a_secret_waits_with_a_reason(campaign, clock, ada):
    Organization.objects.update(chert_secret="")
    work(clock)
    ada.organization.refresh_from_db()
    assert ada.organization.paused_sentence == "There is no Chert secret yet. Enter it in the settings."
    assert only_delivery(campaign).status == "planned"


def test_an_account_with_an_impossible_secret_waits_with_a_reason_too(campaign, clock, ada):
    give_secret(ada.organization, chert_secret="a b")
    work(clock)
    ada.organization.refresh_from_db()
    assert (ada.organization.paused_reason, only_delivery(campaign).status) == ("key", "planned")


def test_a_line_that_is_not_ours_is_switched_off_and_the_customers_wait(campaign, sandbox, clock, ada):
    Line.objects.update(number="+15125550777")
    work(clock)
    assert not Line.objects.get().is_active
    assert (greeting().status, greeting().attempts, greeting().body) == ("planned", 0, None)
    work(clock, minutes=1)
    assert only_delivery(campaign).reason == "No active line may send a first message"


def test_another_line_takes_over_where_one_is_not_ours(campaign, sandbox, clock, ada):
    """F-43."""
    Line.objects.update(number="+15125550777")
    second = Line.objects.create(organization=ada.organization, number="+15125550101", budget=30, gap=0, used=9)
    introduce(sandbox, ada.organization)
    sandbox.store.run("DELETE FROM lines WHERE number = '+15125550777'")
    for _ in range(2):
        walk_to_the_end(clock)
    assert greeting().line == second
    assert kinds(sandbox) == BOTH


def test_a_line_that_is_full_at_chert_rests_and_no_row_ends(campaign, sandbox, clock, ada):
    everyday(ada)
    storm(sandbox, p500=1, p500_code=4002)
    for _ in range(30):
        work(clock, minutes=61)
    turn(sandbox, **CALM)
    work(clock, minutes=61)
    assert greeting().status in status.WENT_OUT


def test_the_slot_that_was_taken_is_used_for_the_repeat(campaign, sandbox, clock, ada):
    one_try(sandbox, clock, reset_before=1)
    work(clock, minutes=2)
    ada.line.refresh_from_db()
    assert ada.line.used == 1


def test_a_picture_chert_has_forgotten_is_uploaded_again_under_a_new_key(campaign, sandbox, clock):
    work(clock)
    sandbox.store.run("DELETE FROM attachments")
    key = Message.objects.get(kind="ask").key
    for _ in range(2):
        walk_to_the_end(clock)
    ask = Message.objects.get(kind="ask")
    assert kinds(sandbox) == BOTH
    assert (ask.key != key, len(ledger(sandbox, "upload"))) == (True, 2)


def test_a_picture_forgotten_after_an_unclear_call_is_doubt(campaign, sandbox, clock):
    """F-36: the body is frozen, and nobody knows whether it arrived."""
    work(clock)
    turn(sandbox, only="POST /chats/{id}/messages", reset_before=1)
    work(clock, minutes=3)
    turn(sandbox, **CALM)
    sandbox.store.run("DELETE FROM attachments")
    work(clock, minutes=6)
    assert only_delivery(campaign).status == "in_doubt"


def test_a_slot_that_ran_out_before_the_bytes_came_is_no_refusal(campaign, sandbox, clock):
    """F-36."""
    turn(sandbox, slot_lifetime=0)
    outbox.run(hands=0)
    turn(sandbox, slot_lifetime=900)
    for _ in range(3):
        walk_to_the_end(clock)
    assert kinds(sandbox) == BOTH


def test_a_slot_that_always_runs_out_ends_in_words(campaign, sandbox, clock):
    turn(sandbox, slot_lifetime=0)
    for _ in range(12):
        work(clock, minutes=6)
    assert only_delivery(campaign).status == "refused"
    assert ledger(sandbox, "message") == []


def test_an_upload_address_on_another_host_is_refused_and_no_byte_leaves(campaign, sandbox, wire, clock):
    """F-35: the secret must not follow an address out of an answer."""
    turn(sandbox, foreign_upload=True)
    walk_to_the_end(clock)
    assert {request.url.host for request in wire.requests} == {"127.0.0.1"}
    assert not [request for request in wire.requests if request.method == "PUT"]
    assert (only_delivery(campaign).status, ledger(sandbox)) == ("refused", [])


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "p500", "non_json", "broken_json", "p429"])
@pytest.mark.parametrize("route", ["POST /attachments", "PUT /attachments/{id}/upload"])
def test_trouble_with_the_upload_only_costs_time(campaign, sandbox, clock, fault, route):
    """F-37."""
    turn(sandbox, only=route, **{fault: 1})
    outbox.run(hands=0)
    turn(sandbox, **CALM)
    for _ in range(3):
        walk_to_the_end(clock)
    assert kinds(sandbox) == BOTH


def test_an_upload_under_an_away_chert_ends_no_row(campaign, sandbox, clock):
    turn(sandbox, only="POST /attachments", reset_before=1)
    for _ in range(20):
        work(clock, minutes=6)
    assert only_delivery(campaign).status == "rendered"


def test_the_back_off_doubles_and_never_passes_five_minutes():
    for attempt in range(1, 40):
        waits = [back_off(attempt).total_seconds() for _ in range(50)]
        span = min(300, 2 ** (attempt - 1))
        assert 0.2 * span <= min(waits) <= max(waits) <= span


def test_a_long_trace_id_does_not_break_the_write_back(campaign, wire, clock):
    def long_trace(request, response):
        response.headers["x-trace-id"] = "t" * 128

    wire.after = long_trace
    outbox.run(hands=0)
    assert greeting().status == "sent"


def test_a_dead_worker_and_an_away_chert_together_still_end_well(campaign, sandbox, clock):
    turn(sandbox, away=True)
    outbox.run(hands=0)
    die()
    outbox.sweep(clock())
    turn(sandbox, away=False)
    for _ in range(3):
        walk_to_the_end(clock)
    assert kinds(sandbox) == BOTH
