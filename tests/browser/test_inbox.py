"""The inbox in a real Chromium: words that come by themselves, an answer, a draft that stays, both lights, a telephone.

The tests build on each other.
"""

import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import sandbox_of

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: One customer has been asked, as far as our own books and the pretend Chert know.
ASKED = """
from django.utils import timezone
from campaigns import demo, launch
from campaigns.models import Campaign, Customer, Line, QuickAnswer, User
Line.objects.update(gap=0)
demo.make()
Customer.objects.exclude(first_name__in=["Denise", "Marcus"]).update(is_insider=True)
launch.launch(Campaign.objects.get(name="Autumn service visits"), User.objects.get(), timezone.now())
QuickAnswer.objects.create(organization=User.objects.get().memberships.get().organization, name="Thanks",
                           text="Thank you, {first_name}!")
"""
DENISE, MARCUS = "+15125550121", "+15125550101"


def is_clean(page: Page) -> bool:
    """Nothing for axe to mend, and nothing to scroll to sideways."""
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["target"]) for each in found] == []
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def says(site, number: str, words: str) -> None:
    """This customer writes, as soon as the picture has arrived."""
    httpx.post(f"{sandbox_of(site)}/sandbox/phones/{number}/reply", json={"text": words}).raise_for_status()


@pytest.fixture(scope="module", autouse=True)
def asked(site, page):
    done = site.manage("shell", "--no-imports", "-c", ASKED)
    assert done.returncode == 0, done.stderr
    page.get_by_role("link", name="Campaigns").first.click()
    page.get_by_role("link", name="Autumn service visits").first.click()
    expect(page.get_by_text("2 of 2 asked.")).to_be_visible()


def test_words_come_by_themselves_and_the_title_counts_them(page, site):
    page.get_by_role("link", name="Inbox").first.click()
    expect(page.get_by_text("Nothing to answer")).to_be_visible()
    says(site, DENISE, "Can you come again on Tuesday?")
    expect(page.get_by_role("link", name=re.compile("Denise Okafor"))).to_be_visible()
    expect(page).to_have_title("(1) Inbox")
    assert "mark-1.svg" in page.locator("link[rel=icon]").get_attribute("href")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_list_is_clean(page, scheme, width):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    assert is_clean(page)


def test_opening_it_reads_it(page):
    page.get_by_role("link", name=re.compile("Denise Okafor")).click()
    expect(page).to_have_title("Denise Okafor · Inbox")
    expect(page.locator("#talk")).to_contain_text("Can you come again on Tuesday?")


def test_a_draft_outlives_a_reload_and_new_words_leave_it_alone(page, site):
    page.get_by_role("link", name="Thanks").click()
    expect(page.locator("#answer-text")).to_have_value("Thank you, Denise!")
    page.reload()
    expect(page.locator("#answer-text")).to_have_value("Thank you, Denise!")
    says(site, DENISE, "At ten?")
    expect(page.locator("#talk")).to_contain_text("At ten?")
    expect(page.locator("#answer-text")).to_have_value("Thank you, Denise!")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_conversation_is_clean(page, scheme, width):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    assert is_clean(page)


def test_a_double_click_sends_once_and_the_receipts_come_in(page, site):
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.locator("#talk .line.ours", has_text="Thank you, Denise!")).to_have_count(1)
    expect(page.locator("#answer-text")).to_have_value("")
    expect(page.locator("#talk .seen").last).to_contain_text(re.compile("Delivered|Read"))
    page.reload()
    expect(page.locator("#talk .line.ours", has_text="Thank you, Denise!")).to_have_count(1)
    expect(page.locator("#answer-text")).to_have_value("")


def test_a_tapback_goes_out(page):
    page.get_by_label("Put a tapback on it").last.click()
    page.locator("details[open]").get_by_role("button", name="Love").click()
    expect(page.get_by_text("We put ❤️ on it")).to_be_attached()


@pytest.mark.parametrize("width", [1280, 390])
def test_what_cannot_be_reached_keeps_the_words(page, context, width):
    page.set_viewport_size({"width": width, "height": 900})
    words = f"Nobody hears this yet, {width} wide"
    context.set_offline(True)
    page.locator("#answer-text").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("No connection.")).to_be_visible()
    expect(page.locator("#answer-text")).to_have_value(words)
    context.set_offline(False)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#talk .line.ours", has_text=words)).to_have_count(1)


def test_without_javascript_it_is_answered_too(browser, context, site):
    plain = browser.new_context(java_script_enabled=False, storage_state=context.storage_state())
    page = plain.new_page()
    page.goto(re.sub(r"/sign-in/.*", "/inbox/", site.sign_in_url))
    page.get_by_role("link", name=re.compile("Denise Okafor")).click()
    page.locator("#answer-text").fill("By hand, truly")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#talk")).to_contain_text("By hand, truly")
    plain.close()


def test_quick_answers_are_clean(page):
    page.goto(re.sub(r"/inbox/.*", "/settings/quick-answers/", page.url))
    assert is_clean(page)


def test_the_browser_has_nothing_to_complain_about(complaints):
    """But for the connection that we cut."""
    ours = [said for said in complaints if "ERR_INTERNET_DISCONNECTED" not in said and "htmx:" not in said]
    assert ours == []
