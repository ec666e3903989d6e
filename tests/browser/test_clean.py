"""axe (WCAG 2.2 AA) on every page of a furnished house, light and dark, on a telephone and on a desk.

Each page is looked at in one of the four ways, in turn; all four of each, which takes minutes, with GOODWORD_AXE=all.
"""

import os
from itertools import cycle

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests import routes
from tests.browser.watching import Watch, furnished
from tests.site.processes import Site

pytestmark = [pytest.mark.browser, pytest.mark.processes]

WAYS = [("light", 1280), ("dark", 390), ("dark", 1280), ("light", 390)]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What axe is told: these rules alone.
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}


def faults(page: Page, way: tuple[str, int]) -> list[str]:
    """What is to be mended here, and whether one has to scroll sideways."""
    scheme, width = way
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    found = Axe().run(page, options=RULES).response["violations"]
    said = [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"][:2]]
    is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [f"{page.url} {scheme} {width}: {each}" for each in [*said, *["too wide"] * is_wide]]


def test_there_is_nothing_to_mend_on_any_page(page: Page, context: BrowserContext, site: Site):
    room = furnished(site)
    watch, ways, found, seen = Watch(context, site), cycle(WAYS), [], 0
    for address in routes.addresses(room, routes.pages()):
        if watch.visit(address) == 200 and watch.page.locator("main").count():  # the rest are pieces of pages
            seen += 1
            for way in WAYS if os.environ.get("GOODWORD_AXE") == "all" else [next(ways)]:
                found += faults(watch.page, way)
    assert "\n".join(found) == ""
    assert seen > 80
