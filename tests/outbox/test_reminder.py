"""The one reminder: three days later, other words, the same link; and nothing once the customer has done something."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import IntegrityError, connection

from campaigns import invitations, launch, links, outbox, replies, resend, status, steering
from campaigns.asking import audience
from campaigns.models import Business, Campaign, Click, Customer, LeaseLost, Message
from campaigns.outbox import leases
from campaigns.outbox.walk import walk
from tests.cast import (
    Killed,
    answer,
    die,
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

FIRST = "Hi {first_name|there}, {sender} from {business} here. Would you tell others? Reply STOP to end."
ASKED = [["text"], ["media", "text", "rich_link"]]
REMINDED = [*ASKED, ["text", "rich_link"]]


@pytest.fixture
def asked(ada, grace, sandbox, clock):
    """Grace has been asked; her reminder is to come in three days."""
    made = make_campaign(ada, remind_after=3, reminder=invitations.REMINDER)
    launch.launch(made, ada.user, clock())
    walk_to_the_end(clock)
    made.refresh_from_db()
    return made


def reminder():
    return Message.objects.get(kind="reminder")


def three_days_later(clock):
    clock.go(days=3)
    for _ in range(3):
        work(clock, minutes=1)


def test_three_days_later_come_other_words_and_the_same_link_without_a_picture(asked, sandbox, clock):
    clock.go(days=2, hours=23)
    work(clock)
    assert kinds(sandbox) == ASKED
    three_days_later(clock)
    assert kinds(sandbox) == REMINDED
    ask, once_more = (effect["parts"] for effect in ledger(sandbox, "message")[1:])
    assert once_more[0]["value"].startswith("Hi Grace, Ada from Ada's Bakery once more.")
    assert once_more[1] == ask[2]


def test_it_uses_the_chat_there_is_and_no_first_touch(asked, ada, sandbox, clock):
    three_days_later(clock)
    ada.line.refresh_from_db()
    assert (len(ledger(sandbox, "chat")), ada.line.day < clock().date()) == (1, True)


def test_nobody_is_reminded_twice_however_often_the_clock_ticks(asked, sandbox, clock):
    for _ in range(20):
        work(clock, minutes=24 * 60)
    assert kinds(sandbox) == REMINDED


def test_the_database_holds_it_to_one_per_delivery(asked, ada, grace):
    again = {"organization": ada.organization, "business": ada.business, "customer": grace, "round": 2}
    with pytest.raises(IntegrityError):
        Message.objects.create(delivery=only_delivery(asked), kind="reminder", **again)


def test_a_campaign_without_one_sends_none(campaign, sandbox, clock):
    walk_to_the_end(clock)
    three_days_later(clock)
    assert kinds(sandbox) == ASKED


def test_the_database_takes_one_to_fourteen_days(ada):
    with pytest.raises(IntegrityError):
        make_campaign(ada, remind_after=15)


def test_the_campaign_runs_until_its_last_reminder_and_the_counts_stay(asked, sandbox, clock):
    assert (asked.state, asked.counts()) == (status.Campaign.RUNNING, {"read": 1})
    three_days_later(clock)
    asked.refresh_from_db()
    assert (asked.state, asked.counts()) == (status.Campaign.FINISHED, {"read": 1})


def test_the_row_says_when_it_is_to_come_and_when_it_went(asked, sandbox, clock):
    delivery = only_delivery(asked)
    assert delivery.remind_at - delivery.sent_at == timedelta(days=3)
    three_days_later(clock)
    delivery.refresh_from_db()
    assert delivery.remind_at is None
    assert delivery.reminded_at - delivery.sent_at >= timedelta(days=3)


def test_the_word_and_the_times_of_the_row_stay_those_of_the_request(asked, sandbox, clock):
    delivery = only_delivery(asked)
    three_days_later(clock)
    Message.objects.filter(kind="ask").update(status="delivered", read_at=None)
    delivery.refresh()
    assert reminder().status == "read"
    assert (only_delivery(asked).status, only_delivery(asked).read_at) == ("delivered", None)


def test_a_sunday_morning_is_put_off_until_noon(ada, grace, sandbox, clock):
    clock.to(clock().replace(day=5, hour=15, minute=30))  # a Thursday, 9:30 in Chicago
    launch.launch(make_campaign(ada, remind_after=3, reminder="Once more?"), ada.user, clock())
    walk_to_the_end(clock)
    local = reminder().due_at.astimezone(ada.business.zone)
    assert (local.strftime("%A"), local.hour, local.minute) == ("Sunday", 12, 0)


def test_night_holds_it_back_at_the_moment_of_sending(asked, sandbox, clock):
    clock.to(reminder().due_at.replace(hour=5))
    Message.objects.filter(kind="reminder").update(due_at=clock())
    work(clock)
    assert (kinds(sandbox), reminder().reason[:11]) == (ASKED, "Quiet until")


# --- what takes it back ---------------------------------------------------------------------------------------------


def opened(campaign, clock, agent="Mobile Safari", **more):
    links.open_link(only_delivery(campaign).token, agent=agent, robot=links.is_robot(agent, **more), now=clock())


def mark_reviewed(customer, clock):
    Customer.objects.filter(pk=customer.pk).update(reviewed_at=clock())


def test_who_opens_the_link_is_not_reminded_and_the_campaign_ends(asked, sandbox, clock):
    opened(asked, clock)
    assert (reminder().status, reminder().reason) == ("cancelled", "The link was opened")
    work(clock)
    asked.refresh_from_db()
    assert (asked.state, only_delivery(asked).remind_at) == (status.Campaign.FINISHED, None)


def test_a_preview_robot_takes_nothing_back(asked, sandbox, clock):
    opened(asked, clock, agent="facebookexternalhit/1.1")
    three_days_later(clock)
    assert kinds(sandbox) == REMINDED


@pytest.mark.parametrize("words", ["Thanks, will do!", "STOP", "Please don't text me"])
def test_whoever_answers_is_not_reminded(asked, sandbox, clock, grace, words):
    answer(sandbox, clock, grace, words)
    assert reminder().status == "cancelled"
    three_days_later(clock)
    assert ["text", "rich_link"] not in kinds(sandbox)


def test_an_answer_to_the_greeting_is_an_answer(ada, grace, sandbox, clock):
    launch.launch(make_campaign(ada, remind_after=3, reminder="Once more?"), ada.user, clock())
    work(clock)
    answer(sandbox, clock, grace, "You're welcome!")
    walk_to_the_end(clock)
    assert (kinds(sandbox), Message.objects.filter(kind="reminder").count()) == (ASKED, 0)


def test_an_answer_to_another_location_of_the_organization_counts_as_well(asked, ada, grace, sandbox, clock):
    other = Business.objects.create(organization=ada.organization, name="Ada's Café", slug="cafe", sender="Ada")
    make_customer(other, phone=grace.phone, chat_id="elsewhere")
    answer(sandbox, clock, grace, "Hello!")
    assert reminder().status == "cancelled"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"is_insider": True}, "Employee or relative"),
        ({"reviewed_at": "now"}, "Has reviewed already"),
        ({"paused_at": "now", "paused_words": "Who?"}, "Waits for somebody to read: “Who?”"),
        ({"consent_basis": ""}, "Nobody has recorded"),
        ({"stopped_at": "now"}, "Asked us to stop"),
        ({"chat_id": ""}, "Nobody knows the chat"),
    ],
)
def test_it_is_asked_again_at_the_moment_of_sending(asked, sandbox, clock, grace, values, reason):
    """Whatever was learnt without anybody taking the reminder back."""
    Customer.objects.update(**{name: clock() if value == "now" else value for name, value in values.items()})
    three_days_later(clock)
    assert (kinds(sandbox), reminder().status) == (ASKED, "cancelled")
    assert reminder().reason.startswith(reason)


def test_an_opening_nobody_told_is_seen_at_the_moment_of_sending(asked, sandbox, clock):
    asked.deliveries.update(clicked_at=clock())
    three_days_later(clock)
    assert (kinds(sandbox), reminder().reason) == (ASKED, "The link was opened")


def test_two_unanswered_requests_are_enough(ada, grace, sandbox, clock):
    """Two campaigns without a word back: the reminder of the second would be the third request."""
    for number, days in enumerate((None, 3)):
        campaign = make_campaign(ada, name=f"Campaign {number}", remind_after=days, reminder="Once more?")
        launch.launch(campaign, ada.user, clock())
        walk_to_the_end(clock)
        three_days_later(clock)
        clock.go(days=91)
    assert len(kinds(sandbox)) == 3
    assert Message.objects.get(kind="reminder", status="cancelled").reason.startswith("Two requests in a row")


def test_request_and_reminder_without_a_word_back_are_the_last(asked, sandbox, clock, grace):
    three_days_later(clock)
    clock.go(days=400)
    assert audience.why_not(grace, clock()).code == "unanswered"


def test_who_opened_a_link_since_is_counted_anew(ada, grace, sandbox, clock):
    launch.launch(make_campaign(ada), ada.user, clock())
    walk_to_the_end(clock)
    Click.objects.create(delivery=grace.deliveries.get(), at=clock())
    clock.go(days=91)
    launch.launch(make_campaign(ada, name="Spring", remind_after=3, reminder="Once more?"), ada.user, clock())
    walk_to_the_end(clock)
    three_days_later(clock)
    assert kinds(sandbox)[-1] == ["text", "rich_link"]


def test_a_request_that_chert_could_not_deliver_is_not_repeated(asked, sandbox, clock):
    Message.objects.filter(kind="ask").update(status="refused")
    three_days_later(clock)
    assert (kinds(sandbox), reminder().reason) == (ASKED, "The request did not reach them")


def test_stopped_between_claim_and_call(asked, sandbox, clock, grace):
    clock.go(days=3)
    [claimed] = leases.claim(clock(), 8)
    replies.stop(grace, "Asked us by phone", None, clock())
    with pytest.raises(LeaseLost):
        walk(claimed, clock)
    assert kinds(sandbox) == ASKED


def test_opened_between_claim_and_call(asked, sandbox, clock):
    clock.go(days=3)
    [claimed] = leases.claim(clock(), 8)
    opened(asked, clock)
    walk_or_lose(claimed, clock)
    assert (kinds(sandbox), reminder().status) == (ASKED, "cancelled")


def walk_or_lose(claimed, clock):
    with pytest.raises(LeaseLost):
        walk(claimed, clock)


# --- pause, cancel, again, doubt ------------------------------------------------------------------------------------


def test_a_paused_campaign_reminds_nobody_until_it_goes_on(asked, ada, sandbox, clock):
    steering.pause(asked, ada.user)
    three_days_later(clock)
    assert kinds(sandbox) == ASKED
    steering.resume(asked, ada.user)
    work(clock)
    assert kinds(sandbox) == REMINDED


def test_a_cancelled_campaign_reminds_nobody(asked, ada, sandbox, clock):
    steering.cancel(asked, ada.user, clock())
    three_days_later(clock)
    assert (kinds(sandbox), asked.counts(), reminder().status) == (ASKED, {"read": 1}, "cancelled")


def test_dropping_the_reminders_ends_the_campaign_and_says_so(asked, ada, sandbox, clock):
    steering.drop_reminders(asked, ada.user, clock())
    three_days_later(clock)
    asked.refresh_from_db()
    assert (kinds(sandbox), asked.state) == (ASKED, status.Campaign.FINISHED)


def test_sending_again_by_hand_takes_the_place_of_the_reminder(asked, ada, sandbox, clock):
    resend.resend(only_delivery(asked), ada.user, "She asked for it", clock())
    walk_to_the_end(clock)
    three_days_later(clock)
    assert kinds(sandbox) == [*ASKED, ["media", "text", "rich_link"]]
    assert reminder().reason == "Was sent again by hand"


def test_a_reminder_counts_for_the_cool_down(asked, sandbox, clock, grace):
    three_days_later(clock)
    Click.objects.create(delivery=only_delivery(asked), at=clock() + timedelta(hours=1))
    clock.go(days=88)
    grace.refresh_from_db()
    assert audience.why_not(grace, clock()).code == "recent"


def test_a_doubtful_one_is_parked_and_told_and_the_campaign_ends(asked, sandbox, clock):
    clock.go(days=3)
    Message.objects.filter(kind="reminder").update(is_unclear=True, attempts=8, first_attempt_at=clock())
    work(clock)
    asked.refresh_from_db()
    delivery = only_delivery(asked)
    assert (reminder().status, delivery.status, asked.state) == ("in_doubt", "read", "finished")
    assert delivery.reason.startswith("The reminder may have been sent.")


def test_it_arrived_plans_one_and_only_while_the_campaign_runs(asked, ada, sandbox, clock):
    Message.objects.filter(kind="reminder").delete()
    ask = Message.objects.get(kind="ask")
    for state, planned in (("finished", 0), ("running", 1), ("running", 1)):
        Campaign.objects.update(state=state)
        Message.objects.filter(pk=ask.pk).update(status="in_doubt")
        outbox.it_arrived(Message.objects.get(pk=ask.pk), ada.user, clock())
        assert Message.objects.filter(kind="reminder").count() == planned


def test_all_at_once_is_followed_by_one_too(ada, grace, sandbox, clock):
    campaign = make_campaign(ada, flow=Business.Flow.ALL_AT_ONCE, ask=FIRST, remind_after=1, reminder="?")
    turn(sandbox, triple_in_first=True)
    launch.launch(campaign, ada.user, clock())
    walk_to_the_end(clock)
    clock.go(days=1)
    work(clock)
    assert kinds(sandbox)[-1] == ["text", "rich_link"]


# --- killed ---------------------------------------------------------------------------------------------------------


def greeted(ada, clock, number):
    """One new customer who has been greeted; the request and a day later the reminder are still to come."""
    ada.business.window = "00:00-24:00"
    ada.business.save()
    customer = make_customer(ada.business, number)
    campaign = make_campaign(ada, name=f"Campaign {number}", remind_after=1, reminder="Once more?")
    launch.launch(campaign, ada.user, clock())
    Campaign.objects.update(card=None)  # no picture: quicker
    outbox.run(hands=0)
    return customer


def runs_into_death(clock):
    """The request, and the reminder a day later; True when the worker died on the way."""
    try:
        clock.go(minutes=3)
        outbox.run(hands=0)
        clock.go(days=1)
        outbox.run(hands=0)
    except Killed:
        return True
    return False


def dies_at(nth, clock):
    statements = count(1)

    def wrapper(execute, sql, params, many, context):
        if not sql.startswith("SELECT") and next(statements) == nth:
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        return runs_into_death(clock)


def got(sandbox, customer):
    return [[p["type"] for p in e["parts"]] for e in ledger(sandbox, "message") if e["phone"] == customer.phone]


def another_worker_goes_on(clock):
    die()
    for minutes in (0, 3, 24 * 60, 5):
        clock.go(minutes=minutes)
        outbox.run(hands=0)
    outbox.sweep(clock())


EACH_ONCE = [["text"], ["text", "rich_link"], ["text", "rich_link"]]


def test_killed_at_the_nth_write_for_every_n(ada, sandbox, clock):
    """The request is never without its reminder, and neither comes twice; a read changes nothing."""
    for nth in count(1):
        customer = greeted(ada, clock, nth)
        died = dies_at(nth, clock)
        another_worker_goes_on(clock)
        assert got(sandbox, customer) == EACH_ONCE, f"killed at write {nth}"
        if not died:
            break
    assert nth > 15
    assert not Campaign.objects.exclude(state=status.Campaign.FINISHED).exists()


@pytest.mark.parametrize("point", ["before", "after"])
def test_killed_before_or_after_chert_took_the_reminder(ada, sandbox, wire, clock, point):
    customer = greeted(ada, clock, 1)
    work(clock, minutes=3)
    setattr(wire, point, lambda request, *_: kill() if is_send(request) else None)
    clock.go(days=1)
    with pytest.raises(Killed):
        outbox.run(hands=0)
    wire.before = wire.after = lambda *_: None
    another_worker_goes_on(clock)
    assert got(sandbox, customer) == EACH_ONCE


def kill():
    raise Killed


def test_where_one_unanswered_request_is_enough_nobody_is_reminded(ada, grace, sandbox, clock):
    Business.objects.filter(pk=ada.business.pk).update(most_unanswered=1)
    launch.launch(make_campaign(ada, remind_after=1, reminder=invitations.REMINDER), ada.user, clock())
    walk_to_the_end(clock)
    assert not Message.objects.filter(kind="reminder").exists()
