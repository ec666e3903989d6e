"""People, front desks and locations in a real Chromium: nothing for axe to mend, and the PIN by keyboard alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: Some people with PINs, and more locations than the switch shows at once.
MANY = """
from campaigns import front_desk
from campaigns.models import Business, Membership, Organization, User
house = Organization.objects.get()
for name in ("Dana", "Edna"):
    user = User.objects.create_user(f"{name.lower()}@example.com", "seven green kettles", first_name=name)
    front_desk.keep_pin(Membership.objects.create(user=user, organization=house, role="sender"), "83512")
for number in range(20):
    Business.objects.create(organization=house, name=f"Branch {number:02d}", slug=f"b{number}", sender="Todd")
"""
PAGES = ("/settings/people/", "/settings/front-desks/", "/front-desk/pin/", "/locations/", "/locations/new/")


@pytest.fixture(scope="module", autouse=True)
def many(site, page):
    site.manage("shell", "--no-imports", "-c", MANY)


@pytest.fixture
def narrow(page: Page):
    before = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    yield page
    page.set_viewport_size(before)


def is_clean(page: Page) -> bool:
    """Nothing for axe to mend, and nothing to scroll to sideways."""
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["target"]) for each in found] == []
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_clean_on_a_telephone_and_on_a_desk(narrow, site, address, scheme):
    narrow.emulate_media(color_scheme=scheme)
    narrow.goto(site.url + address)
    assert narrow.url == site.url + address
    assert is_clean(narrow)
    narrow.set_viewport_size({"width": 1280, "height": 900})
    assert is_clean(narrow)


def test_the_switch_finds_a_location_and_goes_there(page, site):
    page.goto(f"{site.url}/")
    page.locator(".place:visible").click()
    page.get_by_label("Find a location by name").fill("branch 17")
    page.locator("#choices").get_by_role("button", name="Branch 17").click()
    # Of the two places one is shown, but for the blink in which the new page has no style sheet yet.
    expect(page.locator(".place").first).to_contain_text("Branch 17")


def test_a_front_desk_is_unlocked_by_keyboard_alone(page, site, complaints):
    page.goto(f"{site.url}/settings/front-desks/")
    page.get_by_label("What this device is called").fill("Counter")
    page.get_by_role("button", name="Make this device a front desk").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is there?")
    assert is_clean(page)
    page.get_by_role("radio", name="Dana").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Edna")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("83512")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Edna")
    assert page.get_by_role("link", name="Settings").count() == 0
    page.get_by_role("button", name="Edna").click()
    page.get_by_role("button", name="Lock, or somebody else").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is there?")
    assert complaints == []
