"""A browser under watch: what it asked for, what its policy refused, what it complained of, what nobody put there."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import BrowserContext, Error, Page, Request

from campaigns import demo
from tests.site.processes import Site

#: Tells the console what the page's policy has refused.
COLLECTOR = """document.addEventListener('securitypolicyviolation', e =>
  console.error(`refused by the policy: ${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))"""
#: Whatever stands in the document and is not ours: elements, handlers, addresses, orders to htmx.
STRANGERS = """() => {
  const found = [], say = (why, e) => found.push(`${why}: ${e.outerHTML.slice(0, 160)}`)
  const runs = value => /^\\s*(javascript|data:text|vbscript)/i.test(value.replace(/[\\t\\n\\r]/g, ''))
  for (const e of document.querySelectorAll('*')) {
    if (e.classList.contains('pwned') || e.id === 'pwned') say('made of a text', e)
    if (/^(iframe|object|embed|base|portal|math|frame|style)$/i.test(e.localName)) say('no element of ours', e)
    if (e.localName === 'script' && !e.src && e.type !== 'application/json') say('a script without a file', e)
    if (e.localName === 'meta' && /refresh|set-cookie/i.test(e.httpEquiv)) say('a meta that acts', e)
    for (const a of e.attributes) {
      if (/^on/i.test(a.name)) say('a handler', e)
      if (a.name === 'style' && /pwned|url\\(/i.test(a.value)) say('a style of its own', e)
      if (/^(data-)?hx-/i.test(a.name) && /pwned|alert\\(|js:/i.test(a.value) && !/^\\/(?!\\/)/.test(a.value))
        say('an order to htmx', e)  // a path of ours may carry what was searched for
      if (/^(href|src|action|formaction|xlink:href|data)$/i.test(a.name) && runs(a.value)) say('it runs', e)
      if (/^(action|formaction|src)$/i.test(a.name) && a.value.includes('pwned.example')) say('not ours', e)
    }
  }
  const htmx = window.htmx && window.htmx.config
  if (htmx && (htmx.allowEval || htmx.allowScriptTags || !htmx.selfRequestsOnly)) found.push('htmx was loosened')
  return found
}"""
#: What a browser keeps besides cookies.
KEPT = """async () => ({
  local: Object.entries(localStorage), session: Object.entries(sessionStorage),
  databases: (await indexedDB.databases()).map(each => each.name), caches: await caches.keys(),
  workers: (await navigator.serviceWorker?.getRegistrations() ?? []).length, cookies: document.cookie,
})"""


class Watch:
    """Everything one window does, from now on."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.home = site.url
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.asked: set[str] = set()
        self.answers: dict[str, int] = {}
        self.shown = ""
        self.runaways: list[str] = []
        self.page: Page = context.new_page()
        self.page.add_init_script(COLLECTOR)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        """That a page which is an error page is an error is no complaint."""
        is_itself = message.text.startswith("Failed to load resource") and message.location.get("url") == self.page.url
        is_odd_value = message.text.startswith("The specified value")  # a date or number is shown as it came
        if message.type in ("error", "warning") and not (is_itself or is_odd_value):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _dialog(self, dialog: Any) -> None:
        if dialog.type != "beforeunload":
            self.complaints.append(f"{self.page.url}: a dialog says {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        at_home = request.url.startswith(f"{self.home}/") and "pwned" not in parts.path
        if not at_home and parts.scheme not in ("data", "blob", "about"):
            self.asked.add(f"{request.url[:160]} from {self.page.url}")

    def visit(self, address: str) -> int:
        """Go there and look; returns the HTTP status.  Where nothing is new (204) a window stays where it is."""
        try:
            answer = self.page.goto(f"{self.home}{address}", wait_until="load")
        except Error as stays:
            if "ERR_ABORTED" not in str(stays):
                raise
            return 204
        status = self.answers[address] = answer.status if answer else 0
        self.look()
        return status

    def look(self) -> None:
        """What stands here that is not ours?"""
        self.strangers += [f"{self.page.url}: {each}" for each in self.page.evaluate(STRANGERS)]

    @property
    def kept(self) -> Any:
        """What the browser has put away."""
        return self.page.evaluate(KEPT)

    @property
    def found(self) -> dict[str, list[str]]:
        """All that should not be; empty lists when all is well."""
        return {"complaints": [*self.complaints], "strangers": [*self.strangers], "asked": sorted(self.asked)}


def furnished(site: Site, *how: str, words: Sequence[str] = ()) -> dict[str, Any]:
    """Something in every room of the demo's business, put there beside the running site."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.furnished", demo.EMAIL, *how],
        cwd=settings.ROOT,
        env=site.environ,
        input=json.dumps(list(words)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
