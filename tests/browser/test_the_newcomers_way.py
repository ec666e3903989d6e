"""The first five minutes of somebody new, in a real Chromium, before real processes.  The tests build on each other."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]


#: The line's seconds between two first touches are as long as the demo's sending: here nobody watches it grow.
NO_GAP = "from campaigns import demo; from campaigns.models import Line; Line.objects.update(gap=0); demo.make()"
#: The page looks for a minute more whether something is read.
A_MINUTE_LATER = (
    "from datetime import timedelta; from django.db.models import F; from campaigns.models import Campaign;"
    " Campaign.objects.update(changed_at=F('changed_at') - timedelta(minutes=1))"
)


@pytest.fixture(scope="module", autouse=True)
def no_gap(site):
    told(site, NO_GAP)


def told(site, code: str) -> None:
    """Run a line of Python beside the site."""
    done = site.manage("shell", "--no-imports", "-c", code)
    assert done.returncode == 0, done.stderr


def row(page: Page, name: str):
    return page.locator("tr.item", has_text=name)


def phone(phones: Page, number: str):
    return phones.locator("li.ph", has_text=number)


def test_the_dashboard_offers_a_campaign_that_is_ready_to_start(page):
    expect(page.get_by_role("link", name="Autumn service visits").first).to_be_visible()


def test_before_the_start_three_are_left_out_each_with_the_reason_in_words(page):
    page.get_by_role("link", name="Autumn service visits").first.click()
    page.get_by_role("button", name="Check and start").click()
    for reason in ("Asked us by phone", "Employee or relative", "Asked 41 days ago, free again on"):
        expect(page.get_by_text(reason).first).to_be_visible()


def test_every_row_moves_until_all_have_been_asked(page):
    page.get_by_role("button", name="Ask 24 customers").click()
    expect(page.get_by_text("24 of 24 asked.")).to_be_visible()
    expect(row(page, "Marcus Bell").locator("img")).to_be_visible()
    expect(row(page, "Ray Dunmore")).to_contain_text("Asked us by phone")


def test_the_numbers_add_up_to_the_audience(page):
    numbers = [int(n) for n in page.locator(".tally b").all_inner_texts()]
    assert sum(numbers) == 27
    expect(page.locator(".sum")).to_contain_text("27")


def test_delivered_and_read_are_learnt_afterwards(page):
    expect(row(page, "Marcus Bell").locator(".chip.read")).to_be_visible()
    expect(row(page, "Grace Lindqvist").locator(".chip.delivered")).to_be_visible()


def test_the_phone_shows_greeting_picture_text_and_link_card(phones):
    thread = phone(phones, "555-0101")
    expect(thread.locator(".bubble.words").first).to_contain_text("Hi Marcus, it's Todd from Texas Prime Plumbing")
    expect(thread.locator(".bubble.pic img")).to_be_visible()
    expect(thread.locator("a.bubble.link")).to_contain_text("Texas Prime Plumbing")


def test_a_tap_on_the_link_goes_through_us_to_google_and_the_row_shows_it(page, phones):
    with phones.context.expect_page() as opened:
        phone(phones, "555-0101").locator("a.bubble.link").click()
    expect(opened.value).to_have_url(re.compile(r"^https://search\.google\.com/local/writereview\?placeid="))
    opened.value.close()
    expect(row(page, "Marcus Bell")).to_contain_text("Opened link")


def test_a_reply_shows_on_the_row_with_its_words(page, phones):
    answer(phones, "555-0102", "Gracias, the new faucet is lovely")
    expect(row(page, "José García")).to_contain_text("the new faucet is lovely")


def answer(phones: Page, number: str, words: str) -> None:
    field = phone(phones, number).locator("input[name=text]:visible")
    field.fill(words)
    field.press("Enter")


def test_a_stop_shows_on_the_row_and_is_confirmed_once(page, phones):
    answer(phones, "555-0103", "STOP")
    expect(row(page, "Zoë Müller")).to_contain_text("Stopped")
    expect(phone(phones, "555-0103").get_by_text("You won't hear from Texas Prime Plumbing again.")).to_have_count(1)


def test_a_stopped_customer_cannot_be_sent_to_even_past_the_button(page):
    number = row(page, "Zoë Müller").get_attribute("id").removeprefix("delivery-")
    path = f"/deliveries/{number}/send-again/"
    page.goto(re.sub(r"/campaigns/.*", path, page.url))
    expect(page.get_by_role("alert")).to_contain_text("Wrote STOP")
    expect(page.get_by_role("button", name="Send it again")).to_have_count(0)
    page.go_back()


def test_sending_again_asks_for_a_reason_and_the_history_keeps_both(page, phones):
    row(page, "Marcus Bell").get_by_role("button", name=re.compile("What happened")).click()
    page.get_by_role("link", name="Send again").first.click()
    expect(page.get_by_text("asked today", exact=False).first).to_be_visible()
    page.get_by_label("Why once more?").fill("He deleted it by mistake")
    page.get_by_role("button", name="Send it again").click()
    expect(phone(phones, "555-0101").locator(".bubble.pic")).to_have_count(2)


def test_polling_stops_by_itself_when_all_is_settled(page, site):
    expect(row(page, "Marcus Bell").locator(".chip.read")).to_be_visible()
    told(site, A_MINUTE_LATER)
    expect(page.locator("[hx-trigger^='every']")).to_have_count(0, timeout=200_000)


def test_the_browser_has_nothing_to_complain_about(page, complaints):
    assert complaints == []
