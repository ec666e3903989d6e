"""The rest tomorrow: nobody new today, what has begun is brought to its end, and the plan and the page say so."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import launch, outbox, plans
from campaigns.models import AuditEntry, Campaign, Message
from campaigns.outbox import leases
from campaigns.outbox.walk import walk
from campaigns.steering import another_day
from tests.cast import NAMES, NOON, at_once, kinds, ledger, make_campaign, make_customer, walk_to_the_end, work

CHICAGO = ZoneInfo("America/Chicago")
TOMORROW = datetime(2026, 3, 3, 9, 0, tzinfo=CHICAGO)


@pytest.fixture
def three(ada, clock):
    """Three to be asked, twelve minutes apart, and nothing sent yet."""
    ada.line.gap = 720
    ada.line.save()
    for number in range(3):
        make_customer(ada.business, number, first_name=NAMES[number])
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    return made


def rounds(sandbox):
    return len(ledger(sandbox, "message"))


def test_who_has_been_greeted_gets_the_picture_and_nobody_else_hears_anything(three, ada, sandbox, clock):
    work(clock)
    another_day.rest(three, ada.user, clock())
    for _ in range(20):
        work(clock, minutes=15)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]


def test_the_next_morning_it_goes_on_with_everybody_once(three, ada, sandbox, clock):
    work(clock)
    assert another_day.rest(three, ada.user, clock()) == TOMORROW
    walk_to_the_end(clock)
    clock.to(TOMORROW.astimezone(UTC))
    for _ in range(30):
        work(clock, minutes=1)
    assert (three.counts(), rounds(sandbox)) == ({"read": 3}, 6)


def test_going_on_today_goes_on_at_once(three, ada, sandbox, clock):
    another_day.rest(three, ada.user, clock())
    outbox.run(hands=0)
    another_day.go_on_today(three, ada.user, clock())
    work(clock)
    assert (three.rests_until, rounds(sandbox)) == (None, 1)


def test_what_is_claimed_and_not_called_waits_too(three, ada, sandbox, clock):
    Message.objects.filter(kind="ask").update(due_at=None)
    Message.objects.filter(kind="greeting").update(due_at=clock())
    held = leases.claim(clock(), 1)
    another_day.rest(three, ada.user, clock())
    with pytest.raises(Exception, match="message"):
        walk(held[0], clock)
    assert ledger(sandbox) == []


def test_a_message_claimed_in_the_moment_of_the_rest_is_let_go(three, ada, sandbox, clock):
    leases.claim(clock(), 1)
    Campaign.objects.update(rests_until=TOMORROW)
    held = Message.objects.select_related("delivery__campaign", "organization").get(lease_until__isnull=False)
    walk(held, clock)
    held.refresh_from_db()
    assert (held.lease_until, ledger(sandbox)) == (None, [])


def test_a_second_click_says_until_when_it_waits_already(three, ada, clock):
    another_day.rest(three, ada.user, clock())
    with pytest.raises(launch.NotPossible, match="waits already, until Tuesday 9:00"):
        another_day.rest(three, ada.user, clock())
    assert AuditEntry.objects.filter(act="rest until tomorrow").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_click_at_once_are_heard_once(three, ada, clock):
    ends = at_once([lambda: another_day.rest(Campaign.objects.get(pk=three.pk), ada.user, clock())] * 6)
    assert sum(isinstance(end, datetime) for end in ends) == 1
    assert AuditEntry.objects.filter(act="rest until tomorrow").count() == 1


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ((2026, 3, 2, 23, 59), (2026, 3, 3, 9)),
        ((2026, 3, 3, 0, 1), (2026, 3, 4, 9)),
        ((2026, 3, 7, 12, 0), (2026, 3, 8, 12)),  # a Sunday on which the clocks go forward; Sundays begin at noon
        ((2026, 10, 31, 23, 0), (2026, 11, 1, 12)),  # and back
    ],
)
def test_tomorrow_is_the_next_day_of_the_business_in_its_hours(three, ada, clock, now, until):
    moment = datetime(*now, tzinfo=CHICAGO).astimezone(UTC)
    assert another_day.rest(three, ada.user, moment) == datetime(*until, tzinfo=CHICAGO)


def test_a_day_without_hours_is_passed_by(three, ada, clock):
    ada.business.window = "rhodeisland"
    ada.business.save()
    three.refresh_from_db()
    saturday = datetime(2026, 3, 7, 12, 0, tzinfo=CHICAGO)
    assert another_day.rest(three, ada.user, saturday) == datetime(2026, 3, 9, 9, tzinfo=CHICAGO)


@pytest.mark.parametrize("end", ["paused", "finished", "cancelled", "held"])
def test_a_campaign_that_does_not_run_says_where_it_stands(three, ada, clock, end):
    Campaign.objects.update(state=end)
    for act in (another_day.rest, another_day.go_on_today):
        with pytest.raises(launch.NotPossible, match=end):
            act(three, ada.user, clock())
    three.refresh_from_db()
    assert three.rests_until is None


def test_where_everybody_has_been_asked_nobody_is_left_for_tomorrow(campaign, ada, sandbox, clock):
    work(clock)
    with pytest.raises(launch.NotPossible, match="Nobody is left"):
        another_day.rest(campaign, ada.user, clock())


def test_the_end_is_told_from_the_rest(three, ada, clock):
    another_day.rest(three, ada.user, clock())
    times = sorted(plans.expected(three, clock()).values())
    assert times[0] == TOMORROW
    assert plans.expected_end(three, clock()) == times[-1] >= TOMORROW + timedelta(minutes=24)


def test_other_campaigns_take_the_slots_that_are_left_today(three, ada, sandbox, clock):
    another_day.rest(three, ada.user, clock())
    make_customer(ada.business, 50, first_name="New")
    other = make_campaign(ada, name="Other")
    plan = launch.launch(other, ada.user, clock())
    assert plan.finishes_at == NOON
    work(clock)
    assert rounds(sandbox) == 1


def test_who_is_known_already_waits_for_tomorrow_as_well(ada, sandbox, clock):
    make_customer(ada.business, chat_id="chat_1")
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    another_day.rest(made, ada.user, clock())
    outbox.run(hands=0)
    assert (list(plans.expected(made, clock()).values()), ledger(sandbox)) == ([TOMORROW], [])


def test_who_did_it_is_on_record(three, ada, clock):
    another_day.rest(three, ada.user, clock())
    another_day.go_on_today(three, ada.user, clock())
    acts = AuditEntry.objects.order_by("pk").values_list("act", "by")
    assert list(acts)[1:] == [("rest until tomorrow", ada.user.pk), ("go on today", ada.user.pk)]
