"""Texts that would like to be more than text, in every column and through every form: nothing comes of them (S26).

The corpus stands in tests/xss_corpus.py.  It is put into every column of words that a furnished business has, and it
comes in as what customers answer, by signed webhooks, in everything that Chert tells with it (W16).  Every page is
looked at; and every form of those pages is filled with it and sent, so that what is refused is shown, too.
"""

import csv
import io
import re
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from tests import routes
from tests.browser import answering
from tests.browser.watching import Watch, furnished
from tests.site.processes import Site
from tests.xss_corpus import PAYLOADS, short

pytestmark = [pytest.mark.browser, pytest.mark.processes]

#: Forms that are not filled: they would end the walk.
LEFT_ALONE = re.compile(r"sign-out|/erase/|switch|/settings/key/|/remove/|/revoke/|/delete/|/front-desks/")
#: Puts hostile words into every field of the nth form of <main> and sends it as a browser does without scripts.
FILL = """([nth, words]) => {
  const form = document.querySelectorAll('main form')[nth]
  let next = 0
  for (const field of form.querySelectorAll('input, textarea')) {
    if (field.name === 'csrfmiddlewaretoken' || /^(hidden|checkbox|radio|submit|file)$/.test(field.type)) continue
    field.removeAttribute('maxlength'); field.type === 'textarea' || (field.type = 'text')
    field.value = words[next++ % words.length]
  }
  form.noValidate = true
  HTMLFormElement.prototype.submit.call(form)
}"""
FORMS = """() => [...document.querySelectorAll('main form')].map(form => [
  form.getAttribute('action') || location.pathname, form.method,
  form.querySelectorAll('textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio])').length])"""
FOLLOWED = """() => [...document.querySelectorAll('main a[href]')].map(a => a.getAttribute('href'))
  .filter(to => /[?&](before|page|show)=/.test(to)).map(to => new URL(to, location.href))
  .map(url => url.pathname + url.search)"""
#: Pages of one list that are looked at.
DEEP = 3
#: Texts that turn round what stands beside them, because nothing around them ends where they end; and words of others
#: that are wider than the window.
RUNAWAYS = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const around = walk.currentNode.parentElement, style = getComputedStyle(around)
    if (/^(script|textarea|option|title)$/.test(around.localName)) continue
    if (/[\u202d\u202e]/.test(walk.currentNode.data) && !/isolate|plaintext/.test(style.unicodeBidi))
      found.push(around.outerHTML.slice(0, 200))
  }
  for (const theirs of document.querySelectorAll('[dir=auto]'))
    if (theirs.getBoundingClientRect().width > window.innerWidth) found.push(`too wide: ${theirs.className}`)
  return found
}"""
#: What a spreadsheet runs when a cell begins with it.
RUNS = tuple("=+-@\t\r\n\0＝＋－＠")


@pytest.fixture(scope="module")
def room(page: Page, site: Site) -> dict[str, Any]:
    """Hostile words in every column; and then the customers write."""
    made = furnished(site, "hostile", words=PAYLOADS)
    assert answering.knock(site.url, made) == {200}
    return made


@pytest.fixture(scope="module")
def watch(room: dict[str, Any], context: BrowserContext, site: Site) -> Watch:
    """Every page with hostile words in it, and what its lists go on to."""
    made = Watch(context, site)
    ahead = [route.filled(room) for route in routes.pages()]
    while ahead:
        address = ahead.pop(0)
        made.visit(address)
        made.shown += made.page.evaluate("document.body.innerText")
        made.runaways += [f"{address}: {each}" for each in made.page.evaluate(RUNAWAYS)]
        path = urlsplit(address).path
        deeper = [to for to in made.page.evaluate(FOLLOWED) if to not in made.answers and to not in ahead]
        known = sum(urlsplit(each).path == path for each in [*made.answers, *ahead])
        ahead += [to for to in deeper if urlsplit(to).path == path][: max(0, DEEP - known)]
    return made


def test_the_corpus_is_large_and_reached_the_pages(watch):
    assert len(set(PAYLOADS)) >= 200
    assert len([each for each in PAYLOADS if each[:30] in watch.shown]) > 150


def test_what_customers_answered_is_shown_whole(watch, room):
    """W16.  In the conversation, where they wrote all of it, as a text of 10,000 letters too."""
    watch.visit(f"/inbox/{room['conversation']}/")
    told = watch.page.evaluate("document.body.innerText")
    assert [n for n in range(len(PAYLOADS)) if answering.signed(n).strip() not in told] == []
    assert "W" * answering.LENGTH in told


def test_what_customers_answered_stands_on_every_page_that_tells_of_it(watch, room):
    pages = ["/", "/inbox/", f"/customers/{room['customer']}/", f"/campaigns/{room['running']}/"]
    for address in (*pages, f"/deliveries/{room['delivery']}/row/?open={room['delivery']}"):
        watch.visit(address)
        assert re.search(r"~\d+~|WWWW", watch.page.evaluate("document.body.innerText")), address
        watch.runaways += watch.page.evaluate(RUNAWAYS)


def test_no_words_turn_their_neighbours_round_or_leave_the_window(watch):
    """W16: overrides of direction, and words without an end."""
    assert "\n".join(watch.runaways) == ""


def test_no_cell_of_any_file_would_run(watch, room, site):
    """S45: with everything in it that customers and colleagues have written."""
    files = [route.filled(room) for route in routes.every() if route.written.endswith(".csv")]
    for address in files:
        answer = watch.page.request.get(f"{site.url}{address}")
        assert answer.status == 200, address
        rows = list(csv.reader(io.StringIO(answer.body().decode("utf-8-sig"), newline="")))
        assert len(rows) > 1, address
        assert [cell for row in rows for cell in row if cell.startswith(RUNS)] == [], address


def test_nothing_came_of_them_on_any_page(watch):
    assert watch.found == {"complaints": [], "strangers": [], "asked": []}


def test_no_page_failed(watch):
    assert {address: status for address, status in watch.answers.items() if status >= 500} == {}


def test_nothing_comes_of_them_through_any_form(watch):
    """Twice: with what fits, so that it is kept, and with what is too long or too odd, so that it is refused."""
    before, sent, failed = watch.found, set(), {}
    rounds = cycle([short(60)[:40], PAYLOADS[::7]])
    for address in [each for each, status in watch.answers.items() if status == 200]:
        watch.page.goto(f"{watch.home}{address}")
        for nth, (action, method, fields) in enumerate(watch.page.evaluate(FORMS)):
            route = re.sub(r"\d+", "N", urlsplit(action).path)
            if not fields or (route, method) in sent or LEFT_ALONE.search(action):
                continue
            sent.add((route, method))
            for _ in range(2):
                watch.page.goto(f"{watch.home}{address}")
                if nth >= len(watch.page.evaluate(FORMS)):
                    break  # what was sent has ended it
                with watch.page.expect_navigation() as done:
                    watch.page.evaluate(FILL, [nth, next(rounds)])
                watch.look()
                if done.value and done.value.status >= 500:
                    failed[action] = done.value.status
    assert (watch.found, failed) == (before, {})
    assert len(sent) > 20


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1) class=pwned>.csv", '" onfocus=alert(1) class="pwned.csv']
)
def test_nothing_comes_of_the_name_of_a_file_and_its_cells(watch, name):
    before = watch.found
    lines = "\n".join(f'"{word.replace(chr(34), chr(34) * 2)}",(512) 555-{6000 + n}' for n, word in enumerate(PAYLOADS))
    watch.page.goto(f"{watch.home}/customers/import/")
    assert watch.page.locator("main input[type=file]").count(), f"{watch.page.url}: {watch.page.inner_text('body')}"
    content = f"<b class=pwned>First,Phone\n{lines}".encode()
    watch.page.locator("main input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )
    watch.page.locator("main [name=consent]").first.fill("<img src=x onerror=alert(1) class=pwned>")
    watch.page.locator("main [name=attested]").check()
    with watch.page.expect_navigation():
        watch.page.evaluate("document.querySelector('main form[method=post]').submit()")
    watch.look()
    assert watch.page.url.endswith("/columns/")
    with watch.page.expect_navigation():
        watch.page.evaluate("document.querySelector('main form[method=post]').submit()")
    watch.look()
    assert watch.found == before


@pytest.mark.parametrize("query", ["q", "show", "tag", "before", "page", "next", "by", "kind", "technician", "error"])
def test_nothing_comes_of_the_words_of_an_address(watch, query):
    before = watch.found
    for address in ("/customers/", "/inbox/", "/settings/activity/", "/results/", "/campaigns/"):
        watch.page.goto(f"{watch.home}{address}?{query}=%22%3E%3Cimg%20src=x%20onerror=alert(1)%20class=pwned%3E")
        watch.look()
    assert watch.found == before


def test_nothing_comes_of_the_name_of_a_front_desk(watch):
    """The last of all: from here on this browser asks for a PIN."""
    before = watch.found
    watch.page.goto(f"{watch.home}/settings/front-desks/")
    nth = next(
        n for n, (action, _, fields) in enumerate(watch.page.evaluate(FORMS)) if fields and "/end/" not in action
    )
    with watch.page.expect_navigation():
        watch.page.evaluate(FILL, [nth, PAYLOADS[:1]])
    watch.look()
    watch.page.goto(f"{watch.home}/")
    assert "/front-desk/" in watch.page.url
    watch.look()
    assert watch.found == before
