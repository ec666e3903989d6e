"""A location's short link: always the same address, always the current destination, counted without anybody's name."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from campaigns import short_links
from campaigns.models import Business, Opening
from tests.cast import at_once
from tests.test_links import GOOGLE, IPHONE

Way = Opening.Way


def visit(client, business, end="", agent=IPHONE, **headers):
    address = reverse("short_link", args=[business.short_code, *filter(None, [end])])
    return client.get(address, headers={"user-agent": agent, **headers})


def counts():
    return list(Opening.objects.order_by("day", "way").values_list("way", "people", "robots"))


@pytest.mark.parametrize(("end", "way"), [("", "link"), ("q", "code"), ("c", "card"), ("Q", "code")])
def test_it_leads_to_the_review_page_and_counts_the_way_it_was_come_by(ada, client, end, way):
    answer = visit(client, ada.business, end)
    assert (answer.status_code, answer["Location"]) == (302, GOOGLE)
    assert counts() == [(way, 1, 0)]


def test_people_and_robots_are_counted_apart(ada, client):
    for agent in (IPHONE, "Googlebot/2.1", IPHONE, ""):
        visit(client, ada.business, "q", agent)
    visit(client, ada.business, "q", purpose="prefetch")
    assert counts() == [("code", 2, 3)]


def test_a_printed_code_leads_to_the_new_page_when_the_review_link_has_changed(ada, client):
    before = short_links.address(ada.business, Way.CODE)
    ada.business.review_url = "https://g.page/r/new/review"
    ada.business.save()
    assert short_links.address(ada.business, Way.CODE) == before
    assert visit(client, ada.business, "q")["Location"] == "https://g.page/r/new/review"


def test_typed_in_capitals_it_leads_there_too(ada, client):
    assert client.get(f"/g/{ada.business.short_code.upper()}").status_code == 302


@pytest.mark.parametrize(
    "path", ["nobody0", "%00", "%F0%9F%92%A9", "x" * 3000, "a%0d%0ab", "..%2f..", "CODE/x", "CODE/c/", "CODE/c%00"]
)
def test_what_nobody_has_gets_a_friendly_page_and_leads_nowhere(ada, client, path):
    answer = client.get(f"/g/{path.replace('CODE', ada.business.short_code)}", headers={"user-agent": IPHONE})
    assert answer.status_code == 404
    assert "Location" not in answer
    assert counts() == []


def test_no_word_in_the_address_changes_the_destination(ada, client):
    """S32: no open redirect."""
    answer = client.get(f"/g/{ada.business.short_code}?next=https://evil.example&url=//evil.example")
    assert answer["Location"] == GOOGLE


def test_before_there_is_a_review_link_it_says_so_kindly(ada, client):
    Business.objects.update(review_url="")
    assert visit(client, ada.business).status_code == 404
    assert counts() == []


def test_the_answer_is_kept_by_nobody_and_tells_google_nothing_of_us(ada, client):
    answer = visit(client, ada.business)
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_a_day_ends_at_the_midnight_of_the_business(ada, client, clock):
    """Chicago's clocks go back on 1 November 2026: that day has 25 hours."""
    for hour, minute in ((4, 59), (5, 0)):  # 23:59 and 0:00 in summer time
        clock.to(datetime(2026, 11, 1, hour, minute, tzinfo=UTC))
        visit(client, ada.business)
    for hour, minute in ((5, 59), (6, 0)):  # 23:59 and 0:00 in winter time
        clock.to(datetime(2026, 11, 2, hour, minute, tzinfo=UTC))
        visit(client, ada.business)
    days = [(str(row.day), row.people) for row in Opening.objects.order_by("day")]
    assert days == [("2026-10-31", 1), ("2026-11-01", 2), ("2026-11-02", 1)]


def test_the_table_has_thirty_days_and_adds_up(ada, client, clock):
    visit(client, ada.business)
    clock.go(days=29)
    visit(client, ada.business, "c")
    visit(client, ada.business, "c", "Googlebot/2.1")
    both = short_links.openings(ada.business, clock())
    assert [(each.people["link"], each.people["card"], each.robots) for each in both.days] == [(0, 1, 1), (1, 0, 0)]
    assert (both.people, both.total.robots, both.all) == (2, 1, 3)
    clock.go(days=1)
    assert short_links.openings(ada.business, clock()).all == 2


def test_the_thirty_days_are_those_of_the_business(ada, clock):
    clock.to(datetime(2026, 3, 31, 4, tzinfo=UTC))  # the evening of the 30th in Chicago
    for day in (1, 2):
        Opening.objects.create(business=ada.business, day=date(2026, 3, day), way="link", people=1)
    Opening.objects.create(business=ada.business, day=date(2026, 2, 28), way="link", people=1)
    assert short_links.openings(ada.business, clock()).all == 2


def test_the_openings_of_another_business_are_not_among_them(ada, rival, client, clock):
    visit(client, rival.business)
    assert short_links.openings(ada.business, clock()).all == 0


def test_many_at_once_are_all_counted(transactional_db, ada, clock):
    code, now = ada.business.short_code, clock()
    led = at_once([lambda: short_links.open_link(code, "q", robot=False, now=now)] * 8)
    assert led == [GOOGLE] * 8
    assert counts() == [("code", 8, 0)]


def test_a_location_that_the_last_release_has_made_gets_its_code_once(ada):
    Business.objects.update(short_code=None)
    ada.business.refresh_from_db()
    first = short_links.address(ada.business)
    assert short_links.address(Business.objects.get()) == first


def test_codes_differ_and_have_no_letters_that_look_alike(ada, rival):
    assert ada.business.short_code != rival.business.short_code
    assert not set("01ilou") & set(ada.business.short_code)
