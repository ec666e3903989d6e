"""The door Chert knocks at: verified on raw bytes, stored, answered; forged ones leave nothing and break nothing."""

import dataclasses
import json
import random
import threading
from collections import Counter

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.urls import reverse
from django.utils import timezone

from campaigns import connecting, events, webhooks
from campaigns.chert import webhooks as signing
from campaigns.chert.events import event_from_json
from campaigns.models import ChertEvent, Customer, Message, Organization
from tests.cast import RIVAL_SECRET, SECRET, at_once, give_secret, listen, only_delivery, reply, turn, work

WEBHOOK_SECRET = "ab" * 32
ODD_PATHS = ["%00", "%0A", "%ff%fe", "a%00b", "%F0%9F%92%A9", "x" * 5000, "..", "%2e%2e", "' OR 1=1 --"]
ODD_VALUES = [
    "a\x00b",
    "STOP \ud83d",
    float("nan"),
    float("inf"),
    10**400,
    [[[[[[]]]]]] * 3,
    {"": {"": None}},
    "é" * 9999,
]
BODY = {"event": "message.received", "event_id": "chert:msg:1", "timestamp": "2026-03-02T18:00:00.000Z", "data": {}}


@pytest.fixture
def door(ada):
    """Ada's webhook address, with its secret."""
    give_secret(ada.organization, webhook_secret=WEBHOOK_SECRET)
    return reverse("chert_webhook", args=[ada.organization.webhook_path])


def knock(client, path, body=None, *, secret=WEBHOOK_SECRET, at=None, **headers):
    """One delivery as Chert makes it; `headers` replace the signature."""
    raw = body if isinstance(body, bytes) else json.dumps(BODY if body is None else body).encode()
    stamp = int(timezone.now().timestamp() if at is None else at)
    signed = headers or signing.headers_for(secret, stamp, raw)
    return client.post(path, raw, content_type="application/json", headers=signed).status_code


def test_a_signed_event_is_stored_and_answered(door, client, ada):
    assert knock(client, door) == 200
    row = ChertEvent.objects.get()
    assert (row.organization, row.event_id) == (ada.organization, "chert:msg:1")
    assert row.payload == {}  # of nobody we know: that it was seen is all that is kept
    assert row.came_by == "webhook"


def words_of(customer, text, number=1, at="2026-03-02T18:00:00.000Z"):
    """What Chert sends when this customer writes."""
    said = {"id": f"guid-{number}", "direction": "inbound", "parts": [{"type": "text", "value": text}]}
    message = said | {"sender_handle": {"handle": customer.phone}}
    return BODY | {"event_id": f"chert:msg:guid-{number}", "timestamp": at, "data": {"message": message}}


def test_a_stop_has_taken_effect_before_its_webhook_is_answered(door, client, campaign, grace, clock):
    """The worker may be busy sending to thousands: nothing of hers may begin meanwhile."""
    assert knock(client, door, words_of(grace, "STOP")) == 200
    grace.refresh_from_db()
    assert (grace.stopped_at, set(Message.objects.exclude(kind="inbound").values_list("status", flat=True))) == (
        clock(),
        {"cancelled"},
    )


def test_words_not_understood_at_once_are_left_to_the_clock(door, client, campaign, grace, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(events.replies, "record", lambda *_: 1 / 0)
        assert knock(client, door, words_of(grace, "STOP")) == 200
    work(clock)
    grace.refresh_from_db()
    assert grace.stopped_at == clock()


def test_a_stop_with_ids_that_no_column_holds_stops_all_the_same(door, client, campaign, grace):
    """PostgreSQL would refuse to write them down, and the STOP with them."""
    told = words_of(grace, "STOP")
    told["data"]["message"]["id"], told["data"]["chat"] = "m" * 200, {"id": "c" * 200}
    assert knock(client, door, told) == 200
    grace.refresh_from_db()
    assert (grace.stopped_at is None, ChertEvent.objects.filter(handled_at=None).count()) == (False, 0)


def test_what_was_stored_before_is_understood_before(door, client, campaign, grace, clock):
    """A STOP that has been left to the clock, and then START: they want to hear from us."""
    events.store(ada_of(grace), event_from_json(words_of(grace, "STOP")), "log", clock())
    clock.go(seconds=1)
    assert knock(client, door, words_of(grace, "START", 2, "2026-03-02T18:00:01.000Z")) == 200
    grace.refresh_from_db()
    assert (grace.stopped_at, ChertEvent.objects.filter(handled_at=None).count()) == (None, 0)


def test_where_many_wait_a_stop_is_understood_at_once_and_all_else_in_its_turn(door, client, campaign, grace, clock):
    """Else each of fifty callers a second would be at the same oldest rows, and none would get anywhere."""
    many = range(100, 100 + events.A_FEW + 1)
    for number in many:
        events.store(ada_of(grace), event_from_json(words_of(grace, "Hello", number)), "log", clock())
    for number, words in ((2, "Hi"), (3, "STOP"), (4, "START")):
        assert knock(client, door, words_of(grace, words, number)) == 200
    left = set(ChertEvent.objects.filter(handled_at=None).values_list("event_id", flat=True))
    assert left == {f"chert:msg:guid-{n}" for n in (2, 4, *many)}
    events.handle(clock)
    assert not ChertEvent.objects.filter(handled_at=None).exists()


def test_who_brings_words_waits_for_no_more_than_a_moment_for_those_of_others(
    door, client, campaign, grace, clock, monkeypatch
):
    """W8: each of these takes longer than there is time; a STOP is heeded all the same, and nothing is lost."""
    handled = events._handle_one

    def slow(row, now):
        clock.go(seconds=events.A_MOMENT.total_seconds())
        return handled(row, now)

    monkeypatch.setattr(events, "_handle_one", slow)
    for number in range(2, 7):
        events.store(ada_of(grace), event_from_json(words_of(grace, "Hello", number)), "log", clock())
    assert knock(client, door, words_of(grace, "Thank you", 7)) == 200
    assert ChertEvent.objects.filter(handled_at=None).count() == 5
    assert knock(client, door, words_of(grace, "STOP", 8)) == 200
    grace.refresh_from_db()
    assert grace.stopped_at
    events.handle(clock)
    assert not ChertEvent.objects.filter(handled_at=None).exists()


def test_who_comes_while_another_is_at_it_does_not_wait(door, client, campaign, grace, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(events, "_heeding", busy := threading.Lock())
        with busy:
            assert knock(client, door, words_of(grace, "Hi")) == 200
            assert ChertEvent.objects.get().handled_at is None
            assert knock(client, door, words_of(grace, "STOP", 2)) == 200
    grace.refresh_from_db()
    assert grace.stopped_at == clock()
    events.handle(clock)
    assert not ChertEvent.objects.filter(handled_at=None).exists()


def test_what_somebody_else_has_understood_meanwhile_is_not_understood_again(campaign, grace, clock, monkeypatch):
    """The worker has its list, and words come in by the door that are on it."""
    for number in (1, 2):
        events.store(ada_of(grace), event_from_json(words_of(grace, "Hello", number)), "log", clock())
    understood = []
    record = events.replies.record

    def at_once_elsewhere(event, organization, now):
        understood.append(event.event_id)
        ChertEvent.objects.exclude(event_id=event.event_id).update(handled_at=now)
        return record(event, organization, now)

    monkeypatch.setattr(events.replies, "record", at_once_elsewhere)
    assert events.handle(clock) == 1
    assert understood == ["chert:msg:guid-1"]


def ada_of(customer):
    return customer.business.organization


def test_a_neighbours_events_are_not_understood_on_her_time(door, client, rival, grace, clock):
    events.store(rival.organization, event_from_json(words_of(grace, "Hello", 7)), "log", clock())
    assert knock(client, door, words_of(grace, "Hi")) == 200
    assert ChertEvent.objects.get(handled_at=None).organization == rival.organization


def test_the_same_event_a_hundred_times_is_one_row_and_always_200(door, client):
    """F-44."""
    assert {knock(client, door) for _ in range(100)} == {200}
    assert ChertEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_stop_that_comes_a_hundred_times_twenty_at_a_time_is_one_stop(door, client, campaign, sandbox, grace, clock):
    """F-44: all are answered 200, and it is written down, obeyed and confirmed once."""
    work(clock)
    for _ in range(5):
        assert set(at_once([lambda: knock(client, door, words_of(grace, "STOP"))] * 20)) == {200}
    kinds = Counter(Message.objects.values_list("kind", flat=True))
    assert (ChertEvent.objects.count(), kinds["inbound"], kinds["confirmation"]) == (1, 1, 1)
    assert ChertEvent.objects.get().handled_at is not None


@pytest.mark.parametrize("secret", ["cd" * 32, SECRET, RIVAL_SECRET, "x"])
def test_a_signature_with_another_secret_is_refused(door, client, secret):
    """Among them the API's own secret: it never signs webhooks."""
    assert knock(client, door, secret=secret) == 401
    assert not ChertEvent.objects.exists()


def test_a_signature_over_other_bytes_is_refused(door, client):
    """Raw bytes count: the same JSON with another space is another body."""
    raw = json.dumps(BODY).encode()
    headers = signing.headers_for(WEBHOOK_SECRET, int(timezone.now().timestamp()), raw)
    assert knock(client, door, raw.replace(b": ", b":  "), **headers) == 401


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-299, 200), (299, 200), (600, 401)])
def test_a_delivery_counts_for_five_minutes_to_either_side(door, client, clock, seconds, status):
    """F-47."""
    assert knock(client, door, at=clock().timestamp() + seconds) == status


def test_an_address_nobody_has_is_not_found(ada, client):
    assert knock(client, reverse("chert_webhook", args=["nobody"])) == 404


def test_an_organization_without_a_subscription_has_no_door(ada, client):
    assert knock(client, reverse("chert_webhook", args=[ada.organization.webhook_path])) == 404


@pytest.mark.parametrize("path", ODD_PATHS)
def test_an_odd_address_is_not_found_and_breaks_nothing(ada, client, path):
    assert knock(client, f"/webhooks/chert/{path}/") == 404


def test_one_organizations_signature_opens_no_other_door(door, rival, client):
    """F-48."""
    give_secret(rival.organization, webhook_secret="cd" * 32)
    other = reverse("chert_webhook", args=[rival.organization.webhook_path])
    assert knock(client, other, secret=WEBHOOK_SECRET) == 401
    assert knock(client, other, secret="cd" * 32) == 200


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"[" * 5000, b"1" * 5000, b"<html>"])
def test_a_signed_body_that_is_no_event_is_a_bad_request(door, client, raw):
    assert knock(client, door, raw) == 400
    assert not ChertEvent.objects.exists()


@pytest.mark.parametrize(
    "odd",
    ["a\x00b", "STOP \ud83d", float("nan"), float("inf"), 10**400, [[[[[[]]]]]] * 3, {"": {"": None}}, "é" * 9999],
)
def test_a_signed_event_with_odd_insides_is_kept(door, client, odd):
    assert knock(client, door, BODY | {"data": {"odd": odd}}) == 200
    assert ChertEvent.objects.count() == 1


def test_a_body_that_is_too_large_is_refused_before_it_is_read(door, client):
    assert knock(client, door, b" " * (1024 * 1024 + 1)) == 413


@pytest.mark.parametrize("length", ["abc", "-1", "", "99999999999999999999", "1e9", "²"])
def test_an_odd_length_is_no_crash(door, client, length):
    answer = client.generic("POST", door, b"{}", content_type="application/json", CONTENT_LENGTH=length)
    assert answer.status_code in (400, 401, 413)
    assert not ChertEvent.objects.exists()


def test_only_post_is_taken(door, client):
    assert {getattr(client, verb)(door).status_code for verb in ("get", "put", "delete", "patch", "head")} == {405}


def test_a_database_that_fails_is_ours_and_chert_shall_come_again(door, client, caplog):
    """F-49: never a 4xx for our own trouble, for Chert does not repeat after one."""
    with connection.execute_wrapper(locked):
        assert knock(client, door) == 503
    assert knock(client, door) == 200


def locked(execute, sql, params, many, context):
    raise OperationalError("database is locked")


TROUBLE = [
    OperationalError("database or disk is full"),
    OperationalError("no such column: campaigns_chertevent.failures"),  # the new code before its migration
    ProgrammingError('column "failures" does not exist'),
    InterfaceError("connection already closed"),
]


@pytest.mark.parametrize("trouble", TROUBLE, ids=str)
def test_what_could_not_be_stored_is_in_the_log_all_the_same(connected, sandbox, client, clock, grace, trouble):
    """F-49: the disk is full, or a migration is running; Chert gives up after three tries, and nothing is lost."""
    work(clock)
    reply(sandbox, grace, "Thank you!")
    with connection.execute_wrapper(lambda *_: broken(trouble)):
        assert {sandbox.pump() and clock.go(minutes=2) for _ in range(4)} == {None, 0}
    assert not ChertEvent.objects.exists()
    clock.go(minutes=5)
    listen(clock)
    assert only_delivery(connected).replied_words == "Thank you!"


def broken(trouble):
    raise trouble


@pytest.mark.once
def test_ten_thousand_forged_knocks_leave_nothing_and_break_nothing(door, rf, clock):
    """F-46, seeded: no, wrong, cut, foreign, doubled, huge and non-ASCII signatures, in both headers and both forms."""
    chance = random.Random(46)
    answers = {rap(rf, door, odd_body(chance), forged(chance, clock)) for _ in range(10_000)}
    assert answers <= {401}
    assert not ChertEvent.objects.exists()


def rap(rf, door, body, headers):
    """A knock at the view itself, for there are many."""
    request = rf.post(door, body, content_type="application/json", headers=headers)
    return webhooks.receive(request, door.strip("/").rpartition("/")[2]).status_code


def odd_body(chance):
    return chance.choice([b"", b"{", b"\xff" * 99, b"[" * 999, json.dumps(BODY).encode()[: chance.randint(0, 99)]])


def forged(chance, clock):
    name = chance.choice(["X-Webhook-Signature", "x-chert-signature"])
    return {name: forgery(chance, int(clock().timestamp()))}


def forgery(chance, now):
    hexed = "".join(chance.choices("0123456789abcdef", k=chance.choice([0, 10, 63, 64, 65, 128])))
    return chance.choice(
        [
            lambda: "",
            lambda: ",",
            lambda: ",,",
            lambda: "=,=",
            lambda: f"t={now}",
            lambda: f"v1={hexed}",
            lambda: f"t={now},v1={hexed}",
            lambda: f"v1,{now},{hexed}",
            lambda: f"v1,{now},{hexed},",
            lambda: f"t=,v1={hexed}",
            lambda: f"t={'9' * 400},v1={hexed}",
            lambda: f"t=-1,v1={hexed}",
            lambda: f"t={now},v1={hexed},v1={hexed}",
            lambda: "v1," * chance.randint(1, 2000),
            lambda: "\u00fc" * 64,
            lambda: f"t={now},v1=" + "\u00e9" * 64,
            lambda: "x" * chance.choice([1, 3000, 1024 * 1024]),
            lambda: f"t={now},v1=" + signing.sign(SECRET, now, json.dumps(BODY).encode()),
        ]
    )()


def delivered_to(client):
    """How the pretend Chert posts in these tests: straight into our site."""

    def post(url, headers, body):
        path = url.partition("/webhooks/")[2]
        return client.post(f"/webhooks/{path}", body, content_type="application/json", headers=headers).status_code

    return post


@pytest.fixture
def connected(campaign, ada, sandbox, client, settings):
    """Ada's campaign with the pretend Chert calling us."""
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert connecting.connect(ada.organization)
    sandbox.world = dataclasses.replace(sandbox.world, post=delivered_to(client))
    return campaign


def hear(sandbox, clock, minutes=0.1):
    clock.go(minutes=minutes)
    count = sandbox.pump()
    events.handle(clock)
    return count


def test_a_reply_comes_in_by_the_webhook_as_chert_signs_it(connected, sandbox, clock, grace):
    work(clock)
    reply(sandbox, grace, "Thank you!")
    assert hear(sandbox, clock) == 1
    assert only_delivery(connected).replied_words == "Thank you!"
    assert ChertEvent.objects.get().came_by == "webhook"


def test_a_stop_by_the_webhook_stops(connected, sandbox, clock, grace):
    work(clock)
    reply(sandbox, grace, "STOP")
    hear(sandbox, clock)
    assert Customer.objects.get().stopped_at is not None


def test_the_same_words_by_webhook_and_by_log_are_one(connected, sandbox, clock, grace):
    """F-51."""
    work(clock)
    turn(sandbox, echo=True)
    reply(sandbox, grace, "Hello")
    hear(sandbox, clock)
    hear(sandbox, clock)
    Organization.objects.update(events_polled_at=None)
    listen(clock)
    assert (ChertEvent.objects.count(), Message.objects.filter(kind="inbound").count()) == (1, 1)


def test_news_that_overtake_each_other_leave_the_row_at_its_furthest(connected, sandbox, clock, ada, client):
    """F-45: sent, delivered and read in any order, each twice."""
    connecting.Organization.objects.filter(pk=ada.organization.pk).update(webhook_secret="")
    turn(sandbox, status_events=True, webhook_delay=60.0, echo=True, seed=3)
    ada.organization.refresh_from_db()
    connecting.connect(ada.organization)
    work(clock)
    Message.objects.update(check_at=None)
    for _ in range(30):
        hear(sandbox, clock)
    assert Message.objects.get(kind="greeting").status == "read"


def test_a_door_that_was_closed_for_an_hour_loses_nothing(connected, sandbox, clock, grace):
    """F-50: three tries, then Chert gives up; the log has it all."""
    work(clock)
    sandbox.world = dataclasses.replace(sandbox.world, post=lambda *_: 503)
    for number in range(30):
        reply(sandbox, grace, f"Word {number}")
        hear(sandbox, clock, minutes=2)
    assert not Message.objects.filter(kind="inbound").exists()
    clock.go(minutes=5)
    events.poll(clock)
    events.handle(clock)
    assert Message.objects.filter(kind="inbound").count() == 30
