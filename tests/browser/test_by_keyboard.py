"""The newcomer's whole way with keys alone: in, a passphrase, out and in, a list, a campaign.  A walk, in order."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from campaigns import demo

pytestmark = [pytest.mark.browser, pytest.mark.processes]

PASSPHRASE = "a sentence of Todd's own"
#: So many presses of Tab are enough to get anywhere.
MOST_TABS = 160
LIST = "First name,Phone\nGrace,(512) 555-0171\nLinus,(512) 555-0172\n"
IS_SEEN = """e => { const s = getComputedStyle(e), p = getComputedStyle(e.closest('label') || e)
  return e.matches(':focus-visible') && (s.outlineStyle !== 'none' || s.boxShadow !== 'none' ||
    p.outlineStyle !== 'none' || p.boxShadow !== 'none') }"""


@pytest.fixture(scope="module")
def page(context, site, complaints) -> Page:
    """Nobody is signed in yet."""
    page = context.new_page()
    page.goto(site.sign_in_url)
    return page


def go_to(page: Page, role: str, name: str) -> None:
    """Press Tab until it has the focus, and see that it shows."""
    wanted = page.get_by_role(role, name=re.compile(name)).first
    expect(wanted).to_be_visible()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("e => e === document.activeElement"):
            assert wanted.evaluate(IS_SEEN), f"nobody sees that {name} has the focus"
            return
    raise AssertionError(f"no key leads to the {role} {name} of {page.url}")


def press(page: Page, role: str, name: str, key: str = "Enter") -> None:
    go_to(page, role, name)
    page.keyboard.press(key)


def write(page: Page, name: str, words: str) -> None:
    go_to(page, "textbox", name)
    page.keyboard.insert_text(words)


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def test_the_link_opens_with_a_key(page):
    press(page, "button", "^Sign in$")
    expect(title(page)).to_contain_text("Todd")


def test_a_passphrase_is_chosen(page):
    press(page, "button", "^Todd")
    press(page, "link", "Sign-in and safety")
    expect(title(page)).to_have_text("Sign-in and safety")
    press(page, "link", "Choose a passphrase")
    write(page, "passphrase", PASSPHRASE)
    page.keyboard.press("Enter")
    expect(title(page)).to_contain_text("Todd")


def test_one_goes_out_and_comes_in_again(page):
    press(page, "button", "^Todd")
    press(page, "button", "Sign out")
    expect(title(page)).to_contain_text("Ask the people")
    write(page, "E-mail", demo.EMAIL)
    write(page, "Passphrase", PASSPHRASE)
    page.keyboard.press("Enter")
    expect(title(page)).to_contain_text("Todd")


def test_a_list_is_brought(page):
    press(page, "link", "^Customers")
    press(page, "link", "Bring a list")
    write(page, "[Pp]aste", LIST)
    write(page, "agree", "They gave it when booking")
    press(page, "checkbox", "", "Space")
    press(page, "button", "Go on to the columns")
    press(page, "button", "Go on to the review")
    expect(title(page)).to_contain_text("2 people are ready.")
    press(page, "button", "Save 2 people")
    expect(title(page)).to_contain_text("2")
    expect(page).to_have_url(re.compile(r"/customers/import/\d+/$"))


def test_a_campaign_is_checked_and_started(page):
    press(page, "link", "^Campaigns")
    press(page, "link", "Autumn service visits")
    press(page, "button", "Check and start")
    press(page, "button", r"^Ask \d+ customers")
    expect(page.get_by_text(re.compile(r"(\d+) of \1 asked\."))).to_be_visible()


def test_the_way_back_to_the_overview_begins_at_the_first_key(page, complaints):
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    press(page, "link", "^Overview")
    expect(title(page)).to_contain_text("Todd")
    assert complaints == []
