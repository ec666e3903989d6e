"""The numbers: one cohort, its days in the business's zone, tests and tenants kept out."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from campaigns import links
from campaigns.models import Business, Campaign, Click, Customer, Delivery
from campaigns.results import counting
from campaigns.results.counting import Cohort, Fetched, Funnel, Greeted
from campaigns.results.periods import Period
from campaigns.steering import trial
from tests.cast import NOON, answer, make_campaign, make_customer, only_delivery, walk_to_the_end

CHICAGO = ZoneInfo("America/Chicago")
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), CHICAGO)


def asked(campaign: Campaign, number: int, at: datetime | None = NOON, **facts) -> Delivery:
    person = make_customer(campaign.business, number, technician=facts.pop("technician", ""))
    return Delivery.objects.create(campaign=campaign, customer=person, status="sent", sent_at=at, **facts)


@pytest.fixture
def draft(ada) -> Campaign:
    return make_campaign(ada, state="running")


def whole(business: Business, period: Period = MARCH) -> Funnel:
    return counting.total(funnel for _, funnel in Cohort(business, period).weeks())


def test_the_whole_way_of_one_customer_is_counted(ada, campaign, grace, sandbox, clock):
    walk_to_the_end(clock)
    links.open_link(only_delivery(campaign).token, agent="Mozilla/5.0 iPhone", robot=False, now=clock())
    answer(sandbox, clock, grace, "Lovely!")
    answer(sandbox, clock, grace, "STOP")
    Delivery.objects.update(reviewed_at=clock())
    assert whole(ada.business) == counting.of_campaign(campaign) == Funnel(1, 1, 1, 1, 1, 1, 1)


def test_who_waits_or_is_left_out_is_in_no_number(ada, draft):
    for number, word in enumerate(("planned", "skipped", "refused", "cancelled", "in_doubt")):
        Delivery.objects.create(campaign=draft, customer=make_customer(ada.business, number), status=word)
    assert whole(ada.business) == counting.of_campaign(draft) == Funnel()
    assert counting.sides(draft) == {}


def test_whatever_happens_later_counts_in_the_week_of_the_request(ada, draft):
    asked(draft, 1, NOON, replied_at=NOON + timedelta(days=20), reviewed_at=NOON + timedelta(days=90))
    first, *rest = [funnel for _, funnel in Cohort(ada.business, MARCH).weeks() if funnel.asked]
    assert (first, rest) == (Funnel(asked=1, replied=1, likely=1), [])


def test_a_day_ends_at_the_midnight_of_the_business(ada, draft):
    asked(draft, 1, datetime(2026, 3, 1, 5, 59, 59, tzinfo=UTC))  # still February in Chicago
    asked(draft, 2, datetime(2026, 3, 1, 6, tzinfo=UTC))
    asked(draft, 3, datetime(2026, 4, 1, 4, 59, 59, tzinfo=UTC))
    asked(draft, 4, datetime(2026, 4, 1, 5, tzinfo=UTC))  # April, in summer time
    assert whole(ada.business).asked == 2


def test_the_weeks_add_up_to_the_campaigns_technicians_and_locations(ada, draft):
    for number in range(40):
        at = NOON + timedelta(hours=17 * number)
        facts = {"delivered_at": at} if number % 2 else {}
        asked(draft, number, at, technician=("Dana", "dana ", "Ray", "")[number % 4], **facts)
    one = whole(ada.business)
    assert (one.asked, one.delivered) == (40, 20)
    for groups in (
        Cohort(ada.business, MARCH).campaigns(),
        Cohort(ada.business, MARCH).technicians(),
        counting.locations([ada.business], MARCH),
    ):
        assert counting.total(group.funnel for group in groups) == one


def test_a_technician_is_one_however_the_name_is_written_and_nobody_comes_last(ada, draft):
    for number, name in enumerate(("Dana", "dana", " DANA ", "Ray", "", "", "", "")):
        asked(draft, number, technician=name)
    found = [(group.name.casefold(), group.funnel.asked) for group in Cohort(ada.business, MARCH).technicians()]
    assert found == [("dana", 3), ("ray", 1), ("", 4)]


@pytest.mark.parametrize(("count", "shown", "last", "asked"), [(75, 51, "25 others", 25), (50, 50, "T49", 1)])
def test_more_lines_than_anybody_reads_become_one(count, shown, last, asked):
    lines = counting.named([counting.Group(f"T{n}", Funnel(asked=1)) for n in range(count)], "others")
    assert (len(lines), lines[-1].name, lines[-1].funnel.asked) == (shown, last, asked)


def test_the_newest_campaign_comes_first(ada, draft):
    newer = make_campaign(ada, name="Winter")
    asked(draft, 1)
    asked(newer, 2)
    assert [group.name for group in Cohort(ada.business, MARCH).campaigns()] == ["Winter", "Autumn"]


def test_a_location_without_any_stands_there_with_none(ada, draft):
    other = Business.objects.create(
        organization=ada.organization, name="Ada's Second", slug="second", timezone="America/Denver"
    )
    asked(draft, 1)
    found = [(g.name, g.funnel.asked) for g in counting.locations([ada.business, other], MARCH)]
    assert found == [("Ada's Bakery", 1), ("Ada's Second", 0)]


def test_another_tenant_counts_nothing_of_ours(draft, rival):
    asked(draft, 1)
    assert whole(rival.business) == Funnel()
    assert Cohort(rival.business, MARCH).campaigns() == Cohort(rival.business, MARCH).technicians() == []
    Click.objects.create(delivery=Delivery.objects.get())
    asked(draft, 2, None, greeted_at=NOON)
    assert counting.fetched(counting.clicks_in(rival.business, MARCH)) == Fetched()
    assert counting.greeted(rival.business, MARCH) == Greeted()


def test_tests_are_in_no_number(ada, grace, sandbox, clock):
    ada.user.phone = "+15125550199"
    ada.user.save()
    trial.make(make_campaign(ada), ada.user, clock(), like=grace)
    walk_to_the_end(clock)
    [sent] = Delivery.everything.filter(is_test=True, sent_at__isnull=False)
    Click.objects.create(delivery=sent, is_robot=False)
    assert whole(ada.business) == Funnel()
    assert counting.fetched(counting.clicks_in(ada.business, MARCH)) == Fetched()


def test_robots_are_counted_apart_from_people(ada, campaign, clock):
    walk_to_the_end(clock)
    token = only_delivery(campaign).token
    for robot in (True, True, False, False, True):
        links.open_link(token, agent="facebookexternalhit/1.1" if robot else "iPhone", robot=robot, now=clock())
    assert counting.fetched(counting.clicks_in(ada.business, MARCH)) == Fetched(taps=2, robots=3)
    assert whole(ada.business).opened == 1


def test_openings_are_those_of_the_links_of_who_was_asked_in_these_days(ada, draft):
    for number, at in enumerate((NOON - timedelta(days=9), NOON, NOON + timedelta(days=40))):
        Click.objects.create(delivery=asked(draft, number, at), at=NOON)
    assert counting.fetched(counting.clicks_in(ada.business, MARCH)) == Fetched(taps=1)


def test_who_was_asked_after_the_greeting_or_was_greeted_on_other_days_is_not_counted_with_it(ada, draft):
    asked(draft, 1, NOON, greeted_at=NOON)
    for number, at in enumerate((NOON - timedelta(days=9), NOON, NOON + timedelta(days=40)), 2):
        asked(draft, number, None, greeted_at=at)
    assert counting.greeted(ada.business, MARCH) == Greeted(count=1)


EDGES = [
    (datetime(2026, 3, 1, 5, 59, 59, 999_999, tzinfo=UTC), 0),  # still February in Chicago
    (datetime(2026, 3, 1, 6, tzinfo=UTC), 1),
    (datetime(2026, 4, 1, 4, 59, 59, 999_999, tzinfo=UTC), 1),
    (datetime(2026, 4, 1, 5, tzinfo=UTC), 0),  # April, in summer time
]


@pytest.mark.parametrize(("at", "count"), EDGES)
def test_openings_and_greetings_keep_to_the_midnight_of_the_business_too(ada, draft, at, count):
    Click.objects.create(delivery=asked(draft, 1, at))
    asked(draft, 2, None, greeted_at=at)
    assert counting.fetched(counting.clicks_in(ada.business, MARCH)) == Fetched(taps=count)
    assert counting.greeted(ada.business, MARCH) == Greeted(count=count)


def test_a_side_counts_only_who_was_asked(ada, draft):
    asked(draft, 1, variant="A", replied_at=NOON)
    asked(draft, 2, None, variant="A")
    asked(draft, 3, None, variant="B")
    assert counting.sides(draft) == {"A": Funnel(asked=1, replied=1)}


def test_a_link_that_only_robots_fetched_is_not_opened(ada, campaign, clock):
    walk_to_the_end(clock)
    links.open_link(only_delivery(campaign).token, agent="bot", robot=True, now=clock())
    assert (whole(ada.business).opened, Click.objects.count()) == (0, 1)


def test_who_stopped_at_the_greeting_is_counted_apart(ada, campaign, grace, sandbox, clock):
    walk_to_the_end(clock)
    Delivery.objects.update(sent_at=None, stopped_at=clock(), status="cancelled")
    assert counting.greeted(ada.business, MARCH) == Greeted(count=1, stopped=1)
    assert whole(ada.business) == Funnel()


@pytest.mark.parametrize("days", [1, 30, 732])
def test_the_weeks_cost_one_query_and_who_was_there_another_however_many(ada, draft, days, django_assert_num_queries):
    asked(draft, 1, datetime(2026, 3, 31, 18, tzinfo=UTC))
    with django_assert_num_queries(1):
        cohort = Cohort(ada.business, Period.of_days(days, date(2026, 3, 31), CHICAGO))
        assert (cohort.total(), len(cohort.weeks()) > days / 8) == (Funnel(asked=1), True)
    with django_assert_num_queries(1):
        assert len(cohort.technicians()) == 1


# --- held against counting row by row ---------------------------------------------------------------------------------

STEPS = ("delivered_at", "read_at", "clicked_at", "replied_at", "reviewed_at", "stopped_at")


def many(campaigns: list[Campaign], moments: list[datetime | None], chance: Random) -> list[Delivery]:
    """Asked by these at one of these moments, or never; who was there and what became of it is chance."""
    made = []
    for number in range(300):
        campaign, there = chance.choice(campaigns), chance.choice(("Dana", " dana", "Ray", "", " ", "Ray  B"))
        person = Customer(business=campaign.business, phone=f"+1512556{number:04d}", technician=there)
        known = {name: NOON for name in STEPS if chance.random() < 0.5}
        at = chance.choice(moments)
        made.append(Delivery(campaign=campaign, customer=person, status="sent", sent_at=at, **known))
    Customer.objects.bulk_create(each.customer for each in made)
    return Delivery.objects.bulk_create(made)


def one_by_one(rows: list[Delivery]) -> Funnel:
    return Funnel(len(rows), *(sum(bool(getattr(row, name)) for row in rows) for name in STEPS))


@pytest.mark.parametrize("zone", ["America/Chicago", "America/Havana", "Pacific/Kiritimati"])
def test_the_numbers_are_those_of_counting_one_by_one(ada, rival, draft, zone):
    """By the day on the wall, which no query knows; most are asked at the edge of a week, to the microsecond."""
    here = ZoneInfo(zone)
    period = Period(date(2026, 2, 18), date(2026, 4, 2), here)
    weeks = Period(date(2026, 2, 10), date(2026, 4, 10), here).weeks()
    edges = [week.begins + timedelta(microseconds=step) for week in [*weeks, period] for step in (-1, 0, 1)]
    whose = [draft, make_campaign(ada, name="Winter"), make_campaign(rival)]
    rows = [each for each in many(whose, [None, NOON, *edges, period.ends], Random(zone)) if each.sent_at]
    mine = {each: each.sent_at.astimezone(here).date() for each in rows if each.campaign.business == ada.business}
    found = [each for each, day in mine.items() if period.first <= day <= period.last]
    cohort = Cohort(ada.business, period)
    assert 0 < len(found) < len(mine)
    assert cohort.total() == one_by_one(found)
    for week, funnel in cohort.weeks():
        assert funnel == one_by_one([each for each in found if week.first <= mine[each] <= week.last])
    for group in cohort.campaigns():
        assert group.funnel == one_by_one([each for each in found if each.campaign_id == group.key])
    for group in cohort.technicians():
        there = [
            each for each in found if " ".join(each.customer.technician.split()).casefold() == group.name.casefold()
        ]
        assert group.funnel == one_by_one(there)
    assert counting.locations([ada.business], period)[0].funnel == one_by_one(found)
