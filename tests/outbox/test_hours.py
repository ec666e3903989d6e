"""Quiet hours are asked at the moment of sending, not at launch (M6, M7, M8)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import launch, outbox, resend
from campaigns.models import Business, Line, Message
from tests.cast import (
    answer,
    kinds,
    ledger,
    make_campaign,
    make_customer,
    only_delivery,
    turn,
    walk_to_the_end,
    work,
)

CHICAGO = ZoneInfo("America/Chicago")
LIVE = "https://console.trychert.com/api/v1"


def launched(ada, clock, **more):
    campaign = make_campaign(ada, **more)
    launch.launch(campaign, ada.user, clock())
    return campaign


def test_what_would_leave_at_night_waits_and_says_until_when(ada, grace, sandbox, clock):
    campaign = launched(ada, clock)
    Message.objects.filter(kind="ask").update(due_at=clock())
    clock.to(datetime(2026, 3, 2, 20, 0, tzinfo=CHICAGO))
    work(clock)
    assert (kinds(sandbox), only_delivery(campaign).reason) == ([], "Quiet until Tuesday 9:00 Chicago")
    clock.to(datetime(2026, 3, 3, 8, 59, 59, tzinfo=CHICAGO))
    work(clock)
    assert kinds(sandbox) == []
    work(clock, minutes=0.1)
    assert kinds(sandbox) == [["text"]]


def test_the_ask_of_an_evening_greeting_waits_for_the_morning(ada, grace, sandbox, clock):
    clock.to(datetime(2026, 3, 2, 19, 59, tzinfo=CHICAGO))
    launched(ada, clock)
    work(clock)
    work(clock, minutes=3)
    assert kinds(sandbox) == [["text"]]
    clock.to(datetime(2026, 3, 3, 9, 0, tzinfo=CHICAGO))
    work(clock)
    assert len(kinds(sandbox)) == 2


def test_an_answer_at_night_does_not_hurry_the_ask_into_the_night(ada, grace, sandbox, clock):
    clock.to(datetime(2026, 3, 2, 19, 59, tzinfo=CHICAGO))
    launched(ada, clock)
    work(clock)
    clock.to(datetime(2026, 3, 2, 20, 0, tzinfo=CHICAGO))
    answer(sandbox, clock, grace, "Hi Ada!")
    work(clock)
    assert kinds(sandbox) == [["text"]]


def test_a_picture_that_is_finished_after_closing_time_waits_for_the_morning(ada, grace, sandbox, wire, clock):
    """The hours are asked again just before the call: drawing and uploading take their time."""
    known(ada, grace, sandbox, clock)
    clock.to(datetime(2026, 6, 1, 19, 59, tzinfo=CHICAGO))
    launched(ada, clock, name="Summer")
    wire.before = lambda request: clock.go(minutes=1) if request.method == "PUT" else None
    outbox.run(hands=0)
    assert len(kinds(sandbox)) == 2


def known(ada, grace, sandbox, clock):
    launched(ada, clock)
    walk_to_the_end(clock)
    assert len(kinds(sandbox)) == 2


def test_a_confirmation_of_a_stop_goes_out_at_night_all_the_same(ada, grace, sandbox, clock):
    clock.to(datetime(2026, 3, 2, 19, 59, tzinfo=CHICAGO))
    launched(ada, clock)
    work(clock)
    clock.to(datetime(2026, 3, 2, 23, 0, tzinfo=CHICAGO))
    answer(sandbox, clock, grace, "STOP")
    work(clock)
    assert len(kinds(sandbox)) == 2


def test_a_manual_sending_waits_for_the_morning_too(ada, grace, sandbox, clock):
    known(ada, grace, sandbox, clock)
    clock.to(datetime(2026, 3, 2, 22, 0, tzinfo=CHICAGO))
    resend.resend(only_delivery(ada.business.campaigns.get()), ada.user, "Lost phone", clock())
    work(clock)
    assert len(kinds(sandbox)) == 2
    clock.to(datetime(2026, 3, 3, 9, 0, tzinfo=CHICAGO))
    work(clock)
    assert len(kinds(sandbox)) == 3


def test_the_customers_own_zone_decides(ada, sandbox, clock):
    """Noon in Chicago is eight in the morning in Honolulu."""
    make_customer(ada.business, timezone="Pacific/Honolulu")
    campaign = launched(ada, clock)
    work(clock)
    assert only_delivery(campaign).reason == "Quiet until Monday 9:00 Honolulu"
    work(clock, minutes=61)
    assert kinds(sandbox) == [["text"]]


def test_where_only_the_number_hints_every_zone_must_allow_it(ada, sandbox, clock):
    """M7: a Hawaiian number without a zone of its own waits for Honolulu and for Chicago."""
    make_customer(ada.business, timezone="", phone="+18085551234")
    launched(ada, clock)
    work(clock)
    assert kinds(sandbox) == []
    clock.to(datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Pacific/Honolulu")))
    work(clock)
    assert kinds(sandbox) == [["text"]]


def test_a_number_that_hints_at_nothing_takes_the_businesss_zone(ada, sandbox, clock):
    make_customer(ada.business, timezone="", phone="+15215550142")  # a personal number: nobody lives there
    launched(ada, clock)
    work(clock)
    assert kinds(sandbox) == [["text"]]


def test_hours_too_wide_for_the_real_chert_fall_back_to_the_default(campaign, sandbox, wire, clock, settings):
    """A sandbox's business that goes live must neither write at night nor fail its customers."""
    Business.objects.update(window="00:00-24:00")
    settings.CHERT_API_BASE = LIVE
    clock.to(datetime(2026, 3, 2, 22, 0, tzinfo=CHICAGO))
    Message.objects.filter(kind="ask").update(due_at=clock())
    outbox.run(hands=0)
    assert (wire.requests, only_delivery(campaign).reason) == ([], "Quiet until Tuesday 9:00 Chicago")


def test_hours_nobody_can_read_fall_back_to_the_default(campaign, sandbox, clock):
    Business.objects.update(window="garbage")
    work(clock)
    assert kinds(sandbox) == [["text"]]


def test_zones_without_a_common_hour_end_the_row_in_words(ada, sandbox, clock):
    """The launch leaves such people out; here the hours were made narrower after it."""
    make_customer(ada.business, timezone="", phone="+18085551234")
    campaign = launched(ada, clock)
    Business.objects.update(window="09:00-10:00")
    work(clock, minutes=70)
    delivery = only_delivery(campaign)
    assert (delivery.status, kinds(sandbox)) == ("refused", [])
    assert "time zones this customer may be in" in delivery.reason


@pytest.mark.parametrize("begin", [datetime(2026, 3, 6, 18, tzinfo=UTC), datetime(2026, 10, 30, 18, tzinfo=UTC)])
def test_over_both_nights_of_the_change_every_message_leaves_inside_its_customers_hours(ada, sandbox, clock, begin):
    """F-60: five days, a customer every two hours, four zones; every message the pretend Chert took is checked."""
    clock.to(begin)
    zones = ["America/New_York", "America/Chicago", "America/Phoenix", "Pacific/Honolulu"]
    for number in range(40):
        make_customer(ada.business, number, timezone=zones[number % 4])
    campaign = launched(ada, clock)
    spread_over(campaign, begin)
    for _ in range(5 * 24 * 2):
        work(clock, minutes=30)
        Line.objects.update(released_at=clock())  # nobody answers here, and still the line shall not rest
    homes = {c.phone: ZoneInfo(c.timezone) for c in ada.business.customers.all()}
    moments = [(datetime.fromisoformat(e["at"]), homes[e["phone"]]) for e in ledger(sandbox, "message")]
    assert len(moments) == 80
    assert [moment for moment, zone in moments if not is_inside(moment, zone)] == []


def spread_over(campaign, begin):
    for hours, ask in enumerate(Message.objects.filter(kind="ask", delivery__campaign=campaign)):
        Message.objects.filter(pk=ask.pk).update(due_at=begin + timedelta(hours=2 * hours))


def is_inside(moment, zone):
    local = moment.astimezone(zone)
    return time(12 if local.weekday() == 6 else 9) <= local.time() < time(20)


def test_the_kind_of_message_makes_no_difference(ada, grace, sandbox, clock):
    """M8: greeting, ask and everything at once wait alike."""
    turn(sandbox, triple_in_first=True)
    words = "Hi from {business}. How did it go? Reply STOP to end."
    launched(ada, clock, flow="all_at_once", ask=words)
    Message.objects.update(due_at=clock())
    clock.to(datetime(2026, 3, 2, 21, 0, tzinfo=CHICAGO))
    work(clock)
    assert kinds(sandbox) == []
