"""Ticks stay while one searches, in a real Chromium; and a link is copied with one press."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def people(page: Page, site) -> Page:
    page.goto(f"{site.url}/customers/")
    return page


def tick(page: Page, name: str) -> None:
    page.get_by_label(re.compile(f"Choose {name}")).first.check()


def search(page: Page, words: str) -> None:
    with page.expect_response(lambda answer: "/customers/" in answer.url):
        page.get_by_label("Find a customer by name or number").fill(words)
    expect(page.locator("#people tr.item").first).to_be_visible()


def chosen(page: Page) -> list[str]:
    """What the form would send."""
    return sorted(page.evaluate("new FormData(document.getElementById('bulk')).getAll('chosen')"))


def test_who_is_ticked_stays_so_while_one_searches_and_the_number_is_shown(people):
    tick(people, "Denise")
    first = chosen(people)
    search(people, "Marcus")
    expect(people.locator("[data-ticked]")).to_have_text(": 1, not in this list")
    tick(people, "Marcus")
    expect(people.locator("[data-ticked]")).to_have_text(": 2, 1 of them not in this list")
    search(people, "")
    expect(people.get_by_label(re.compile("Choose Denise")).first).to_be_checked()
    expect(people.locator("[data-ticked]")).to_have_text(": 2")
    assert len(chosen(people)) == len(set(chosen(people))) == 2
    assert set(first) < set(chosen(people))


def test_what_is_unticked_is_not_chosen_and_all_can_be_let_go(people):
    tick(people, "Denise")
    tick(people, "Marcus")
    people.get_by_label(re.compile("Choose Denise")).first.uncheck()
    search(people, "Denise")
    assert len(chosen(people)) == 1
    people.get_by_role("button", name="Untick all").click()
    search(people, "")
    assert chosen(people) == []


def test_both_links_of_the_kit_are_copied_with_one_press(page, site, context, complaints):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site.url}/settings/link-kit/")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    shown = page.get_by_label("Short link", exact=True).input_value()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []
