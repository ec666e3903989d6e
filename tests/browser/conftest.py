"""A real Chromium before the real product."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.site.processes import Site, running_site

#: Chromium asks nobody on the network, and runs as root in a container too.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds: the machine may be busy


#: Modules whose tests build on each other.
WALKS = (
    *("test_the_newcomers_way", "test_contact_sheet", "test_inbox", "test_passkeys", "test_people"),
    *("test_every_page", "test_hostile_words", "test_by_keyboard"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A walk is taken in its own order, however the other tests are shuffled."""
    for walk in WALKS:
        places = [place for place, item in enumerate(items) if f"browser/{walk}" in item.nodeid]
        steps = sorted((items[place] for place in places), key=lambda item: (item.location[1] or 0, item.nodeid))
        for place, step in zip(places, steps, strict=True):
            items[place] = step


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium for one module: Playwright's loop ends with it, so that Django's database may be used afterwards."""
    path = chromium()
    if not path:
        reason = "There is no Chromium here (set CHROMIUM, or install chromium)."
        if os.environ.get("GOODWORD_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("newcomer")) as site:
        yield site


@pytest.fixture(scope="module")
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    expect.set_options(timeout=PATIENCE)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    # Google is not on this machine; what counts is where our redirect leads.
    context.route("https://search.google.com/**", lambda route: route.fulfill(body="Write a review"))
    yield context
    context.close()


@pytest.fixture(scope="module")
def complaints(context: BrowserContext) -> list[str]:
    """What the browser's console had to say: refused scripts, broken ones."""
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    context.on("weberror", lambda error: said.append(str(error.error)))
    return said


@pytest.fixture(scope="module")
def page(context: BrowserContext, site: Site, complaints: list[str]) -> Page:
    """Signed in by the one-time link that `start` has printed."""
    page = context.new_page()
    page.goto(site.sign_in_url)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Todd")
    return page


def sandbox_of(site: Site) -> str:
    """Where the pretend phones are."""
    code = "from django.conf import settings; print(settings.CHERT_API_BASE)"
    return site.manage("shell", "--no-imports", "-c", code).stdout.strip().removesuffix("/api/v1")


@pytest.fixture(scope="module")
def phones(context: BrowserContext, site: Site) -> Page:
    """The sandbox's own page, in a second window."""
    page = context.new_page()
    page.goto(f"{sandbox_of(site)}/phones")
    return page


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo of one's own."""
    from PIL import Image

    path = tmp_path / "our-van.jpg"
    Image.linear_gradient("L").resize((1200, 1500)).convert("RGB").save(path)
    return path
