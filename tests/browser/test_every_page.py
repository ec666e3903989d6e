"""Every page in a real Chromium: its policy refuses nothing, it asks nobody else, its console is silent (S23, S25)."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests import routes
from tests.browser.watching import Watch, furnished
from tests.site.processes import Site

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: What a browser may keep: how light it is to be.  Nothing of anybody.
MAY_KEEP = {"theme"}


@pytest.fixture(scope="module")
def watch(page: Page, context: BrowserContext, site: Site) -> Watch:
    """Everything furnished, every page visited once."""
    room = furnished(site)
    made = Watch(context, site)
    for address in routes.addresses(room, routes.pages()):
        made.visit(address)
    return made


def test_most_of_the_map_was_seen(watch):
    seen = [address for address, status in watch.answers.items() if status == 200]
    assert len(seen) > 90
    assert [address for address, status in watch.answers.items() if status >= 500] == []


def test_the_policy_refused_nothing_and_the_console_is_silent(watch):
    assert watch.complaints == []


def test_nobody_else_was_asked(watch):
    assert watch.asked == set()


def test_nothing_stands_in_a_page_that_the_policy_would_refuse(watch):
    assert watch.strangers == []


def test_the_browser_keeps_nothing(watch):
    kept = watch.kept
    names = {name for name, _ in kept.pop("local")}
    assert names <= MAY_KEEP
    assert kept == {"session": [], "databases": [], "caches": [], "workers": 0, "cookies": ""}


# --- when something is wrong ----------------------------------------------------------------------------------------


def sent(watch: Watch, address: str, script: str) -> int:
    """Go to a page with a form, do something to it and send it; the status of what came."""
    watch.page.goto(f"{watch.home}{address}")
    act = f"() => {{ const form = document.querySelector('main form[method=post]'); {script}; form.submit() }}"
    with watch.page.expect_navigation() as done:
        watch.page.evaluate(act)
    watch.look()
    return done.value.status if done.value else 0


MANY = """for (let i = 0; i < 2100; i++)
  form.append(Object.assign(document.createElement('input'), {name: 'x' + i}))"""
EMPTY = "for (const each of form.querySelectorAll('input.input, textarea')) each.value = ''"
NO_TOKEN = "form.querySelector('[name=csrfmiddlewaretoken]').value = 'x'.repeat(64)"
LARGE = """const files = new DataTransfer(), file = document.createElement('input')
  Object.assign(file, {type: 'file', name: 'file'})
  files.items.add(new File([new Uint8Array(61 * 1024 * 1024)], 'large.csv')); form.enctype = 'multipart/form-data'
  file.files = files.files; form.append(file)"""


@pytest.mark.parametrize(
    ("status", "address", "script"),
    [
        (403, "/settings/quick-answers/", NO_TOKEN),
        (400, "/settings/quick-answers/", MANY),
        (413, "/customers/import/", LARGE),
        (422, "/customers/new/", EMPTY),
    ],
)
def test_a_refusal_is_a_page_as_sealed_as_the_others(watch, status, address, script):
    before = watch.found
    assert sent(watch, address, script) == status
    assert watch.found == before


BREAK_A_CARD = """
from campaigns.models import Card
card = Card.objects.order_by("pk")[0]
card.pk, card.design = None, {}
card.save()
print(card.pk)
"""
#: The bucket of files is empty for an hour.
TAKE_ALL = """
import time
from campaigns.models import Allowance
Allowance.objects.filter(act="export").update(full_at=time.time() + 3600)
"""


#: Somebody who has something to come in with is not led to make it first.
A_KEY = """
from allauth.mfa.models import Authenticator
from campaigns.models import User
Authenticator.objects.create(user=User.objects.first(), type=Authenticator.Type.WEBAUTHN, data={"name": "Phone"})
"""


def inside(site: Site, code: str) -> str:
    return site.manage("shell", "--no-imports", "-c", code).stdout.strip()


def test_a_page_that_is_not_there_is_too(watch):
    before = watch.found
    assert watch.visit("/no/such/page/") == 404
    assert watch.found == before


def test_a_page_that_failed_is_too(watch, site):
    before = watch.found
    assert watch.visit(f"/cards/{inside(site, BREAK_A_CARD)}/") == 500
    assert watch.found == before


def test_too_much_at_a_stretch_is_too(watch, site):
    inside(site, A_KEY)
    watch.page.request.get(f"{site.url}/settings/activity/activity.csv")
    inside(site, TAKE_ALL)
    before = watch.found
    assert watch.visit("/settings/activity/activity.csv") == 429
    assert watch.found == before


# --- going ----------------------------------------------------------------------------------------------------------


def test_the_name_that_was_searched_for_is_kept_nowhere(watch):
    watch.visit("/customers/?q=Lovelace")
    watch.page.get_by_label("Find a customer by name or number").fill("Ada")
    watch.page.wait_for_timeout(800)
    assert (watch.kept["session"], {name for name, _ in watch.kept["local"]} - MAY_KEEP) == ([], set())


def test_after_signing_out_nothing_of_before_is_shown(watch):
    watch.page.goto(f"{watch.home}/customers/")
    with watch.page.expect_response(lambda answer: answer.url.endswith("/sign-out/")) as out:
        watch.page.evaluate("() => document.querySelector('form[action$=\"/sign-out/\"]').submit()")
    assert '"cache"' in out.value.all_headers()["clear-site-data"]
    watch.page.wait_for_url("**/sign-in/**")
    watch.page.go_back()
    watch.page.wait_for_url("**/sign-in/**")
    assert watch.page.get_by_role("table").count() == 0
