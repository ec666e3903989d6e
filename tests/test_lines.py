"""The slot book of the lines: budget and gap, over days, restarts and several lines (M12, I12)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from campaigns import launch, lines
from campaigns.models import Line, Message
from campaigns.sandbox import ledger as book
from tests.cast import NOON, at_once, die, introduce, ledger, make_campaign, make_customer, turn, work

CHICAGO = ZoneInfo("America/Chicago")
LIVE = "https://console.trychert.com/api/v1"


def strict(ada, sandbox, **more):
    """Ada's line as Chert has it: 30 a day, ten minutes apart; the sandbox counts too."""
    Line.objects.filter(pk=ada.line.pk).update(**{"budget": 30, "gap": 600} | more)
    introduce(sandbox, ada.organization)
    ada.line.refresh_from_db()


def first_touches(sandbox):
    return [datetime.fromisoformat(e["at"]) for e in ledger(sandbox, "chat")]


def gaps(moments):
    return [later - earlier for earlier, later in pairwise(moments)]


def test_forty_five_customers_on_one_line_take_two_days_and_never_less_than_ten_minutes(ada, sandbox, clock):
    """30 on day one, 15 on day two, the worker killed and started again every hour; Chert never has to say no."""
    strict(ada, sandbox)
    for number in range(45):
        make_customer(ada.business, number)
    launch.launch(make_campaign(ada), ada.user, clock())
    for tick in range(30 * 12):
        work(clock, minutes=5)
        if tick % 12 == 0:
            die()
    moments = first_touches(sandbox)
    days = [moment.astimezone(CHICAGO).day for moment in moments]
    assert (days.count(2), days.count(3), len(days)) == (30, 15, 45)
    assert min(gaps(moments)) >= timedelta(minutes=10)
    assert book.counts(sandbox.store)["duplicates"] == 0
    assert not Message.objects.exclude(status="read").exists()


def test_ten_minutes_are_kept_by_jitter_upwards_only(ada, sandbox, clock):
    strict(ada, sandbox, budget=1000)
    waits = []
    for _ in range(50):
        lines.take_slot(ada.business, clock())
        waits.append(Line.objects.get().next_at - clock())
        clock.go(hours=1)
    assert timedelta(minutes=10) <= min(waits) < max(waits) <= timedelta(minutes=11)


def test_a_slot_inside_the_gap_is_refused_with_the_moment_of_the_next(ada, sandbox, clock):
    strict(ada, sandbox)
    lines.take_slot(ada.business, clock())
    with pytest.raises(lines.NoSlot, match="Next in line") as full:
        lines.take_slot(ada.business, clock())
    assert full.value.until == Line.objects.get().next_at


def test_the_thirty_first_of_a_day_waits_for_tomorrow_and_says_so(ada, sandbox, clock):
    strict(ada, sandbox, gap=0)
    for _ in range(30):
        lines.take_slot(ada.business, clock())
    with pytest.raises(lines.NoSlot, match="its 30 first messages of today") as full:
        lines.take_slot(ada.business, clock())
    assert full.value.until == datetime(2026, 3, 3, 6, 0, tzinfo=UTC)  # midnight in Chicago


def test_the_day_is_the_businesss_own(ada, sandbox, clock):
    strict(ada, sandbox, gap=0, budget=1)
    clock.to(datetime(2026, 3, 3, 5, 59, tzinfo=UTC))  # 23:59 in Chicago, tomorrow in UTC
    lines.take_slot(ada.business, clock())
    with pytest.raises(lines.NoSlot):
        lines.take_slot(ada.business, clock())
    clock.go(minutes=1)
    assert lines.take_slot(ada.business, clock()) == ada.line


def test_a_clock_that_jumps_back_gives_no_second_budget(ada, sandbox, clock):
    """F-60."""
    strict(ada, sandbox, gap=0, budget=1)
    lines.take_slot(ada.business, clock())
    clock.to(NOON - timedelta(days=1))
    with pytest.raises(lines.NoSlot):
        lines.take_slot(ada.business, clock())


def test_two_lines_share_the_work(ada, sandbox, clock):
    strict(ada, sandbox)
    second = Line.objects.create(organization=ada.organization, number="+15125550101", budget=30, gap=600)
    taken = {lines.take_slot(ada.business, clock()).pk for _ in range(2)}
    assert taken == {ada.line.pk, second.pk}
    with pytest.raises(lines.NoSlot):
        lines.take_slot(ada.business, clock())


@pytest.mark.parametrize("change", [{"is_active": False}, {"budget": 0}])
def test_a_line_that_may_not_send_is_no_line(ada, clock, change):
    Line.objects.update(**change)
    with pytest.raises(lines.NoSlot, match="No active line") as none:
        lines.take_slot(ada.business, clock())
    assert none.value.until is None


def test_a_line_of_another_location_is_not_taken(ada, clock):
    other = ada.organization.businesses.create(organization=ada.organization, name="Café", slug="cafe", sender="Ada")
    Line.objects.update(business=other)
    assert lines.usable(ada.business) == []
    assert lines.usable(other) == [ada.line]


def test_a_rest_never_shortens_a_gap(ada, sandbox, clock):
    strict(ada, sandbox)
    lines.take_slot(ada.business, clock())
    before = Line.objects.get().next_at
    lines.rest(ada.line, clock() + timedelta(seconds=1))
    assert Line.objects.get().next_at == before
    lines.rest(ada.line, clock() + timedelta(hours=2))
    assert Line.objects.get().next_at == clock() + timedelta(hours=2)


def test_on_the_real_chert_a_line_keeps_cherts_pace_whatever_its_row_says(ada, clock, settings):
    """M12: may be lowered, never raised above what the provider allows."""
    settings.CHERT_API_BASE = LIVE
    Line.objects.update(budget=1000, gap=0)
    for _ in range(30):
        lines.take_slot(ada.business, clock())
        clock.go(minutes=11)
    with pytest.raises(lines.NoSlot):
        lines.take_slot(ada.business, clock())


def test_a_lower_budget_is_kept_on_the_real_chert(ada, clock, settings):
    settings.CHERT_API_BASE = LIVE
    Line.objects.update(budget=5, gap=1200)
    ada.line.refresh_from_db()
    assert (lines.budget(ada.line), lines.gap(ada.line)) == (5, 1200)


def test_the_plan_knows_the_pace_of_the_line(ada, sandbox, clock):
    strict(ada, sandbox)
    for number in range(45):
        make_customer(ada.business, number)
    plan = launch.check(make_campaign(ada), clock())
    assert [count for _, count in plan.by_day] == [30, 15]
    assert plan.finishes_at.astimezone(CHICAGO).date().isoformat() == "2026-03-03"


@pytest.mark.django_db(transaction=True)
def test_many_hands_take_a_slot_of_one_line_only_once(ada, sandbox, clock):
    strict(ada, sandbox)
    taken = at_once([lambda: lines.take_slot(ada.business, clock())] * 8)
    assert (len([t for t in taken if isinstance(t, Line)]), Line.objects.get().used) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_many_hands_never_take_more_than_the_budget(ada, sandbox, clock):
    strict(ada, sandbox, gap=0, budget=5)
    taken = at_once([lambda: lines.take_slot(ada.business, clock())] * 12)
    assert (len([t for t in taken if isinstance(t, Line)]), Line.objects.get().used) == (5, 5)


def test_a_business_that_moves_west_gets_no_second_budget_for_the_day_it_began(ada, sandbox, clock):
    strict(ada, sandbox, gap=0, budget=1)
    clock.to(datetime(2026, 3, 3, 6, 30, tzinfo=UTC))  # past midnight in Chicago, the evening before in Honolulu
    lines.take_slot(ada.business, clock())
    ada.business.timezone = "Pacific/Honolulu"
    with pytest.raises(lines.NoSlot) as full:
        lines.take_slot(ada.business, clock())
    assert full.value.until == datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # the end of 3 March in Honolulu


def test_a_clock_set_back_an_hour_keeps_the_gap(ada, sandbox, clock):
    """F-60."""
    strict(ada, sandbox)
    lines.take_slot(ada.business, clock())
    free = Line.objects.get().next_at
    clock.go(hours=-1)
    with pytest.raises(lines.NoSlot) as full:
        lines.take_slot(ada.business, clock())
    assert full.value.until == free


def taken(ada, clock):
    return lines.take_slot(ada.business, clock())


def again(ada, line, since, clock):
    return lines.keep_slot(line, ada.business, since, clock())


def test_a_first_touch_that_is_tried_again_keeps_its_slot_and_the_gap_counts_from_there(ada, sandbox, clock):
    strict(ada, sandbox)
    line, begun = taken(ada, clock), clock()
    clock.go(minutes=9)
    again(ada, line, begun, clock)
    clock.go(minutes=9)
    with pytest.raises(lines.NoSlot):
        taken(ada, clock)
    assert Line.objects.get(pk=line.pk).used == 1


def test_a_first_touch_that_is_tried_again_waits_for_another_ones_gap(ada, sandbox, clock):
    strict(ada, sandbox)
    line, begun = taken(ada, clock), clock()
    clock.go(minutes=11)
    taken(ada, clock)
    clock.go(minutes=5)
    with pytest.raises(lines.NoSlot) as no:
        again(ada, line, begun, clock)
    assert no.value.until == Line.objects.get(pk=line.pk).next_at


def test_a_first_touch_that_is_tried_again_on_another_day_counts_there(ada, sandbox, clock):
    strict(ada, sandbox, budget=1)
    line, begun = taken(ada, clock), clock()
    clock.go(days=1)
    again(ada, line, begun, clock)
    clock.go(hours=1)
    with pytest.raises(lines.NoSlot, match="1 first messages of today"):
        taken(ada, clock)


def test_tries_again_and_first_tries_together_keep_ten_minutes_apart(ada, sandbox, wire, clock):
    """Chert does not answer the first; it goes at last when the second one's slot has come (I12)."""
    strict(ada, sandbox)
    for number in range(4):
        make_customer(ada.business, number)
    launch.launch(make_campaign(ada), ada.user, clock())
    turn(sandbox, p500=0.7, seed=3, only="POST /chats")
    for _ in range(90):
        work(clock, minutes=1)
    moments = first_touches(sandbox)
    assert (len(moments), min(gaps(moments)) >= timedelta(minutes=10)) == (4, True)
