"""The contact sheet in a real Chromium: decided, undone, looked at large, by keyboard, in both lights, on a telephone.

The tests build on each other.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]


SHEETS_COME = """async () => {
  const sheets = new Set([...document.querySelectorAll('.cut image')].map((image) => image.href.baseVal));
  const answers = await Promise.all([...sheets].map((sheet) => fetch(sheet)));
  return sheets.size > 0 && answers.every((answer) => answer.ok);
}"""


def is_clean(page: Page) -> bool:
    """Nothing for axe to mend, and nothing to scroll to sideways."""
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["target"]) for each in found] == []
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def proof(page: Page, name: str):
    return page.locator("li.prob", has_text=name)


def prints_left_out(page: Page):
    return page.locator("section", has=page.get_by_role("heading", name="Left out by hand")).locator("li")


def test_the_draft_leads_to_the_sheet_and_every_print_is_there(page):
    page.get_by_role("link", name="Autumn service visits").first.click()
    page.get_by_role("link", name=re.compile("See all")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("24 pictures.")
    assert page.locator(".cut").count() >= 24
    assert page.evaluate(SHEETS_COME)


def test_a_suggestion_is_taken_with_one_press_and_given_back_with_another(page):
    proof(page, "MARGARET").get_by_role("button", name="Say “Margaret”").click()
    expect(page.locator("#done")).to_contain_text("is called “Margaret” now")
    expect(page.locator("#done")).to_be_focused()
    expect(proof(page, "MARGARET")).to_have_count(0)
    page.locator("#done").get_by_role("button", name="Undo").click()
    expect(proof(page, "MARGARET")).to_have_count(1)


def test_one_is_left_out_and_put_back(page):
    margaret = proof(page, "MARGARET")
    margaret.get_by_text("Another name, or leave out").click()
    margaret.get_by_role("button", name=re.compile("Leave out")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("23 pictures.")
    prints_left_out(page).get_by_role("button", name=re.compile("Put back")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("24 pictures.")
    expect(prints_left_out(page)).to_have_count(0)


def test_the_large_view_opens_by_keyboard_and_escape_gives_the_focus_back(page):
    dee = page.locator("ul.prints a.lift").last
    own = dee.get_attribute("id")
    dee.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="All pictures").first).to_be_visible()
    expect(page.locator(".bubble.pic img")).to_be_visible()
    page.wait_for_load_state()  # a key pressed before the page's script is there goes nowhere
    page.keyboard.press("Escape")
    expect(page.locator(f"#{own}")).to_be_focused()


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_readable_by_everybody_in_every_light_and_width(page, light, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=light, reduced_motion="reduce")
    assert is_clean(page)
    proof(page, "MARGARET").locator("a.pair").click()
    expect(page.get_by_role("link", name="All pictures").first).to_be_visible()
    assert is_clean(page)
    page.go_back()


def test_the_console_had_nothing_to_say(complaints):
    assert complaints == []
