"""Whatever keeps a message from leaving is named on the campaign's page within two minutes (reliability §9)."""

import errno
import os
import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse

from campaigns import launch, outbox, stuck
from campaigns.brakes import absence, skew
from campaigns.models import Attempt, Campaign, Line, Message, Organization
from campaigns.outbox import leases, pictures, poison
from campaigns.outbox.run import HANDFUL
from tests.cast import Killed, die, make_campaign, make_customer, only_delivery, turn, work, wrote
from tests.outbox.test_breaker import opened

TWO = timedelta(minutes=2)


@pytest.fixture(autouse=True)
def nobody_has_told():
    caches[skew.CACHE].delete(skew.TOLD)
    yield
    caches[skew.CACHE].delete(skew.TOLD)


@pytest.fixture
def beat(settings, tmp_path, clock):
    """Let what sends give a sign of life."""
    settings.HEARTBEAT = tmp_path / "heartbeat"

    def now():
        settings.HEARTBEAT.touch()
        os.utime(settings.HEARTBEAT, (clock().timestamp(), clock().timestamp()))

    now()
    return now


@pytest.fixture
def desk(client, ada):
    client.force_login(ada.user)
    return client


def first_due():
    return min(Message.objects.exclude(due_at=None).values_list("due_at", flat=True))


@pytest.fixture
def seen(desk, beat, clock):
    """What the page says two minutes after a message was due: its rows and its notices."""

    def look(campaign, *, since=None, alive=True):
        clock.to((since or first_due()) + TWO)
        if alive:
            beat()
        return parts(desk.get(reverse("campaign", args=[campaign.pk])).content.decode())

    return look


def parts(page):
    """The reasons on the rows, and the notices, as words."""
    rows = re.findall(r'<span class="under why">([^<]*)</span>', page)
    notices = re.findall(r'<div class="notice [^>]*>.*?<p>(.*?)</p>', page, re.DOTALL)
    return rows, " ".join(re.sub(r"<[^>]+>", " ", " ".join(notices)).split())


# --- one for each cause ---------------------------------------------------------------------------------------------


def test_nobody_at_work(campaign, seen):
    rows, notices = seen(campaign)
    assert rows == [stuck.NOBODY.rstrip(".")]
    assert stuck.NOBODY in notices
    assert "One message has been due since 12:00." in notices


def test_what_sends_is_dead(campaign, seen):
    rows, notices = seen(campaign, alive=False)
    assert (rows, stuck.SILENCE in notices) == ([stuck.SILENCE.rstrip(".")], True)


def test_what_sends_never_lived(campaign, seen, settings):
    settings.HEARTBEAT.unlink()
    assert seen(campaign, alive=False)[0] == [stuck.SILENCE.rstrip(".")]


def test_a_live_worker_has_it_in_hand(campaign, seen, clock):
    clock.to(first_due())
    assert len(leases.claim(clock(), 12)) == 1
    rows, notices = seen(campaign)
    assert rows == ["It has been taken up and is not done yet, until 12:03"]
    assert "taken up anew" in notices


def test_a_call_that_does_not_come_back(campaign, seen, clock):
    clock.to(first_due())
    leases.claim(clock(), 12)
    Message.objects.exclude(lease_until=None).update(is_calling=True)
    assert seen(campaign)[0] == ["Chert is being called for it, until 12:03"]


def test_a_lease_that_nobody_takes_over(campaign, seen, clock):
    clock.to(first_due())
    [message] = leases.claim(clock(), 12)
    assert seen(campaign, since=message.lease_until)[0] == [stuck.NOBODY.rstrip(".")]


def test_the_breaker_is_open(ada, sandbox, seen, clock):
    turn(sandbox, triple_in_first=True)
    made = opened(ada, sandbox, clock)
    rows, notices = seen(made)
    assert set(rows) == {"Chert does not answer just now"}
    assert notices.count("Chert does not answer just now") == 1


def test_the_account_is_slowed(ada, sandbox, seen, clock):
    for number in range(HANDFUL + 1):
        make_customer(ada.business, number)
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    turn(sandbox, p429=1, retry_after=900, only="POST /chats")
    begin = first_due()
    clock.to(begin)
    outbox.run(hands=0)
    rows, notices = seen(made, since=begin)
    assert set(rows) == {"Chert has asked for a pause, until 12:15"}
    assert "Chert has asked for a pause. Until 12:15." in notices


def test_the_line_rests(ada, campaign, seen, clock):
    wrote(ada)
    begin = first_due()
    clock.to(begin)
    outbox.run(hands=0)
    rows, notices = seen(campaign, since=begin)
    assert rows[0].startswith("The line is resting: fewer than 15 of 100 replied this week")
    assert notices.count("The line is resting") == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"next_at": timedelta(hours=1)}, "Next in line"),
        ({"budget": 5, "used": 5}, "The line has made its 5 first messages of today"),
    ],
)
def test_the_slot_book_is_full(ada, campaign, seen, clock, line, said):
    line = {name: clock() + value if name == "next_at" else value for name, value in line.items()}
    Line.objects.filter(pk=ada.line.pk).update(day=clock().date(), **line)
    begin = first_due()
    clock.to(begin)
    outbox.run(hands=0)
    rows, _ = seen(campaign, since=begin)
    greeting = Message.objects.get(kind="greeting")
    assert rows == [said]
    assert stuck.cause(greeting, stuck.around(ada.business, clock())).code == "slots"


def test_there_is_no_line(ada, campaign, seen, clock):
    begin = first_due()
    clock.to(begin)
    outbox.run(hands=0)
    Line.objects.update(is_active=False)
    Message.objects.filter(kind="greeting").update(line=None, status="planned", due_at=begin, sent_at=None)
    campaign.deliveries.get().refresh()
    assert seen(campaign, since=begin)[0] == ["No active line may send a first message"]


def test_the_clocks_differ(campaign, seen, clock, monkeypatch):
    monkeypatch.setattr(skew, "database_time", lambda: clock() - timedelta(minutes=5))
    clock.to(first_due() + TWO - timedelta(seconds=10))
    outbox.run(hands=0)
    rows, notices = seen(campaign)
    assert "5 minutes ahead of" in rows[0]
    assert notices.count("5 minutes ahead of") == 1


def test_it_is_held(campaign, seen, clock, settings):
    settings.ALLOWED_ABSENCE = timedelta(hours=1)
    absence.look(clock())
    clock.go(hours=2)
    absence.look(clock())
    rows, _ = seen(campaign, since=clock())
    assert rows == ["Held: somebody has to say whether it goes on"]


def test_what_customers_wrote_is_not_read_yet(campaign, seen, clock):
    Organization.objects.update(unheard_since=clock())
    assert seen(campaign)[0] == ["Waits for what customers have written"]


def test_the_account_has_trouble(ada, campaign, seen, clock):
    ada.organization.pause("credit", "The account has no credit.", clock())
    rows, notices = seen(campaign)
    assert (rows, notices.count("The account has no credit.")) == (["The account has no credit"], 1)


def test_workers_die_at_it(campaign, seen, clock, monkeypatch):
    def fall(*_):
        raise Killed

    monkeypatch.setattr(pictures.cards, "render", fall)
    begin = first_due()
    clock.to(begin)
    with pytest.raises(Killed):
        outbox.run(hands=0)
    die()
    outbox.sweep(clock())
    rows, notices = seen(campaign, since=begin)
    assert rows == ["The program stopped once while it was at this message"]
    assert "after the third time it is left alone" in notices


def test_it_is_poison(campaign, seen, clock):
    Message.objects.exclude(due_at=None).update(deaths=poison.MOST_DEATHS, deaths_since=clock())
    begin = first_due()
    clock.to(begin)
    outbox.run(hands=0)
    rows, notices = seen(campaign, since=begin)
    assert rows == [poison.NOT_SENT]
    assert "One did not go through." in notices


def test_what_has_been_put_off_says_why_itself(campaign, seen, clock, monkeypatch):
    def no_room(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pictures, "_keep", no_room)
    begin = first_due()
    for minutes in (0, 1.1):
        clock.to(begin + timedelta(minutes=minutes))
        outbox.run(hands=0)
    assert seen(campaign, since=begin)[0] == ["There is no room for its picture on this server&#x27;s disk"]


def test_a_long_queue_is_no_trouble_while_it_moves(campaign, seen, clock):
    Attempt.objects.create(message=Message.objects.first(), step="send", started_at=first_due() + timedelta(seconds=60))
    rows, notices = seen(campaign)
    assert (rows, "due since" in notices) == (["Others are due before it, and go out"], False)


# --- and what is not stuck ------------------------------------------------------------------------------------------


def test_a_minute_is_no_reason_to_say_anything(campaign, desk, clock, beat):
    clock.to(first_due() + timedelta(seconds=60))
    beat()
    rows, notices = parts(desk.get(reverse("campaign", args=[campaign.pk])).content.decode())
    assert (rows, "due since" in notices) == ([""], False)


@pytest.mark.parametrize("wish", [{"state": "paused"}, {"rests_until": timedelta(hours=3)}])
def test_what_a_person_wanted_is_not_stuck(campaign, seen, clock, wish):
    wish = {name: clock() + value if isinstance(value, timedelta) else value for name, value in wish.items()}
    Campaign.objects.update(**wish)
    rows, notices = seen(campaign)
    assert (stuck.NOBODY.rstrip(".") in rows, "due since" in notices) == (False, False)


def test_who_was_sent_is_not_stuck(campaign, seen, clock):
    for minutes in (0, 3, 1, 1):
        work(clock, minutes)
    assert seen(campaign, since=clock())[0] == [""]
    assert only_delivery(campaign).status == "read"


# --- where it is seen -----------------------------------------------------------------------------------------------


def test_a_page_that_stays_open_hears_of_it_and_of_its_end(campaign, desk, sandbox, clock, beat):
    page = desk.get(reverse("campaign", args=[campaign.pk])).content.decode()
    address = re.search(r'data-live="([^"]+)"', page)[1].replace("&amp;", "&")
    clock.to(first_due() + TWO)
    beat()
    polled = desk.get(address).content.decode()
    assert polled.count(stuck.NOBODY.rstrip(".")) == 2
    address = re.search(r'data-live="([^"]+)"', polled)[1].replace("&amp;", "&")
    work(clock)
    beat()
    after = desk.get(address)
    assert (after.status_code, stuck.NOBODY.rstrip(".") in after.content.decode()) == (200, False)


def test_the_row_alone_says_so_too(campaign, desk, clock, beat):
    clock.to(first_due() + TWO)
    beat()
    answer = desk.get(reverse("delivery_row", args=[only_delivery(campaign).pk])).content.decode()
    assert stuck.NOBODY.rstrip(".") in answer


def test_two_hundred_are_grouped_and_the_questions_do_not_grow(ada, desk, clock, beat, django_assert_max_num_queries):
    for number in range(60):
        make_customer(ada.business, number)
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    Message.objects.exclude(due_at=None).update(due_at=clock())
    clock.go(minutes=2)
    beat()
    with django_assert_max_num_queries(8):
        [group] = stuck.of_campaign(made, clock())
    assert (group.count, group.cause.code) == (60, "nobody")


def test_a_reminder_that_does_not_leave_is_stuck_too(ada, grace, clock, desk, beat):
    made = make_campaign(ada, remind_after=1, reminder="Hi {first_name}, one gentle reminder.")
    launch.launch(made, ada.user, clock())
    for minutes in (0, 3, 1, 1):
        work(clock, minutes)
    [due] = Message.objects.filter(kind="reminder").values_list("due_at", flat=True)
    clock.to(due + TWO)
    beat()
    rows, notices = parts(desk.get(reverse("campaign", args=[made.pk])).content.decode())
    assert (rows, "due since" in notices) == ([stuck.NOBODY.rstrip(".")], True)


def test_another_account_s_messages_are_never_among_them(campaign, rival, clock, beat):
    clock.to(first_due() + TWO)
    beat()
    assert stuck.of_account(rival.organization, clock()) == []
    assert len(stuck.of_account(campaign.business.organization, clock())) == 1
