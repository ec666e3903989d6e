"""When a message may start: hours in every plausible zone, both nights of the change of clocks, and honest plans."""

import random
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from campaigns.pacing import PRESETS, BadWindow, Hours, Pace, Turn, Window, gap_with_jitter, opens_at, plan

CHICAGO, NEW_YORK = ZoneInfo("America/Chicago"), ZoneInfo("America/New_York")
HONOLULU, PHOENIX = ZoneInfo("Pacific/Honolulu"), ZoneInfo("America/Phoenix")
LONDON, KATHMANDU = ZoneInfo("Europe/London"), ZoneInfo("Asia/Kathmandu")
DEFAULT = Window.default()


def chicago(day, hour, minute=0, month=3):
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (chicago(2, 8, 59), chicago(2, 9)),  # Monday
        (chicago(2, 9), chicago(2, 9)),
        (chicago(2, 19, 59), chicago(2, 19, 59)),
        (chicago(2, 20), chicago(3, 9)),
        (chicago(2, 23, 59), chicago(3, 9)),
        (chicago(7, 20), chicago(8, 12)),  # Saturday evening: Sunday opens at noon, in the summer time of that morning
        (chicago(8, 11, 59), chicago(8, 12)),
        (chicago(8, 20), chicago(9, 9)),
    ],
)
def test_the_default_hours_walked_along_their_edges(now, opens):
    assert opens_at(now.astimezone(UTC), DEFAULT, [CHICAGO]) == opens


def test_an_open_moment_is_returned_as_it_is():
    now = chicago(2, 12).astimezone(UTC)
    assert opens_at(now, DEFAULT, [CHICAGO, NEW_YORK]) is now


def test_only_hours_allowed_in_every_zone_count():
    """M7: nine in Honolulu is two in the afternoon in Chicago; eight in the evening in Chicago is three there."""
    zones = [CHICAGO, HONOLULU]
    assert opens_at(chicago(3, 9).astimezone(UTC), DEFAULT, zones) == datetime(2026, 3, 3, 9, tzinfo=HONOLULU)
    late = datetime(2026, 3, 3, 17, tzinfo=HONOLULU).astimezone(UTC)
    assert opens_at(late, DEFAULT, zones) == datetime(2026, 3, 4, 9, tzinfo=HONOLULU)


def test_zones_without_a_common_hour_are_said_to_have_none():
    narrow = Window.parse("09:00-10:00")
    with pytest.raises(BadWindow, match="all the time zones"):
        opens_at(chicago(2, 9).astimezone(UTC), narrow, [CHICAGO, HONOLULU])


def test_a_zone_off_by_three_quarters_of_an_hour_is_no_trouble():
    now = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # 8:45 in Kathmandu
    assert opens_at(now, DEFAULT, [KATHMANDU]) == datetime(2026, 3, 2, 9, 0, tzinfo=KATHMANDU)


SPRING, AUTUMN = datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 10, 30, tzinfo=UTC)
MANY = [[CHICAGO], [NEW_YORK, CHICAGO], [PHOENIX, NEW_YORK], [HONOLULU, CHICAGO], [LONDON], [KATHMANDU, LONDON]]


@pytest.mark.parametrize("begin", [SPRING, AUTUMN])
@pytest.mark.parametrize("zones", MANY)
def test_across_the_nights_of_the_change_no_moment_lies_outside_anybodys_hours(begin, zones):
    for minutes in range(0, 5 * 24 * 60, 20):
        opens = opens_at(begin + timedelta(minutes=minutes), DEFAULT, zones)
        assert opens >= begin + timedelta(minutes=minutes)
        assert all(is_inside(opens, zone) for zone in zones)


def is_inside(moment, zone):
    local = moment.astimezone(zone)
    return time(12 if local.weekday() == 6 else 9) <= local.time() < time(20)


@pytest.mark.parametrize("begin", [SPRING, AUTUMN])
def test_across_the_change_the_first_open_moment_is_the_earliest_there_is(begin):
    """Minute by minute, by brute force."""
    for hours in range(0, 5 * 24, 3):
        now = begin + timedelta(hours=hours)
        moment = now
        while not all(is_inside(moment, zone) for zone in (CHICAGO, NEW_YORK)):
            moment += timedelta(minutes=1)
        assert opens_at(now, DEFAULT, [CHICAGO, NEW_YORK]) == moment


def test_a_window_over_the_hour_that_is_skipped_opens_after_it():
    """2:30 does not exist in Chicago on 8 March 2026; only a sandbox may have such hours at all."""
    night = Window.parse("02:30-04:00", may_be_wide=True)
    opens = opens_at(chicago(8, 0, 0).astimezone(UTC), night, [CHICAGO])
    assert opens.astimezone(CHICAGO).time() >= time(3)


def test_a_window_over_the_hour_that_comes_twice_opens_once_and_stays_open():
    night = Window.parse("01:00-04:00", may_be_wide=True)
    begin = chicago(1, 0, 30, month=11).astimezone(UTC)
    opens = opens_at(begin, night, [CHICAGO])
    assert opens == begin + timedelta(minutes=30)
    assert opens_at(opens + timedelta(hours=1), night, [CHICAGO]) == opens + timedelta(hours=1)


def test_no_hours_are_the_default_hours():
    assert Window.parse("") == DEFAULT


@pytest.mark.parametrize(
    "text",
    [
        "9-17",
        "09:00",
        "09:00-17:00-18:00",
        "17:00-09:00",
        "09:00-09:00",
        "25:00-26:00",
        "nine to five",
        "-",
        "09:00–17:00",
    ],
)
def test_hours_that_cannot_be_read_are_refused_in_a_sentence(text):
    with pytest.raises(BadWindow) as bad:
        Window.parse(text)
    assert str(bad.value).endswith(".")


@pytest.mark.parametrize("text", ["07:59-12:00", "12:00-21:01", "00:00-24:00", "08:00-24:00"])
def test_nothing_wider_than_eight_to_twenty_one_is_taken_for_live_sending(text):
    with pytest.raises(BadWindow, match=r"between 8:00 and 21:00"):
        Window.parse(text)
    assert Window.parse(text, may_be_wide=True).days[0] is not None


def test_the_hard_limit_itself_is_allowed():
    assert Window.parse("08:00-21:00").days == (Hours(time(8), time(21)),) * 7


def test_all_day_holds_every_minute():
    window = Window.parse("00:00-24:00", may_be_wide=True)
    now = chicago(2, 23, 59).astimezone(UTC)
    assert opens_at(now, window, [CHICAGO]) == now


def test_the_jitter_comes_from_the_line_the_day_and_the_number_and_only_upwards():
    day = chicago(2, 9).date()
    gaps = [gap_with_jitter(600, "+15125550100", day, used).total_seconds() for used in range(1000)]
    assert 600 <= min(gaps) < 601
    assert 659 < max(gaps) <= 660
    assert gap_with_jitter(600, "+15125550100", day, 7).total_seconds() == gaps[7]
    assert gap_with_jitter(600, "+15125550101", day, 7).total_seconds() != gaps[7]


HERE, FAR = Turn((CHICAGO,)), Turn((HONOLULU,))


def lay(now, people, *lines, window=DEFAULT, zone=CHICAGO):
    return plan(now.astimezone(UTC), people, lines or [Pace(30, 600)], window, zone)


def counts(laid, zone=CHICAGO):
    return [day.count for day in laid.days(zone)]


def test_thirty_a_day_ten_minutes_apart_take_two_days_for_forty_five():
    laid = lay(chicago(2, 9), [HERE] * 45)
    assert counts(laid) == [30, 15]
    assert min(later - earlier for earlier, later in pairwise(laid.times)) >= timedelta(seconds=600)
    assert chicago(3, 11, 20) <= laid.finishes_at <= chicago(3, 11, 34)


def test_each_day_says_when_its_first_one_is():
    days = lay(chicago(6, 12), [HERE] * 90).days(CHICAGO)
    assert [day.first_at for day in days] == [chicago(6, 12), chicago(7, 9), chicago(8, 12)]


def test_five_hundred_on_one_line_take_seventeen_days():
    laid = lay(chicago(2, 9), [HERE] * 500)
    assert len(laid.days(CHICAGO)) == 17
    assert all(is_inside(moment, CHICAGO) for moment in laid.times)


def test_what_a_line_has_done_today_is_taken_into_account():
    assert counts(lay(chicago(2, 12), [HERE] * 5, Pace(30, 600, used_today=28))) == [2, 3]


def test_a_line_that_rests_begins_later():
    rests = chicago(2, 15).astimezone(UTC)
    assert lay(chicago(2, 12), [HERE], Pace(30, 600, free_at=rests)).times == [rests]


def test_two_lines_halve_the_days():
    assert counts(lay(chicago(2, 9), [HERE] * 60, Pace(30, 600), Pace(30, 600))) == [60]


def test_the_plan_names_the_line_of_each_by_its_place_among_those_given():
    laid = lay(chicago(2, 9), [HERE] * 6, Pace(0, 600), Pace(30, 600), Pace(2, 600))
    assert laid.lines == [1, 2, 1, 2, 1, 1]


def test_lines_of_different_pace_share_the_work_by_what_each_may():
    assert counts(lay(chicago(2, 9), [HERE] * 60, Pace(10, 600), Pace(30, 600))) == [40, 20]


def test_who_waits_for_their_morning_is_passed_by_and_keeps_their_turn():
    """Nine in Honolulu is one in the afternoon in Chicago."""
    laid = lay(chicago(2, 9), [FAR, HERE, HERE, FAR])
    nine = datetime(2026, 3, 2, 9, tzinfo=HONOLULU)
    assert laid.times[1] == chicago(2, 9)
    assert laid.times[0] == nine
    assert nine < laid.times[3] < nine + timedelta(minutes=12)


def test_a_line_whose_only_customers_sleep_waits_with_them():
    assert lay(chicago(2, 9), [FAR] * 3).times[0] == datetime(2026, 3, 2, 9, tzinfo=HONOLULU)


def test_the_evening_of_another_place_counts_for_the_day_of_the_business():
    """Past midnight in Chicago is still the evening in Honolulu: a new budget, in the same hours."""
    late = Window.parse("19:00-21:00")
    laid = lay(chicago(2, 23, 30), [FAR] * 8, Pace(4, 600), window=late)
    assert counts(laid) == [3, 4, 1]
    assert all(19 <= moment.astimezone(HONOLULU).hour < 21 for moment in laid.times)


def test_no_line_with_a_budget_is_said_in_a_sentence():
    for lines in ([], [Pace(0, 600)]):
        with pytest.raises(BadWindow, match="daily budget is 0"):
            plan(chicago(2, 9).astimezone(UTC), [HERE], lines, DEFAULT, CHICAGO)


def test_nobody_to_ask_is_a_plan_without_an_end():
    laid = plan(chicago(2, 9).astimezone(UTC), [], [], DEFAULT, CHICAGO)
    assert (laid.times, laid.finishes_at, laid.days(CHICAGO)) == ([], None, [])


@pytest.mark.parametrize("seed", range(20))
def test_seeded_plans_keep_everybodys_hours_the_gap_and_the_budget(seed):
    chance = random.Random(seed)
    pace = Pace(chance.randint(1, 30), chance.choice([0, 60, 600, 3600]), seed=str(seed))
    zone, others = chance.choice([CHICAGO, NEW_YORK, HONOLULU, LONDON]), [CHICAGO, NEW_YORK, PHOENIX, KATHMANDU]
    people = [tuple(chance.sample(others, chance.randint(1, 2))) for _ in range(chance.randint(1, 90))]
    people = [(zone,) if KATHMANDU in zones and len(zones) > 1 else zones for zones in people]
    now = datetime(2026, chance.choice([3, 11]), chance.randint(1, 28), chance.randint(0, 23), tzinfo=UTC)
    laid = plan(now, list(map(Turn, people)), [pace], DEFAULT, zone)
    assert len(laid.times) == len(people)
    for moment, zones in zip(laid.times, people, strict=True):
        assert moment >= now
        assert all(is_inside(moment, z) for z in zones)
    assert max(counts(laid, zone)) <= pace.budget
    assert all(b - a >= timedelta(seconds=pace.gap) for a, b in pairwise(sorted(laid.times)))


def preset(name):
    return Window.parse(name)


@pytest.mark.parametrize(
    ("name", "now", "opens"),
    [
        ("florida", chicago(2, 20), chicago(3, 8)),
        ("florida", chicago(8, 7), chicago(8, 8)),
        ("connecticut", chicago(8, 8), chicago(8, 9)),  # a Sunday
        ("texas", chicago(2, 20, 59), chicago(2, 20, 59)),
        ("texas", chicago(7, 21), chicago(8, 12)),
        ("rhodeisland", chicago(6, 18), chicago(7, 10)),
        ("rhodeisland", chicago(7, 17), chicago(9, 9)),  # nothing on Sunday
        ("rhodeisland", chicago(4, 12, month=9), chicago(4, 12, month=9)),
        ("rhodeisland", chicago(5, 17, month=9), chicago(8, 9, month=9)),  # Sunday, then Labor Day
        ("rhodeisland", chicago(10, 12, month=8), chicago(11, 9, month=8)),  # Victory Day
    ],
)
def test_the_stricter_states_walked_along_their_edges(name, now, opens):
    assert opens_at(now.astimezone(UTC), preset(name), [CHICAGO]) == opens


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_is_wider_than_the_hard_limit(name):
    for hours in filter(None, preset(name).days):
        assert time(8) <= hours.start < hours.end <= time(21)


def test_holidays_close_the_usual_hours_where_a_business_says_so():
    thanksgiving = chicago(26, 12, month=11)
    assert opens_at(thanksgiving.astimezone(UTC), DEFAULT.without_holidays(), [CHICAGO]) == chicago(27, 9, month=11)


def test_rhode_island_keeps_its_own_list_whatever_is_ticked():
    assert preset("rhodeisland").without_holidays() == preset("rhodeisland")


def test_a_plan_over_a_holiday_has_no_one_on_it():
    days = plan(
        chicago(25, 9, month=11).astimezone(UTC), [HERE] * 60, [Pace(30, 600)], DEFAULT.without_holidays(), CHICAGO
    )
    assert [day.date.day for day in days.days(CHICAGO)] == [25, 27]
