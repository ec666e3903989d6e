"""Quiet hours under attack, with any zones, hours, holidays and moments: never outside, never later than needed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaigns import holidays, launch, pacing
from campaigns.asking import audience
from campaigns.models import Business, Line
from tests.cast import introduce, ledger, make_campaign, make_customer, only_delivery, work

#: Half hours, no daylight saving, daylight saving the other way round, across the date line.
ZONES = [
    ZoneInfo(name)
    for name in (
        "America/New_York",
        "America/Chicago",
        "America/Phoenix",
        "America/St_Johns",
        "Pacific/Honolulu",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "America/Sao_Paulo",
    )
]
SPRING, AUTUMN = datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
hours = st.tuples(st.integers(0, 23 * 60), st.integers(1, 24 * 60)).filter(lambda pair: pair[0] < pair[1])
nights = st.builds(
    lambda night, minutes: night + minutes * MINUTE, st.sampled_from([SPRING, AUTUMN]), st.integers(-300, 900)
)
moments = st.one_of(st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC)), nights)
windows = st.one_of(
    st.builds(lambda pair: pacing.Window.parse(written(*pair), may_be_wide=True), hours),
    st.sampled_from([preset.window for preset in pacing.PRESETS.values()]),
    st.just(pacing.Window.default().without_holidays()),
)


def written(start, end):
    return f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"


def is_open(moment, window, zone):
    """Judged anew, from the wall clock alone."""
    local = moment.astimezone(zone)
    span = window.days[local.weekday()]
    if span is None or holidays.is_holiday(local.date(), window.closed_on):
        return False
    return span.start <= local.time() and (span.end == time(0) or local.time() < span.end)


@settings(max_examples=400, deadline=None)
@given(moments, windows, st.lists(st.sampled_from(ZONES), min_size=1, max_size=4, unique=True))
@example(SPRING, pacing.Window.parse("02:00-03:00", may_be_wide=True), [ZONES[1]])
@example(SPRING, pacing.Window.parse("02:30-05:00", may_be_wide=True), [ZONES[1]])
@example(AUTUMN, pacing.Window.parse("01:00-02:00", may_be_wide=True), [ZONES[1]])
@example(AUTUMN + 2 * 60 * MINUTE, pacing.Window.parse("01:01-02:06", may_be_wide=True), ZONES[:2])
def test_what_opens_is_open_everywhere_and_nothing_was_open_before(now, window, zones):
    try:
        opens = pacing.opens_at(now, window, zones)
    except pacing.BadWindow:
        opens = now + timedelta(days=14)
        assert not any(all(is_open(now + n * 5 * MINUTE, window, zone) for zone in zones) for n in range(14 * 288))
        return
    assert opens >= now
    assert all(is_open(opens, window, zone) for zone in zones)
    missed = range(int((opens - now) / (5 * MINUTE)))
    assert not any(all(is_open(now + n * 5 * MINUTE, window, zone) for zone in zones) for n in missed)


@settings(max_examples=200, deadline=None)
@given(moments, windows, st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True))
@example(AUTUMN, pacing.Window.parse("01:01-02:06", may_be_wide=True), [ZONES[1]])
@example(AUTUMN + 121 * MINUTE, pacing.Window.parse("00:30-01:30", may_be_wide=True), [ZONES[1]])
def test_a_span_is_open_from_its_first_to_its_last_moment(now, window, zones):
    try:
        opens, closes = pacing.open_span(now, window, zones)
    except pacing.BadWindow:
        return
    steps = [opens + (closes - opens) * n / 12 for n in range(12)]
    assert [step for step in steps if not all(is_open(step, window, zone) for zone in zones)] == []


@settings(max_examples=150, deadline=None)
@given(
    moments,
    st.lists(st.lists(st.sampled_from(ZONES[:5]), min_size=1, max_size=2, unique=True).map(tuple), max_size=25),
    st.lists(st.builds(pacing.Pace, st.integers(0, 4), st.sampled_from([0, 600, 3600]), st.integers(0, 5)), max_size=3),
)
def test_a_plan_asks_everybody_once_and_inside_their_hours_or_says_that_it_cannot(now, people, lines):
    window = pacing.Window.default()
    try:
        times = pacing.plan(now, [pacing.Turn(zones) for zones in people], lines, window, ZONES[1]).times
    except pacing.BadWindow:
        assert not any(line.budget for line in lines)
        return
    assert len(times) == len(people)
    assert all(is_open(at, window, zone) for at, zones in zip(times, people, strict=True) for zone in zones)


@pytest.mark.parametrize("name", ["Mars/Olympus_Mons", "America", "../etc/passwd", "/etc/localtime", "CST6CDT7", "\0"])
def test_a_zone_that_does_not_exist_counts_as_not_known(name):
    assert audience.zones_of(name, "+15125551001", "America/New_York") == audience.zones_of(
        "", "+15125551001", "America/New_York"
    )


@pytest.mark.django_db
def test_a_customer_with_an_unknown_zone_is_asked_in_the_hours_of_their_number(ada, sandbox, clock):
    make_customer(ada.business, timezone="Mars/Olympus_Mons")
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    clock.to(datetime(2026, 3, 3, 5, tzinfo=UTC))
    work(clock)
    assert (ledger(sandbox), only_delivery(campaign).reason) == ([], "Quiet until Tuesday 9:00 Chicago")
    clock.to(datetime(2026, 3, 3, 15, tzinfo=UTC))
    work(clock)
    assert len(ledger(sandbox, "chat")) == 1


@pytest.mark.django_db
def test_a_business_that_moves_west_while_its_campaign_runs_waits_for_its_new_morning(ada, sandbox, clock):
    """Nine in Chicago is five in Honolulu; the customer's zone is not known."""
    make_customer(ada.business, timezone="", phone="+15215550142")
    launch.launch(make_campaign(ada), ada.user, clock())
    Business.objects.update(timezone="Pacific/Honolulu")
    work(clock)
    assert ledger(sandbox) == []
    work(clock, minutes=61)
    assert len(ledger(sandbox, "chat")) == 1


@pytest.mark.django_db
def test_a_clock_that_was_set_back_gives_no_second_slot(ada, sandbox, clock):
    Line.objects.update(gap=600)
    introduce(sandbox, ada.organization)
    for number in range(3):
        make_customer(ada.business, number)
    launch.launch(make_campaign(ada), ada.user, clock())
    work(clock)
    for minutes in (-60, 5, 5, 5):
        work(clock, minutes)
    assert len(ledger(sandbox, "chat")) == 1


def test_a_toll_free_number_is_where_the_business_is():
    assert audience.zones_of("", "+18005551234", "America/Chicago") == (ZoneInfo("America/Chicago"),)
